#include "core/objective/constraint.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "core/base/error.hpp"
#include "core/optimize/dense.hpp"

namespace fairdb {

RowMatrix differences_of_means(const MatrixView& means) {
  if (means.rows() < 2) return RowMatrix(0, means.cols());
  return means.bottomRows(means.rows() - 1).rowwise() - means.row(0);
}

RowMatrix constraint_directions(const std::vector<RowMatrix>& conditions, Index columns) {
  Index rows = 0;
  for (const RowMatrix& means : conditions) rows += std::max<Index>(0, means.rows() - 1);
  RowMatrix directions(rows, columns);
  Index row = 0;
  for (const RowMatrix& means : conditions) {
    const RowMatrix differences = differences_of_means(means);
    directions.middleRows(row, differences.rows()) = differences;
    row += differences.rows();
  }
  return directions;
}

namespace {

// Gauss-Jordan elimination with complete pivoting of the rows of u, until an entry is at most
// `threshold` or `most` pivots are found. Permutes the columns of u and of `order` alike; returns
// the rank, and leaves (I | multipliers) in the first rows of u.
Index reduce(
    RowMatrix& u, std::vector<Index>& order, double threshold, Index most, Monitor& monitor) {
  Index rank = 0;
  for (; rank < most; ++rank) {
    monitor.poll();
    const Index rest = u.cols() - rank;
    Index row = 0;
    Index column = 0;
    const double largest =
        u.bottomRightCorner(u.rows() - rank, rest).cwiseAbs().maxCoeff(&row, &column);
    if (!(largest > threshold)) break;
    u.row(rank).swap(u.row(rank + row));
    u.col(rank).swap(u.col(rank + column));
    std::swap(order[static_cast<std::size_t>(rank)],
              order[static_cast<std::size_t>(rank + column)]);
    u.row(rank).tail(rest) /= u(rank, rank);
    Vector factors = u.col(rank);
    factors(rank) = 0;
    const Eigen::RowVectorXd pivot = u.row(rank).tail(rest);
    u.rightCols(rest).noalias() -= factors * pivot;
  }
  return rank;
}

}  // namespace

WeightSpace::WeightSpace(const MatrixView& directions,
                         const VectorView& deviation,
                         Monitor& monitor,
                         double tolerance)
    : order_(static_cast<std::size_t>(directions.cols())) {
  std::iota(order_.begin(), order_.end(), Index{0});
  RowMatrix u = directions * deviation.cwiseInverse().asDiagonal();
  const double largest = u.size() == 0 ? 0 : u.cwiseAbs().maxCoeff();
  const Index rank =
      reduce(u, order_, tolerance * std::max(1.0, largest), std::min(u.rows(), u.cols()), monitor);
  RowMatrix independent(rank, u.cols());
  for (Index k = 0; k < u.cols(); ++k) {
    independent.col(k) = u.col(k).head(rank) * deviation(order_[static_cast<std::size_t>(k)]);
  }
  // Rows of one length each, so that the choice of pivots compares what can be compared.
  for (Index k = 0; k < rank; ++k) independent.row(k) /= independent.row(k).cwiseAbs().maxCoeff();
  const Index again = reduce(independent, order_, 0, rank, monitor);
  FAIRDB_ASSERT(again == rank);
  // The others in the order of the features.
  const Index others = u.cols() - rank;
  std::vector<Index> place(static_cast<std::size_t>(others));
  std::iota(place.begin(), place.end(), rank);
  std::sort(place.begin(), place.end(), [&](Index a, Index b) {
    return order_[static_cast<std::size_t>(a)] < order_[static_cast<std::size_t>(b)];
  });
  multipliers_.resize(rank, others);
  std::vector<Index> sorted(order_.begin(), order_.begin() + rank);
  for (Index k = 0; k < others; ++k) {
    const Index from = place[static_cast<std::size_t>(k)];
    multipliers_.col(k) = independent.col(from);
    sorted.push_back(order_[static_cast<std::size_t>(from)]);
  }
  order_ = std::move(sorted);
}

std::vector<Index> WeightSpace::eliminated() const {
  std::vector<Index> features(order_.begin(), order_.begin() + multipliers_.rows());
  std::sort(features.begin(), features.end());
  return features;
}

namespace {

// (-m others; others) in the order of the features.
RowMatrix in_order(const RowMatrix& m, const RowMatrix& others, const std::vector<Index>& order) {
  RowMatrix basis(m.rows() + others.rows(), others.cols());
  if (basis.size() == 0) return basis;
  const RowMatrix pivots = -m * others;
  for (Index k = 0; k < basis.rows(); ++k) {
    const Index feature = order[static_cast<std::size_t>(k)];
    if (k < m.rows()) {
      basis.row(feature) = pivots.row(k);
    } else {
      basis.row(feature) = others.row(k - m.rows());
    }
  }
  return basis;
}

}  // namespace

RowMatrix WeightSpace::elimination_basis() const {
  return in_order(multipliers_, RowMatrix::Identity(free(), free()), order_);
}

// (-m; 1) has the Gram matrix 1 + m'm; its columns times the inverse root of that are orthonormal.
// With m = u s v' the root is 1 - v (1 - 1 / sqrt(1 + s^2)) v', from the eigenvectors of m'm or of
// m m', whichever is smaller. The rows of the pivots are made of the others' at the end, so that
// the constraint holds to the last digit.
RowMatrix WeightSpace::orthonormal_basis(Monitor& monitor) const {
  RowMatrix others = RowMatrix::Identity(free(), free());
  if (multipliers_.size() == 0) return in_order(multipliers_, others, order_);
  const Eigen::MatrixXd m = multipliers_;
  const bool wide = m.rows() < m.cols();
  const Eigen::MatrixXd products =
      wide ? panel_product(m, m.transpose(), monitor) : panel_product(m.transpose(), m, monitor);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(products);
  monitor.poll();
  // Columns v s, or v.
  const Eigen::MatrixXd directions =
      wide ? panel_product(m.transpose(), eigen.eigenvectors(), monitor) : eigen.eigenvectors();
  const Vector factors = eigen.eigenvalues().unaryExpr([&](double eigenvalue) {
    const double squared = std::max(0.0, eigenvalue);
    const double root = std::sqrt(1 + squared);
    // 1 - 1 / root without cancellation, and that over squared.
    return (wide ? 1 : squared) / (root * (1 + root));
  });
  others -= panel_product(directions * factors.asDiagonal(), directions.transpose(), monitor);
  return in_order(multipliers_, others, order_);
}

Inequalities slack_inequalities(const std::vector<RowMatrix>& conditions, double epsilon) {
  Index rows = 0;
  Index d = 0;
  for (const RowMatrix& means : conditions) {
    rows += 2 * means.rows();
    d = means.cols();
  }
  const auto count = static_cast<Index>(conditions.size());
  Inequalities result;
  result.a = RowMatrix::Zero(rows, d + 1 + count);
  result.beta = Vector::Constant(rows, -epsilon / 2);
  Index row = 0;
  for (Index k = 0; k < count; ++k) {
    const RowMatrix& means = conditions[static_cast<std::size_t>(k)];
    for (Index g = 0; g < means.rows(); ++g) {
      for (const double side : {1.0, -1.0}) {
        result.a.row(row).head(d) = side * means.row(g);
        result.a(row, d + 1 + k) = -side;
        ++row;
      }
    }
  }
  return result;
}

double spread_of_scores(const MatrixView& means, const VectorView& w) {
  if (means.rows() < 2) return 0;
  const Vector scores = means * w;
  return scores.maxCoeff() - scores.minCoeff();
}

double spread_of_scores(const std::vector<RowMatrix>& conditions, const VectorView& w) {
  double worst = 0;
  for (const RowMatrix& means : conditions) worst = std::max(worst, spread_of_scores(means, w));
  return worst;
}

}  // namespace fairdb
