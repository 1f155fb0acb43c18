#include "core/representation/feature_map.hpp"

#include <algorithm>

#include "core/base/dense_kernels.hpp"
#include "core/base/error.hpp"

namespace fairdb {
namespace {

using Weights = Eigen::Map<const RowMatrix>;

// The parts of a map with hidden units.
Weights of_units(const FeatureMap& map) {
  return {map.parameters.data(), map.hidden, map.features};
}
Eigen::Map<const Eigen::RowVectorXd> offsets(const FeatureMap& map) {
  return {map.parameters.data() + map.hidden * map.features, map.hidden};
}
Weights of_output(const FeatureMap& map) {
  return {map.parameters.data() + map.hidden * (map.features + 1), map.dimensions, map.hidden};
}

// x w', m x n.
template <class X>
RowMatrix times_transpose(const X& x, const Weights& w) {
  RowMatrix result(x.rows(), w.rows());
  product(strided(x), strided(w).transpose(), result.data(), w.rows(), Into::Set);
  return result;
}

RowMatrix active_units(const FeatureMap& map, const MatrixView& z) {
  RowMatrix result = times_transpose(z, of_units(map));
  result.rowwise() += offsets(map);
  return result.cwiseMax(0);
}

}  // namespace

RowMatrix FeatureMap::operator()(const MatrixView& z) const {
  if (linear()) return times_transpose(z, weights());
  return times_transpose(active_units(*this, z), of_output(*this));
}

FeatureMap random_map(Index features, Index hidden, Index dimensions, std::uint64_t seed) {
  FeatureMap map{features, hidden, dimensions,
                 Vector::Zero(FeatureMap::count(features, hidden, dimensions))};
  Random random(seed);
  const auto fill = [&](Index from, Index count, double variance) {
    const double deviation = std::sqrt(variance);
    for (Index i = from; i < from + count; ++i) map.parameters(i) = deviation * random.normal();
  };
  const auto one_of = [](Index n) { return 1 / static_cast<double>(n); };
  if (hidden == 0) {
    fill(0, dimensions * features, one_of(features));
  } else {
    fill(0, hidden * features, 2 * one_of(features));
    fill(hidden * (features + 1), dimensions * hidden, one_of(hidden));
  }
  return map;
}

namespace {

// each(first, rows): the rows in panels, of about `work` multiplications a row, between which the
// work can be cancelled. Products of panels of whole kInner rows add up as those of all rows do.
template <class Each>
void panels(Index rows, Index work, Monitor& monitor, Each each) {
  constexpr Index kAtOnce = 100000000;
  const Index panel = std::max<Index>(1, kAtOnce / std::max<Index>(1, work) / kInner) * kInner;
  for (Index first = 0; first < rows; first += panel) {
    monitor.poll();
    each(first, std::min(panel, rows - first));
  }
}

}  // namespace

MappedRows::MappedRows(const FeatureMap& map, const MatrixView& z, Monitor& monitor)
    : map_(map), z_(z), monitor_(monitor), h_(z.rows(), map.dimensions) {
  if (!map.linear()) active_.resize(z.rows(), map.hidden);
  panels(z.rows(), map.parameters.size(), monitor, [&](Index first, Index rows) {
    const MatrixView part = z_.middleRows(first, rows);
    if (map.linear()) {
      h_.middleRows(first, rows) = times_transpose(part, map.weights());
    } else {
      active_.middleRows(first, rows) = active_units(map, part);
      h_.middleRows(first, rows) = times_transpose(active_.middleRows(first, rows), of_output(map));
    }
  });
}

void MappedRows::add_gradient(const RowMatrix& slope, VectorSpan gradient) const {
  panels(z_.rows(), map_.parameters.size(), monitor_, [&](Index first, Index rows) {
    const auto z = z_.middleRows(first, rows);
    const auto of_h = slope.middleRows(first, rows);
    if (map_.linear()) {
      product(strided(of_h).transpose(), strided(z), gradient.data(), map_.features, Into::Add);
      return;
    }
    const auto active = active_.middleRows(first, rows);
    double* const of_output_weights = gradient.data() + map_.hidden * (map_.features + 1);
    product(strided(of_h).transpose(), strided(active), of_output_weights, map_.hidden, Into::Add);
    RowMatrix of_units_slope(rows, map_.hidden);
    product(strided(of_h), strided(of_output(map_)), of_units_slope.data(), map_.hidden, Into::Set);
    of_units_slope = (active.array() > 0).select(of_units_slope, 0);
    product(strided(of_units_slope).transpose(), strided(z), gradient.data(), map_.features,
            Into::Add);
    gradient.segment(map_.hidden * map_.features, map_.hidden) +=
        of_units_slope.colwise().sum().transpose();
  });
}

}  // namespace fairdb
