#include "core/inference/configuration.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/inference/estimate.hpp"

namespace fairdb {
namespace {

// Proportions of a family whose gap is exactly t, closest to the data: each group is at the low
// end, at the high end, or where it is seen between them, by classification likelihood (Celeux and
// Govaert 1992): a group's squared distance in standard errors, and -2 log of the share of groups
// that are where it is; between the ends, where each has a parameter of its own, the 2 of Akaike
// for it. So groups that can hardly be told from an end, or from many on it, are on it. Estimates
// of equal proportions are spread by noise, and taken as they are they would hide that the most
// extreme of many is extreme by chance.
class Placing {
 public:
  Placing(const std::vector<Proportion>& family, Contrast contrast, double t)
      : family_(family), contrast_(contrast), t_(t) {
    for (const Proportion& p : family) {
      seen_.push_back(Estimate::seen_angle(p.successes(), p.size));
    }
    if (family.size() == 2) {
      order_two();
    } else {
      for (const double high : candidates()) improve(high);
      for (int round = 0; round < 4; ++round) improve(likeliest());
    }
    place();
  }

  // Of the likeliest placing, in squared standard errors.
  double cost() const noexcept { return cost_; }
  const std::vector<double>& values() const noexcept { return values_; }

 private:
  static constexpr std::size_t kLow = 0;  // sides; 2 is between
  static constexpr std::size_t kHigh = 1;

  double low_of(double high) const noexcept {
    return contrast_ == Contrast::Difference ? high - t_ : high * t_;
  }

  // Of two groups each is on an end: the likelier way round.
  void order_two() {
    for (const std::size_t low : {0U, 1U}) {
      const std::vector<std::size_t> kept = sides_;
      sides_ = {kHigh, kHigh};
      sides_[low] = kLow;
      const double high = likeliest();
      const double cost = deviance(family_[low], low_of(high)) + deviance(family_[1 - low], high);
      if (cost < cost_) {
        cost_ = cost;
      } else {
        sides_ = kept;
      }
    }
  }

  static double deviance(const Proportion& p, double at) noexcept {
    const double q = std::clamp(at, 1e-12, 1 - 1e-12);
    double sum = 0;
    if (p.value > 0) sum += p.value * std::log(p.value / q);
    if (p.value < 1) sum += (1 - p.value) * std::log((1 - p.value) / (1 - q));
    return 2 * p.size * sum;
  }

  // High ends that put a group on one of the ends.
  std::vector<double> candidates() const {
    constexpr std::size_t kMost = 40;
    std::vector<double> list;
    for (const Proportion& p : family_) {
      list.push_back(p.value);
      list.push_back(contrast_ == Contrast::Difference ? p.value + t_ : t_ > 0 ? p.value / t_ : 1);
    }
    const double least = contrast_ == Contrast::Difference ? t_ : 1e-9;
    for (double& high : list) high = std::clamp(high, least, 1.0);
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
    if (list.size() <= kMost) return list;
    std::vector<double> thinned;
    for (std::size_t i = 0; i < kMost; ++i) {
      thinned.push_back(list[i * (list.size() - 1) / (kMost - 1)]);
    }
    return thinned;
  }

  // What moving a group to an end adds, for the two groups where it adds least: one must be there.
  struct Least {
    double cost[2] = {kInfinity, kInfinity};
    std::size_t group[2] = {0, 0};

    void add(double c, std::size_t g) noexcept {
      if (c >= cost[1]) return;
      const int at = c < cost[0] ? 0 : 1;
      if (at == 0) {
        cost[1] = cost[0];
        group[1] = group[0];
      }
      cost[at] = c;
      group[at] = g;
    }
  };

