// Vectors by group, as the divergences between groups see them: each group a probability measure on
// its vectors.
#pragma once

#include <vector>

#include "core/base/monitor.hpp"
#include "core/base/views.hpp"

namespace fairdb {

class PointGroups {
 public:
  // x: n x d, the vectors of the first group, then those of the second, and so on. begin: where
  // each group begins, and n. weight: n positive numbers, of which only the shares within a group
  // matter. No group is empty. Errors: OutOfRange for vectors that are
  // too far apart or too near. The vectors are moved to where their middle is 0, which no distance
  // between them notices and rounding does.
  PointGroups(RowMatrix x, std::vector<Index> begin, Vector weight);

  Index groups() const noexcept { return static_cast<Index>(begin_.size()) - 1; }
  Index points() const noexcept { return x_.rows(); }
  Index dimensions() const noexcept { return x_.cols(); }
  Index begin(Index group) const noexcept { return begin_[static_cast<std::size_t>(group)]; }
  Index size(Index group) const noexcept { return begin(group + 1) - begin(group); }

  const RowMatrix& x() const noexcept { return x_; }
  const Vector& weight() const noexcept { return weight_; }    // n, sum 1 in each group
  const Vector& squares() const noexcept { return squares_; }  // n, squared norms

  // The median of the squared distances between vectors that differ; 0 when all are alike. Of more
  // than `most` vectors as many at equal steps stand for all.
  double median_squared_distance(Index most, Monitor& monitor) const;

 private:
  RowMatrix x_;
  std::vector<Index> begin_;
  Vector weight_;
  Vector squares_;
};

// A square of the matrix of pairs: the points [row, row + rows) against [column, column + columns).
struct PairTile {
  Index row;
  Index rows;
  Index column;
  Index columns;
};
// As many pairs as stay in the nearest caches while they are worked on.
inline constexpr Index kTilePoints = 128;

// (f_i x_i, f_i) for each point, n x (d + 1): a product of factors k_ij with it gives the sums over
// j of k_ij f_j x_j and of k_ij f_j, of which the sums of k_ij f_j (x_i - x_j) are made.
RowMatrix weighted_points(const MatrixView& x, const VectorView& factor);
// sum_j k_ij f_j (x_i - x_j) from such sums.
RowMatrix pulls(const MatrixView& x, const MatrixView& sums);

// Squared distances, in rows of `step` numbers.
void squared_distances(const PointGroups& points, const PairTile& tile, double* out, Index step);

}  // namespace fairdb
