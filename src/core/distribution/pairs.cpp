#include "core/distribution/pairs.hpp"

#include <algorithm>

#include "core/distribution/distances.hpp"
#include "core/inference/tables.hpp"

namespace fairdb {

std::vector<PairDistances> pair_distances(const std::vector<ScoreLaw>& laws,
                                          const std::vector<bool>& hidden,
                                          Monitor& monitor) {
  check_pairs(laws.size(), laws.size() * (laws.size() - std::min<std::size_t>(laws.size(), 1)) / 2);
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
