#include "core/distribution/law.hpp"

#include <algorithm>
#include <cmath>

namespace fairdb {

SearchGuide::SearchGuide(std::span<const double> ascending, bool roomy) {
  constexpr std::size_t kWorthwhile = 64;
  constexpr std::size_t kPerCell = 8;  // a cache line of numbers
  if (ascending.size() < kWorthwhile || ascending.size() > UINT32_MAX) return;
  const std::size_t cells = roomy ? 2 * ascending.size() : ascending.size() / kPerCell;
  origin_ = ascending.front();
  scale_ = static_cast<double>(cells) / (ascending.back() - origin_);
  if (!std::isnormal(scale_)) return;
  first_.assign(cells + 1, static_cast<std::uint32_t>(ascending.size()));
  // The cell of a number never falls while the number rises, so an element before a cell's first
  // one is below every number that belongs to the cell.
  std::size_t cell = 0;
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    const std::size_t its = cell_of(ascending[i]);
    while (cell <= its) first_[cell++] = static_cast<std::uint32_t>(i);
  }
}

std::vector<CountedPoint> points_of(const ScoreGroup& group) {
  std::vector<CountedPoint> points;
  if (group.sketch) {
    const std::vector<WeightedPoint> sketched = group.sketch->points();
    points.reserve(sketched.size());
    for (const WeightedPoint& point : sketched) points.push_back({point.score, point.weight, 1});
    return points;
  }
  points.reserve(group.points.size());
  for (std::size_t i = 0; i < group.points.size(); ++i) points.push_back(group.points[i]);
  return points;
}

ScoreLaw::ScoreLaw(const ScoreGroup& group) {
  const PointsView& points = group.points;
  if (group.sketch) {
    const std::vector<CountedPoint> sketched = points_of(group);
    adopt(sketched.size(), [&](std::size_t i) { return sketched[i]; });
    effective_rows_ = group.sketch->effective_rows();
    rank_error_ = group.sketch->rank_error() / total();
    counts_rows_ = false;
  } else if (points.weight.empty()) {
    score_ = points.score;
    if (!points.count.empty()) {
      below_.reserve(points.size() + 1);
      std::int64_t below = 0;
      below_.push_back(0);
      for (const std::int64_t count : points.count) {
        below_.push_back(static_cast<double>(below += count));
      }
    }
    effective_rows_ = total();
  } else {
    adopt(points.size(), [&](std::size_t i) { return points[i]; });
    counts_rows_ = false;
  }
}

ScoreLaw::ScoreLaw(const std::vector<CountedPoint>& points) {
  adopt(points.size(), [&](std::size_t i) { return points[i]; });
  counts_rows_ = std::all_of(points.begin(), points.end(),
                             [](const CountedPoint& point) { return point.weight == 1; });
}

// So many points, of which at(i) is the i-th; those of equal score become one.
template <class At>
void ScoreLaw::adopt(std::size_t points, At at) {
  own_score_.reserve(points);
  below_.reserve(points + 1);
  first_.reserve(points);
  last_.reserve(points);
  below_.push_back(0);
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 0; i < points; ++i) {
    const CountedPoint point = at(i);
    sum += point.total();
    squares += point.total() * point.weight;
    if (own_score_.empty() || own_score_.back() != point.score) {
      own_score_.push_back(point.score);
      first_.push_back(point.weight);
      last_.push_back(point.weight);
      below_.push_back(sum);
    } else {
      last_.back() = point.weight;
      below_.back() = sum;
    }
  }
  score_ = own_score_;
  effective_rows_ = squares > 0 ? sum / squares * sum : 0;
}

void ScoreLaw::prepare(bool roomy) {
  score_guide_ = SearchGuide(score_, roomy);
  steps_.clear();
  if (!roomy || below_.empty()) {
    below_guide_ = SearchGuide(below_, roomy);
    return;
  }
  std::vector<double> lows;
  steps_.reserve(size());
  lows.reserve(size());
  for (std::size_t i = 0; i < size(); ++i) {
    steps_.push_back({score_[i], low(i), high(i), middle(i)});
    lows.push_back(low(i));
  }
  below_guide_ = SearchGuide(lows, roomy);
  // Both, or the search would need a branch.
  if (score_guide_.empty() || below_guide_.empty()) {
    steps_.clear();
    below_guide_ = SearchGuide(below_, roomy);
  }
}

namespace {

// Between a <= b, at 0 <= t <= 1; never falls while t rises.
[[gnu::always_inline]] inline double interpolate(double a, double b, double t) noexcept {
  const double width = b - a;
  if (!std::isfinite(width)) return std::lerp(a, b, t);
  return t == 1 ? b : std::min(b, a + t * width);
}

}  // namespace

double ScoreLaw::largest_tie() const noexcept {
  if (below_.empty()) return 0;
  double largest = 0;
  for (std::size_t i = 0; i < size(); ++i) {
    if (weight(i) > first_weight(i) * (1 + 1e-9)) largest = std::max(largest, weight(i));
  }
  return largest / total();
}

