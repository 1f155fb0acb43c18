#include "core/decision/single_thresholds.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/polled_sort.hpp"

namespace fairdb {
namespace {

// The best of a group's thresholds whose rates lie in a window that only moves up.
class MovingBest {
 public:
  MovingBest(const LabelledScores& scores,
             const ComparedRate& rate,
             const Stakes& stakes,
             Monitor& monitor)
      : rate_(rate), stakes_(stakes) {
    points_.reserve(scores.negative.size() + scores.positive.size() + 1);
    each_roc_point(scores, monitor, [&](const RocPoint& point) { points_.push_back(point); });
  }

  const std::vector<RocPoint>& points() const noexcept { return points_; }
  double rate(const RocPoint& point) const noexcept { return rate_.of({point.fp, point.tp}); }
  double earned(const RocPoint& point) const noexcept { return stakes_.earned(point.fp, point.tp); }

  // The best between a least rate and so much above it, but for rounding, or nullptr; the first of
  // equals.
  const RocPoint* move_to(double least, double above) {
    for (; end_ < points_.size() && rate(points_[end_]) - least <= above + kRoundedRate; ++end_) {
      const double worth = earned(points_[end_]);
      while (first_ < best_.size() && earned(points_[best_.back()]) < worth) best_.pop_back();
      best_.push_back(static_cast<std::uint32_t>(end_));
    }
    while (first_ < best_.size() && rate(points_[best_[first_]]) < least) ++first_;
    return first_ < best_.size() ? &points_[best_[first_]] : nullptr;
  }

