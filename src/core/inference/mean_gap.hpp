// The gap between the largest and the smallest of several means, with an interval and a test.
#pragma once

#include <optional>
#include <vector>

#include "core/base/monitor.hpp"
#include "core/inference/proportion.hpp"

namespace fairdb {

// Of a group: the estimate of a mean, its standard error, 0 where it is not known, and how many
// rows it is the mean of.
struct MeanEstimate {
  double value;
  double error;
  double rows;
};

struct MeanGap {
  std::size_t low = 0;
  std::size_t high = 0;           // which, of the list, is the smallest and the largest
  std::size_t compared = 0;       // how many take part in intervals and test
  Interval difference{0, 0};      // largest minus smallest
  Interval ratio{1, 1};           // smallest divided by largest, of estimates not below 0
  std::optional<double> p_value;  // that those compared are equal; nullopt for fewer than two
};
// estimates: two at least. All pairs are compared by Welch's t, each at the level that Bonferroni
// asks for so many: the intervals of all pairs hold together, so that the largest difference lies
// between the largest of their lower ends and the largest of their upper ends, and the smallest
// ratio likewise (by Fieller's theorem, which agrees with the differences). They contain parity at
// parity as often as the level says, or more often, and p_value is the level at which they would
// just do so. An estimate of fewer than ten rows, or whose error is not known, takes no part, but
// may be anywhere: then the difference has no upper end (infinity), and the lower end of the ratio
// is 0. O(groups^2). Sources: Welch, "The generalization of Student's problem when several
// different population variances are involved", Biometrika 1947; Fieller, "Some problems in
// interval estimation", Journal of the Royal Statistical Society B 1954.
[[nodiscard]] MeanGap mean_gap(const std::vector<MeanEstimate>& estimates,
                               double level,
                               Monitor& monitor);

}  // namespace fairdb
