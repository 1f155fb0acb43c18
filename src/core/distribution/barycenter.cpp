#include "core/distribution/barycenter.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace fairdb {

MidRank mid_rank(std::span<const double> scores, double z) noexcept {
  const auto begin = scores.begin();
  const auto rank_of = [&](double score) {
    const auto [first, last] = std::equal_range(begin, scores.end(), score);
    return std::int64_t{first - begin} + (last - begin);
  };
  const auto n = static_cast<std::int64_t>(scores.size());
  const auto next = std::lower_bound(begin, scores.end(), z);
  if (next == scores.end()) return {rank_of(scores.back()), 0, 0.0, n};
  if (*next == z || next == begin) return {rank_of(*next), 0, 0.0, n};
  const double below = *(next - 1);
  const std::int64_t rank = rank_of(below);
  // Halves, because the difference of two finite numbers may be infinite.
  const double fraction = (z / 2 - below / 2) / (*next / 2 - below / 2);
  return {rank, rank_of(*next) - rank, fraction, n};
}

// The place of u among m scores is u m + 1/2, counted from 1, that is
//   (doubled_rank m + n + fraction step m) / (2 n).
// Whole numbers keep its main part exact, so that a group's own scores map to themselves. With
// n, m < 2^27 (the server's limit of 1 GB for a value) the products stay below 2^56.
double quantile(std::span<const double> scores, const MidRank& u) noexcept {
  const auto m = static_cast<std::int64_t>(scores.size());
  const std::int64_t numerator = u.doubled_rank * m + u.n;
  const std::int64_t denominator = 2 * u.n;
  const double rest = (static_cast<double>(numerator % denominator) +
                       u.fraction * static_cast<double>(u.step * m)) /
                      static_cast<double>(denominator);
  const double whole = std::floor(rest);
  const std::int64_t below = numerator / denominator + static_cast<std::int64_t>(whole);
  if (below < 1) return scores.front();
  if (below >= m) return scores.back();
  const auto k = static_cast<std::size_t>(below);
  return std::lerp(scores[k - 1], scores[k], rest - whole);
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
