#include "core/objective/constraint.hpp"

#include <Eigen/LU>
#include <Eigen/QR>
#include <Eigen/SVD>
#include <algorithm>
#include <string>

#include "core/base/error.hpp"

namespace fairdb {

Fairness fairness_named(std::string_view wanted) {
  for (const Fairness f : {Fairness::None, Fairness::DemographicParity, Fairness::EqualOpportunity,
                           Fairness::PredictiveEquality, Fairness::EqualizedOdds}) {
    if (wanted == name(f)) return f;
  }
  throw Error(ErrorKind::InvalidArgument, "unknown fairness \"" + std::string(wanted) + "\"",
              "Known: demographic_parity, equal_opportunity, predictive_equality, equalized_odds, "
              "none.");
}

std::string_view name(Fairness fairness) noexcept {
  switch (fairness) {
    case Fairness::None:
      return "none";
    case Fairness::DemographicParity:
      return "demographic_parity";
    case Fairness::EqualOpportunity:
      return "equal_opportunity";
    case Fairness::PredictiveEquality:
      return "predictive_equality";
    case Fairness::EqualizedOdds:
      return "equalized_odds";
  }
  return "unknown";
}

Method method_named(std::string_view wanted) {
  for (const Method m : {Method::Projection, Method::Elimination}) {
    if (wanted == name(m)) return m;
  }
  throw Error(ErrorKind::InvalidArgument, "unknown method \"" + std::string(wanted) + "\"",
              "Known: projection, elimination.");
}

std::string_view name(Method method) noexcept {
  return method == Method::Projection ? "projection" : "elimination";
}

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

namespace {

// Gaussian elimination with complete pivoting: the first `rank` columns of the permuted directions
// are the pivots p, and 0 = U_p w_p + U_rest w_rest.
struct Elimination {
  Eigen::FullPivLU<Eigen::MatrixXd> lu;
  Index rank = 0;

  Elimination(const MatrixView& directions, double tolerance) : lu(directions) {
    const auto pivots = lu.matrixLU().diagonal().cwiseAbs();
    const double threshold = tolerance * std::max(1.0, pivots(0));
    while (rank < pivots.size() && pivots(rank) > threshold) ++rank;
  }
};

}  // namespace

std::vector<Index> eliminated_features(const MatrixView& directions, double tolerance) {
  std::vector<Index> features;
  if (directions.rows() == 0 || directions.cols() == 0) return features;
  const Elimination elimination(directions, tolerance);
  for (Index p = 0; p < elimination.rank; ++p) {
    features.push_back(elimination.lu.permutationQ().indices()(p));
  }
  std::sort(features.begin(), features.end());
  return features;
}

// The features that stay keep their order.
RowMatrix elimination_basis(const MatrixView& directions, double tolerance) {
  const Index d = directions.cols();
  if (directions.rows() == 0 || d == 0) return RowMatrix::Identity(d, d);
  const Elimination elimination(directions, tolerance);
  const Index rank = elimination.rank;
  const auto& matrix = elimination.lu.matrixLU();
  const auto upper = matrix.topLeftCorner(rank, rank).triangularView<Eigen::Upper>();
  const Eigen::MatrixXd rest = upper.solve(matrix.topRightCorner(rank, d - rank));
  const auto& order = elimination.lu.permutationQ().indices();
  std::vector<Index> kept;
  for (Index k = rank; k < d; ++k) kept.push_back(order(k));
  std::sort(kept.begin(), kept.end());
  RowMatrix basis = RowMatrix::Zero(d, d - rank);
  for (Index k = rank; k < d; ++k) {
    const Index column = std::lower_bound(kept.begin(), kept.end(), order(k)) - kept.begin();
    basis(order(k), column) = 1;
    for (Index p = 0; p < rank; ++p) basis(order(p), column) = -rest(p, k - rank);
  }
  return basis;
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
