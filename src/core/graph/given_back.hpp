// Queries about a person whose sensitive values are known and wanted: the vectors of these values
// are added to the person's where the whitelist says so (Fisher et al. 2020, section 3.4).
//
// Of each attribute its vectors are added once, and the mean of those of a person's several values,
// however many entries of the whitelist match.
#pragma once

#include "core/graph/embedding.hpp"

namespace fairdb {

// By attribute of the embedding, places in its list of values.
using HeldValues = std::vector<std::vector<std::int32_t>>;

// What is asked of an entity, as a query, and others where an entry of the whitelist names one
// answer only.
struct AttributeQuery {
  struct Other {
    std::int32_t entity;
    std::vector<float> query;
  };
  std::vector<float> query;
  std::vector<Other> others;  // ascending

  const std::vector<float>& of(std::int32_t entity) const noexcept;
};
// held: of the entity, or nothing to add nothing.
AttributeQuery query_with_attributes(const GraphEmbedding& graph,
                                     std::int32_t entity,
                                     std::int32_t relation,
                                     Direction direction,
                                     const HeldValues& held);

// The values that persons have in a graph, for the attributes of an embedding with vectors.
class PersonValues {
 public:
  // triples: in the codes of the embedding; those of its attributes count.
  PersonValues(const GraphEmbedding& graph, std::span<const Triple> triples, Monitor& monitor);
  HeldValues of(std::int32_t person) const;
  bool empty() const noexcept { return holders_.empty(); }

 private:
  std::vector<AttributeHolders> holders_;  // by attribute
};

}  // namespace fairdb
