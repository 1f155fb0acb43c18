#include "core/inference/proportion.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fairdb {
namespace {

// Koopman's chi-square of the hypothesis a / b = ratio: the distance of the observed successes from
// those that are most likely under it.
double koopman_statistic(const Proportion& a, const Proportion& b, double ratio) noexcept {
  const double xa = a.successes();
  const double xb = b.successes();
  const double n = a.size + b.size;
  const double s = ratio * (a.size + xb) + xa + b.size;
  const double root = std::sqrt(std::max(0.0, s * s - 4 * ratio * n * (xa + xb)));
  // The smaller root of the quadratic, in the form that cancels nothing.
  const double pa = std::clamp(2 * ratio * (xa + xb) / (s + root), 0.0, 1.0);
  const double pb = std::clamp(pa / ratio, 0.0, 1.0);
  const auto term = [](double x, double size, double p) {
    const double residual = x - size * p;
    const double variance = size * p * (1 - p);
    if (variance > 0) return residual * residual / variance;
    return std::abs(residual) < 1e-9 * size ? 0.0 : std::numeric_limits<double>::infinity();
  };
  return term(xa, a.size, pa) + term(xb, b.size, pb);
}

// The ratio between `inside` (accepted) and `outside` (0 or infinite) where the statistic crosses
// z^2. Both on the logarithmic scale.
double koopman_limit(
    const Proportion& a, const Proportion& b, double z, double inside, double step) noexcept {
  double outside = inside + step;
  for (int i = 0; i < 60 && koopman_statistic(a, b, std::exp(outside)) <= z * z; ++i) {
    inside = outside;
    step *= 2;
    outside += step;
  }
  for (int i = 0; i < 100; ++i) {
    const double middle = (inside + outside) / 2;
    (koopman_statistic(a, b, std::exp(middle)) <= z * z ? inside : outside) = middle;
  }
  return std::exp(inside);
}

}  // namespace

Interval wilson(const Proportion& p, double z) noexcept {
  const double n = p.size;
  const double center = p.value + z * z / (2 * n);
  const double spread = z * std::sqrt(p.value * (1 - p.value) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  return {p.value <= 0 ? 0.0 : std::max(0.0, (center - spread) / scale),
          p.value >= 1 ? 1.0 : std::min(1.0, (center + spread) / scale)};
}

Interval newcombe(const Proportion& a, const Proportion& b, double z) noexcept {
  const Interval ia = wilson(a, z);
  const Interval ib = wilson(b, z);
  const double d = a.value - b.value;
  return {d - std::hypot(a.value - ia.lower, ib.upper - b.value),
          d + std::hypot(ia.upper - a.value, b.value - ib.lower)};
}

std::optional<Interval> koopman(const Proportion& a, const Proportion& b, double z) noexcept {
  if (a.value <= 0 && b.value <= 0) return std::nullopt;
  constexpr double kStep = 0.05;
  // Where one proportion is 0, the estimate is at the end of the scale; half a success leads in.
  const double start = std::log(std::max(a.value, 0.5 / a.size) / std::max(b.value, 0.5 / b.size));
  Interval result{0, std::numeric_limits<double>::infinity()};
  if (a.value > 0) result.lower = koopman_limit(a, b, z, start, -kStep);
  if (b.value > 0) result.upper = koopman_limit(a, b, z, start, kStep);
  return result;
}

std::optional<double> two_proportion_z(const Proportion& a, const Proportion& b) noexcept {
  const double pooled = (a.successes() + b.successes()) / (a.size + b.size);
  const double variance = pooled * (1 - pooled) * (1 / a.size + 1 / b.size);
  if (!(variance > 0)) return std::nullopt;
  return (a.value - b.value) / std::sqrt(variance);
}

}  // namespace fairdb
