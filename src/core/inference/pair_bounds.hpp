// One-sided bounds for the gap between several proportions, from all pairs of them.
//
// gap_interval (range.hpp) is the interval to show: it is narrow, and takes a millisecond. These
// bounds take microseconds. Differences are bounded by Newcombe's hybrid score interval (1998b,
// method 10), ratios by Koopman's (1984): approximations, too bold where rates are small and sizes
// unequal. Who decides by them asks gap_tails (range.hpp) as well.
#pragma once

#include <vector>

#include "core/base/monitor.hpp"
#include "core/inference/gap.hpp"

namespace fairdb {

// A pair of proportions and its bound.
struct PairBound {
  Proportion smaller;
  Proportion larger;
  double bound;
};

// Of each pair the limit of its gap towards parity, of a difference from below, of a ratio from
// above; those farthest from parity first. Where no pair is farther from parity than `threshold`,
// some bound is so with a probability of about `error` at most: each pair has its share of the
// error (Bonferroni), error_of_pair, for both of its directions together. Pairs without a ratio are
// left out. 0 < error < 1.
[[nodiscard]] std::vector<PairBound> near_bounds(
    const Families& families, Contrast contrast, double threshold, double error, Monitor& monitor);
[[nodiscard]] double error_of_pair(const Families& families, double error) noexcept;

// Of each pair the limit away from parity, of a difference from above, of a ratio from below; those
// farthest from parity first. Where the gap is farther from parity than a threshold, not one is so
// with a probability of about `error` at most: all pairs must be within, so that each may have the
// whole error (Berger 1982, intersection-union). 0 < error < 1/2.
[[nodiscard]] std::vector<PairBound> far_bounds(const Families& families,
                                                Contrast contrast,
                                                double error,
                                                Monitor& monitor);

}  // namespace fairdb
