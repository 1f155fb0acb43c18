#include "core/inference/range.hpp"

#include <algorithm>
#include <cmath>

#include "core/inference/configuration.hpp"
#include "core/inference/gap_law.hpp"

namespace fairdb {
namespace {

// The probability that every family's gap is within r, and strictly within.
Within all_within(const std::vector<GapLaw>& laws, double r) {
  Within product{1, 1};
  for (const GapLaw& law : laws) {
    const Within one = law.within(r);
    product.closed *= one.closed;
    product.open *= one.open;
  }
  return product;
}

// How much of the probability of the observed gap itself counts as a gap "at least as far". With
// all of it the intervals of small counts are too wide, with half of it (the mid-p of Lancaster
// 1961) those of rare events are too narrow; test/coverage prints what this comes to.
constexpr double kBorder = 0.85;

double near_tail(const Within& within) noexcept {
  return kBorder * within.closed + (1 - kBorder) * within.open;
}
double far_tail(const Within& within) noexcept {
  return 1 - (1 - kBorder) * within.closed - kBorder * within.open;
}

Families floored(const Families& families) {
  Families result = families;
  for (auto& family : result) {
    for (Proportion& p : family) {
      if (p.value <= 0) p.value = ratio_floor(p.size);
    }
  }
  return result;
}

}  // namespace

GapTails gap_tails(const Families& families, Contrast contrast, double t) {
  const Configuration configuration(families, contrast, t);
  std::vector<GapLaw> laws;
  for (std::size_t f = 0; f < families.size(); ++f) {
    laws.emplace_back(configuration.values(f), families[f], contrast);
  }
  const double r = contrast == Contrast::Difference ? worst_gap(families, contrast)
                                                    : worst_gap(floored(families), contrast);
  const Within within = all_within(laws, r);
  return {1 - within.open, within.closed};
}

double gap_p_value(const Families& families, Contrast contrast, double t) {
  const Configuration configuration(families, contrast, t);
  std::vector<GapLaw> laws;
  for (std::size_t f = 0; f < families.size(); ++f) {
    laws.emplace_back(configuration.values(f), families[f], contrast);
  }
  if (contrast == Contrast::Difference) {
    const double d = std::abs(worst_gap(families, contrast) - t);
    const double near = t >= d ? near_tail(all_within(laws, t - d)) : 0;
    return std::min(1.0, far_tail(all_within(laws, t + d)) + near);
  }
  // As far from t on the other side, on the scale of square roots.
  const double r = worst_gap(floored(families), contrast);
  const double root = std::max(0.0, 2 * std::sqrt(t) - std::sqrt(r));
  const double opposite = root * root;
  const double above = std::max(r, opposite);
  const double near = above <= 1 ? near_tail(all_within(laws, above)) : 0;
  return std::min(1.0, near + far_tail(all_within(laws, std::min(r, opposite))));
}

namespace {

// The families without the groups that are small beside the largest one; empty when that leaves
// nothing to compare, or when there are none.
Families large_groups(const Families& families) {
  constexpr double kSmall = 0.1;
  Families result;
  bool fewer = false;
  for (const auto& family : families) {
    double largest = 0;
    for (const Proportion& p : family) largest = std::max(largest, p.size);
    std::vector<Proportion> large;
    for (const Proportion& p : family) {
      if (p.size >= kSmall * largest) large.push_back(p);
    }
    fewer = fewer || large.size() < family.size();
    if (large.size() >= 2) result.push_back(std::move(large));
  }
  return fewer ? result : Families{};
}

// A bound of the p-value of a difference that is d away from the observed one: for the gap to be at
// least so far from the true one some pair of estimates, or the pair that is farthest apart, must
// be (Hoeffding 1963).
double most_p_value(const Families& families, double d) noexcept {
  double sum = 0;
  for (const auto& family : families) {
    double largest = 0;
    for (std::size_t i = 0; i < family.size(); ++i) {
      for (std::size_t j = i + 1; j < family.size(); ++j) {
        const double tail = std::exp(-2 * d * d / (1 / family[i].size + 1 / family[j].size));
        sum += 2 * tail;
        largest = std::max(largest, tail);
      }
    }
    sum += largest;
  }
  return sum;
}

// Searches the limits of an interval.
class Limits {
 public:
  Limits(Contrast contrast, Monitor& monitor) : contrast_(contrast), monitor_(monitor) {}

  // The accepted gap that is farthest from the observed one in the direction of `end`. Where the
  // likeliest pair changes, the p-value can jump, so a coarse search comes first.
  double limit(const Families& families, double alpha, double end) const {
    constexpr int kSteps = 32;
    constexpr int kHalvings = 40;
    double inside = start(families);
    const double first = inside;
    const auto step = [&](int k) { return first + (end - first) * k / kSteps; };
    double outside = step(1);
    for (int k = kSteps; k > 0; --k) {
      if (!accepted(families, alpha, step(k))) continue;
      if (k == kSteps) return end;
      inside = step(k);
      outside = step(k + 1);
      break;
    }
    // To a ten-thousandth of the way from the observed gap, however short that is.
    constexpr double kPrecision = 1e-4;
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = (inside + outside) / 2;
      (accepted(families, alpha, middle) ? inside : outside) = middle;
      if (std::abs(outside - inside) <= kPrecision * std::abs(inside - first)) break;
    }
    return inside;
  }

 private:
  double start(const Families& families) const {
    return contrast_ == Contrast::Difference ? worst_gap(families, contrast_)
                                             : worst_gap(floored(families), contrast_);
  }
  bool accepted(const Families& families, double alpha, double t) const {
    monitor_.poll();
    // Most of the search is far away from the observed gap. The laws of large samples are
    // approximations, hence the margin.
    constexpr double kMargin = 1e-2;
    if (contrast_ == Contrast::Difference &&
        most_p_value(families, std::abs(worst_gap(families, contrast_) - t)) < kMargin * alpha) {
      return false;
    }
    return gap_p_value(families, contrast_, t) > alpha;
  }
  Contrast contrast_;
  Monitor& monitor_;
};

}  // namespace

std::optional<Interval> gap_interval(const Families& families,
                                     Contrast contrast,
                                     double level,
                                     Monitor& monitor) {
  for (const auto& family : families) {
    if (family.size() > kMaxRangeGroups) return std::nullopt;
  }
  const double observed = worst_gap(families, contrast);
  if (std::isnan(observed)) return Interval{0, 1};
  const bool difference = contrast == Contrast::Difference;
  const double parity = difference ? 0 : 1;
  const double alpha = 1 - level;
  const Limits limits(contrast, monitor);

  // The limit towards parity. Among all groups the noise of a few small ones can hide a gap that is
  // certain between large ones, so the large ones are also looked at alone, each at half of alpha.
  const Families large = large_groups(families);
  double near = limits.limit(families, large.empty() ? alpha : alpha / 2, parity);
  if (!large.empty() && !std::isnan(worst_gap(large, contrast))) {
    const double alone = limits.limit(large, alpha / 2, parity);
    near = difference ? std::max(near, alone) : std::min(near, alone);
  }
  // The limit away from it; a gap that is as large as it can be leaves nothing to search.
  const double extreme = difference ? 1 : 0;
  const double far = observed == extreme ? extreme : limits.limit(families, alpha, extreme);
  // A count of 0 stands for a little more in a ratio's test: the ratio itself belongs to the
  // interval.
  return Interval{std::min({near, far, observed}), std::max({near, far, observed})};
}

}  // namespace fairdb
