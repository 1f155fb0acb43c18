// Fair scores: every group's scores are carried to the Wasserstein barycenter of the groups' laws.
//
//   fair(z, s) = sum_g p_g Q_g(F_s(z))
//
// F_s is the distribution function of group s at mid-rank: (#{< z} + #{= z} / 2) / n_s at a score
// of the group, linear between two of them, constant beyond the first and the last. Q_g is linear
// between the points ((k - 1/2) / n_g, k-th score) and constant beyond the first and the last.
// p_g = n_g / n is the share of g among all rows. Ties get one common score, nothing is random, and
// a row's result depends on no other row that is adjusted. Within a group the order of scores is
// kept.
//
// Source: Chzhen, Denis, Hebiri, Oneto, Pontil, "Fair regression with Wasserstein barycenters",
// NeurIPS 2020, theorem 2.3, with mid-ranks in place of the random jitter of its algorithm 1.
// The share alpha of unfairness that may stay: Chzhen, Schreuder, "A minimax framework for
// quantifying risk-fairness trade-off in regression", Annals of Statistics 2022:
//   fair_alpha = sqrt(alpha) z + (1 - sqrt(alpha)) fair.
#pragma once

#include <cstdint>

#include "core/distribution/sample.hpp"

namespace fairdb {

// F_s(z) = (doubled_rank + fraction * step) / (2 n), kept apart so that it is exact at the scores
// of the group, where fraction and step are 0.
struct MidRank {
  std::int64_t doubled_rank;  // 2 #{< z} + #{= z} at the nearest score below z
  std::int64_t step;          // from there to the next score's
  double fraction;            // of the way to the next score, in [0, 1)
  std::int64_t n;
};

// scores: ascending, not empty. O(log n).
[[nodiscard]] MidRank mid_rank(std::span<const double> scores, double z) noexcept;
[[nodiscard]] double quantile(std::span<const double> scores, const MidRank& u) noexcept;

// The adjusted score of one row. group: an index into `law`, z finite, alpha in [0, 1].
// O(groups + log n). With one group, a score of that group comes back unchanged, to the bit.
// Errors: InvalidData when the group has no score.
[[nodiscard]] double adjust(const Distribution& law, double z, std::int32_t group, double alpha);

// Errors: InvalidArgument unless 0 <= alpha <= 1.
void check_alpha(double alpha);

}  // namespace fairdb
