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

namespace {

// The number between two others below which a two-sided law has so much of its probability: beyond
// it is tail(number).
template <class Tail>
double quantile_between(double low, double high, double level, Tail tail) noexcept {
  for (int i = 0; i < 200 && low < high; ++i) {
    const double middle = (low + high) / 2;
    (1 - tail(middle) < level ? low : high) = middle;
    if (std::nextafter(low, high) >= high) break;
  }
  return (low + high) / 2;
}

}  // namespace

double normal_two_sided_quantile(double level) noexcept {
  return quantile_between(0, 40, level, normal_two_sided);
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

namespace {

double away_from_0(double number) noexcept {
  constexpr double kTiny = 1e-300;
  return std::abs(number) < kTiny ? kTiny : number;
}

// The continued fraction of DLMF 8.17.22 by Lentz's method; x below (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) noexcept {
  constexpr double kRounding = 1e-16;
  constexpr int kMost = 10000;
  double c = 1;
  double d = 1 / away_from_0(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int m = 1; m < kMost; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_0(1 + even * d);
    c = away_from_0(1 + even / c);
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_0(1 + odd * d);
    c = away_from_0(1 + odd / c);
    const double step = d * c;
    fraction *= step;
    if (std::abs(step - 1) < kRounding) break;
  }
  return fraction;
}

}  // namespace

double student_two_sided(double t, double df) noexcept {
  constexpr double kNormal = 1e9;  // beyond, no digit tells it from a normal law
  if (df > kNormal) return normal_two_sided(t);
  if (std::isinf(t * t)) return 0;
  const double a = df / 2;
  const double b = 0.5;
  const double x = df / (df + t * t);
  const double y = t * t / (df + t * t);
  if (!(y > 0)) return 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log(y));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, y) / b;
}

double student_two_sided_quantile(double level, double df) noexcept {
  const auto tail = [df](double t) { return student_two_sided(t, df); };
  double high = 1;
  while (1 - tail(high) < level && high < 1e300) high *= 2;
  return quantile_between(0, high, level, tail);
}

}  // namespace fairdb
