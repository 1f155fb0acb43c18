// How well an embedding predicts links: for each triple of a test the rank of its tail among all
// entities as tails, and of its head among all as heads, those left out that are known to complete
// a triple as well ("filtered": Bordes et al., NeurIPS 2013).
//
// A rank is the mean of what it would be if all that have the same score stood before and behind
// (realistic: Berrendorf et al., "On the ambiguity of rank-based evaluation of entity alignment or
// link prediction methods", 2020); so a model that cannot tell anything reaches what chance does.
// With an entity or relation that the embedding has not seen, all candidates have the same score.
#pragma once

#include <array>
#include <vector>

#include "core/graph/given_back.hpp"

namespace fairdb {

inline constexpr std::array<int, 4> kHitsAt = {1, 3, 10, 50};

// Sums over ranks.
struct RankTally {
  std::int64_t n = 0;
  std::int64_t unseen = 0;
  double ranks = 0;
  double reciprocals = 0;
  double expected = 0;  // of ranks by chance
  std::array<std::int64_t, kHitsAt.size()> hits{};

  void add(double rank, double by_chance, bool is_unseen) noexcept;
  void add(const RankTally& other) noexcept;

  double mean_rank() const noexcept { return ranks / static_cast<double>(n); }
  double mean_reciprocal_rank() const noexcept { return reciprocals / static_cast<double>(n); }
  double hits_at(std::size_t k) const noexcept {
    return static_cast<double>(hits[k]) / static_cast<double>(n);
  }
  // 1 for ranks that are all 1, 0 for those of chance: 1 - (MR - 1) / (E[MR] - 1). NaN with one
  // candidate.
  double adjusted_mean_rank_index() const noexcept {
    return 1 - (ranks - static_cast<double>(n)) / (expected - static_cast<double>(n));
  }
};

// Of each relation of the test, by its codes there: to find tails, and to find heads. values: of
// persons, whose vectors are added where the whitelist has it; or null.
using RanksByRelation = std::vector<std::array<RankTally, 2>>;
RanksByRelation evaluate_graph(const GraphEmbedding& graph,
                               const Graph& test,
                               const KnownTriples& known,
                               const PersonValues* values,
                               Monitor& monitor);
std::size_t evaluation_bytes(const Graph& test) noexcept;
// What is asked at once, with the values of persons.
std::size_t asking_bytes(const GraphEmbedding& graph) noexcept;

// The share of the triples that the embedding seems to have been trained on, less what its filter
// finds by mistake; 0 when that cannot be told.
double trained_share(const GraphEmbedding& graph, const Graph& test, Monitor& monitor);

// The entities that answer a query best, the best first, of equal ones those whose
// names come first. left_out: codes that are not asked for, sorted.
struct Prediction {
  std::int32_t entity;
  float score;
  std::int64_t rank;  // among all entities but those left out
};
std::vector<Prediction> predict_graph(const GraphEmbedding& graph,
                                      const AttributeQuery& asked,
                                      std::size_t k,
                                      std::span<const std::int32_t> left_out,
                                      Monitor& monitor);

}  // namespace fairdb
