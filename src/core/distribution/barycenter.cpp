#include "core/distribution/barycenter.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/error.hpp"

namespace fairdb {

Barycenter::Barycenter(std::vector<BarycenterGroup> groups, Center center)
    : groups_(std::move(groups)), center_(center) {
  double sum = 0;
  for (const BarycenterGroup& group : groups_) sum += group.weight;
  FAIRDB_ASSERT(groups_.empty() || (sum > 0 && std::isfinite(sum)));
  for (BarycenterGroup& group : groups_) group.weight /= sum;
}

std::size_t Barycenter::points() const noexcept {
  std::size_t sum = 0;
  for (const BarycenterGroup& group : groups_) sum += group.law.size();
  return sum;
}

void Barycenter::prepare(bool roomy) {
  for (BarycenterGroup& group : groups_) {
    group.law.prepare(roomy);
    if (group.distribution_half) group.distribution_half->prepare(roomy);
  }
}

template <class Quantile>
double Barycenter::mean(Quantile quantile) const {
  double sum = 0;
  double least = std::numeric_limits<double>::infinity();
  double largest = -least;
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const double q = quantile(g);
    sum += groups_[g].weight * q;
    if (groups_[g].weight == 0) continue;
    least = std::min(least, q);
    largest = std::max(largest, q);
  }
  return std::clamp(sum, least, largest);  // weights add up to 1 but for rounding
}

// The middle of all numbers with at most half the weight on either side.
template <class Quantile>
double Barycenter::median(Quantile quantile) const {
  constexpr double kRounding = 1e-12;
  std::vector<WeightedPoint> quantiles;
  quantiles.reserve(groups_.size());
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    if (groups_[g].weight > 0) quantiles.push_back({quantile(g), groups_[g].weight});
  }
  std::sort(quantiles.begin(), quantiles.end());
  double up_to = 0;
  for (std::size_t k = 0; k < quantiles.size(); ++k) {
    up_to += quantiles[k].weight;
    if (up_to < 0.5 - kRounding) continue;
    const bool tie = up_to <= 0.5 + kRounding && k + 1 < quantiles.size();
    return tie ? quantiles[k].score / 2 + quantiles[k + 1].score / 2 : quantiles[k].score;
  }
  return quantiles.back().score;
}

double Barycenter::fair(std::size_t group, double z, std::optional<double> spread) const {
  if (groups_[group].distribution_half) {
    const ScoreLaw& half = *groups_[group].distribution_half;
    double rank = half.up_to(z);
    if (spread) {
      // Among the rows that tie with it, and after them: as many places as rows, and one.
      const ScoreLaw::Place place = half.place_of(z);
      if (place.met) {
        rank = half.below(place.next) + std::floor(*spread * (half.weight(place.next) + 1));
      }
    }
    return center([&](std::size_t g) {
      const ScoreLaw& law = groups_[g].law;
      // A whole number of rows times another over a third: exact where the ranks agree.
      return law.step_at_rank(rank * law.total() / half.total());
    });
  }
  const ScoreLaw& own = groups_[group].law;
  if (own.knows_places()) {
    const double place = own.place_near(z) / own.total();
    for (const BarycenterGroup& other : groups_) other.law.fetch(place * other.law.total());
  }
  const ScoreLaw::Place place = own.place_of(z, spread);
  return center([&](std::size_t g) {
    const ScoreLaw& law = groups_[g].law;
    return g == group ? own.at_place(place) : law.at_rank(place.rank * law.total() / own.total());
  });
}

}  // namespace fairdb
