// What a representation is worth on a set of rows: each task's performance, and how well the groups
// can be told apart.
#pragma once

#include "core/representation/known_rows.hpp"
#include "core/representation/train.hpp"

namespace fairdb {

// blocks: features in the units of the map, targets in their own. fit: its map, heads and names.
std::vector<TaskPerformance> judge_tasks(const std::vector<RowBlock>& blocks,
                                         const std::vector<bool>& binary,
                                         const RepresentationFit& fit,
                                         const DivergenceTerm& term,
                                         Monitor& monitor);

// By attribute; nullopt where there is one group only, or more than kProbedGroups.
std::vector<std::optional<Probe>> probe_groups(const std::vector<RowBlock>& training,
                                               const std::vector<RowBlock>& judged,
                                               const RepresentationFit& fit,
                                               Monitor& monitor);

// The representations of the rows whose target is known (not NaN), with that target.
template <class TargetOf>
RowBlocks represented_rows(const std::vector<RowBlock>& blocks,
                           const FeatureMap& map,
                           TargetOf target_of,
                           Monitor& monitor) {
  RowBlocks result(map.dimensions);
  for (const RowBlock& block : blocks) {
    monitor.poll();
    RowBlock part = known_rows(block, map(MatrixView(block.x())), target_of);
    if (part.rows() == 0) continue;
    result.append(std::move(part));
  }
  return result;
}

}  // namespace fairdb