  // Places the groups for these ends, and keeps the placing if it is the best so far.
  void improve(double high) {
    constexpr int kRounds = 3;
    constexpr double kParameter = 2;
    const double low = low_of(high);
    const std::size_t k = family_.size();
    std::vector<std::array<double, 3>> distance(k);
    for (std::size_t g = 0; g < k; ++g) {
      const Proportion& p = family_[g];
      const auto squared = [&](double at) {
        const double d = seen_[g] - Estimate::mean_angle(at, p.size);
        return (4 * p.size + 2) * d * d;
      };
      const bool between = low < p.value && p.value < high;
      distance[g] = {squared(low), squared(high), between ? kParameter : kInfinity};
    }
    std::vector<std::size_t> sides(k);
    std::array<double, 3> rarity{};  // -2 log of the share of groups
    Least to_low;
    Least to_high;
    double cost = 0;
    for (int round = 0; round < kRounds; ++round) {
      std::array<double, 3> groups{};
      to_low = to_high = {};
      cost = 0;
      for (std::size_t g = 0; g < k; ++g) {
        std::array<double, 3> costs{};
        for (std::size_t s = 0; s < 3; ++s) costs[s] = distance[g][s] + rarity[s];
        sides[g] =
            static_cast<std::size_t>(std::min_element(costs.begin(), costs.end()) - costs.begin());
        const double least = costs[sides[g]];
        groups[sides[g]] += 1;
        cost += least;
        to_low.add(costs[kLow] - least, g);
        to_high.add(costs[kHigh] - least, g);
      }
      for (std::size_t s = 0; s < 3; ++s) {
        rarity[s] = -2 * std::log((groups[s] + 0.5) / (static_cast<double>(k) + 1.5));
      }
    }
    double both = kInfinity;
    std::size_t lowest = 0;
    std::size_t highest = 0;
    for (const int i : {0, 1}) {
      for (const int j : {0, 1}) {
        const double sum = to_low.cost[i] + to_high.cost[j];
        if (to_low.group[i] == to_high.group[j] || sum >= both) continue;
        both = sum;
        lowest = to_low.group[i];
        highest = to_high.group[j];
      }
    }
    if (cost + both >= cost_) return;
    cost_ = cost + both;
    sides_ = std::move(sides);
    sides_[lowest] = kLow;
    sides_[highest] = kHigh;
  }

  // The high end with maximum likelihood of the groups on either end.
  double likeliest() const {
    const double slope = contrast_ == Contrast::Difference ? 1 : t_;
    const auto score = [&](std::size_t g, double p) {
      return family_[g].size * (p - family_[g].value) / std::max(p * (1 - p), 1e-12);
    };
    double from = contrast_ == Contrast::Difference ? t_ : 0;
    double to = 1;
    for (int i = 0; i < 50; ++i) {
      const double high = (from + to) / 2;
      double gradient = 0;
      for (std::size_t g = 0; g < sides_.size(); ++g) {
        if (sides_[g] == kLow) gradient += slope * score(g, low_of(high));
        if (sides_[g] == kHigh) gradient += score(g, high);
      }
      (gradient < 0 ? from : to) = high;
    }
    return (from + to) / 2;
  }

  void place() {
    const double high = likeliest();
    const double low = low_of(high);
    for (std::size_t g = 0; g < family_.size(); ++g) {
      values_.push_back(sides_[g] == kLow    ? low
                        : sides_[g] == kHigh ? high
                                             : std::clamp(family_[g].value, low, high));
    }
  }

  static constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<Proportion>& family_;
  Contrast contrast_;
  double t_;
  std::vector<double> seen_;  // angles
  double cost_ = kInfinity;
  std::vector<std::size_t> sides_;
  std::vector<double> values_;
};

}  // namespace

Configuration::Configuration(const Families& families, Contrast contrast, double t) {
  double least = std::numeric_limits<double>::infinity();
  std::size_t likeliest = 0;
  std::vector<double> at_t;
  bool reached = false;
  for (std::size_t f = 0; f < families.size(); ++f) {
    const double range = gap_of(families[f], contrast);
    const Placing placing(families[f], contrast, t);
    if (std::isnan(range) || farther(t, range, contrast)) {
      const Placing as_seen(families[f], contrast, std::isnan(range) ? t : range);
      values_.push_back(as_seen.values());
      const double cost = placing.cost() - as_seen.cost();
      if (cost >= least) continue;
      least = cost;
      likeliest = f;
      at_t = placing.values();
    } else {
      values_.push_back(placing.values());
      reached = true;
    }
  }
  if (!reached) values_[likeliest] = at_t;
}

}  // namespace fairdb
