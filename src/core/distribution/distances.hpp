// How far the laws of the score in two groups are apart. All are of the steps (core/distribution/
// law.hpp): exact over all points.
#pragma once

#include "core/base/monitor.hpp"
#include "core/distribution/law.hpp"

namespace fairdb {

// With F the share of scores up to a number and Q its inverse, of groups g and h:
struct Distances {
  double ks;            // sup over t of |F_g(t) - F_h(t)|, 0 to 1        (Kolmogorov, Smirnov)
  double wasserstein;   // integral of |F_g - F_h| = of |Q_g - Q_h|, in units of the score
  double wasserstein2;  // sqrt of the integral of (Q_g - Q_h)^2, in units of the score
  double quantile_gap;  // sup over u of |Q_g(u) - Q_h(u)|, in units of the score
};
// Neither law is empty. O(m + n).
[[nodiscard]] Distances distances(const ScoreLaw& a, const ScoreLaw& b, Monitor& monitor);

// Pairs of groups that are compared, at most: those of 1000 groups.
inline constexpr std::size_t kMostPairs = 499500;
// Errors: TooLarge for more.
void check_pairs(std::size_t groups, std::size_t pairs);

// The largest of each over all pairs of groups that have scores; nullopt with fewer than two.
// O(groups * points). Errors: TooLarge, for more than 1000 groups.
[[nodiscard]] std::optional<Distances> largest_distances(const std::vector<ScoreLaw>& laws,
                                                         Monitor& monitor);
// The same, of ks alone. O(points log groups). Perfectly fair scores of m and n rows still differ
// by about 0.87 sqrt(1/m + 1/n) by chance.
[[nodiscard]] std::optional<double> largest_ks(const std::vector<ScoreLaw>& laws, Monitor& monitor);

// The chance that two samples of one law are at least as far apart as ks: given the ties, every
// assignment of the scores to the two groups being equally likely (Schroeer and Trenkler, "Exact
// and randomization distributions of Kolmogorov-Smirnov tests two or three samples", Computational
// Statistics & Data Analysis 1995), when m n is at most 10^6 and the laws count rows; else by
// Kolmogorov's limit with Kish's numbers of rows, which is too large with ties. What sketches may
// have added to ks is taken off first.
struct KsTest {
  double p_value;
  bool exact;
};
[[nodiscard]] KsTest ks_test(const ScoreLaw& a, const ScoreLaw& b, double ks, Monitor& monitor);

}  // namespace fairdb
