#include "core/inference/range.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
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

// sin^2 of an angle, continued monotonically beyond [0, pi/2] to [-1, 2], so that no mass gathers
// at the ends.
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

// The law of the estimate of a proportion `p` from n rows.
class Estimate {
 public:
  Estimate(double p, double n) noexcept
      : n_(n), scale_(std::sqrt(4 * n + 2)), mean_(mean_angle(p, n)) {}

  double cdf(double y) const noexcept {
    return normal_(scale_ * (angle_at((n_ * y + 0.375) / (n_ + 0.75)) - mean_));
  }
  double quantile(double z) const noexcept {
    return ((n_ + 0.75) * share_at(mean_ + z / scale_) - 0.375) / n_;
  }
  double scale() const noexcept { return scale_; }
  static double mean_angle(double p, double n) noexcept {
    return std::asin(std::sqrt((n * p + 0.125) / (n + 0.25)));
  }

 private:
  double n_, scale_, mean_;
  const NormalTable& normal_ = NormalTable::instance();
};

double range_of(const std::vector<Proportion>& family, Contrast contrast) noexcept {
  double low = 1;
  double high = 0;
  for (const Proportion& p : family) {
    low = std::min(low, p.value);
    high = std::max(high, p.value);
  }
  if (contrast == Contrast::Difference) return high - low;
  return high > 0 ? low / high : std::numeric_limits<double>::quiet_NaN();
}

// Whether gap a is farther from parity than b.
bool farther(double a, double b, Contrast contrast) noexcept {
  return contrast == Contrast::Difference ? a > b : a < b;
}

// The probability that the estimates' gap is at most r (Difference) or at least r (Ratio).
class GapLaw {
 public:
  GapLaw(const std::vector<double>& p, const std::vector<Proportion>& family, Contrast contrast)
      : contrast_(contrast) {
    // Groups that are alike share the work.
    std::map<std::pair<double, double>, std::size_t> known;
    for (std::size_t g = 0; g < family.size(); ++g) {
      const auto [place, is_new] = known.emplace(std::pair(p[g], family[g].size), alike_.size());
      if (is_new) {
        estimates_.emplace_back(p[g], family[g].size);
        alike_.push_back({g, 0});
      }
      ++alike_[place->second].groups;
    }
  }

  // floor: of a ratio, the least value that an estimate takes for certain; nullptr when there is
  // none.
  double within(double r, const std::vector<double>* floor) const {
    // x runs over the estimates' smallest (Difference) or largest value (Ratio), in cells. In each,
    // any one group has its estimate there, and all others between it and the other end.
    const std::vector<double> nodes = grid(r);
    const bool difference = contrast_ == Contrast::Difference;
    const std::size_t k = estimates_.size();
    std::vector<double> before(k), mass(k), others(k), suffix(k + 1);
    for (std::size_t g = 0; g < k; ++g) before[g] = estimates_[g].cdf(share_at(nodes.front()));
    double sum = 0;
    for (std::size_t c = 0; c + 1 < nodes.size(); ++c) {
      const double end = share_at(nodes[c + 1]);
      const double x = share_at((nodes[c] + nodes[c + 1]) / 2);
      const double other_end = difference ? x + r : x * r;
      for (std::size_t g = 0; g < k; ++g) {
        const double after = estimates_[g].cdf(end);
        mass[g] = after - before[g];
        const double middle = (after + before[g]) / 2;
        before[g] = after;
        if (difference) {
          others[g] = std::max(0.0, estimates_[g].cdf(other_end) - middle);
        } else {
          const bool below = floor != nullptr && other_end < (*floor)[alike_[g].first];
          others[g] = std::max(0.0, middle - (below ? 0 : estimates_[g].cdf(other_end)));
        }
      }
      suffix[k] = 1;
      for (std::size_t g = k; g-- > 0;) {
        suffix[g] = suffix[g + 1] * power(others[g], alike_[g].groups);
      }
      double prefix = 1;
      for (std::size_t g = 0; g < k; ++g) {
        const int groups = alike_[g].groups;
        const double rest = power(others[g], groups - 1);
        sum += prefix * groups * mass[g] * rest * suffix[g + 1];
        prefix *= rest * others[g];
      }
    }
    return std::clamp(sum, 0.0, 1.0);
  }