// As lower_bound(), from the steps.
[[gnu::always_inline]] inline std::size_t ScoreLaw::step_at(double score) const noexcept {
  return first_not(std::span<const Step>(steps_), score_guide_.range(score),
                   [score](const Step& step) { return step.score < score; });
}

ScoreLaw::Place ScoreLaw::place_of(double t, std::optional<double> spread) const noexcept {
  const std::size_t next = steps_.empty() ? lower_bound(t) : step_at(t);
  if (!steps_.empty() && !spread && next > 0 && next < size()) {
    const Step& step = steps_[next];
    if (step.score == t) return {step.middle, next, true};
    const Step& before = steps_[next - 1];
    const double part = (t / 2 - before.score / 2) / (step.score / 2 - before.score / 2);
    return {interpolate(before.middle, step.middle, part), next, false};
  }
  if (next == size()) return {middle(size() - 1), next, false};
  if (score_[next] == t) {
    return {spread ? interpolate(low(next), high(next), *spread) : middle(next), next, true};
  }
  if (next == 0) return {middle(0), 0, false};
  const double below = score_[next - 1];
  // Halves, because the difference of two finite numbers may be infinite.
  const double fraction = (t / 2 - below / 2) / (score_[next] / 2 - below / 2);
  return {interpolate(middle(next - 1), middle(next), fraction), next, false};
}

// The quantile at a rank at or above step.low and below that of the next one.
[[gnu::always_inline]] inline double ScoreLaw::between(const Step& step,
                                                       double rank) const noexcept {
  if (rank <= step.high || &step == &steps_.back()) return step.score;
  const Step& next = (&step)[1];
  return interpolate(step.score, next.score,
                     std::min(1.0, (rank - step.high) / (next.low - step.high)));
}

double ScoreLaw::at_place(const Place& place) const noexcept {
  if (place.met) return score_[place.next];
  if (place.next == 0) return score_.front();
  if (place.next == size()) return score_.back();
  // Between the middles of its neighbours: what at_rank() would find.
  if (!steps_.empty()) {
    const Step* const step = &steps_[place.next] - (place.rank < steps_[place.next].low ? 1 : 0);
    return std::clamp(between(*step, place.rank), steps_[place.next - 1].score,
                      steps_[place.next].score);
  }
  const std::size_t i = place.next - (place.rank < low(place.next) ? 1 : 0);
  return std::clamp(between(i, place.rank), score_[place.next - 1], score_[place.next]);
}

// The quantile at a rank at or above low(i) and below low(i + 1).
double ScoreLaw::between(std::size_t i, double rank) const noexcept {
  const double end = high(i);
  if (rank <= end || i + 1 == size()) return score_[i];
  return interpolate(score_[i], score_[i + 1], std::min(1.0, (rank - end) / (low(i + 1) - end)));
}

// As below, from the steps: from the last whose part of the line begins, with half a row, at or
// below the rank.
[[gnu::always_inline]] inline double ScoreLaw::fast_at_rank(double rank) const noexcept {
  const Step& first = steps_.front();
  const Step& last = steps_.back();
  if (rank <= first.low) return first.score;
  if (rank >= last.low) return last.score;
  const std::size_t above = first_not(std::span<const Step>(steps_), below_guide_.range(rank),
                                      [rank](const Step& step) { return step.low <= rank; });
  return between(steps_[above - 1], rank);
}

double ScoreLaw::at_rank(double rank) const noexcept {
  if (!steps_.empty()) return fast_at_rank(rank);
  if (rank <= low(0)) return score_.front();
  if (rank >= low(size() - 1)) return score_.back();
  if (below_.empty()) return between(static_cast<std::size_t>(rank - 0.5), rank);
  // The score over whose part of the line the rank is, below_[i] < rank <= below_[i + 1], or those
  // behind it whose part is too narrow for numbers to tell.
  std::size_t i = below_guide_.lower_bound(below_, rank) - 1;
  while (i + 1 < size() && low(i + 1) <= rank) ++i;
  return rank < low(i) ? between(i - 1, rank) : between(i, rank);
}

double ScoreLaw::up_to(double t) const noexcept {
  const std::size_t next = lower_bound(t);
  return below(next < size() && score_[next] == t ? next + 1 : next);
}

double ScoreLaw::step_at_rank(double rank) const noexcept {
  if (below_.empty()) {
    const double k = std::clamp(std::ceil(rank), 1.0, static_cast<double>(size()));
    return score_[static_cast<std::size_t>(k) - 1];
  }
  const auto found = std::lower_bound(below_.begin() + 1, below_.end() - 1, rank);
  return score_[static_cast<std::size_t>(found - below_.begin()) - 1];
}

std::vector<ScoreLaw> laws_of(const Distribution& distribution) {
  std::vector<ScoreLaw> laws;
  laws.reserve(static_cast<std::size_t>(distribution.groups()));
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    laws.emplace_back(distribution.group(g));
  }
  return laws;
}

}  // namespace fairdb
