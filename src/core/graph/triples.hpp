// A graph as training and evaluation see it: the set of its triples, by codes.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/base/monitor.hpp"
#include "core/graph/sorted_names.hpp"

namespace fairdb {

inline constexpr std::int32_t kUnseen = -1;

struct Triple {
  std::int32_t head;
  std::int32_t relation;
  std::int32_t tail;

  friend bool operator<(const Triple& a, const Triple& b) noexcept {
    return std::tie(a.head, a.relation, a.tail) < std::tie(b.head, b.relation, b.tail);
  }
  friend bool operator==(const Triple&, const Triple&) = default;
};

// Triples as they were read, each column with codes of its own for its names.
struct ReadTriples {
  std::vector<Triple> triples;
  std::vector<std::string_view> heads;
  std::vector<std::string_view> relations;
  std::vector<std::string_view> tails;
};

// The triples are sorted and different; heads and tails share one list of names.
struct Graph {
  NameBytes entities;
  NameBytes relations;
  std::vector<Triple> triples;
  std::int64_t duplicates = 0;  // rows that repeat a triple

  struct Dropped {  // by keep_frequent()
    std::int64_t entities = 0;
    std::int64_t relations = 0;
    std::int64_t triples = 0;
  };
};

// The same whatever the order of the rows. Time: O(n log n). Errors: TooLarge for names of 1 GB.
Graph graph_of(ReadTriples read, Monitor& monitor);

// Leaves out entities and relations that stand in fewer than min_count triples, with their triples,
// until all that are left stand in as many. Names that no triple has go, too.
Graph::Dropped keep_frequent(Graph& graph, std::int64_t min_count, Monitor& monitor);

// Bytes that graph_of() takes for so many rows and names of so many bytes.
std::size_t graph_bytes(std::size_t rows, std::size_t names, std::size_t name_bytes) noexcept;

// A digest of the names and the triples.
std::uint64_t digest_of(const Graph& graph) noexcept;

// The triples by the codes of other names, kUnseen for a name that is not among them; in the order
// of `graph`.
std::vector<Triple> in_names_of(const Graph& graph,
                                const SortedNames& entities,
                                const SortedNames& relations);

}  // namespace fairdb
