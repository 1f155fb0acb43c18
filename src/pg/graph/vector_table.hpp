// Entities whose vectors stand in a table, for embeddings that are larger than a value.
#pragma once

#include <functional>

#include "core/graph/bias.hpp"

#include "pg/bridge/source.hpp"

namespace fairdb::pg {

// visit(place in `names`, vector) for each name that the source has, in any order. source: with the
// columns entity (text) and embedding (arrays of d numbers). Needs an open SpiSession. Errors:
// UnknownColumn, WrongType, InvalidData for a name that it has twice.
void visit_vectors(const Source& source,
                   std::span<const std::string_view> names,
                   Index d,
                   const std::function<void(std::size_t, const float*)>& visit);

// Those of a graph's entities, some thousand at a time. All must outlive it.
EntityVectors vectors_in(const Source& source, const Graph& people, Index d, Monitor& monitor);

// Makes a table for entities. Returns its name with the schema, as it is to be written. Needs an
// open SpiSession. Errors: of the server.
std::string make_vector_table(const std::string& table);
// Writes to it. The same.
void write_vectors(const std::string& table, const SortedNames& names, const FloatMatrix& vectors);

// The table of an argument of type regclass, as a source. Errors: of the server.
Source source_of_table(Oid table);

// Throws unless the embedding's vectors are in a table.
void require_in_table(const GraphEmbedding& graph);

}  // namespace fairdb::pg
