#include "core/decision/parity.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/decision/concave.hpp"

namespace fairdb {
namespace {

struct Sample {
  double value;
  double slope;
};

// A concave function that is linear between given places, of non-decreasing x.
class Polyline {
 public:
  void reserve(std::size_t n) { places_.reserve(n); }
  // A place beside the last one that is at the same x takes the better value.
  void add(double x, double value) {
    if (!places_.empty() && places_.back().x >= x) {
      places_.back().value = std::max(places_.back().value, value);
      return;
    }
    places_.push_back({x, value});
  }
  // Where it is largest; the first place of several.
  double summit() const noexcept {
    return std::max_element(places_.begin(), places_.end(),
                            [](const Place& a, const Place& b) { return a.value < b.value; })
        ->x;
  }
  // With the slope to the right; at the right end, to the left.
  Sample at(double x) const noexcept {
    if (places_.size() == 1) return {places_[0].value, 0};
    auto next =
        std::upper_bound(places_.begin() + 1, places_.end() - 1, x,
                         [](double wanted, const Place& place) { return wanted < place.x; });
    const Place& a = *(next - 1);
    const Place& b = *next;
    const double slope = (b.value - a.value) / (b.x - a.x);
    if (x >= b.x) return {b.value, slope};
    return {a.value + slope * (x - a.x), slope};
  }
  // The places on either side of x, or x itself twice where it is one.
  std::pair<double, double> around(double x) const noexcept {
    const auto next = std::lower_bound(places_.begin(), places_.end(), x,
                                       [](const Place& place, double at) { return place.x < at; });
    if (next == places_.end()) return {places_.back().x, places_.back().x};
    if (next->x == x || next == places_.begin()) return {next->x, next->x};
    return {(next - 1)->x, next->x};
  }
  // The first x at which it has reached the value, of a function that does not fall and does reach
  // it; and 1 / the slope there.
  Sample reaching(double value) const noexcept {
    if (places_.size() == 1 || value <= places_.front().value) return {places_.front().x, 0};
    const auto next =
        std::lower_bound(places_.begin() + 1, places_.end() - 1, value,
                         [](const Place& place, double wanted) { return place.value < wanted; });
    const Place& a = *(next - 1);
    const Place& b = *next;
    const double inverse = (b.x - a.x) / (b.value - a.value);
    return {std::min(b.x, a.x + inverse * (value - a.value)), inverse};
  }

