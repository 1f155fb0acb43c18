#include "core/audit/regression_gaps.hpp"

#include <cmath>

#include "core/inference/mean_gap.hpp"

namespace fairdb {
namespace {

using Estimate = MeanEstimate (*)(const RegressionErrors&);

RegressionGap gap_of(std::string_view metric,
                     const std::vector<GroupErrors>& groups,
                     Estimate estimate,
                     bool ratio,
                     double level) {
  RegressionGap gap;
  gap.metric = metric;
  gap.groups = static_cast<std::int64_t>(groups.size());
  std::vector<MeanEstimate> estimates;
  std::vector<const std::string*> names;
  bool zero = false;
  for (const GroupErrors& group : groups) {
    if (group.errors.known() == 0) continue;
    MeanEstimate one = estimate(group.errors);
    if (ratio) {
      zero = zero || one.value == 0;
      one = {std::log(one.value), one.error / one.value};
    }
    estimates.push_back(one);
    names.push_back(&group.group);
  }
  gap.estimable = static_cast<std::int64_t>(estimates.size());
  if (estimates.size() < 2) return gap;
  const MeanGap found = mean_gap(estimates, level);
  if (ratio && zero) {
    // Some group has no error at all: 0, or, when none has any, no ratio.
    if (std::isinf(estimates[found.high].value)) return gap;
  }
  gap.value = ratio ? std::exp(-found.value) : found.value;
  gap.interval = ratio ? Interval{std::exp(-found.interval.upper), std::exp(-found.interval.lower)}
                       : found.interval;
  gap.p_value = found.p_value;
  gap.compared = static_cast<std::int64_t>(found.compared);
  gap.group_low = *names[found.low];
  gap.group_high = *names[found.high];
  return gap;
}

MeanEstimate absolute(const RegressionErrors& e) {
  return {e.mean_absolute_error(), e.error_of_mean_absolute_error()};
}
MeanEstimate root(const RegressionErrors& e) {
  return {e.root_mean_squared_error(), e.error_of_root_mean_squared_error()};
}
MeanEstimate bias(const RegressionErrors& e) {
  return {e.bias(), e.error_of_bias()};
}

}  // namespace

std::vector<RegressionGap> regression_gaps(const std::vector<GroupErrors>& groups, double level) {
  return {gap_of("mae_difference", groups, absolute, false, level),
          gap_of("mae_ratio", groups, absolute, true, level),
          gap_of("rmse_difference", groups, root, false, level),
          gap_of("rmse_ratio", groups, root, true, level),
          gap_of("bias_difference", groups, bias, false, level)};
}

}  // namespace fairdb
