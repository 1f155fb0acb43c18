#include "core/representation/kernel_means.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"

namespace fairdb {
namespace {

struct Tile {
  std::vector<double> value =
      std::vector<double>(static_cast<std::size_t>(kTilePoints * kTilePoints));
  std::vector<double> slope =
      std::vector<double>(static_cast<std::size_t>(kTilePoints * kTilePoints));
};

// each(g, h, tile): the tiles of all pairs of groups g >= h; of a group with itself those on and
// below the diagonal.
template <class Each>
void each_tile(const PointGroups& points, Monitor& monitor, Each each) {
  for (Index g = 0; g < points.groups(); ++g) {
    for (Index i = points.begin(g); i < points.begin(g + 1); i += kTilePoints) {
      const Index rows = std::min(kTilePoints, points.begin(g + 1) - i);
      for (Index h = 0; h <= g; ++h) {
        const Index end = h == g ? i + rows : points.begin(h + 1);
        for (Index j = points.begin(h); j < end; j += kTilePoints) {
          monitor.poll();
          each(g, h, PairTile{i, rows, j, std::min(kTilePoints, points.begin(h + 1) - j)});
        }
      }
    }
  }
}

// The weighted sum of a tile's values.
double weighted_sum(const PointGroups& points, const PairTile& tile, const double* value) {
  const double* const column_weight = points.weight().data() + tile.column;
  double sum = 0;
  for (Index i = 0; i < tile.rows; ++i) {
    sum += points.weight()(tile.row + i) *
           lane_dot(column_weight, value + i * kTilePoints, static_cast<std::size_t>(tile.columns));
  }
  return sum;
}

}  // namespace

double at_itself(const PairKernel& kernel) {
  return std::holds_alternative<GaussianSum>(kernel) ? 1 : 0;
}

GaussianSum gaussian_of(double bandwidth) {
  return {1 / (2 * bandwidth * bandwidth), false};
}

GaussianSum gaussian_mixture(double squared_distance) {
  constexpr double kWidest = 4;
  if (squared_distance == 0) return {1, true};
  return {1 / (2 * kWidest * kWidest * squared_distance), true};
}

void kernel_tile(const PointGroups& points,
                 const PairKernel& kernel,
                 const PairTile& tile,
                 double* value,
                 double* slope,
                 Index step) {
  squared_distances(points, tile, slope, step);
  const auto columns = static_cast<std::size_t>(tile.columns);
  if (const auto* const gaussian = std::get_if<GaussianSum>(&kernel)) {
    for (Index i = 0; i < tile.rows; ++i)
      gaussian_kernels(*gaussian, slope + i * step, value + i * step, columns);
    return;
  }
  for (Index i = 0; i < tile.rows; ++i) {
    for (Index j = 0; j < tile.columns; ++j) {
      const double distance = std::sqrt(slope[i * step + j]);
      value[i * step + j] = -distance;
      slope[i * step + j] = distance > 0 ? -0.5 / distance : 0;
    }
  }
}

Eigen::MatrixXd kernel_means(const PointGroups& points,
                             const PairKernel& kernel,
                             Monitor& monitor) {
  Eigen::MatrixXd means = Eigen::MatrixXd::Zero(points.groups(), points.groups());
  Tile work;
  each_tile(points, monitor, [&](Index g, Index h, const PairTile& tile) {
    kernel_tile(points, kernel, tile, work.value.data(), work.slope.data(), kTilePoints);
    const double sum = weighted_sum(points, tile, work.value.data());
    means(g, h) += g == h && tile.row != tile.column ? 2 * sum : sum;
  });
  means.triangularView<Eigen::StrictlyUpper>() = means.transpose();
  return means;
}

namespace {

// With k groups the mean over pairs is  sum_gh c_gh E k(X_g, X_h),  c_gg = 2 / k and c_gh = -2 / (k
// (k - 1)). Without the pairs of a point with itself  E k(X_g, X_g)  is  (sum_ij w_i w_j k_ij -
// self k(x, x)) / (1 - self)  with self = sum_i w_i^2.
struct PairShares {
  PairShares(const PointGroups& points, Estimate estimate)
      : own(points.groups()), self(points.groups()) {
    const auto k = static_cast<double>(points.groups());
    FAIRDB_ASSERT(points.groups() >= 2);
    other = -2 / (k * (k - 1));
    for (Index g = 0; g < points.groups(); ++g) {
      self(g) = estimate == Estimate::Unbiased
                    ? points.weight().segment(points.begin(g), points.size(g)).squaredNorm()
                    : 0;
      FAIRDB_ASSERT(self(g) < 1);
      own(g) = 2 / k / (1 - self(g));
    }
  }

