#include "core/inference/tails.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace fairdb {

double normal_cdf(double z) noexcept {
  return std::erfc(-z / std::numbers::sqrt2) / 2;
}
double normal_two_sided(double z) noexcept {
  return std::erfc(std::abs(z) / std::numbers::sqrt2);
}

double normal_two_sided_quantile(double level) noexcept {
  double low = 0;
  double high = 40;
  for (int i = 0; i < 200 && low < high; ++i) {
    const double middle = (low + high) / 2;
    (1 - normal_two_sided(middle) < level ? low : high) = middle;
    if (std::nextafter(low, high) >= high) break;
  }
  return (low + high) / 2;
}

double chi_square_upper(double x, std::int64_t df) noexcept {
  if (!(x > 0)) return 1;
  const double half = x / 2;
  const double log_half = std::log(half);
  // Terms half^k exp(-half) / Gamma(k + 1), k from 0 (even df) or 1/2 (odd) to df/2 - 1.
  const bool even = df % 2 == 0;
  double sum = even ? 0 : std::erfc(std::sqrt(half));
  for (std::int64_t i = 0; i < df / 2; ++i) {
    const double k = static_cast<double>(i) + (even ? 0 : 0.5);
    sum += std::exp(k * log_half - half - std::lgamma(k + 1));
  }
  return std::min(sum, 1.0);
}

}  // namespace fairdb
