#include "core/decision/single_thresholds.hpp"

#include <algorithm>
#include <cmath>

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