 private:
  struct Place {
    double x;
    double value;
  };
  std::vector<Place> places_;
};

[[noreturn]] void raise_undefined(const RocHull& hull, Fairness fairness, bool positive) {
  throw Error(ErrorKind::InvalidData,
              "group \"" + hull.group + "\" has no row with label " +
                  (positive ? "true" : "false") + ", among which fairness => '" +
                  std::string(name(fairness)) + "' compares the groups",
              "Leave the group out of the distribution, or use fairness => 'demographic_parity', "
              "which compares all rows.");
}

void require_rates(const std::vector<RocHull>& hulls, Fairness fairness) {
  const bool needs_positive =
      fairness == Fairness::EqualOpportunity || fairness == Fairness::EqualizedOdds;
  const bool needs_negative =
      fairness == Fairness::PredictiveEquality || fairness == Fairness::EqualizedOdds;
  for (const RocHull& hull : hulls) {
    if (needs_positive && !(hull.positives > 0)) raise_undefined(hull, fairness, true);
    if (needs_negative && !(hull.negatives > 0)) raise_undefined(hull, fairness, false);
  }
}

// The point of the hull that earns most.
GroupPoint summit_of(const RocHull& hull, const Stakes& stakes) {
  GroupPoint best{0, 0};
  for (const RocPoint& point : hull.points) {
    if (stakes.earned(point.fp, point.tp) > stakes.earned(best.fp, best.tp)) {
      best = {point.fp, point.tp};
    }
  }
  return best;
}

// The point of the hull at which the compared rate is x, the one that earns most.
GroupPoint point_at(const RocHull& hull, const ComparedRate& rate, const Stakes& stakes, double x) {
  const auto rate_of = [&](const RocPoint& p) { return rate.of({p.fp, p.tp}); };
  const auto& points = hull.points;
  x = std::min(x, rate_of(points.back()));
  auto next =
      std::lower_bound(points.begin(), points.end(), x,
                       [&](const RocPoint& p, double wanted) { return rate_of(p) < wanted; });
  if (next == points.begin() || rate_of(*next) == x) {
    for (auto other = next; other != points.end() && rate_of(*other) <= rate_of(*next); ++other) {
      if (stakes.earned(other->fp, other->tp) > stakes.earned(next->fp, next->tp)) next = other;
    }
    return {next->fp, next->tp};
  }
  const RocPoint& a = *(next - 1);
  const RocPoint& b = *next;
  const double t = (x - rate_of(a)) / (rate_of(b) - rate_of(a));
  return {a.fp + t * (b.fp - a.fp), a.tp + t * (b.tp - a.tp)};
}

// One rate: the groups' rates lie between x and x + tolerance, and x is what is sought.
std::vector<GroupPoint> best_of_one_rate(const std::vector<RocHull>& hulls,
                                         Fairness fairness,
                                         double tolerance,
                                         const Stakes& stakes,
                                         Monitor& monitor) {
  std::vector<Polyline> lines(hulls.size());
  std::vector<double> summits;
  summits.reserve(hulls.size());
  for (std::size_t g = 0; g < hulls.size(); ++g) {
    const ComparedRate rate = compared_rate(hulls[g], fairness);
    lines[g].reserve(hulls[g].points.size());
    for (const RocPoint& p : hulls[g].points) {
      lines[g].add(rate.of({p.fp, p.tp}), stakes.earned(p.fp, p.tp));
    }
    summits.push_back(lines[g].summit());
  }
  const auto within = [&](std::size_t g, double x) {
    return std::clamp(summits[g], x, std::min(1.0, x + tolerance));
  };
  const auto sample = [&](double x) {
    monitor.poll();
    Sample sum{0, 0};
    for (std::size_t g = 0; g < hulls.size(); ++g) {
      const double at = within(g, x);
      const Sample one = lines[g].at(at);
      sum.value += one.value;
      if (at != summits[g]) sum.slope += one.slope;
    }
    return sum;
  };
  double x = concave_maximum(sample, 0.0, 1.0).x;
  // Where all lines are level, their ends are as good, and leave fewer groups to chance.
  const auto by_chance = [&](double at) {
    std::ptrdiff_t groups = 0;
    for (std::size_t g = 0; g < hulls.size(); ++g) {
      const auto [before, behind] = lines[g].around(within(g, at));
      groups += before < behind ? 1 : 0;
    }
    return groups;
  };
  double from = 0;
  double to = 1;
  for (std::size_t g = 0; g < hulls.size(); ++g) {
    const double at = within(g, x);
    if (at == summits[g]) continue;
    const double shift = at - x;  // 0, or the tolerance
    const auto [before, behind] = lines[g].around(at);
    from = std::max(from, before - shift);
    to = std::min(to, behind - shift);
  }
  const double best = sample(x).value;
  for (const double end : {from, to}) {
    constexpr double kRounding = 1e-15;
    if (end < 0 || end > 1 || by_chance(end) >= by_chance(x)) continue;
    if (sample(end).value >= best - kRounding * std::abs(best)) x = end;
  }
  std::vector<GroupPoint> points;
  points.reserve(hulls.size());
  for (std::size_t g = 0; g < hulls.size(); ++g) {
    points.push_back(point_at(hulls[g], compared_rate(hulls[g], fairness), stakes, within(g, x)));
  }
  return points;
}

// Both rates: each group's false positive rate lies between f and f + tolerance, its true positive
// rate between r and r + tolerance.
class TwoRates {
 public:
  TwoRates(const std::vector<RocHull>& hulls, double tolerance, const Stakes& stakes)
      : tolerance_(tolerance) {
    for (const RocHull& hull : hulls) {
      Group& group = groups_.emplace_back();
      group.stakes = {stakes.tp * hull.positives, stakes.fp * hull.negatives};
      group.hull.reserve(hull.points.size());
      double best = 0;
      for (const RocPoint& p : hull.points) {
        const double f = p.fp / hull.negatives;
        const double r = p.tp / hull.positives;
        group.hull.add(f, r);
        if (group.stakes.earned(f, r) > best) {
          best = group.stakes.earned(f, r);
          group.summit = f;
        }
      }
    }
  }

