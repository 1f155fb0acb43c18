#include "core/representation/point_groups.hpp"

#include <algorithm>

#include "core/base/dense_kernels.hpp"
#include "core/base/error.hpp"

namespace fairdb {
namespace {

// The middle of each column, of many rows among some at equal steps: a few far ones, whose products
// would drown the others', do not move it.
Eigen::RowVectorXd middles(const RowMatrix& x) {
  constexpr Index kLooked = 101;
  const Index step = (x.rows() + kLooked - 1) / kLooked;
  std::vector<double> column;
  Eigen::RowVectorXd result(x.cols());
  for (Index j = 0; j < x.cols(); ++j) {
    column.clear();
    for (Index i = 0; i < x.rows(); i += step) column.push_back(x(i, j));
    const auto middle = column.begin() + static_cast<std::ptrdiff_t>(column.size() / 2);
    std::nth_element(column.begin(), middle, column.end());
    result(j) = *middle;
  }
  return result;
}

// The distances of a row that are small beside the norms, again from the differences.
void sharpen(const PointGroups& points, Index i, Index column, Index columns, double* distance) {
  for (Index j = 0; j < columns; ++j) {
    if (distance[j] > kCancelled * (points.squares()(i) + points.squares()(column + j))) continue;
    distance[j] = (points.x().row(i) - points.x().row(column + j)).squaredNorm();
  }
}

}  // namespace

PointGroups::PointGroups(RowMatrix x, std::vector<Index> begin, Vector weight)
    : x_(std::move(x)), begin_(std::move(begin)), weight_(std::move(weight)) {
  FAIRDB_ASSERT(begin_.size() >= 2 && begin_.front() == 0 && begin_.back() == x_.rows());
  FAIRDB_ASSERT(weight_.size() == x_.rows());
  for (Index g = 0; g < groups(); ++g) {
    FAIRDB_ASSERT(size(g) > 0);
    auto own = weight_.segment(this->begin(g), size(g));
    own /= own.maxCoeff();  // so that the sum stays finite
    own /= own.sum();
  }
  const Eigen::RowVectorXd middle = middles(x_);
  x_.rowwise() -= middle;
  squares_ = x_.rowwise().squaredNorm();
  constexpr double kFarthest = 1e150;  // whose products are numbers still
  if (!(squares_.maxCoeff() <= kFarthest)) {
    throw Error(ErrorKind::OutOfRange, "the vectors are too far apart for double precision",
                "Vectors in a unit in which they are of moderate size avoid it.");
  }
  constexpr double kNearest = 1e-140;  // whose squares are numbers still
  const double most = x_.cwiseAbs().maxCoeff();
  if (most > 0 && most < kNearest) {
    throw Error(ErrorKind::OutOfRange, "the vectors are too near one another for double precision",
                "Vectors in a unit in which they are of moderate size avoid it.");
  }
}

double PointGroups::median_squared_distance(Index most, Monitor& monitor) const {
  const Index step = (points() + most - 1) / most;
  std::vector<Index> chosen;
  chosen.reserve(static_cast<std::size_t>(most));
  for (Index i = 0; i < points(); i += step) chosen.push_back(i);
  std::vector<double> distances;
  distances.reserve(chosen.size() * (chosen.size() - 1) / 2);
  for (std::size_t i = 1; i < chosen.size(); ++i) {
    monitor.poll();
    for (std::size_t j = 0; j < i; ++j) {
      const double d = (x_.row(chosen[i]) - x_.row(chosen[j])).squaredNorm();
      if (d > 0) distances.push_back(d);
    }
  }
  if (distances.empty()) return 0;
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  if (distances.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(distances.begin(), middle));
}

RowMatrix weighted_points(const MatrixView& x, const VectorView& factor) {
  RowMatrix result(x.rows(), x.cols() + 1);
  result.leftCols(x.cols()) = factor.asDiagonal() * x;
  result.col(x.cols()) = factor;
  return result;
}

RowMatrix pulls(const MatrixView& x, const MatrixView& sums) {
  const Index d = x.cols();
  return sums.col(d).asDiagonal() * x - sums.leftCols(d);
}

void squared_distances(const PointGroups& points, const PairTile& tile, double* out, Index step) {
  const auto rows = points.x().middleRows(tile.row, tile.rows);
  const auto columns = points.x().middleRows(tile.column, tile.columns);
  product(strided(rows), strided(columns).transpose(), out, step, Into::Set);
  for (Index i = 0; i < tile.rows; ++i) {
    double* const row = out + i * step;
    const bool cancelled = distances_from_products(points.squares()(tile.row + i),
                                                   points.squares().data() + tile.column, row,
                                                   static_cast<std::size_t>(tile.columns));
    if (cancelled) sharpen(points, tile.row + i, tile.column, tile.columns, row);
  }
}

}  // namespace fairdb
