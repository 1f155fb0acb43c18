// An embedding with more entities: the vectors of new ones are learnt from their triples, all else
// stays as it was.
#pragma once

#include "core/graph/embedding.hpp"

namespace fairdb {

struct GraphExtension {
  NameBytes entities;  // old and new
  GraphVectors vectors;
  GraphAbout about;
  TripleFilter trained;
  std::int64_t added = 0;
  std::int64_t of_others = 0;  // triples without a new entity
  std::int64_t unusable = 0;   // triples of relations that the embedding does not know
};

// options: how to learn; model and dimensions are the embedding's. `triples`: those of the new
// entities, and if there are some those of others, which the new are told apart from.
// Errors: InvalidData without a new entity that has a usable triple.
GraphExtension extend_graph(const GraphEmbedding& graph,
                            const Graph& triples,
                            GraphOptions options,
                            Monitor& monitor);

}  // namespace fairdb
