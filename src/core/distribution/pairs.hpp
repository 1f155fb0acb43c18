// How far each pair of groups is apart, with tests that allow for their number.
#pragma once

#include <optional>
#include <vector>

#include "core/distribution/distances.hpp"

namespace fairdb {

struct PairDistances {
  std::size_t a;  // groups
  std::size_t b;
  // nullopt when one of them has no scores or is hidden; nothing else is known then.
  std::optional<Distances> distances;
  KsTest test{};
  double p_adjusted = 0;  // Holm's, over the pairs that are tested
};
// Errors: TooLarge for more than 1000 groups.
[[nodiscard]] std::vector<PairDistances> pair_distances(const std::vector<ScoreLaw>& laws,
                                                        const std::vector<bool>& hidden,
                                                        Monitor& monitor);

}  // namespace fairdb
