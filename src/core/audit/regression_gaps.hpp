// How far the groups are apart in the errors of predicted numbers.
#pragma once

#include <string>
#include <vector>

#include "core/audit/regression.hpp"
#include "core/base/monitor.hpp"
#include "core/inference/proportion.hpp"

namespace fairdb {

struct GroupErrors {
  std::string group;
  RegressionErrors errors;
};

struct RegressionGap {
  std::string_view metric;
  std::optional<double> value;
  std::optional<Interval> interval;
  std::optional<double> p_value;
  std::int64_t groups = 0;
  std::int64_t estimable = 0;
  std::int64_t compared = 0;  // of these, by interval and test; the others count for the value
  std::string group_low;      // empty without a gap
  std::string group_high;
};
// The differences (largest minus smallest) of mean absolute error, root mean squared error and
// bias, and the ratios (smallest divided by largest) of the first two, with the intervals and the
// test of mean_gap() (of the root with its standard error by the delta method). A group takes part
// with a row whose target and prediction are known, and in test and interval with ten that differ
// in what is averaged; beside one that does not, differences have no upper end, and ratios 0 for a
// lower one: nothing bounds how far such a group is from others. Means of few or skewed errors are
// not normal: root mean squared errors need some hundred rows a group.
[[nodiscard]] std::vector<RegressionGap> regression_gaps(const std::vector<GroupErrors>& groups,
                                                         double level,
                                                         Monitor& monitor);

}  // namespace fairdb
