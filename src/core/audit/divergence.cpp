#include "core/audit/divergence.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace fairdb {
namespace {

// p ln(p / q), 0 for p = 0.
double information(double p, double q) noexcept {
  if (p <= 0) return 0;
  return q > 0 ? p * std::log(p / q) : std::numeric_limits<double>::infinity();
}

}  // namespace

std::optional<Divergences> divergences(std::span<const double> group,
                                       std::span<const double> reference) noexcept {
  const double n_group = std::accumulate(group.begin(), group.end(), 0.0);
  const double n_reference = std::accumulate(reference.begin(), reference.end(), 0.0);
  if (!(n_group > 0) || !(n_reference > 0)) return std::nullopt;
  Divergences result{};
  double squares = 0;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const double g = group[i] / n_group;
    const double r = reference[i] / n_reference;
    const double middle = (g + r) / 2;
    const double distance = std::abs(g - r);
    result.kl += information(r, g);
    result.js += (information(g, middle) + information(r, middle)) / 2;
    squares += distance * distance;
    result.tvd += distance / 2;
    result.ks = std::max(result.ks, distance);
  }
  result.kl = std::max(result.kl, 0.0);
  result.lp = std::sqrt(squares);
  return result;
}

}  // namespace fairdb
