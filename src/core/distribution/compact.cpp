#include "core/distribution/compact.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/error.hpp"
#include "core/distribution/law.hpp"

namespace fairdb {
namespace {

// So much of the line of ranks for each point, from the lower end to the upper one. A quarter of
// the points at most is for the tails.
std::vector<double> widths(double total, double row, std::int32_t points) {
  constexpr std::int32_t kMostOfEach = 16;
  const double doublings = std::max(1.0, std::ceil(std::log2(total / row / points)));
  const std::int32_t of_each =
      std::clamp(points / (8 * static_cast<std::int32_t>(doublings)), 1, kMostOfEach);
  std::vector<double> tail;
  double used = 0;
  double width = row;
  // While a point in the middle would stand for more.
  const auto left = [&] { return points - 2 * static_cast<std::int32_t>(tail.size()); };
  while (left() > points / 2 && (total - 2 * used) / left() > width) {
    for (std::int32_t k = 0; k < of_each; ++k) tail.push_back(width);
    used += of_each * width;
    width *= 2;
  }
  std::vector<double> all = tail;
  all.insert(all.end(), static_cast<std::size_t>(left()), (total - 2 * used) / left());
  all.insert(all.end(), tail.rbegin(), tail.rend());
  return all;
}

Sketch::State compacted(const ScoreGroup& group, std::int32_t points, Monitor& monitor) {
  const ScoreLaw law(group);
  const Sketch whole = group.sketch ? *group.sketch : Sketch::of(group.points);
  Sketch::State state = whole.state();
  if (!group.sketch) state.error_scale = 0;
  std::map<int, std::vector<WeightedPoint>> levels;
  double begin = 0;
  double widest = 0;
  for (const double width : widths(law.total(), law.total() / law.effective_rows(), points)) {
    monitor.poll();
    levels[std::ilogb(width)].push_back({law.step_at_rank(begin + width / 2), width});
    begin += width;
    widest = std::max(widest, width);
  }
  state.levels.clear();
  for (auto& [exponent, list] : levels) {
    std::sort(list.begin(), list.end());
    state.levels.push_back({exponent, std::move(list)});
  }
  state.error_scale += Sketch::error_scale_of(widest / 2);
  return state;
}

}  // namespace

void collect_compact(const Distribution& distribution,
                     std::int32_t points,
                     Collector& into,
                     Monitor& monitor) {
  if (points < kLeastCompactPoints || points > kMostCompactPoints) {
    throw Error(ErrorKind::InvalidArgument, "points is " + std::to_string(points) + ", expected " +
                                                std::to_string(kLeastCompactPoints) + " to " +
                                                std::to_string(kMostCompactPoints));
  }
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    const ScoreGroup& group = distribution.group(g);
    const std::size_t size = group.sketch ? group.sketch->points().size() : group.points.size();
    if (size <= static_cast<std::size_t>(points)) {
      into.merge(group);
    } else {
      into.add_sketch(group.label, group.rows, compacted(group, points, monitor));
    }
  }
  into.count_unknown(distribution.unknown());
}

}  // namespace fairdb
