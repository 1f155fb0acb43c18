// Queries about a person whose sensitive values are known and wanted: the vectors of these values
// are added to the person's where the whitelist says so (Fisher et al. 2020, section 3.4).
//
// Of each attribute its vectors are added once, and the mean of those of a person's several values,
// however many entries of the whitelist match.
#pragma once

#include "core/graph/embedding.hpp"
#include "core/graph/whitelist.hpp"

namespace fairdb {

// By attribute of the embedding, places in its list of values.
using HeldValues = std::vector<std::vector<std::int32_t>>;

// What is asked of an entity: a query, and other ones where the whitelist names single answers.
struct AttributeQuery {
  struct Other {
    std::int32_t entity;
    std::int32_t query;  // place in `queries`
  };
  std::vector<std::vector<float>> queries;  // the first: of all but
  std::vector<Other> others;                // ascending

  const std::vector<float>& of(std::int32_t entity) const noexcept;
};
// The whitelist's for a relation of the embedding.
AllowedAttributes allowed_attributes(const GraphEmbedding& graph,
                                     std::int32_t relation,
                                     Direction direction);
// held: of the entity, or nothing to add nothing.
AttributeQuery query_with_attributes(const GraphEmbedding& graph,
                                     std::int32_t entity,
                                     std::int32_t relation,
                                     Direction direction,
                                     const AllowedAttributes& allowed,
                                     const HeldValues& held);
AttributeQuery query_with_attributes(const GraphEmbedding& graph,
                                     std::int32_t entity,
                                     std::int32_t relation,
                                     Direction direction,
                                     const HeldValues& held);
// The query for one answer alone.
std::vector<float> query_for(const GraphEmbedding& graph,
                             std::int32_t entity,
                             std::int32_t relation,
                             Direction direction,
                             const HeldValues& held,
                             std::int32_t other);
// The most bytes of an AttributeQuery of the embedding.
std::size_t attribute_query_bytes(const GraphEmbedding& graph) noexcept;

// The values that persons have in a graph, for the attributes of an embedding.
class PersonValues {
 public:
  PersonValues(const GraphEmbedding& graph, const Graph& people, Monitor& monitor);
  HeldValues of(std::int32_t person) const;
  // Whether nobody has one.
  bool empty() const noexcept;

 private:
  std::vector<AttributeHolders> holders_;  // by attribute
};

}  // namespace fairdb
