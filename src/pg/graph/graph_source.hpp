// Triples as a user's source has them: three columns of any type with equality.
#pragma once

#include "core/graph/triples.hpp"

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/bridge/source.hpp"

namespace fairdb::pg {

// As many names as codes can tell apart.
inline constexpr std::int32_t kMostNames = 1 << 30;

// Names of the columns: head, relation, tail.
using GraphColumns = std::array<std::string, 3>;
// Those that the arguments head, relation and tail name; where one is NULL, that of `known`.
GraphColumns graph_columns(const Arguments& arguments, const GraphColumns& known);

struct ReadGraph {
  Graph graph;
  std::int64_t rows = 0;
  std::int64_t skipped = 0;  // with a NULL in one of the three
};

// Needs an open SpiSession. beside: bytes that are in use meanwhile.
// Errors: UnknownColumn, WrongType, TooLarge; of the server.
ReadGraph read_graph(const Source& source,
                     const GraphColumns& columns,
                     std::size_t beside,
                     Monitor& monitor);
void note_skipped(const ReadGraph& read);

// A value that the argument gives, in one of the three columns.
struct WantedValue {
  std::size_t column;
  std::string value;
  const char* argument;
};
// Rows that have one of the alternatives, each of them a list of values: the server leaves the rest
// out.
Source part_of(const Source& source,
               const std::vector<std::vector<WantedValue>>& alternatives,
               const GraphColumns& columns);
// Rows of these relations.
Source part_of_relations(const Source& source,
                         const std::vector<std::pair<std::string, const char*>>& relations,
                         const GraphColumns& columns);

}  // namespace fairdb::pg