 private:
  // Angles between which every distribution function, at x and at the other end, hardly bends:
  // steps of a fifth of a standard deviation around each estimate, thinned out where they are many.
  std::vector<double> grid(double r) const {
    constexpr double kStep = 0.2;  // in standard deviations
    constexpr int kSteps = 30;
    constexpr double kReach = kSteps * kStep;
    constexpr double kMostNodes = 4000;
    const bool difference = contrast_ == Contrast::Difference;
    const double inf = std::numeric_limits<double>::infinity();
    double from = difference ? inf : -inf;
    double to = from;
    double finest = inf;
    for (const Estimate& e : estimates_) {
      const double low = e.quantile(-kReach);
      const double high = e.quantile(kReach);
      from = difference ? std::min(from, low) : std::max(from, low);
      to = difference ? std::min(to, high) : std::max(to, high);
      finest = std::min(finest, kStep / e.scale());
    }
    if (!difference) from = std::max(from, 0.0);
    const double first = angle_at(from);
    const double last = std::max(angle_at(to), first + 1e-12);

    std::vector<double> nodes = {first, last};
    for (const Estimate& e : estimates_) {
      for (int k = -kSteps; k <= kSteps; ++k) {
        const double y = e.quantile(k * kStep);
        nodes.push_back(angle_at(y));
        nodes.push_back(angle_at(difference ? y - r : r > 0 ? y / r : y));
      }
    }
    std::sort(nodes.begin(), nodes.end());
    const double spacing = std::max(finest, (last - first) / kMostNodes);
    std::vector<double> kept = {first};
    for (const double node : nodes) {
      if (node >= last) break;
      if (node >= kept.back() + spacing) kept.push_back(node);
    }
    kept.push_back(last);
    return kept;
  }

  static double power(double base, int exponent) noexcept {
    double result = 1;
    for (; exponent > 0; exponent /= 2, base *= base) {
      if (exponent % 2 == 1) result *= base;
    }
    return result;
  }

  struct Alike {
    std::size_t first;  // of the groups, in the family
    int groups;
  };
  Contrast contrast_;
  std::vector<Estimate> estimates_;  // different ones
  std::vector<Alike> alike_;         // for each
};

// Configurations of proportions whose gap is exactly t: the ends are a = b - t, or a = t b.
class Configuration {
 public:
  Configuration(const Families& families, Contrast contrast, double t)
      : families_(families), contrast_(contrast), t_(t) {
    bool reached = false;
    for (const auto& family : families_) {
      values_.emplace_back();
      for (const Proportion& p : family) values_.back().push_back(p.value);
    }
    for (std::size_t f = 0; f < families_.size(); ++f) {
      const double range = range_of(families_[f], contrast_);
      if (std::isnan(range) || farther(t_, range, contrast_)) continue;
      reached = true;
      clip(f, ends(f));
    }
    if (!reached) move_apart();
    for (std::size_t f = 0; f < families_.size(); ++f) {
      if (families_[f].size() > 2) garrote(f);
    }
  }

  const std::vector<double>& values(std::size_t family) const noexcept { return values_[family]; }

 private:
  struct Ends {
    double low;
    double high;
  };

  double low_of(double high) const noexcept {
    return contrast_ == Contrast::Difference ? high - t_ : high * t_;
  }
  // The derivative of the low end by the high one.
  double slope() const noexcept { return contrast_ == Contrast::Difference ? 1 : t_; }
  static double variance(double p) noexcept { return std::max(p * (1 - p), 1e-12); }
  static double score(const Proportion& group, double p) noexcept {
    return group.size * (p - group.value) / variance(p);
  }

  // The high end at which an increasing function of both ends is 0.
  template <class F>
  Ends solve(F gradient) const {
    double low = contrast_ == Contrast::Difference ? t_ : 0;
    double high = 1;
    for (int i = 0; i < 50; ++i) {
      const double middle = (low + high) / 2;
      (gradient(Ends{low_of(middle), middle}) < 0 ? low : high) = middle;
    }
    const double b = (low + high) / 2;
    return {low_of(b), b};
  }

  // Maximum likelihood when every proportion beyond an end is moved to it.
  Ends ends(std::size_t f) const {
    return solve([&](const Ends& e) {
      double sum = 0;
      for (const Proportion& p : families_[f]) {
        if (p.value <= e.low) sum += slope() * score(p, e.low);
        if (p.value >= e.high) sum += score(p, e.high);
      }
      return sum;
    });
  }

