#include "core/representation/joint_start.hpp"

#include <Eigen/SVD>
#include <algorithm>
#include <cmath>

#include "core/objective/risk.hpp"
#include "core/optimize/newton.hpp"
#include "core/optimize/subspace.hpp"
#include "core/representation/known_rows.hpp"

namespace fairdb {
namespace {

// The rows of one task, as rows of a single target.
class RowsOfTask final : public RowStore {
 public:
  RowsOfTask(const TaskRows& rows, Index task) : rows_(rows), task_(task) {}
  Index columns() const noexcept override { return rows_.features(); }
  void each(const Visit& visit) const override {
    const auto target = [&](const RowBlock& block, Index i) { return block.y(i, task_); };
    for (const RowBlock& block : rows_.blocks) {
      const RowBlock part = known_rows(block, block.x(), target);
      if (part.rows() == 0) continue;
      visit(part);
    }
  }

 private:
  const TaskRows& rows_;
  Index task_;
};

// (t, b) of a task's own model: weights in the coordinates, and the intercept.
struct OwnModel {
  Vector v;
  Report report;
};
template <Loss L>
OwnModel own_model(
    const RowStore& rows, L loss, double c, const Coordinates& coordinates, Monitor& monitor) {
  const Risk risk(rows, loss, RowCosts{c, 1, 1}, monitor);
  const Regularised f(risk, coordinates, monitor);
  OwnModel model{Vector::Zero(coordinates.free() + 1), {}};
  model.report = minimize_newton(f, model.v, FreeStep{}, {}, monitor);
  return model;
}

// Coordinates t of weights w = basis t in which |t|^2 is |w|^2 + factor w'D w, for differences D,
// d x d: basis is the inverse of the transpose of the Cholesky factor of I + factor D.
Coordinates fair_coordinates(const Eigen::MatrixXd& differences, double factor, Monitor& monitor) {
  const Index d = differences.rows();
  Coordinates coordinates{Vector::Ones(d), Vector::Zero(d), {}};
  const double largest = differences.diagonal().maxCoeff();
  if (factor == 0 || !(largest > 0)) return coordinates;
  // Beyond that rounding would reach the weights that no difference concerns: at it they are off
  // by some 1e-5.
  constexpr double kMost = 1e11;
  Eigen::MatrixXd a = std::min(factor, kMost / largest) * differences;
  a.diagonal().array() += 1;
  coordinates.basis = inverse_factor(std::move(a), monitor, 0);
  return coordinates;
}

double weight_of_task(const TaskRows& rows, Index task) {
  double weight = 0;
  for (const RowBlock& block : rows.blocks) {
    for (Index i = 0; i < block.rows(); ++i)
      weight += std::isnan(block.y(i, task)) ? 0 : block.w(i);
  }
  return weight;
}

}  // namespace

JointStart joint_start(
    const TaskRows& rows, Index dimensions, double c, double gamma, Monitor& monitor) {
  const Index d = rows.features();
  const Index tasks = rows.tasks();
  const Eigen::MatrixXd differences =
      gamma > 0 ? mean_differences(rows, monitor) : Eigen::MatrixXd::Zero(d, d);
  Eigen::MatrixXd weights(tasks, d);
  Vector intercepts(tasks);
  JointStart result;
  for (Index t = 0; t < tasks; ++t) {
    const double n = weight_of_task(rows, t);
    const Coordinates own = fair_coordinates(differences, 2 * c * gamma * n, monitor);
    const RowsOfTask of_task(rows, t);
    const OwnModel model = rows.binary[static_cast<std::size_t>(t)]
                               ? own_model(of_task, Logistic{}, c, own, monitor)
                               : own_model(of_task, Squared{}, c, own, monitor);
    weights.row(t) = own.weights(model.v.head(d)).transpose();
    intercepts(t) = model.v(d);
    result.objective += model.report.objective / (c * n * static_cast<double>(tasks));
    result.residual = std::max(result.residual, model.report.gradient_norm / (c * n));
    result.iterations += model.report.iterations;
  }
  monitor.poll();
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(weights, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const Index rank = std::min({dimensions, tasks, d});
  const Index map = dimensions * d;
  Vector& x = result.x;
  x = Vector::Zero(map + tasks * (dimensions + 1));
  for (Index k = 0; k < rank; ++k) {
    const double root = std::sqrt(svd.singularValues()(k));
    x.segment(k * d, d) = root * svd.matrixV().col(k);
    for (Index t = 0; t < tasks; ++t)
      x(map + t * (dimensions + 1) + k) = root * svd.matrixU()(t, k);
  }
  for (Index t = 0; t < tasks; ++t) x(map + t * (dimensions + 1) + dimensions) = intercepts(t);
  return result;
}

}  // namespace fairdb
