#include "core/objective/constraint.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "core/base/error.hpp"
#include "core/optimize/dense.hpp"

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

RowMatrix null_basis(const MatrixView& directions, Monitor& monitor, double tolerance) {
  const double longest = directions.rows() == 0 ? 0.0 : directions.rowwise().norm().maxCoeff();
  return orthogonal_complement(directions.transpose(), tolerance * std::max(1.0, longest), monitor);
}

namespace {

// Gaussian elimination with complete pivoting: the first `rank` columns of the permuted directions
// are the pivots p, and 0 = U_p w_p + U_rest w_rest.
struct Elimination {
  RowMatrix u;
  std::vector<Index> order;  // of the columns
  Index rank = 0;

  Elimination(const MatrixView& directions, double tolerance, Monitor& monitor)
      : u(directions), order(static_cast<std::size_t>(directions.cols())) {
    std::iota(order.begin(), order.end(), Index{0});
    double threshold = 0;
    for (; rank < std::min(u.rows(), u.cols()); ++rank) {
      monitor.poll();
      Index row = 0;
      Index column = 0;
      const Index rows = u.rows() - rank;
      const double largest =
          u.bottomRightCorner(rows, u.cols() - rank).cwiseAbs().maxCoeff(&row, &column);
      if (rank == 0) threshold = tolerance * std::max(1.0, largest);
      if (!(largest > threshold)) break;
      u.row(rank).swap(u.row(rank + row));
      u.col(rank).swap(u.col(rank + column));
      std::swap(order[static_cast<std::size_t>(rank)],
                order[static_cast<std::size_t>(rank + column)]);
      const Vector factors = u.col(rank).tail(rows - 1) / u(rank, rank);
      const Eigen::RowVectorXd pivot_row = u.row(rank).tail(u.cols() - rank);
      u.bottomRightCorner(rows - 1, u.cols() - rank).noalias() -= factors * pivot_row;
    }
  }
};

}  // namespace

std::vector<Index> eliminated_features(const MatrixView& directions,
                                       Monitor& monitor,
                                       double tolerance) {
  const Elimination elimination(directions, tolerance, monitor);
  std::vector<Index> features(elimination.order.begin(),
                              elimination.order.begin() + elimination.rank);
  std::sort(features.begin(), features.end());
  return features;
}

// The features that stay keep their order.
RowMatrix elimination_basis(const MatrixView& directions, Monitor& monitor, double tolerance) {
  const Index d = directions.cols();
  const Elimination elimination(directions, tolerance, monitor);
  const Index rank = elimination.rank;
  if (rank == 0) return RowMatrix::Identity(d, d);
  const auto upper = elimination.u.topLeftCorner(rank, rank).triangularView<Eigen::Upper>();
  const Eigen::MatrixXd rest = upper.solve(elimination.u.topRightCorner(rank, d - rank));
  const auto order = [&](Index k) { return elimination.order[static_cast<std::size_t>(k)]; };
  std::vector<Index> kept(elimination.order.begin() + rank, elimination.order.end());
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
