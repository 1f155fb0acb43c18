#include "core/inference/evidence.hpp"

#include <cmath>
#include <numbers>

#include "core/inference/tails.hpp"

namespace fairdb {
namespace {

constexpr double kFirstLooks = 4;

// exp(x^2 / 2) Phi(x), at most 1e300.
double mills(double x) noexcept {
  // The first term of the tail's asymptotic series.
  if (x < -20) return 1 / (-x * std::sqrt(2 * std::numbers::pi));
  return x > 37 ? 1e300 : std::exp(x * x / 2) * normal_cdf(x);
}

}  // namespace

void Evidence::look(const Proportion& a, const Proportion& b) noexcept {
  const double w = a.size * b.size / (a.size + b.size);
  const bool first = variance_ == 0;
  if (contrast_ == Contrast::Difference) {
    weight_ += w;
    sum_ += w * (a.value - b.value);
    variance_ += w / 4;
  } else {
    weight_ += w * b.value;
    sum_ += w * a.value;
    variance_ += w * w / (4 * a.size);
    scaled_ += w * w / (4 * b.size);
  }
  if (first) {
    first_variance_ = variance_;
    first_scaled_ = scaled_;
  }
}

double Evidence::value(double threshold) const noexcept {
  if (variance_ == 0) return 1;
  const double s =
      contrast_ == Contrast::Difference ? sum_ - threshold * weight_ : threshold * weight_ - sum_;
  const double v = variance_ + threshold * threshold * scaled_;
  const double r = kFirstLooks * (first_variance_ + threshold * threshold * first_scaled_);
  return std::min(1e300, 2 * std::sqrt(r / (v + r)) * mills(s / std::sqrt(v + r)));
}

}  // namespace fairdb
