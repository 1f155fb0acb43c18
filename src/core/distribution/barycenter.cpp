#include "core/distribution/barycenter.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace fairdb {

MidRank mid_rank(std::span<const double> scores, double z) noexcept {
  const auto [first, last] = std::equal_range(scores.begin(), scores.end(), z);
  return {.doubled_rank = (first - scores.begin()) + (last - scores.begin()),
          .n = static_cast<std::int64_t>(scores.size())};
}

// The place of u among m scores is u m + 1/2 = (doubled_rank m + n) / (2 n), counted from 1. Whole
// numbers keep it exact, so that a group's own scores map to themselves: with n, m < 2^27 (the
// server's limit of 1 GB for a value) the product stays below 2^56.
double quantile(std::span<const double> scores, const MidRank& u) noexcept {
  const auto m = static_cast<std::int64_t>(scores.size());
  const std::int64_t numerator = u.doubled_rank * m + u.n;
  const std::int64_t below = numerator / (2 * u.n);
  if (below < 1) return scores.front();
  if (below >= m) return scores.back();
  const double fraction =
      static_cast<double>(numerator % (2 * u.n)) / static_cast<double>(2 * u.n);
  const auto k = static_cast<std::size_t>(below);
  return std::lerp(scores[k - 1], scores[k], fraction);
}

double adjust(const Distribution& law, double z, std::int32_t group, double alpha) {
  if (law.scores(group).empty()) {
    throw Error(ErrorKind::InvalidData,
                "group \"" + std::string(law.label(group)) + "\" has no score in the distribution");
  }
  const MidRank u = mid_rank(law.scores(group), z);
  const auto n = static_cast<double>(law.size());
  double fair = 0;
  for (std::int32_t g = 0; g < law.groups(); ++g) {
    const auto scores = law.scores(g);
    if (!scores.empty()) fair += static_cast<double>(scores.size()) / n * quantile(scores, u);
  }
  return alpha == 0 ? fair : std::lerp(fair, z, std::sqrt(alpha));
}

void check_alpha(double alpha) {
  if (!(alpha >= 0 && alpha <= 1)) {
    throw Error(ErrorKind::InvalidArgument,
                "alpha must be between 0 and 1, not " + std::to_string(alpha),
                "0 removes all of the unfairness, 1 leaves the scores as they are.");
  }
}

}  // namespace fairdb