  std::vector<GroupPoint> solve(const std::vector<RocHull>& hulls, Monitor& monitor) const {
    const double f = concave_maximum(
                         [&](double at) {
                           monitor.poll();
                           return best_at(at).second;
                         },
                         0.0, 1.0)
                         .x;
    const double r = best_at(f).first;
    std::vector<GroupPoint> points;
    points.reserve(groups_.size());
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      const Choice choice = choose(groups_[g], f, r);
      points.push_back({choice.f * hulls[g].negatives, choice.r * hulls[g].positives});
    }
    return points;
  }

 private:
  struct Group {
    Polyline hull;  // true by false positive rate
    Stakes stakes;  // per unit of the rates
    double summit = 0;
  };
  // The best point of a group, and how what it earns changes with f and with r.
  struct Choice {
    double f;
    double r;
    double slope_f;
    double slope_r;
  };
  // What all earn, by r, with the slope along f beside it.
  struct AtR {
    double value;
    double slope;
    double slope_f;
  };

  Choice choose(const Group& group, double f, double r) const {
    const Stakes& stakes = group.stakes;
    const double f_end = std::min(1.0, f + tolerance_);
    const double r_end = std::min(1.0, r + tolerance_);
    const double here = group.hull.at(f).value;
    if (here >= r_end) return {f, r_end, -stakes.fp, r_end < 1 ? stakes.tp : 0};
    // The part of the hull within the box: from where r or f begins to where r or f ends.
    const Sample at_r = group.hull.reaching(r);
    const Sample at_r_end = group.hull.reaching(r_end);
    const bool begins_with_r = here < r;
    const bool ends_with_r = group.hull.at(f_end).value > r_end;
    const double first = begins_with_r ? at_r.value : f;
    const double last = std::max(first, ends_with_r ? at_r_end.value : f_end);
    if (group.summit < first && begins_with_r) {
      return {first, r, 0, stakes.tp - stakes.fp * at_r.slope};
    }
    if (group.summit > last && ends_with_r) {
      return {last, r_end, 0, r_end < 1 ? stakes.tp - stakes.fp * at_r_end.slope : 0};
    }
    const double best = std::clamp(group.summit, first, last);
    const Sample hull = group.hull.at(best);
    Choice choice{best, std::clamp(hull.value, r, r_end), 0, 0};
    const bool moves = group.summit < first || (group.summit > last && f_end < 1);
    if (moves) choice.slope_f = stakes.tp * hull.slope - stakes.fp;
    return choice;
  }

  // The best r at this f, and what all earn there with its slope along f.
  std::pair<double, Sample> best_at(double f) const {
    // No r above this leaves every group a point.
    const double f_end = std::min(1.0, f + tolerance_);
    Sample roof{1, 0};
    for (const Group& group : groups_) {
      const Sample one = group.hull.at(f_end);
      if (one.value < roof.value) roof = {one.value, f_end < 1 ? one.slope : 0};
    }
    const auto sample = [&](double r) {
      AtR sum{0, 0, 0};
      for (const Group& group : groups_) {
        const Choice choice = choose(group, f, r);
        sum.value += group.stakes.earned(choice.f, choice.r);
        sum.slope += choice.slope_r;
        sum.slope_f += choice.slope_f;
      }
      return sum;
    };
    const Summit<AtR> top = concave_maximum(sample, 0.0, roof.value);
    // Of the lines that meet in the summit, the mixture that is level in r; at the roof, what r
    // earns there moves with the roof.
    double slope_f = top.at.slope_f;
    if (top.x == roof.value && top.at.slope > 0) {
      slope_f += top.at.slope * roof.slope;
    } else if (top.left.slope > 0 && top.right.slope < 0) {
      const double share = top.right.slope / (top.right.slope - top.left.slope);
      slope_f = share * top.left.slope_f + (1 - share) * top.right.slope_f;
    }
    return {top.x, {top.at.value, slope_f}};
  }

