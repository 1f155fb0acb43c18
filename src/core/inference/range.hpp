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
// The probability is computed for the configuration of proportions with gap exactly t that is
// closest to the data: those beyond [a, b], b - a = t, are moved to its ends, with a as likelihood
// has it; when the data show less than t, the pair is moved apart for which that is likeliest.
// Proportions near an end are drawn to it (a non-negative garrote with constant 1), for otherwise
// the noise of the estimates would hide ties, and with them the bias.
//
// Where groups differ much in size, the limit towards parity is the better of two at half of the
// error each: from all groups, and from the large ones alone.
//
// An estimate is modelled on the arcsine scale (Anscombe 1948): asin sqrt((x + 3/8) / (n + 3/4)) is
// about normal with variance 1 / (4 n + 2), also for small n and proportions near 0 or 1.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/monitor.hpp"
#include "core/inference/proportion.hpp"

namespace fairdb {

enum class Contrast : std::uint8_t {
  Difference,  // largest minus smallest, 0 at parity
  Ratio,       // smallest divided by largest, 1 at parity
};

// Beyond so many groups the interval is not computed: its cost grows with their number.
inline constexpr std::size_t kMaxRangeGroups = 200;

// One family of proportions, or several whose worst gap counts (equalized odds: true and false
// positive rates). Each family has at least two proportions of independent groups.
using Families = std::vector<std::vector<Proportion>>;

// The p-value of the hypothesis that the true gap is t.
[[nodiscard]] double gap_p_value(const Families& families, Contrast contrast, double t);

// nullopt with more than kMaxRangeGroups proportions in a family. Cost: about a millisecond for two
// groups, in proportion to their number. A ratio among counts near 0 has a wide, cautious interval.
[[nodiscard]] std::optional<Interval> gap_interval(const Families& families,
                                                   Contrast contrast,
                                                   double level,
                                                   Monitor& monitor);

}  // namespace fairdb
