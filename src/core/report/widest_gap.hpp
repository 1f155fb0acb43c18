// Where the distribution functions of several groups are farthest apart.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/base/monitor.hpp"
#include "core/distribution/law.hpp"

namespace fairdb {

// The lowest score at which the largest and the smallest share of rows up to it differ most, by
// the steps: their distance is largest_ks(). high_share: of group `high`, the larger.
struct WidestGap {
  double score;
  std::size_t low;
  std::size_t high;
  double low_share;
  double high_share;
};
// nullopt with fewer than two laws that have scores. O(points log groups).
[[nodiscard]] std::optional<WidestGap> widest_gap(const std::vector<const ScoreLaw*>& laws,
                                                  Monitor& monitor);

}  // namespace fairdb
