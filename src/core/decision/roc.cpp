#include "core/decision/roc.hpp"

#include "core/base/polled_sort.hpp"

namespace fairdb {
namespace {

// Whether b lies below the line from a to c.
bool below_line(const RocPoint& a, const RocPoint& b, const RocPoint& c) noexcept {
  return (b.fp - a.fp) * (c.tp - a.tp) > (b.tp - a.tp) * (c.fp - a.fp);
}

// A law of points that nothing else holds.
ScoreLaw law_of(std::vector<CountedPoint> points, Monitor& monitor) {
  polled_sort(points, monitor);
  return ScoreLaw(points);
}

}  // namespace

double JudgedGroup::effective_rows() const noexcept {
  double squares = 0;
  if (negatives > 0) squares += negatives / effective_negatives * negatives;
  if (positives > 0) squares += positives / effective_positives * positives;
  return squares > 0 ? weight() / squares * weight() : 0;
}

RocHull roc_hull(const LabelledScores& scores, Monitor& monitor) {
  RocHull hull;
  hull.group = scores.group;
  hull.negative_rows = scores.negative_rows;
  hull.positive_rows = scores.positive_rows;
  hull.negatives = scores.negative.total();
  hull.positives = scores.positive.total();
  hull.effective_negatives = scores.negative.effective_rows();
  hull.effective_positives = scores.positive.effective_rows();
  std::vector<RocPoint>& points = hull.points;
  each_roc_point(scores, monitor, [&](const RocPoint& point) {
    // Weights that vanish beside the others make no corner, and would hide one from the test below.
    if (!points.empty() && points.back().fp == point.fp && points.back().tp == point.tp) return;
    while (points.size() >= 2 && below_line(points[points.size() - 2], points.back(), point)) {
      points.pop_back();
    }
    points.push_back(point);
  });
  return hull;
}

// Whether there are rows of a label from one threshold on and below another one, and not enough.
bool RocSteps::few(bool label, double from, double below) const noexcept {
  const std::int64_t rows = scores_->rows_from(label, from) - scores_->rows_from(label, below);
  return rows > 0 && rows < k_;
}

bool RocSteps::admits(const RocPoint& point) noexcept {
  constexpr double kEverybody = -kSelectsNobody;
  for (const bool label : {false, true}) {
    if (few(label, point.threshold, last_) || few(label, kEverybody, point.threshold)) return false;
  }
  last_ = point.threshold;
  return true;
}

std::vector<RocPoint> roc_curve(const LabelledScores& scores, std::int64_t k, Monitor& monitor) {
  std::vector<RocPoint> curve;
  RocSteps steps(scores, k);
  each_roc_point(scores, monitor, [&](const RocPoint& point) {
    if (steps.admits(point)) curve.push_back(point);
  });
  return curve;
}

LabelledScores pooled(const Distribution& distribution, Monitor& monitor) {
  LabelledScores all;
  std::vector<CountedPoint> negative;
  std::vector<CountedPoint> positive;
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    const ScoreGroup& group = distribution.group(g);
    const bool label = label_of(group.label);
    std::vector<CountedPoint>& into = label ? positive : negative;
    const std::vector<CountedPoint> points = points_of(group);
    into.insert(into.end(), points.begin(), points.end());
    (label ? all.positive_rows : all.negative_rows) += group.rows;
  }
  all.negative = law_of(std::move(negative), monitor);
  all.positive = law_of(std::move(positive), monitor);
  return all;
}

}  // namespace fairdb
