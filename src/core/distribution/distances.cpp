#include "core/distribution/distances.hpp"

#include <algorithm>
#include <queue>
#include <vector>

namespace fairdb {

// The largest |F_g - F_h| at t is (largest F at t) - (smallest F at t), so one sweep over the
// merged scores serves all pairs. F only grows: the largest is a running maximum, the smallest
// comes from a heap with an entry for each group, brought up to date when it surfaces.
std::optional<double> ks_distance(const Distribution& law, Monitor& monitor) {
  constexpr std::uint32_t kPollPeriod = 1 << 16;
  std::uint32_t steps = 0;
  struct Cursor {
    std::span<const double> scores;
    std::size_t passed = 0;
    double value() const {
      return static_cast<double>(passed) / static_cast<double>(scores.size());
    }
  };
  std::vector<Cursor> cursors;
  for (std::int32_t g = 0; g < law.groups(); ++g) {
    if (!law.scores(g).empty()) cursors.push_back({law.scores(g)});
  }
  if (cursors.size() < 2) return std::nullopt;

  using Entry = std::pair<double, std::size_t>;
  using MinHeap = std::priority_queue<Entry, std::vector<Entry>, std::greater<>>;
  MinHeap next_score;
  MinHeap smallest_f;
  for (std::size_t c = 0; c < cursors.size(); ++c) {
    next_score.emplace(cursors[c].scores.front(), c);
    smallest_f.emplace(0.0, c);
  }
  double largest_f = 0;
  double distance = 0;
  while (!next_score.empty()) {
    if (++steps % kPollPeriod == 0) monitor.poll();
    const double t = next_score.top().first;
    while (!next_score.empty() && next_score.top().first == t) {
      const std::size_t c = next_score.top().second;
      next_score.pop();
      Cursor& cursor = cursors[c];
      while (cursor.passed < cursor.scores.size() && cursor.scores[cursor.passed] == t) {
        ++cursor.passed;
      }
      largest_f = std::max(largest_f, cursor.value());
      if (cursor.passed < cursor.scores.size()) {
        next_score.emplace(cursor.scores[cursor.passed], c);
      }
    }
    while (smallest_f.top().first < cursors[smallest_f.top().second].value()) {
      const std::size_t c = smallest_f.top().second;
      smallest_f.pop();
      smallest_f.emplace(cursors[c].value(), c);
    }
    distance = std::max(distance, largest_f - smallest_f.top().first);
  }
  return distance;
}

}  // namespace fairdb
