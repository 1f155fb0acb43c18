#include "core/graph/concept_erasure.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/base/dense_kernels.hpp"
#include "core/base/error.hpp"
#include "core/optimize/dense.hpp"

namespace fairdb {
namespace {

// Directions of a span that are smaller than this, beside its largest, are rounding.
constexpr double kRankTolerance = 1e-9;

// Of a correlation that single precision leaves where there is none, of numbers that are as large
// as their deviation.
constexpr double kRounding = 1.2e-7;

// Vectors whose products are summed at once: some milliseconds of work.
Index vectors_of_block(Index d) noexcept {
  constexpr Index kWork = 100000000;
  return std::clamp<Index>(kWork / (d * d), 16, kInner);
}

// An orthonormal basis of the columns of a, the largest first, by Gram and Schmidt with pivots;
// each direction is made orthogonal to those before it twice, which is enough (Giraud, Langou,
// Rozloznik, Computers & Mathematics with Applications 50, 2005). Can be cancelled between columns.
struct Span {
  Eigen::MatrixXd basis;      // d x rank
  std::vector<Index> pivots;  // a.col(pivots[i]) lies in the first i + 1 directions
};
Span span_of(Eigen::MatrixXd a, Monitor& monitor) {
  Span span;
  const Index most = std::min(a.rows(), a.cols());
  span.basis.resize(a.rows(), most);
  double largest = 0;
  Index rank = 0;
  for (; rank < most; ++rank) {
    monitor.poll();
    Index pivot = 0;
    const double norm = std::sqrt(a.colwise().squaredNorm().maxCoeff(&pivot));
    largest = std::max(largest, norm);
    if (!(norm > kRankTolerance * largest)) break;
    auto direction = span.basis.col(rank);
    direction = a.col(pivot) / norm;
    for (int again = 0; again < 2; ++again) {
      const auto before = span.basis.leftCols(rank);
      direction -= (before * (before.transpose() * direction)).eval();
      direction.normalize();
    }
    a -= direction * (direction.transpose() * a).eval();
    a.col(pivot).setZero();
    span.pivots.push_back(pivot);
  }
  span.basis.conservativeResize(Eigen::NoChange, rank);
  return span;
}

}  // namespace

Vector AffineErasure::coordinates(const float* x) const {
  return right * Eigen::Map<const Eigen::VectorXf>(x, dimensions()).cast<double>() - constant;
}

void AffineErasure::apply(float* x) const {
  Vector along = coordinates(x);
  if (reach.size() > 0) along = along.cwiseMax(-reach).cwiseMin(reach);
  Eigen::Map<Eigen::VectorXf> vector(x, dimensions());
  // A forged map may lead anywhere; what is beyond single precision has no float.
  constexpr double kMost = std::numeric_limits<float>::max();
  vector = (vector.cast<double>() - left.transpose() * along)
               .cwiseMax(-kMost)
               .cwiseMin(kMost)
               .cast<float>();
}

VectorMoments::VectorMoments(Index d, Vector mean)
    : mean_(std::move(mean)), block_(vectors_of_block(d), d), sum_(Eigen::MatrixXd::Zero(d, d)) {}

void VectorMoments::add(const float* x) {
  block_.row(filled_) = Eigen::Map<const Eigen::VectorXf>(x, mean_.size()).cast<double>() - mean_;
  ++n_;
  if (++filled_ == block_.rows()) flush();
}

void VectorMoments::flush() {
  if (filled_ > 0) add_gram(block_.topRows(filled_), sum_);
  filled_ = 0;
}

Eigen::MatrixXd VectorMoments::covariance(Monitor& monitor) {
  flush();
  monitor.poll();
  Eigen::MatrixXd result = sum_.selfadjointView<Eigen::Lower>();
  result /= static_cast<double>(n_);
  return result;
}

// In units of the deviations, of which erasure does not depend and rounding does.
AffineErasure erase_concepts(Eigen::MatrixXd covariance,
                             const Vector& mean,
                             const Eigen::MatrixXd& cross,
                             Monitor& monitor) {
  const Index d = mean.size();
  if (!(covariance.diagonal().maxCoeff() > 0)) {
    throw Error(ErrorKind::InvalidData, "all persons have the same vector: it tells nothing");
  }
  const Vector unit = covariance.diagonal().unaryExpr(
      [](double variance) { return variance > 0 ? std::sqrt(variance) : 1.0; });
  for (Index i = 0; i < d; ++i) {
    for (Index j = 0; j < d; ++j) covariance(i, j) /= unit(i) * unit(j);
  }
  Eigen::MatrixXd c = unit.cwiseInverse().asDiagonal() * cross;
  // What an erasure before this one has left is rounding, and has no directions.
  const Eigen::ArrayXd rounding = kRounding * (1 + mean.cwiseAbs().cwiseQuotient(unit).array());
  for (Index k = 0; k < c.cols(); ++k) {
    if ((c.col(k).array().abs() <= rounding).all()) c.col(k).setZero();
  }
  const Eigen::MatrixXd root = inverse_factor(covariance, monitor);  // root root' = S^-1
  const Eigen::MatrixXd whitened = panel_product(root.transpose(), c, monitor);
  const Span span = span_of(whitened, monitor);
  const auto rank = static_cast<Index>(span.pivots.size());
  const Eigen::MatrixXd right = panel_product(root, span.basis, monitor);
  Eigen::MatrixXd left = panel_product(covariance, right, monitor);
  // What the lift of the factor leaves of C: its pivots are left t with a triangular t.
  if (rank > 0) {
    Eigen::MatrixXd pivots(d, rank);
    for (Index k = 0; k < rank; ++k)
      pivots.col(k) = c.col(span.pivots[static_cast<std::size_t>(k)]);
    const Eigen::MatrixXd t = right.transpose() * pivots;
    const Eigen::MatrixXd rest = pivots - panel_product(left, t, monitor);
    left += t.triangularView<Eigen::Upper>().solve<Eigen::OnTheRight>(rest);
  }
  AffineErasure result;
  result.left = (unit.asDiagonal() * left).transpose();
  result.right = (unit.cwiseInverse().asDiagonal() * right).transpose();
  result.constant = result.right * mean;
  return result;
}

// In the basis q of the rows x -> x - q (q'x - y), where y solves the pivots' equations.
AffineErasure project_onto(const RowMatrix& a, const Vector& b, Monitor& monitor) {
  const Span span = span_of(a.transpose(), monitor);
  const auto rank = static_cast<Index>(span.pivots.size());
  RowMatrix pivots(rank, a.cols());
  Vector wanted(rank);
  for (Index k = 0; k < rank; ++k) {
    const Index row = span.pivots[static_cast<std::size_t>(k)];
    pivots.row(k) = a.row(row);
    wanted(k) = b(row);
  }
  const Eigen::MatrixXd triangle = pivots * span.basis;
  AffineErasure result;
  result.left = result.right = span.basis.transpose();
  result.constant = triangle.triangularView<Eigen::Lower>().solve(wanted);
  return result;
}

}  // namespace fairdb
