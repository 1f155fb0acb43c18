// One-sided bounds for the gap between several proportions, from all pairs of them.
//
// gap_interval (range.hpp) is the interval to show: it is narrow, and takes a millisecond. These
// bounds take microseconds. Differences are bounded by Newcombe's hybrid score interval (1998b,
// method 10), ratios by Koopman's (1984): approximations, too bold where rates are small and sizes
// unequal. Who decides by them asks gap_tails (range.hpp) as well.
#pragma once

#include "core/inference/gap.hpp"

namespace fairdb {

// The limit of the gap towards parity: of a difference from below, of a ratio from above. Where the
// gap is no farther from parity than `threshold`, the bound is so with a probability of at most
// `error`: each pair has its share of the error (Bonferroni), for both of its directions together.
// Not a number when no pair has a ratio. 0 < error < 1.
[[nodiscard]] double near_bound(const Families& families,
                                Contrast contrast,
                                double threshold,
                                double error);

// The limit of the gap away from parity: of a difference from above, of a ratio from below. Where
// the gap is farther from parity than a threshold, the bound is not so with a probability of at
// most `error`: all pairs must be within, so that each may have the whole error (Berger 1982,
// intersection-union). 0 < error < 1/2.
[[nodiscard]] double far_bound(const Families& families, Contrast contrast, double error);

}  // namespace fairdb
