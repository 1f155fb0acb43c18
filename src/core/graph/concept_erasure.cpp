#include "core/graph/concept_erasure.hpp"

#include <Eigen/QR>
#include <algorithm>

#include "core/base/dense_kernels.hpp"
#include "core/base/error.hpp"
#include "core/optimize/dense.hpp"

namespace fairdb {
namespace {

// Directions of a span that are smaller than this, beside its largest, are rounding.
constexpr double kRankTolerance = 1e-9;

// Vectors whose products are summed at once: some milliseconds of work.
Index vectors_of_block(Index d) noexcept {
  constexpr Index kWork = 100000000;
  return std::clamp<Index>(kWork / (d * d), 16, kInner);
}

}  // namespace

void AffineErasure::apply(float* x) const {
  Eigen::Map<Eigen::VectorXf> vector(x, dimensions());
  const Vector wide = vector.cast<double>();
  vector = (wide - left.transpose() * (right * wide - constant)).cast<float>();
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

AffineErasure erase_concepts(Eigen::MatrixXd covariance,
                             const Vector& mean,
                             const Eigen::MatrixXd& cross,
                             Monitor& monitor) {
  const Index d = mean.size();
  if (!(covariance.diagonal().maxCoeff() > 0)) {
    throw Error(ErrorKind::InvalidData, "all persons have the same vector: it tells nothing");
  }
  const Eigen::MatrixXd root = inverse_factor(covariance, monitor);  // root root' = S^-1
  monitor.poll();
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> span(root.transpose() * cross);
  span.setThreshold(kRankTolerance);
  const Index rank = cross.isZero(0) ? 0 : span.rank();
  monitor.poll();
  const Eigen::MatrixXd basis = root * (span.householderQ() * Eigen::MatrixXd::Identity(d, rank));
  AffineErasure result;
  result.right = basis.transpose();
  result.left = (panel_product(covariance, basis, monitor)).transpose();
  result.constant = result.right * mean;
  return result;
}

AffineErasure project_onto(const RowMatrix& a, const Vector& b) {
  AffineErasure result;
  result.right = a;
  result.left =
      Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd>(a).pseudoInverse().transpose();
  result.constant = b;
  return result;
}

}  // namespace fairdb
