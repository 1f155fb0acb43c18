#include "core/distribution/adjusted.hpp"

#include "core/base/polled_sort.hpp"

namespace fairdb {

void collect_adjusted(const Distribution& distribution,
                      const Adjustment& adjustment,
                      Collector& into,
                      Monitor& monitor) {
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    const ScoreGroup& group = distribution.group(g);
    const auto moved = [&](double score) {
      monitor.poll();  // each is a look-up in every group
      return adjustment(g, score, {}) + 0.0;
    };
    if (group.sketch) {
      Sketch::State state = group.sketch->state();
      state.minimum = moved(state.minimum);
      state.maximum = moved(state.maximum);
      for (Sketch::Level& level : state.levels) {
        for (WeightedPoint& point : level.points) point.score = moved(point.score);
        // Scores that differed by rounding alone may have changed places.
        polled_sort(level.points, monitor);
        for (const WeightedPoint& point : level.points) {
          state.minimum = std::min(state.minimum, point.score);
          state.maximum = std::max(state.maximum, point.score);
        }
      }
      into.add_sketch(group.label, group.rows, std::move(state));
      continue;
    }
    std::vector<double> scores;
    scores.reserve(group.points.size());
    for (std::size_t i = 0; i < group.points.size(); ++i)
      scores.push_back(moved(group.points.score[i]));
    into.add_list(group.label, {scores, group.points.weight, group.points.count}, group.rows);
  }
  into.count_unknown(distribution.unknown());
}

}  // namespace fairdb
