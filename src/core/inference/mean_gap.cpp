#include "core/inference/mean_gap.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/inference/tails.hpp"

namespace fairdb {

namespace {

bool known(const MeanEstimate& e) noexcept {
  return e.error > 0 && std::isfinite(e.error);
}

// Cochran's Q of those whose errors are known.
double equality(const std::vector<MeanEstimate>& estimates, std::size_t n) {
  double weight = 0;
  double mean = 0;
  for (const MeanEstimate& e : estimates) {
    if (!known(e)) continue;
    const double w = 1 / (e.error * e.error);
    weight += w;
    mean += w / weight * (e.value - mean);
  }
  double q = 0;
  for (const MeanEstimate& e : estimates) {
    if (!known(e)) continue;
    const double t = (e.value - mean) / e.error;
    q += t * t;
  }
  return chi_square_upper(q, static_cast<std::int64_t>(n) - 1);
}

}  // namespace

MeanGap mean_gap(const std::vector<MeanEstimate>& estimates, double level) {
  MeanGap gap;
  for (std::size_t g = 0; g < estimates.size(); ++g) {
    if (estimates[g].value < estimates[gap.low].value) gap.low = g;
    if (estimates[g].value > estimates[gap.high].value) gap.high = g;
  }
  gap.value = estimates[gap.high].value - estimates[gap.low].value;
  const auto n = static_cast<std::size_t>(std::count_if(estimates.begin(), estimates.end(), known));
  gap.compared = n;
  gap.interval.upper = n == estimates.size() ? 0 : std::numeric_limits<double>::infinity();
  if (n < 2) return gap;
  const double pairs = static_cast<double>(n) * static_cast<double>(n - 1) / 2;
  const double z = normal_two_sided_quantile(1 - (1 - level) / pairs);
  for (std::size_t g = 0; g < estimates.size(); ++g) {
    if (!known(estimates[g])) continue;
    for (std::size_t h = g + 1; h < estimates.size(); ++h) {
      if (!known(estimates[h])) continue;
      const double apart = std::abs(estimates[g].value - estimates[h].value);
      const double margin = z * std::hypot(estimates[g].error, estimates[h].error);
      gap.interval.lower = std::max(gap.interval.lower, apart - margin);
      gap.interval.upper = std::max(gap.interval.upper, apart + margin);
    }
  }
  gap.p_value = equality(estimates, n);
  return gap;
}

}  // namespace fairdb
