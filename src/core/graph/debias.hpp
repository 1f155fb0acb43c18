// Taking sensitive attributes out of the persons' vectors of a trained embedding, in closed form.
#pragma once

#include "core/graph/embedding.hpp"

namespace fairdb {

enum class DebiasMethod : std::uint8_t { EraseProject, Erase, Project };
template <>
struct NameTable<DebiasMethod> {
  static constexpr std::string_view kWhat = "method";
  static constexpr std::pair<DebiasMethod, std::string_view> kNames[] = {
      {DebiasMethod::EraseProject, "erase_project"},
      {DebiasMethod::Erase, "erase"},
      {DebiasMethod::Project, "project"}};
};

struct DebiasedAttribute {
  PersonRelation relation;
  Index top = 0;  // values that are minded: the most frequent
};

struct DebiasOptions {
  std::vector<DebiasedAttribute> attributes;
  // Without one: erasure of all, and projection of those that have two values.
  std::optional<DebiasMethod> method;
  std::int64_t min_count = 1;  // values that fewer persons have are not minded
  std::vector<Whitelisted> whitelist = {};
};

struct DebiasedGraph {
  FloatMatrix entities;  // all of them
  std::vector<PersonMap> maps;
  std::vector<SensitiveAttribute> attributes;  // with vectors to give back: of the whitelist
  std::int64_t values_left = 0;  // values that are persons, too, and were left as they are
};

// Erasure (concept_erasure.hpp) is learnt from the persons who have a value, all attributes at
// once: then no affine function of a person's vector tells who has which of the `top` values.
// Projection makes a person's scores of these values equal. What may be given back is the least
// squares fit of what the maps took from persons by a constant and the values of all attributes,
// with the shares of a person's several values equal and a ridge of one person for each value: of
// that the vectors of the whitelist's attributes.
//
// people: a graph in which the attributes' triples count, by names. persons: of each entity of the
// embedding whether it is a person beside those who have a value there; the maps change all of
// them. Errors: UnknownGroup for a relation that the embedding lacks, to project, and for a name of
// the whitelist that it lacks; InvalidArgument for vectors that it has already; InvalidData for an
// attribute with fewer than two values, and where nothing would be left.
DebiasedGraph debias_graph(const GraphEmbedding& graph,
                           const Graph& people,
                           std::vector<bool> persons,
                           const DebiasOptions& options,
                           Monitor& monitor);
// Bytes beside the embedding and the graph.
std::size_t debias_bytes(const GraphEmbedding& graph,
                         const Graph& people,
                         const DebiasOptions& options) noexcept;

}  // namespace fairdb
