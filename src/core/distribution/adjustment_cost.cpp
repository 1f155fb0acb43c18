#include "core/distribution/adjustment_cost.hpp"

#include <algorithm>
#include <cmath>

#include "core/distribution/distances.hpp"

namespace fairdb {
namespace {

// The points of a law with their scores after the adjustment.
std::vector<WeightedPoint> adjusted(const Law& law,
                                    const Adjustment& adjustment,
                                    std::int32_t group,
                                    Monitor& monitor) {
  constexpr std::size_t kPollPeriod = 1 << 14;
  std::vector<WeightedPoint> points;
  points.reserve(law.size());
  for (std::size_t i = 0; i < law.size(); ++i) {
    if (i % kPollPeriod == 0) monitor.poll();
    points.push_back({adjustment(group, law.score(i), {}), law.weight(i)});
  }
  return points;
}

Law pooled(std::vector<WeightedPoint> points) {
  std::sort(points.begin(), points.end());
  Law law(std::move(points));
  if (!law.empty()) law.prepare();
  return law;
}

double rank_share(const Law& law, double score) {
  std::optional<std::size_t> at;
  return law.rank(score, std::nullopt, &at) / law.total();
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
  const std::vector<Law> before = laws_of(distribution);
  std::vector<std::vector<WeightedPoint>> moved(groups);  // in the order of the scores before
  std::vector<Law> after(groups);
  std::vector<WeightedPoint> all_before;
  std::vector<WeightedPoint> all_after;
  for (std::size_t g = 0; g < groups; ++g) {
    moved[g] = adjusted(before[g], adjustment, static_cast<std::int32_t>(g), monitor);
    after[g] = pooled(moved[g]);
    for (std::size_t i = 0; i < before[g].size(); ++i) {
      all_before.push_back({before[g].score(i), before[g].weight(i)});
    }
    all_after.insert(all_after.end(), moved[g].begin(), moved[g].end());
  }
  const Law rows_before = pooled(std::move(all_before));
  const Law rows_after = pooled(std::move(all_after));

  CostReport report;
  report.groups.resize(groups);
  for (std::size_t g = 0; g < groups; ++g) {
    if (before[g].empty()) continue;
    AdjustmentCost& cost = report.groups[g].emplace();
    cost.weight = before[g].total();
    for (std::size_t i = 0; i < before[g].size(); ++i) {
      if (i % 0x4000 == 0) monitor.poll();
      const double share = before[g].weight(i) / cost.weight;
      const double from = before[g].score(i);
      const double to = moved[g][i].score;
      cost.mean.before += share * from;
      cost.mean.after += share * to;
      cost.squared_shift += share * (to - from) * (to - from);
      cost.rank_change +=
          share * std::abs(rank_share(rows_after, to) - rank_share(rows_before, from));
      if (threshold && from < *threshold && to >= *threshold) cost.moved_up += share;
      if (threshold && from >= *threshold && to < *threshold) cost.moved_down += share;
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
  }
  return report;
}

}  // namespace fairdb