  void clip(std::size_t f, const Ends& e) {
    for (double& p : values_[f]) p = std::clamp(p, e.low, e.high);
  }

  struct Pair {
    double distance;  // how many squared standard errors apart they have to be moved
    std::size_t family, low, high;
  };

  // The pairs that have the shortest way to go, on the scale of their standard errors.
  std::vector<Pair> short_ways() const {
    constexpr std::size_t kCandidates = 40;  // at either end of a family
    constexpr std::size_t kKept = 4;
    std::vector<Pair> pairs;
    for (std::size_t f = 0; f < families_.size(); ++f) {
      const auto& family = families_[f];
      std::vector<std::size_t> order(family.size());
      for (std::size_t g = 0; g < order.size(); ++g) order[g] = g;
      const auto error = [&](std::size_t g) {
        const double p = (family[g].successes() + 0.5) / (family[g].size + 1);
        return p * (1 - p) / family[g].size;
      };
      const auto by_reach = [&](double sign) {
        std::vector<std::size_t> list = order;
        const auto reach = [&](std::size_t g) {
          return sign * family[g].value + 2 * std::sqrt(error(g));
        };
        const std::size_t n = std::min(kCandidates, list.size());
        std::partial_sort(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(n), list.end(),
                          [&](std::size_t a, std::size_t b) { return reach(a) > reach(b); });
        list.resize(n);
        return list;
      };
      const auto lows = by_reach(-1);
      const auto highs = by_reach(1);
      for (const std::size_t i : lows) {
        for (const std::size_t j : highs) {
          if (i == j) continue;
          const double s = contrast_ == Contrast::Difference ? 1 : t_;
          const double way = contrast_ == Contrast::Difference
                                 ? t_ - (family[j].value - family[i].value)
                                 : family[i].value - t_ * family[j].value;
          pairs.push_back({way * way / (error(i) + s * s * error(j)), f, i, j});
        }
      }
    }
    const std::size_t n = std::min(kKept, pairs.size());
    std::partial_sort(pairs.begin(), pairs.begin() + static_cast<std::ptrdiff_t>(n), pairs.end(),
                      [](const Pair& a, const Pair& b) { return a.distance < b.distance; });
    pairs.resize(n);
    return pairs;
  }

  static double divergence(const Proportion& p, double to) noexcept {
    const double q = std::clamp(to, 1e-12, 1 - 1e-12);
    double sum = 0;
    if (p.value > 0) sum += p.value * std::log(p.value / q);
    if (p.value < 1) sum += (1 - p.value) * std::log((1 - p.value) / (1 - q));
    return p.size * sum;
  }

  void move_apart() {
    double best = std::numeric_limits<double>::infinity();
    std::size_t best_family = 0;
    std::vector<double> best_values;
    for (const Pair& pair : short_ways()) {
      const auto& family = families_[pair.family];
      const Ends e = solve([&](const Ends& ends) {
        return slope() * score(family[pair.low], ends.low) + score(family[pair.high], ends.high);
      });
      std::vector<double> moved;
      for (const Proportion& p : family) moved.push_back(std::clamp(p.value, e.low, e.high));
      moved[pair.low] = e.low;
      moved[pair.high] = e.high;
      double lost = 0;
      for (std::size_t g = 0; g < family.size(); ++g) lost += divergence(family[g], moved[g]);
      if (lost >= best) continue;
      best = lost;
      best_family = pair.family;
      best_values = std::move(moved);
    }
    if (!best_values.empty()) values_[best_family] = std::move(best_values);
  }

  void garrote(std::size_t f) {
    constexpr double kConstant = 1;
    const auto [low, high] = std::minmax_element(values_[f].begin(), values_[f].end());
    const double a = *low;
    const double b = *high;
    for (std::size_t g = 0; g < values_[f].size(); ++g) {
      double& p = values_[f][g];
      const double n = families_[f][g].size;
      const double scale = std::sqrt(4 * n + 2);
      const double at = Estimate::mean_angle(p, n);
      const double from_low = scale * (at - Estimate::mean_angle(a, n));
      const double from_high = scale * (Estimate::mean_angle(b, n) - at);
      const double z = std::min(from_low, from_high);
      const double kept = z > 0 ? std::max(0.0, 1 - kConstant * kConstant / (z * z)) : 0.0;
      p = from_low <= from_high ? a + (p - a) * kept : b - (b - p) * kept;
    }
  }

