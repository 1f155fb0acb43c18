#include "core/objective/constraint.hpp"

#include <Eigen/QR>
#include <Eigen/SVD>
#include <algorithm>
#include <string>

#include "core/base/error.hpp"

namespace fairdb {

Fairness fairness_named(std::string_view wanted) {
  for (const Fairness f : {Fairness::None, Fairness::DemographicParity, Fairness::EqualOpportunity,
                           Fairness::EqualizedOdds}) {
    if (wanted == name(f)) return f;
  }
  throw Error(ErrorKind::InvalidArgument, "unknown fairness \"" + std::string(wanted) + "\"",
              "Known: demographic_parity, equal_opportunity, equalized_odds, none.");
}

std::string_view name(Fairness fairness) noexcept {
  switch (fairness) {
    case Fairness::None:
      return "none";
    case Fairness::DemographicParity:
      return "demographic_parity";
    case Fairness::EqualOpportunity:
      return "equal_opportunity";
    case Fairness::EqualizedOdds:
      return "equalized_odds";
  }
  return "unknown";
}

RowMatrix differences_of_means(const MatrixView& means) {
  if (means.rows() < 2) return RowMatrix(0, means.cols());
  return means.bottomRows(means.rows() - 1).rowwise() - means.row(0);
}

// The right singular vectors of the non-zero singular values span the rows; Householder reflections
// that carry them to the first coordinates carry the other coordinates to the complement.
RowMatrix null_basis(const MatrixView& directions, double tolerance) {
  const Index d = directions.cols();
  if (directions.rows() == 0 || d == 0) return RowMatrix::Identity(d, d);
#if EIGEN_VERSION_AT_LEAST(3, 4, 90)  // the options became part of the type
  const Eigen::BDCSVD<Eigen::MatrixXd, Eigen::ComputeThinU | Eigen::ComputeThinV> svd(directions);
#else
  const Eigen::BDCSVD<Eigen::MatrixXd> svd(directions, Eigen::ComputeThinU | Eigen::ComputeThinV);
#endif
  Index rank = 0;
  const double threshold = tolerance * std::max(1.0, svd.singularValues()(0));
  while (rank < svd.singularValues().size() && svd.singularValues()(rank) > threshold) ++rank;
  if (rank == 0) return RowMatrix::Identity(d, d);
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(svd.matrixV().leftCols(rank));
  Eigen::MatrixXd complement = Eigen::MatrixXd::Zero(d, d - rank);
  complement.bottomRows(d - rank).setIdentity();
  complement.applyOnTheLeft(qr.householderQ());
  return complement;
}

double spread_of_scores(const MatrixView& means, const VectorView& w) {
  if (means.rows() < 2) return 0;
  const Vector scores = means * w;
  return scores.maxCoeff() - scores.minCoeff();
}

}  // namespace fairdb