  Vector own;  // of each group: c_gg / (1 - self)
  Vector self;
  double other;
};

}  // namespace

// d / d x_i = 4 w_i sum_h c_gh sum_j w_j k'(|x_i - x_j|^2) (x_i - x_j)      for i in g and j in h.
double mean_divergence(const PointGroups& points,
                       const PairKernel& kernel,
                       Estimate estimate,
                       RowMatrix& gradient,
                       Monitor& monitor) {
  const Index d = points.dimensions();
  const PairShares shares(points, estimate);
  Vector own(points.points());
  for (Index g = 0; g < points.groups(); ++g)
    own.segment(points.begin(g), points.size(g)).setConstant(shares.own(g));
  const RowMatrix of_own = weighted_points(points.x(), own.cwiseProduct(points.weight()));
  const RowMatrix of_other = weighted_points(points.x(), shares.other * points.weight());
  RowMatrix sums = RowMatrix::Zero(points.points(), d + 1);
  Tile work;
  double total = -at_itself(kernel) * shares.own.dot(shares.self);
  each_tile(points, monitor, [&](Index g, Index h, const PairTile& tile) {
    kernel_tile(points, kernel, tile, work.value.data(), work.slope.data(), kTilePoints);
    const bool mirrored = tile.row != tile.column;  // its transpose is no tile of its own
    const double share = g == h ? shares.own(g) : shares.other;
    total += (mirrored ? 2 : 1) * share * weighted_sum(points, tile, work.value.data());
    const RowMatrix& of = g == h ? of_own : of_other;
    const Strided<double> slope{work.slope.data(), tile.rows, tile.columns, kTilePoints, 1};
    product(slope, strided(of.middleRows(tile.column, tile.columns)), sums.row(tile.row).data(),
            d + 1, Into::Add);
    if (!mirrored) return;
    product(slope.transpose(), strided(of.middleRows(tile.row, tile.rows)),
            sums.row(tile.column).data(), d + 1, Into::Add);
  });
  gradient = (4 * points.weight()).asDiagonal() * pulls(points.x(), sums);
  return total;
}

// The same sums for k(x, y) = -|x - y|^2 / 2, with the groups' means m and mean squares s:
//   sum_ij w_i w_j k_ij  is  |m_g|^2 - s_g  within a group and  <m_g, m_h> - (s_g + s_h) / 2
//   between two.
double mean_squared_gap(const PointGroups& points, Estimate estimate, RowMatrix& gradient) {
  const PairShares shares(points, estimate);
  const Index k = points.groups();
  RowMatrix means(k, points.dimensions());
  for (Index g = 0; g < k; ++g) {
    means.row(g) = points.weight().segment(points.begin(g), points.size(g)).transpose() *
                   points.x().middleRows(points.begin(g), points.size(g));
  }
  const Eigen::RowVectorXd all = means.colwise().sum();
  gradient.resize(points.points(), points.dimensions());
  double total = 0;
  const double square_share = shares.other * static_cast<double>(k - 1);
  for (Index g = 0; g < k; ++g) {
    const Eigen::RowVectorXd others = shares.other * (all - means.row(g));
    const auto w = points.weight().segment(points.begin(g), points.size(g));
    const auto x = points.x().middleRows(points.begin(g), points.size(g));
    const double squares = w.dot(points.squares().segment(points.begin(g), points.size(g)));
    const double of_squares = shares.own(g) + square_share;  // 0 of the biased estimate
    total += shares.own(g) * means.row(g).squaredNorm() + others.dot(means.row(g)) -
             of_squares * squares;
    const Eigen::RowVectorXd pull = shares.own(g) * means.row(g) + others;
    gradient.middleRows(points.begin(g), points.size(g)) =
        2 * w * pull - 2 * of_squares * (w.asDiagonal() * x);
  }
  return total;
}

}  // namespace fairdb