  const Families& families_;
  Contrast contrast_;
  double t_;
  std::vector<std::vector<double>> values_;
};

// The probability that every family's gap is within r.
double all_within(const std::vector<GapLaw>& laws,
                  double r,
                  const std::vector<std::vector<double>>* floors) {
  double product = 1;
  for (std::size_t f = 0; f < laws.size(); ++f) {
    product *= laws[f].within(r, floors == nullptr ? nullptr : &(*floors)[f]);
  }
  return product;
}

// A count of 0 stands for a quarter of a row in a ratio's test: the ratio itself is 0 for any n.
constexpr double kFloor = 0.25;

Families floored(const Families& families) {
  Families result = families;
  for (auto& family : result) {
    for (Proportion& p : family) p.value = std::max(p.value, kFloor / p.size);
  }
  return result;
}

double worst(const Families& families, Contrast contrast) noexcept {
  double result = contrast == Contrast::Difference ? 0 : 1;
  for (const auto& family : families) {
    const double range = range_of(family, contrast);
    if (std::isnan(range)) return range;
    if (farther(range, result, contrast)) result = range;
  }
  return result;
}

}  // namespace

double gap_p_value(const Families& families, Contrast contrast, double t) {
  const Configuration configuration(families, contrast, t);
  std::vector<GapLaw> laws;
  for (std::size_t f = 0; f < families.size(); ++f) {
    laws.emplace_back(configuration.values(f), families[f], contrast);
  }
  if (contrast == Contrast::Difference) {
    const double d = std::abs(worst(families, contrast) - t);
    return 1 - all_within(laws, t + d, nullptr) + (t > d ? all_within(laws, t - d, nullptr) : 0);
  }
  const double r = worst(floored(families), contrast);
  // As far from t on the other side, on the scale of square roots.
  const double root = std::max(0.0, 2 * std::sqrt(t) - std::sqrt(r));
  const double opposite = root * root;
  if (r <= t) {
    return (opposite < 1 ? all_within(laws, opposite, nullptr) : 0) + 1 -
           all_within(laws, r, nullptr);
  }
  double p = r < 1 ? all_within(laws, r, nullptr) : 0;
  if (opposite > 0) {
    std::vector<std::vector<double>> floors;
    for (const auto& family : families) {
      floors.emplace_back();
      for (const Proportion& group : family) floors.back().push_back(kFloor / group.size);
    }
    p += 1 - all_within(laws, opposite, &floors);
  }
  return p;
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

// Searches the limits of an interval.
class Limits {
 public:
  Limits(Contrast contrast, Monitor& monitor) : contrast_(contrast), monitor_(monitor) {}

  // The accepted gap that is farthest from the observed one in the direction of `end`. Where the
  // likeliest pair changes, the p-value can jump, so a coarse search comes first.
  double limit(const Families& families, double alpha, double end) const {
    constexpr int kSteps = 32;
    constexpr int kHalvings = 14;
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
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = (inside + outside) / 2;
      (accepted(families, alpha, middle) ? inside : outside) = middle;
    }
    return inside;
  }

 private:
  double start(const Families& families) const {
    return contrast_ == Contrast::Difference ? worst(families, contrast_)
                                             : worst(floored(families), contrast_);
  }
  bool accepted(const Families& families, double alpha, double t) const {
    monitor_.poll();
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
  const double observed = worst(families, contrast);
  if (std::isnan(observed)) return Interval{0, 1};
  const bool difference = contrast == Contrast::Difference;
  const double parity = difference ? 0 : 1;
  const double alpha = 1 - level;
  const Limits limits(contrast, monitor);

  // The limit towards parity. Among all groups the noise of a few small ones can hide a gap that is
  // certain between large ones, so the large ones are also looked at alone, each at half of alpha.
  const Families large = large_groups(families);
  double near = limits.limit(families, large.empty() ? alpha : alpha / 2, parity);
  if (!large.empty() && !std::isnan(worst(large, contrast))) {
    const double alone = limits.limit(large, alpha / 2, parity);
    near = difference ? std::max(near, alone) : std::min(near, alone);
  }
  // The limit away from it; a gap that is as large as it can be leaves nothing to search.
  const double extreme = difference ? 1 : 0;
  const double far = observed == extreme ? extreme : limits.limit(families, alpha, extreme);
  return difference ? Interval{near, far} : Interval{far, near};
}

}  // namespace fairdb
