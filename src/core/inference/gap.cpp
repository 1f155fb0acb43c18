#include "core/inference/gap.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fairdb {

double gap_of(const std::vector<Proportion>& family, Contrast contrast) noexcept {
  double low = 1;
  double high = 0;
  for (const Proportion& p : family) {
    low = std::min(low, p.value);
    high = std::max(high, p.value);
  }
  if (contrast == Contrast::Difference) return high - low;
  return high > 0 ? low / high : std::numeric_limits<double>::quiet_NaN();
}

double worst_gap(const Families& families, Contrast contrast) noexcept {
  double result = contrast == Contrast::Difference ? 0 : 1;
  for (const auto& family : families) {
    const double gap = gap_of(family, contrast);
    if (std::isnan(gap)) return gap;
    if (farther(gap, result, contrast)) result = gap;
  }
  return result;
}

}  // namespace fairdb