 private:
  ComparedRate rate_;
  Stakes stakes_;
  std::vector<RocPoint> points_;  // of ascending rates
  std::size_t end_ = 0;           // of those that were in the window
  // From first_ on, those in the window that none behind them beats: each earns less than the one
  // in front of it, or as much.
  std::vector<std::uint32_t> best_;
  std::size_t first_ = 0;
};

}  // namespace

std::vector<RocPoint> best_single_thresholds(const std::vector<const LabelledScores*>& scores,
                                             const std::vector<RocHull>& hulls,
                                             Fairness fairness,
                                             double tolerance,
                                             const Stakes& stakes,
                                             Monitor& monitor) {
  FAIRDB_ASSERT(has_best_single_thresholds(fairness, tolerance));
  std::vector<MovingBest> groups;
  std::vector<double> least;
  groups.reserve(scores.size());
  for (std::size_t g = 0; g < scores.size(); ++g) {
    const MovingBest& group =
        groups.emplace_back(*scores[g], compared_rate(hulls[g], fairness), stakes, monitor);
    for (const RocPoint& point : group.points()) least.push_back(group.rate(point));
  }
  std::sort(least.begin(), least.end());
  least.erase(std::unique(least.begin(), least.end()), least.end());
  std::vector<RocPoint> best;
  std::vector<RocPoint> here;
  double most = -std::numeric_limits<double>::infinity();
  for (const double rate : least) {
    monitor.poll();
    here.clear();
    double sum = 0;
    for (MovingBest& group : groups) {
      // All of them move, also where one of them has no threshold.
      const RocPoint* const point = group.move_to(rate, tolerance);
      if (point == nullptr) continue;
      here.push_back(*point);
      sum += group.earned(*point);
    }
    if (here.size() < groups.size() || sum <= most) continue;
    most = sum;
    best.swap(here);
  }
  return best;
}

namespace {

struct Choice {
  RocPoint point;
  double rate;
};
// To the next choice of a group, in the order of `turn`.
struct Step {
  double turn;
  std::uint32_t group;
  bool operator<(const Step& other) const noexcept {
    return turn != other.turn ? turn < other.turn : group < other.group;
  }
};

// The thresholds of a group that steps lead to, from nobody on, and the turns of the steps: a
// common rate, from which on the next threshold is the nearer one.
std::vector<Choice> choices_by_rate(const LabelledScores& scores,
                                    const ComparedRate& rate,
                                    std::vector<double>& turns,
                                    Monitor& monitor) {
  std::vector<Choice> list;
  each_roc_point(scores, monitor, [&](const RocPoint& point) {
    const double here = rate.of({point.fp, point.tp});
    // Who adds no true positive at the same rate only takes places.
    if (!list.empty() && here == list.back().rate && point.tp == list.back().point.tp) return;
    if (!list.empty()) turns.push_back((list.back().rate + here) / 2);
    list.push_back({point, here});
  });
  return list;
}

// The same where no rate is compared: those of the hull, and the shares of label true among the
// rows that a step adds, the largest first.
std::vector<Choice> choices_by_merit(const RocHull& hull, std::vector<double>& turns) {
  std::vector<Choice> list;
  for (const RocPoint& point : hull.points) {
    if (!list.empty()) {
      const double tp = point.tp - list.back().point.tp;
      turns.push_back(-tp / (tp + point.fp - list.back().point.fp));
    }
    list.push_back({point, 0});
  }
  return list;
}

}  // namespace

std::vector<RocPoint> level_thresholds(const std::vector<const LabelledScores*>& scores,
                                       const std::vector<RocHull>& hulls,
                                       Fairness fairness,
                                       double most_selected,
                                       Monitor& monitor) {
  std::vector<std::vector<Choice>> choices;
  std::vector<Step> steps;
  std::vector<double> turns;
  for (std::size_t g = 0; g < scores.size(); ++g) {
    turns.clear();
    choices.push_back(
        fairness == Fairness::None
            ? choices_by_merit(hulls[g], turns)
            : choices_by_rate(*scores[g], compared_rate(hulls[g], fairness), turns, monitor));
    for (const double turn : turns) steps.push_back({turn, static_cast<std::uint32_t>(g)});
  }
  polled_sort(steps, monitor);
  std::vector<std::size_t> place(scores.size(), 0);
  std::vector<bool> full(scores.size(), false);
  double selected = 0;
  double highest = 0;
  bool level = true;
  constexpr std::size_t kPollPeriod = 1 << 16;
  for (std::size_t s = 0; s < steps.size(); ++s) {
    if (s % kPollPeriod == 0) monitor.poll();
    const std::uint32_t g = steps[s].group;
    if (full[g]) continue;
    const Choice& now = choices[g][place[g]];
    const Choice& next = choices[g][place[g] + 1];
    const double more = next.point.fp + next.point.tp - now.point.fp - now.point.tp;
    if (selected + more > most_selected || (!level && next.rate > highest)) {
      full[g] = true;
      level = false;
      continue;
    }
    selected += more;
    highest = std::max(highest, next.rate);
    ++place[g];
  }
  std::vector<RocPoint> chosen;
  chosen.reserve(scores.size());
  for (std::size_t g = 0; g < scores.size(); ++g) chosen.push_back(choices[g][place[g]].point);
  if (fairness != Fairness::None) return chosen;
  // Between the thresholds of a hull are others, some of which may fit.
  for (std::size_t g = 0; g < scores.size(); ++g) {
    const double others = selected - chosen[g].fp - chosen[g].tp;
    each_roc_point(*scores[g], monitor, [&](const RocPoint& point) {
      if (point.tp > chosen[g].tp && others + point.fp + point.tp <= most_selected) {
        chosen[g] = point;
      }
    });
    selected = others + chosen[g].fp + chosen[g].tp;
  }
  return chosen;
}

RocPoint nearest_threshold(const LabelledScores& scores,
                           const RocHull& hull,
                           Fairness fairness,
                           const Stakes& stakes,
                           const GroupPoint& wanted,
                           double most_selected,
                           Monitor& monitor) {
  const auto distance = [&](const RocPoint& p) {
    const GroupPoint point{p.fp, p.tp};
    const auto apart = [&](Fairness by) {
      const ComparedRate rate = compared_rate(hull, by);
      return std::abs(rate.of(point) - rate.of(wanted));
    };
    if (fairness != Fairness::EqualizedOdds) return apart(fairness);
    return std::max(apart(Fairness::EqualOpportunity), apart(Fairness::PredictiveEquality));
  };
  RocPoint best{kSelectsNobody, 0, 0};
  double least = std::numeric_limits<double>::infinity();
  double most = 0;
  each_roc_point(scores, monitor, [&](const RocPoint& point) {
    const double d = distance(point);
    const double worth = stakes.earned(point.fp, point.tp);
    if (d > least || (d == least && worth <= most) || point.fp + point.tp > most_selected) return;
    best = point;
    least = d;
    most = worth;
  });
  return best;
}

}  // namespace fairdb
