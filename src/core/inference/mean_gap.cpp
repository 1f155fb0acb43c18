#include "core/inference/mean_gap.hpp"

#include <algorithm>
#include <cmath>

#include "core/inference/tails.hpp"

namespace fairdb {

MeanGap mean_gap(const std::vector<MeanEstimate>& estimates, double level) {
  MeanGap gap;
  const std::size_t n = estimates.size();
  bool known = true;
  for (std::size_t g = 0; g < n; ++g) {
    if (estimates[g].value < estimates[gap.low].value) gap.low = g;
    if (estimates[g].value > estimates[gap.high].value) gap.high = g;
    known = known && estimates[g].error > 0 && std::isfinite(estimates[g].error);
  }
  gap.value = estimates[gap.high].value - estimates[gap.low].value;
  if (!known) return gap;
  const double pairs = static_cast<double>(n) * static_cast<double>(n - 1) / 2;
  const double z = normal_two_sided_quantile(1 - (1 - level) / pairs);
  Interval interval{0, 0};
  for (std::size_t g = 0; g < n; ++g) {
    for (std::size_t h = g + 1; h < n; ++h) {
      const double apart = std::abs(estimates[g].value - estimates[h].value);
      const double margin = z * std::hypot(estimates[g].error, estimates[h].error);
      interval.lower = std::max(interval.lower, apart - margin);
      interval.upper = std::max(interval.upper, apart + margin);
    }
  }
  gap.interval = interval;
  double weight = 0;
  double mean = 0;
  for (const MeanEstimate& e : estimates) {
    const double w = 1 / (e.error * e.error);
    weight += w;
    mean += w / weight * (e.value - mean);
  }
  double q = 0;
  for (const MeanEstimate& e : estimates) {
    const double t = (e.value - mean) / e.error;
    q += t * t;
  }
  gap.p_value = chi_square_upper(q, static_cast<std::int64_t>(n) - 1);
  return gap;
}

}  // namespace fairdb
