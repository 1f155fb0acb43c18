#include "core/inference/pair_bounds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/inference/tails.hpp"

namespace fairdb {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// P(Z > z).
double upper_tail(double z) noexcept {
  return normal_cdf(-z);
}

// The z at which Z beyond z or below -z - apart has the probability `error`: a pair passes its
// threshold in one direction or, `apart` standard errors away, in the other. 1.64 for 0.05 far from
// parity, 1.96 at parity.
double quantile_of_pair(double error, double apart) noexcept {
  double low = normal_two_sided_quantile(1 - std::min(2 * error, 1.0 - 1e-12));
  double high = normal_two_sided_quantile(1 - error);
  constexpr double kNegligible = 1e-6;
  if (upper_tail(low + apart) < kNegligible * error) return low;
  for (int i = 0; i < 50; ++i) {
    const double z = (low + high) / 2;
    (upper_tail(z) + upper_tail(z + apart) > error ? low : high) = z;
  }
  return high;
}

// With half a row added to either side, for a standard error that is never 0.
double softened(const Proportion& p) noexcept {
  return (p.successes() + 0.5) / (p.size + 1);
}

double error_of_difference(const Proportion& a, const Proportion& b) noexcept {
  const auto variance = [](const Proportion& p) {
    return softened(p) * (1 - softened(p)) / p.size;
  };
  return std::sqrt(variance(a) + variance(b));
}

double error_of_log_ratio(const Proportion& a, const Proportion& b) noexcept {
  const auto variance = [](const Proportion& p) {
    return (1 - softened(p)) / (softened(p) * p.size);
  };
  return std::sqrt(variance(a) + variance(b));
}

// Of the larger minus the smaller, or the smaller divided by the larger.
double near_of_pair(const Proportion& smaller,
                    const Proportion& larger,
                    Contrast contrast,
                    double threshold,
                    double error) {
  if (contrast == Contrast::Difference) {
    const double apart = 2 * std::abs(threshold) / error_of_difference(smaller, larger);
    return newcombe(larger, smaller, quantile_of_pair(error, apart)).lower;
  }
  const double apart = threshold > 0
                           ? 2 * std::abs(std::log(threshold)) / error_of_log_ratio(smaller, larger)
                           : std::numeric_limits<double>::infinity();
  const auto interval = koopman(smaller, larger, quantile_of_pair(error, apart));
  return interval ? interval->upper : kNone;
}

double far_of_pair(const Proportion& smaller,
                   const Proportion& larger,
                   Contrast contrast,
                   double z) {
  if (contrast == Contrast::Difference) return newcombe(larger, smaller, z).upper;
  const auto interval = koopman(smaller, larger, z);
  // Of 0 and 0 the ratio may be anything.
  return interval ? interval->lower : 0;
}

// f(smaller, larger) of every pair, those farthest from parity first; without those that are no
// number.
template <class F>
std::vector<PairBound> bounds(const Families& families, Contrast contrast, Monitor& monitor, F f) {
  std::vector<PairBound> result;
  for (const auto& family : families) {
    for (std::size_t i = 0; i < family.size(); ++i) {
      monitor.poll();
      for (std::size_t j = i + 1; j < family.size(); ++j) {
        const bool ordered = family[i].value <= family[j].value;
        const Proportion& smaller = family[ordered ? i : j];
        const Proportion& larger = family[ordered ? j : i];
        const double bound = f(smaller, larger);
        if (!std::isnan(bound)) result.push_back({smaller, larger, bound});
      }
    }
  }
  std::sort(result.begin(), result.end(), [&](const PairBound& a, const PairBound& b) {
    return farther(a.bound, b.bound, contrast);
  });
  return result;
}

}  // namespace

double error_of_pair(const Families& families, double error) noexcept {
  double pairs = 0;
  for (const auto& family : families) {
    pairs += static_cast<double>(family.size()) * static_cast<double>(family.size() - 1) / 2;
  }
  return error / pairs;
}

std::vector<PairBound> near_bounds(
    const Families& families, Contrast contrast, double threshold, double error, Monitor& monitor) {
  const double of_pair = error_of_pair(families, error);
  return bounds(families, contrast, monitor,
                [&](const Proportion& smaller, const Proportion& larger) {
                  return near_of_pair(smaller, larger, contrast, threshold, of_pair);
                });
}

std::vector<PairBound> far_bounds(const Families& families,
                                  Contrast contrast,
                                  double error,
                                  Monitor& monitor) {
  const double z = normal_two_sided_quantile(1 - 2 * error);
  return bounds(families, contrast, monitor,
                [&](const Proportion& smaller, const Proportion& larger) {
                  return far_of_pair(smaller, larger, contrast, z);
                });
}

}  // namespace fairdb
