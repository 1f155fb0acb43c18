#include "core/distribution/pairs.hpp"

#include <string>

#include "core/base/error.hpp"
#include "core/inference/tables.hpp"

namespace fairdb {

std::vector<PairDistances> pair_distances(const std::vector<ScoreLaw>& laws,
                                          const std::vector<bool>& hidden,
                                          Monitor& monitor) {
  constexpr std::size_t kMostGroups = 1000;  // half a million pairs
  if (laws.size() > kMostGroups) {
    throw Error(ErrorKind::TooLarge,
                "the distribution has " + std::to_string(laws.size()) +
                    " groups, pairs are listed of " + std::to_string(kMostGroups) + " at most",
                "ks_distance and its kin give the largest distance of any number of groups.");
  }
  std::vector<PairDistances> pairs;
  std::vector<double> p_values;
  for (std::size_t a = 0; a < laws.size(); ++a) {
    for (std::size_t b = a + 1; b < laws.size(); ++b) {
      PairDistances& pair = pairs.emplace_back(PairDistances{a, b, std::nullopt});
      if (laws[a].empty() || laws[b].empty() || hidden[a] || hidden[b]) continue;
      pair.distances = distances(laws[a], laws[b], monitor);
      pair.test = ks_test(laws[a], laws[b], pair.distances->ks, monitor);
      p_values.push_back(pair.test.p_value);
    }
  }
  const std::vector<double> adjusted = holm(p_values);
  auto next = adjusted.begin();
  for (PairDistances& pair : pairs) {
    if (pair.distances) pair.p_adjusted = *next++;
  }
  return pairs;
}

}  // namespace fairdb
