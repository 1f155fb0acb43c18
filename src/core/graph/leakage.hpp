// What a person's vector tells of a sensitive attribute, and what the embedding's own scores do.
//
// Probes (core/representation/group_probe.hpp) learn to tell the value from the vector, on four
// fifths of the persons, and are judged on the others; which are which is drawn value by value, by
// the names and the seed. Persons take part who have exactly one of the most frequent values.
//
//   score difference      mean over persons and their values of score(p, s, own value) less the
//                         mean of score(p, s, v) over the others of the most frequent values that
//                         are not theirs
//   mean population gap   mean of |mean score of x over the persons with v - that over the other
//                         persons with a value| over values v and the x that persons have by the
//                         target relation
//
// Source: Fisher et al. 2020, section 5.2 (difference, network) and section 5.3; of two values that
// nobody has both the gap is |G_x| of bias.hpp.
#pragma once

#include "core/graph/embedding.hpp"
#include "core/representation/group_probe.hpp"

namespace fairdb {

struct LeakageQuestion {
  PersonRelation sensitive;
  Index top = 30;
  std::uint64_t seed = 1;
  std::optional<PersonRelation> target;
  std::int64_t min_count = 20;  // persons with a value who have a target
};

struct Leakage {
  std::optional<Probe> logistic;  // of the persons held out
  std::optional<Probe> network;
  std::optional<double> score_difference;     // unknown where the embedding lacks the relation
  std::optional<double> mean_population_gap;  // without a target relation unknown
  std::int64_t persons = 0;                   // with one value
  std::int64_t held_out = 0;                  // of these
  std::int64_t fewer = 0;                     // of the held out, without the most frequent value
  std::int64_t several = 0;                   // left out, for they have several or a rare one
  Index values = 0;
};

inline constexpr std::int64_t kFewestProbed = 20;
// people: a graph in which the triples of both relations count. Errors: InvalidData for fewer than
// two values, or fewer than kFewestProbed persons.
Leakage graph_leakage(const GraphEmbedding& graph,
                      const Graph& people,
                      const LeakageQuestion& question,
                      Monitor& monitor);
// Bytes beside the embedding and the graph.
std::size_t leakage_bytes(const GraphEmbedding& graph, const Graph& people, Index top) noexcept;

}  // namespace fairdb
