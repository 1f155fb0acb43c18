#include "core/linear/train.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/objective/risk.hpp"
#include "core/optimize/newton.hpp"
#include "core/optimize/restricted.hpp"

namespace fairdb {
namespace {

// Population standard deviations; 1 for a column that is constant up to rounding.
Vector scales(const VectorView& mean,
              const VectorView& squares,
              std::int64_t rows,
              bool standardize) {
  Vector scale = Vector::Ones(mean.size());
  for (Index j = 0; standardize && j < mean.size(); ++j) {
    const double deviation = std::sqrt(std::max(0.0, squares(j)) / static_cast<double>(rows));
    if (deviation > 1e-12 * std::abs(mean(j))) scale(j) = deviation;
  }
  return scale;
}

RowMatrix constrained_basis(const std::vector<RowMatrix>& conditions, Index columns) {
  Index rows = 0;
  for (const RowMatrix& means : conditions) rows += means.rows() - 1;
  RowMatrix directions(rows, columns);
  Index row = 0;
  for (const RowMatrix& means : conditions) {
    directions.middleRows(row, means.rows() - 1) = differences_of_means(means);
    row += means.rows() - 1;
  }
  return null_basis(directions);
}

double violation(const std::vector<RowMatrix>& conditions, const Vector& weights) {
  double worst = 0;
  for (const RowMatrix& means : conditions) {
    worst = std::max(worst, spread_of_scores(means, weights));
  }
  return worst;
}

// a b, in panels of columns between which the work can be cancelled.
Eigen::MatrixXd product(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b, Monitor& monitor) {
  constexpr Index kPanel = 64;
  Eigen::MatrixXd result(a.rows(), b.cols());
  for (Index column = 0; column < b.cols(); column += kPanel) {
    monitor.poll();
    const Index width = std::min(kPanel, b.cols() - column);
    result.middleCols(column, width).noalias() = a * b.middleCols(column, width);
  }
  return result;
}

// The solution of a x = b. A penalty that drowns in rounding beside collinear features leaves a
// singular to Cholesky; pivoting finds a solution then, if there is one. Errors: NotConverged.
Vector solve_positive_definite(const Eigen::MatrixXd& a, const Vector& b) {
  if (b.size() == 0) return b;
  const double enough = 1e-8 * std::max(1.0, b.lpNorm<Eigen::Infinity>());
  const auto solves = [&](const Vector& x) {
    return (a * x - b).lpNorm<Eigen::Infinity>() <= enough;  // false for NaN
  };
  const Eigen::LLT<Eigen::MatrixXd> cholesky(a);
  if (cholesky.info() == Eigen::Success) {
    Vector x = cholesky.solve(b);
    if (solves(x)) return x;
  }
  Vector x = a.ldlt().solve(b);
  if (solves(x)) return x;
  throw Error(ErrorKind::NotConverged,
              "the problem is too badly conditioned to be solved in double precision",
              "A smaller c, or standardize => true, makes the problem better conditioned.");
}

// Numbers beyond the range of double have no use as a model.
void check_finite(const LinearFit& fit) {
  if (fit.mean.allFinite() && fit.scale.allFinite() && fit.weights.allFinite() &&
      std::isfinite(fit.intercept) && std::isfinite(fit.report.objective) &&
      std::isfinite(fit.report.gradient_norm)) {
    return;
  }
  throw Error(ErrorKind::NotConverged, "training exceeded the range of double precision",
              "A smaller c, or features and a target of moderate size, avoid it.");
}

void check_rows(std::int64_t rows) {
  if (rows == 0) throw Error(ErrorKind::InvalidData, "there is no row to train on");
}

// Means and standard deviations in two passes, then z = (x - mean) / scale in place.
void standardise(RowBlocks& rows, bool standardize, LinearFit& fit, Monitor& monitor) {
  const auto n = static_cast<double>(rows.rows());
  fit.mean = Vector::Zero(rows.columns());
  for (const RowBlock& block : rows.blocks()) fit.mean += block.x().colwise().sum().transpose() / n;
  Vector squares = Vector::Zero(rows.columns());
  for (RowBlock& block : rows.blocks()) {
    monitor.poll();
    block.x().rowwise() -= fit.mean.transpose();
    squares += block.x().colwise().squaredNorm().transpose();
  }
  fit.scale = scales(fit.mean, squares, rows.rows(), standardize);
  for (RowBlock& block : rows.blocks()) {
    monitor.poll();
    block.x().array().rowwise() /= fit.scale.transpose().array();
  }
}

[[noreturn]] void raise_one_class(bool positive) {
  throw Error(ErrorKind::InvalidData,
              std::string("the target is ") + (positive ? "positive" : "negative") +
                  " in every row; a classifier needs both classes",
              "Is positive => '...' spelled as in the column?");
}

void check_two_classes(const RowBlocks& rows) {
  bool positive = false;
  bool negative = false;
  for (const RowBlock& block : rows.blocks()) {
    const auto y = block.values.rightCols(1).array();
    positive = positive || (y > 0).any();
    negative = negative || (y <= 0).any();
  }
  if (!positive || !negative) raise_one_class(positive);
}

}  // namespace

void validate(const LinearOptions& options) {
  if (!(options.c > 0) || !std::isfinite(options.c)) {
    throw Error(ErrorKind::InvalidArgument, "c must be a positive number",
                "c weighs the loss against the penalty 1/2 |w|^2; 1 is the default.");
  }
}

LinearFit fit_from_moments(const Moments& joint,
                           const GroupSums& sums,
                           std::span<const std::string> labels,
                           const LinearOptions& options,
                           Monitor& monitor) {
  check_rows(joint.rows());
  const Index d = joint.mean().size() - 1;
  const Eigen::MatrixXd scatter = joint.scatter();
  // All of -1 or all of +1 has exactly that mean and no scatter.
  if (options.binary && scatter(d, d) == 0) raise_one_class(joint.mean()(d) > 0);
  LinearFit fit;
  fit.mean = joint.mean().head(d);
  fit.scale = scales(fit.mean, scatter.diagonal().head(d), joint.rows(), options.standardize);
  const auto conditions = sums.means(options.fairness, fit.mean, fit.scale, labels);
  const RowMatrix z = constrained_basis(conditions, d);
  fit.free_dimensions = z.cols();

  // With the intercept at its optimum b = mean(y) (the features are centred), the problem in
  // w = Z t is quadratic:  (I + c Z' S Z) t = c Z' r.
  const Vector inverse_scale = fit.scale.cwiseInverse();
  const Eigen::MatrixXd s =
      inverse_scale.asDiagonal() * scatter.topLeftCorner(d, d) * inverse_scale.asDiagonal();
  const Vector r = inverse_scale.cwiseProduct(scatter.col(d).head(d));
  Eigen::MatrixXd normal = product(z.transpose(), product(s, z, monitor), monitor);
  normal *= options.c;
  normal.diagonal().array() += 1;
  monitor.poll();
  const Vector right = options.c * (z.transpose() * r);
  const Vector t = solve_positive_definite(normal, right);
  fit.weights = z * t;
  fit.intercept = joint.mean()(d);
  const double squared_error =
      scatter(d, d) - 2 * fit.weights.dot(r) + fit.weights.dot(s * fit.weights);
  fit.report.outcome = Outcome::Converged;
  fit.report.iterations = 1;
  fit.report.evaluations = 1;
  fit.report.objective = 0.5 * fit.weights.squaredNorm() + 0.5 * options.c * squared_error;
  fit.report.gradient_norm = z.cols() == 0 ? 0 : (normal * t - right).lpNorm<Eigen::Infinity>();
  fit.report.violation = violation(conditions, fit.weights);
  check_finite(fit);
  return fit;
}

LinearFit fit_in_memory(RowBlocks& rows,
                        std::span<const std::string> labels,
                        const LinearOptions& options,
                        Monitor& monitor) {
  check_rows(rows.rows());
  if (options.binary) check_two_classes(rows);
  LinearFit fit;
  standardise(rows, options.standardize, fit, monitor);
  GroupSums sums(rows.columns());
  for (const RowBlock& block : rows.blocks()) {
    monitor.poll();
    sums.add(block, options.binary);
  }
  const Vector zeros = Vector::Zero(rows.columns());
  const Vector ones = Vector::Ones(rows.columns());
  const auto conditions = sums.means(options.fairness, zeros, ones, labels);
  const RowMatrix z = constrained_basis(conditions, rows.columns());
  fit.free_dimensions = z.cols();

  Vector x = Vector::Zero(z.cols() + 1);
  std::visit(
      [&](const auto& loss) {
        const Risk risk(rows, loss, options.c, monitor);
        const Restricted restricted(risk, z);
        fit.report = minimize_newton(restricted, x, NewtonOptions{}, monitor);
      },
      options.loss);
  const double near = 1e-6 * std::max(1.0, std::abs(fit.report.objective));
  const bool usable = fit.report.outcome == Outcome::Converged ||
                      (fit.report.outcome == Outcome::Stalled && fit.report.gradient_norm <= near);
  if (!usable) {
    throw Error(ErrorKind::NotConverged,
                "training stopped before the optimum: " + std::string(name(fit.report.outcome)) +
                    " after " + std::to_string(fit.report.iterations) + " iterations",
                "A smaller c, or standardize => true, makes the problem better conditioned.");
  }
  fit.weights = z * x.head(z.cols());
  fit.intercept = x(z.cols());
  fit.report.violation = violation(conditions, fit.weights);
  check_finite(fit);
  return fit;
}

}  // namespace fairdb
