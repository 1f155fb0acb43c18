// An embedding with more entities: the vectors of new ones are learnt from their triples, all else
// stays as it was. New persons learn under the penalty of the training, if it had one, and go
// through the maps that persons have gone through.
#pragma once

#include "core/graph/embedding.hpp"

namespace fairdb {

struct GraphExtension {
  NameBytes entities;  // old and new
  GraphVectors vectors;
  GraphAbout about;
  TripleFilter trained;
  std::int64_t added = 0;
  std::int64_t of_others = 0;    // triples without a new entity
  std::int64_t unusable = 0;     // triples of relations that the embedding does not know
  std::int64_t persons = 0;      // new ones, of an embedding with a penalty or maps
  std::int64_t old_persons = 0;  // of those that are named, who are not new
};

// options: how to learn; model and dimensions are the embedding's. `triples`: those of the new
// entities, and if there are some those of others, which the new are told apart from.
// persons: names of those who are persons beside those who have a sensitive relation in `triples`.
// Errors: InvalidData without a new entity that has a usable triple.
GraphExtension extend_graph(const GraphEmbedding& graph,
                            const Graph& triples,
                            const SortedNames& persons,
                            GraphOptions options,
                            Monitor& monitor);

}  // namespace fairdb