  std::vector<Group> groups_;
  double tolerance_;
};

}  // namespace

ComparedRate compared_rate(const RocHull& hull, Fairness fairness) noexcept {
  switch (fairness) {
    case Fairness::EqualOpportunity:
      return {0, 1, hull.positives};
    case Fairness::PredictiveEquality:
      return {1, 0, hull.negatives};
    case Fairness::None:
    case Fairness::DemographicParity:
    case Fairness::EqualizedOdds:
      break;
  }
  return {1, 1, hull.weight()};
}

std::vector<GroupPoint> best_points(const std::vector<RocHull>& hulls,
                                    Fairness fairness,
                                    double tolerance,
                                    const Stakes& stakes,
                                    Monitor& monitor) {
  require_rates(hulls, fairness);
  if (fairness == Fairness::EqualizedOdds) {
    return TwoRates(hulls, tolerance, stakes).solve(hulls, monitor);
  }
  if (fairness != Fairness::None)
    return best_of_one_rate(hulls, fairness, tolerance, stakes, monitor);
  std::vector<GroupPoint> points;
  points.reserve(hulls.size());
  for (const RocHull& hull : hulls) points.push_back(summit_of(hull, stakes));
  return points;
}

// A price on each selected row, the same for all, chosen so that the number is right: what earns
// most at the price has the most true positives of its size. At the one price where the number
// jumps over what is asked for, both ends of the jump are best, and so are their mixtures.
std::vector<GroupPoint> best_points_of_size(const std::vector<RocHull>& hulls,
                                            Fairness fairness,
                                            double tolerance,
                                            double selected,
                                            Monitor& monitor) {
  require_rates(hulls, fairness);
  const auto size = [](const std::vector<GroupPoint>& points) {
    double sum = 0;
    for (const GroupPoint& point : points) sum += point.fp + point.tp;
    return sum;
  };
  std::vector<GroupPoint> more;  // than asked for
  std::vector<GroupPoint> less(hulls.size(), GroupPoint{0, 0});
  more.reserve(hulls.size());
  for (const RocHull& hull : hulls) more.push_back({hull.negatives, hull.positives});
  double low = 0;
  double high = 1;
  constexpr int kMostHalvings = 100;
  for (int step = 0; step < kMostHalvings; ++step) {
    const double price = low + (high - low) / 2;
    if (price == low || price == high) break;
    std::vector<GroupPoint> points =
        best_points(hulls, fairness, tolerance, Stakes{1 - price, price}, monitor);
    if (size(points) >= selected) {
      more = std::move(points);
      low = price;
    } else {
      less = std::move(points);
      high = price;
    }
  }
  const double most = size(more);
  const double least = size(less);
  const double share = most > least ? std::clamp((selected - least) / (most - least), 0.0, 1.0) : 1;
  std::vector<GroupPoint> mixed;
  mixed.reserve(hulls.size());
  for (std::size_t g = 0; g < hulls.size(); ++g) {
    mixed.push_back(
        {std::lerp(less[g].fp, more[g].fp, share), std::lerp(less[g].tp, more[g].tp, share)});
  }
  return mixed;
}

double parity_gap(const std::vector<RocHull>& hulls,
                  Fairness fairness,
                  const std::vector<GroupPoint>& points) noexcept {
  if (fairness == Fairness::EqualizedOdds) {
    return std::max(parity_gap(hulls, Fairness::EqualOpportunity, points),
                    parity_gap(hulls, Fairness::PredictiveEquality, points));
  }
  double least = std::numeric_limits<double>::infinity();
  double largest = -least;
  for (std::size_t g = 0; g < hulls.size(); ++g) {
    const double rate = compared_rate(hulls[g], fairness).of(points[g]);
    least = std::min(least, rate);
    largest = std::max(largest, rate);
  }
  return largest >= least ? largest - least : 0;
}

}  // namespace fairdb
