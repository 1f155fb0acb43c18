// Distances between the laws of the score in the groups.
#pragma once

#include <optional>

#include "core/distribution/sample.hpp"

namespace fairdb {

// The Kolmogorov-Smirnov distance between the two groups that differ most,
//
//   max over groups g, h of sup_t |F_g(t) - F_h(t)|,   F_g(t) = #{scores of g <= t} / n_g,
//
// exact over all points. nullopt with fewer than two groups that have scores. Zero means that the
// groups' laws agree; perfectly fair scores of n_g and n_h rows still differ by about
// 0.87 sqrt(1/n_g + 1/n_h) by chance. O(n log groups) time, O(groups) memory.
[[nodiscard]] std::optional<double> ks_distance(const Distribution& law, Monitor& monitor);

}  // namespace fairdb
