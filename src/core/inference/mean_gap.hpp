// The gap between the largest and the smallest of several means, with an interval and a test.
#pragma once

#include <optional>
#include <vector>

#include "core/inference/proportion.hpp"

namespace fairdb {

// Of a group: an estimate that is about normal, and its standard error, 0 where it is not known.
struct MeanEstimate {
  double value;
  double error;
};

struct MeanGap {
  double value = 0;  // largest minus smallest
  std::size_t low = 0;
  std::size_t high = 0;      // which, of the list
  std::size_t compared = 0;  // how many have a known error
  Interval interval{0, 0};
  std::optional<double> p_value;  // that those compared are equal; nullopt for fewer than two
};
// estimates: two at least. The interval is made of those of all pairs, each at the level that
// Bonferroni asks for so many: they hold together, so that the largest difference lies between the
// largest of their lower ends and the largest of their upper ends. It contains 0 at parity as often
// as the level says, or more often. An estimate whose error is not known takes no part in it nor in
// the test, but may be anywhere: the interval then has no upper end (infinity), and with fewer than
// two others it is from 0 on. The test is that the means are equal: Cochran's Q, chi-square.
// Source of the test: Cochran, The combination of estimates from different experiments (1954).
[[nodiscard]] MeanGap mean_gap(const std::vector<MeanEstimate>& estimates, double level);

}  // namespace fairdb
