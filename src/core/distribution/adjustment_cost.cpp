#include "core/distribution/adjustment_cost.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/polled_sort.hpp"
#include "core/distribution/distances.hpp"

namespace fairdb {
namespace {

constexpr std::size_t kLookUpsPerPoll = 1 << 14;

// The points with their scores after the adjustment, in the order of those before.
std::vector<CountedPoint> adjusted(std::vector<CountedPoint> points,
                                   const Adjustment& adjustment,
                                   std::int32_t group,
                                   Monitor& monitor) {
  for (std::size_t i = 0; i < points.size(); ++i) {
    monitor.poll();  // each is a look-up in every group
    points[i].score = adjustment(group, points[i].score, {});
  }
  return points;
}

ScoreLaw pooled(std::vector<CountedPoint> points, Monitor& monitor) {
  polled_sort(points, monitor);
  monitor.poll();
  ScoreLaw law(points);
  if (!law.empty()) law.prepare();
  return law;
}

double rank_share(const ScoreLaw& law, double score) {
  return law.place_of(score).rank / law.total();
}

void widen(std::optional<BeforeAndAfter>& largest, double before, double after) {
  if (!largest) largest.emplace();
  largest->before = std::max(largest->before, before);
  largest->after = std::max(largest->after, after);
}

}  // namespace

CostReport adjustment_cost(const Distribution& distribution,
                           const Adjustment& adjustment,
                           std::optional<double> threshold,
                           Monitor& monitor) {
  const auto groups = static_cast<std::size_t>(distribution.groups());
  const std::vector<ScoreLaw> before = laws_of(distribution);
  std::map<std::int32_t, std::size_t> in_stratum;
  for (std::size_t g = 0; g < groups; ++g) {
    if (!before[g].empty()) ++in_stratum[adjustment.stratum(static_cast<std::int32_t>(g))];
  }
  std::size_t pairs = 0;
  for (const auto& [stratum, size] : in_stratum) pairs += size * (size - 1) / 2;
  check_pairs(groups, pairs);
  std::vector<std::vector<CountedPoint>> from(groups);
  std::vector<std::vector<CountedPoint>> to(groups);
  std::vector<ScoreLaw> after(groups);
  std::vector<CountedPoint> all_before;
  std::vector<CountedPoint> all_after;
  for (std::size_t g = 0; g < groups; ++g) {
    from[g] = points_of(distribution.group(static_cast<std::int32_t>(g)));
    to[g] = adjusted(from[g], adjustment, static_cast<std::int32_t>(g), monitor);
    after[g] = pooled(to[g], monitor);
    all_before.insert(all_before.end(), from[g].begin(), from[g].end());
    all_after.insert(all_after.end(), to[g].begin(), to[g].end());
  }
  const ScoreLaw rows_before = pooled(std::move(all_before), monitor);
  const ScoreLaw rows_after = pooled(std::move(all_after), monitor);

  CostReport report;
  report.groups.resize(groups);
  for (std::size_t g = 0; g < groups; ++g) {
    if (before[g].empty()) continue;
    AdjustmentCost& cost = report.groups[g].emplace();
    cost.weight = before[g].total();
    cost.largest_tie = before[g].largest_tie();
    for (std::size_t i = 0; i < from[g].size(); ++i) {
      if (i % kLookUpsPerPoll == 0) monitor.poll();
      const double share = from[g][i].total() / cost.weight;
      const double x = from[g][i].score;
      const double y = to[g][i].score;
      cost.mean.before += share * x;
      cost.mean.after += share * y;
      cost.squared_shift += share * (y - x) * (y - x);
      cost.rank_change += share * std::abs(rank_share(rows_after, y) - rank_share(rows_before, x));
      if (threshold && x < *threshold && y >= *threshold) cost.moved_up += share;
      if (threshold && x >= *threshold && y < *threshold) cost.moved_down += share;
    }
  }
  AdjustmentCost& all = report.overall;
  for (std::size_t g = 0; g < groups; ++g) {
    if (!report.groups[g]) continue;
    for (std::size_t h = g + 1; h < groups; ++h) {
      const auto stratum = [&](std::size_t k) {
        return adjustment.stratum(static_cast<std::int32_t>(k));
      };
      if (!report.groups[h] || stratum(g) != stratum(h)) continue;
      const Distances then = distances(before[g], before[h], monitor);
      const Distances now = distances(after[g], after[h], monitor);
      for (AdjustmentCost* cost : {&*report.groups[g], &*report.groups[h], &all}) {
        widen(cost->ks, then.ks, now.ks);
        widen(cost->wasserstein, then.wasserstein, now.wasserstein);
      }
    }
    all.weight += report.groups[g]->weight;
  }
  for (const auto& cost : report.groups) {
    if (!cost) continue;
    const double share = cost->weight / all.weight;
    all.mean.before += share * cost->mean.before;
    all.mean.after += share * cost->mean.after;
    all.squared_shift += share * cost->squared_shift;
    all.rank_change += share * cost->rank_change;
    all.moved_up += share * cost->moved_up;
    all.moved_down += share * cost->moved_down;
    all.largest_tie = std::max(all.largest_tie, cost->largest_tie);
  }
  return report;
}

}  // namespace fairdb
