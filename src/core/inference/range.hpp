// Intervals for the gap between the largest and the smallest of several proportions.
//
// The gap that is seen among groups is larger than the true one: of several equal proportions one
// is the largest by chance. An interval by percentiles of a bootstrap therefore never contains 0 at
// parity. These intervals come from inverting a test: a gap t belongs to the interval unless an
// observed gap R at least as far from t has a probability of at most 1 - level. Far from parity
// this is a two-sided interval, at parity a one-sided one, and in between it changes gradually
// (compare Chuang and Lai 2000, hybrid resampling; here the resampling is replaced by an integral,
// so the result is a function of the counts alone).
//
// The probability is that of the estimates of a configuration of proportions with gap exactly t
// that is closest to the data (core/inference/configuration.hpp), by their discrete law where
// counts are small (gap_law.hpp). How often the intervals contain the truth is measured by
// test/coverage.
//
// Where groups differ much in size, the limit towards parity is the better of two at half of the
// error each: from all groups, and from the large ones alone.
#pragma once

#include <optional>

#include "core/base/monitor.hpp"
#include "core/inference/gap.hpp"

namespace fairdb {

// Beyond so many groups the interval is not computed: its cost grows with their number.
inline constexpr std::size_t kMaxRangeGroups = 200;

// The p-value of the hypothesis that the true gap is t.
[[nodiscard]] double gap_p_value(const Families& families, Contrast contrast, double t);

// The probability of a gap at least as far from parity as the observed one, and of one at most as
// far, at the configuration closest to the data in which the gap is t. One-sided.
struct GapTails {
  double farther;
  double nearer;
};
[[nodiscard]] GapTails gap_tails(const Families& families, Contrast contrast, double t);

// nullopt with more than kMaxRangeGroups proportions in a family. Cost: some milliseconds for two
// groups, more in proportion to the number of different ones.
[[nodiscard]] std::optional<Interval> gap_interval(const Families& families,
                                                   Contrast contrast,
                                                   double level,
                                                   Monitor& monitor);

}  // namespace fairdb
