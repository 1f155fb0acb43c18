#include "core/audit/regression_gaps.hpp"

#include "core/inference/mean_gap.hpp"

namespace fairdb {
namespace {

using Estimate = MeanEstimate (*)(const RegressionErrors&);

// The gaps of one mean: the difference, and where it has a name the ratio.
void put_gaps(const std::vector<GroupErrors>& groups,
              Estimate estimate,
              std::string_view difference,
              std::string_view ratio,
              double level,
              Monitor& monitor,
              std::vector<RegressionGap>& gaps) {
  std::vector<MeanEstimate> estimates;
  std::vector<const std::string*> names;
  for (const GroupErrors& group : groups) {
    if (group.errors.known() == 0) continue;
    estimates.push_back(estimate(group.errors));
    names.push_back(&group.group);
  }
  RegressionGap gap;
  gap.groups = static_cast<std::int64_t>(groups.size());
  gap.estimable = static_cast<std::int64_t>(estimates.size());
  gap.metric = difference;
  RegressionGap quotient = gap;
  quotient.metric = ratio;
  if (estimates.size() >= 2) {
    const MeanGap found = mean_gap(estimates, level, monitor);
    const double low = estimates[found.low].value;
    const double high = estimates[found.high].value;
    gap.compared = static_cast<std::int64_t>(found.compared);
    gap.p_value = found.p_value;
    gap.group_low = *names[found.low];
    gap.group_high = *names[found.high];
    quotient = gap;
    quotient.metric = ratio;
    gap.value = high - low;
    gap.interval = found.difference;
    if (high > 0) {
      quotient.value = low / high;
      quotient.interval = found.ratio;
    } else {
      quotient.p_value.reset();
      quotient.group_low.clear();
      quotient.group_high.clear();
    }
  }
  gaps.push_back(gap);
  if (!ratio.empty()) gaps.push_back(quotient);
}

double rows(const RegressionErrors& e) {
  return static_cast<double>(e.known());
}
MeanEstimate absolute(const RegressionErrors& e) {
  return {e.mean_absolute_error(), e.error_of_mean_absolute_error(), rows(e)};
}
MeanEstimate root(const RegressionErrors& e) {
  return {e.root_mean_squared_error(), e.error_of_root_mean_squared_error(), rows(e)};
}
MeanEstimate bias(const RegressionErrors& e) {
  return {e.bias(), e.error_of_bias(), rows(e)};
}

}  // namespace

std::vector<RegressionGap> regression_gaps(const std::vector<GroupErrors>& groups,
                                           double level,
                                           Monitor& monitor) {
  std::vector<RegressionGap> gaps;
  put_gaps(groups, absolute, "mae_difference", "mae_ratio", level, monitor, gaps);
  put_gaps(groups, root, "rmse_difference", "rmse_ratio", level, monitor, gaps);
  put_gaps(groups, bias, "bias_difference", {}, level, monitor, gaps);
  return gaps;
}

}  // namespace fairdb
