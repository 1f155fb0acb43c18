#include "core/distribution/ties.hpp"

#include "core/distribution/distances.hpp"

namespace fairdb {

bool ties_prevail(const Distribution& distribution, Monitor& monitor) {
  constexpr double kMostTied = 0.1;
  const std::vector<ScoreLaw> laws = laws_of(distribution);
  double tied = 0;
  int groups = 0;
  for (const ScoreLaw& law : laws) {
    if (law.empty()) continue;
    tied = std::max(tied, law.largest_tie());
    ++groups;
  }
  if (groups < 2) return false;
  if (tied == 0 || tied > kMostTied) return tied > kMostTied;
  const std::optional<double> apart = largest_ks(laws, monitor);
  return apart && *apart > 0 && tied >= *apart;
}

}  // namespace fairdb
