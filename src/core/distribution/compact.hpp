// A law of a chosen size, on purpose: for values that are stored in numbers, or read row after row.
#pragma once

#include "core/base/monitor.hpp"
#include "core/distribution/collector.hpp"

namespace fairdb {

inline constexpr std::int32_t kLeastCompactPoints = 100;
inline constexpr std::int32_t kMostCompactPoints = 3000;

// Adds every group to the collector; those of more distinct scores than `points` as about so many
// quantiles, each of which stands for equally many rows and is the one in their middle, but for the
// ends: there they stand for one row, then for two, four, and so on, up to sixteen of each. The
// rank of a score moves by half of what one stands for at most, a share of about 1 / (2 points) and
// less towards the ends, which is added to the error that the group has. Errors: InvalidArgument
// for a number of points out of range; those of the collector.
void collect_compact(const Distribution& distribution,
                     std::int32_t points,
                     Collector& into,
                     Monitor& monitor);

}  // namespace fairdb
