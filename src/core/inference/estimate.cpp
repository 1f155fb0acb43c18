#include "core/inference/estimate.hpp"

#include <algorithm>
#include <array>
#include <numbers>

#include "core/inference/tails.hpp"

namespace fairdb {
namespace {

constexpr double kPi = std::numbers::pi;

// The normal distribution function from a table with its exact derivatives: error below 1e-9, and
// several times faster than erfc, which would take most of the time here.
class NormalTable {
 public:
  double operator()(double z) const noexcept {
    if (z <= -kEnd) return 0;
    if (z >= kEnd) return 1;
    const double at = (z + kEnd) * kPerUnit;
    const auto i = static_cast<std::size_t>(at);
    const double u = at - static_cast<double>(i);
    const Node& a = nodes_[i];
    const Node& b = nodes_[i + 1];
    const double v = 1 - u;  // Hermite interpolation
    return v * v * ((1 + 2 * u) * a.value + u * a.slope) +
           u * u * ((1 + 2 * v) * b.value - v * b.slope);
  }
  static const NormalTable& instance() {
    static const NormalTable table;
    return table;
  }

 private:
  static constexpr double kEnd = 8;
  static constexpr double kPerUnit = 32;
  struct Node {
    double value;
    double slope;  // per step
  };
  NormalTable() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const double z = static_cast<double>(i) / kPerUnit - kEnd;
      nodes_[i] = {normal_cdf(z), std::exp(-z * z / 2) / std::sqrt(2 * kPi) / kPerUnit};
    }
  }
  std::array<Node, static_cast<std::size_t>(2 * kEnd * kPerUnit) + 2> nodes_;
};

// Counts are equal within so much of a row: they were divided by a size and multiplied again.
constexpr double kCountTie = 1e-5;
constexpr double kReach = 7;  // standard deviations

}  // namespace

double share_at(double angle) noexcept {
  const double s = std::sin(std::clamp(angle, -kPi / 2, kPi));
  if (angle < 0) return -s * s;
  return angle > kPi / 2 ? 2 - s * s : s * s;
}

double angle_at(double share) noexcept {
  const double v = std::clamp(share, -1.0, 2.0);
  if (v < 0) return -std::asin(std::sqrt(-v));
  return v > 1 ? kPi - std::asin(std::sqrt(2 - v)) : std::asin(std::sqrt(v));
}

Estimate::Estimate(double p, double size, double floor, int most_values)
    : n_(std::max(1.0, std::round(size))), floor_(floor) {
  const double reach = kReach * std::sqrt(n_ * p * (1 - p)) + kReach;
  const double low = std::max(0.0, std::floor(n_ * p - reach));
  const double high = std::min(n_, std::ceil(n_ * p + reach));
  if (high - low < most_values) {
    tell_apart(p, low, high);
  } else {
    n_ = size;
    scale_ = std::sqrt(4 * n_ + 2);
    mean_ = mean_angle(p, n_);
  }
}

double Estimate::up_to(double y) const noexcept {
  if (!discrete()) return smooth(y);
  const double x = y * n_ + kCountTie;
  return cumulated(x < 1 && x < floor_ ? -1 : std::floor(x));
}

double Estimate::below(double y) const noexcept {
  if (!discrete()) return smooth(y);
  const double x = y * n_ - kCountTie;
  return cumulated(x < 1 ? (x > floor_ ? 0 : -1) : std::ceil(x) - 1);
}

void Estimate::values(std::vector<double>& into) const {
  for (std::size_t i = 0; i < cumulated_.size(); ++i) {
    into.push_back(std::max(floor_, first_ + static_cast<double>(i)) / n_);
  }
}

double Estimate::least() const noexcept {
  return std::max(floor_, first_) / n_;
}

double Estimate::most() const noexcept {
  return (first_ + static_cast<double>(cumulated_.size()) - 1) / n_;
}

// From the likeliest value outwards, each probability from its neighbour's.
void Estimate::tell_apart(double p, double low, double high) {
  first_ = low;
  cumulated_.assign(static_cast<std::size_t>(high - low) + 1, 0);
  if (p <= 0) {
    std::fill(cumulated_.begin(), cumulated_.end(), 1);
    return;
  }
  if (p >= 1) {
    cumulated_.back() = 1;
    return;
  }
  const double odds = p / (1 - p);
  const double mode = std::clamp(std::floor((n_ + 1) * p), low, high);
  const auto at = static_cast<std::size_t>(mode - low);
  cumulated_[at] = 1;
  double x = mode;
  for (std::size_t i = at; i + 1 < cumulated_.size(); ++i, ++x) {
    cumulated_[i + 1] = cumulated_[i] * odds * (n_ - x) / (x + 1);
  }
  x = mode;
  for (std::size_t i = at; i > 0; --i, --x) {
    cumulated_[i - 1] = cumulated_[i] * x / (odds * (n_ - x + 1));
  }
  double sum = 0;
  for (double& c : cumulated_) c = sum += c;
  for (double& c : cumulated_) c /= sum;
}

double Estimate::cumulated(double x) const noexcept {
  if (x < first_) return 0;
  const double i = x - first_;
  return i >= static_cast<double>(cumulated_.size()) ? 1 : cumulated_[static_cast<std::size_t>(i)];
}

double Estimate::smooth(double y) const noexcept {
  const double at = angle_at((n_ * y + 0.375) / (n_ + 0.75));
  return NormalTable::instance()(scale_ * (at - mean_));
}

}  // namespace fairdb
