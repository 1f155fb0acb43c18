#include "core/representation/joint_start.hpp"

#include <Eigen/SVD>
#include <algorithm>
#include <cmath>

#include "core/objective/risk.hpp"
#include "core/optimize/newton.hpp"
#include "core/optimize/subspace.hpp"

namespace fairdb {
namespace {

// The rows of one task, as rows of a single target.
class RowsOfTask final : public RowStore {
 public:
  RowsOfTask(const TaskRows& rows, Index task) : rows_(rows), task_(task) {}
  Index columns() const noexcept override { return rows_.features(); }
  void each(const Visit& visit) const override {
    const Index d = columns();
    for (const RowBlock& block : rows_.blocks) {
      std::vector<Index> known;
      for (Index i = 0; i < block.rows(); ++i) {
        if (!std::isnan(block.y(i, task_))) known.push_back(i);
      }
      if (known.empty()) continue;
      RowBlock part;
      part.attributes = 0;
      part.values.resize(static_cast<Index>(known.size()), d + 1);
      part.weight.resize(part.values.rows());
      for (Index k = 0; k < part.values.rows(); ++k) {
        const Index i = known[static_cast<std::size_t>(k)];
        part.values.row(k).head(d) = block.values.row(i).head(d);
        part.values(k, d) = block.y(i, task_);
        part.weight(k) = block.w(i);
      }
      visit(part);
    }
  }

 private:
  const TaskRows& rows_;
  Index task_;
};

// (t, b) of a task's own model: weights in the coordinates, and the intercept.
template <Loss L>
Vector own_model(
    const RowStore& rows, L loss, double c, const Coordinates& coordinates, Monitor& monitor) {
  const Risk risk(rows, loss, RowCosts{c, 1, 1}, monitor);
  const Regularised f(risk, coordinates, monitor);
  Vector v = Vector::Zero(coordinates.free() + 1);
  minimize_newton(f, v, FreeStep{}, {}, monitor);
  return v;
}

// Coordinates t of weights w = basis t in which |t|^2 is |w|^2 + 2 c n gamma w'M w.
Coordinates fair_coordinates(const Eigen::MatrixXd& differences, double factor) {
  const Index d = differences.rows();
  Coordinates coordinates{Vector::Ones(d), Vector::Zero(d), {}};
  if (factor == 0) return coordinates;
  Eigen::MatrixXd penalty = factor * differences;
  penalty.diagonal().array() += 1;
  const Eigen::MatrixXd factor_of_penalty = penalty.llt().matrixL();
  coordinates.basis = factor_of_penalty.triangularView<Eigen::Lower>().transpose().solve(
      Eigen::MatrixXd::Identity(d, d));
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

Vector joint_start(
    const TaskRows& rows, Index dimensions, double c, double gamma, Monitor& monitor) {
  const Index d = rows.features();
  const Index tasks = rows.tasks();
  const Eigen::MatrixXd differences =
      gamma > 0 ? mean_differences(rows) : Eigen::MatrixXd::Zero(d, d);
  Eigen::MatrixXd weights(tasks, d);
  Vector intercepts(tasks);
  for (Index t = 0; t < tasks; ++t) {
    const Coordinates own = fair_coordinates(differences, 2 * c * gamma * weight_of_task(rows, t));
    const RowsOfTask of_task(rows, t);
    const Vector v = rows.binary[static_cast<std::size_t>(t)]
                         ? own_model(of_task, Logistic{}, c, own, monitor)
                         : own_model(of_task, Squared{}, c, own, monitor);
    weights.row(t) = own.weights(v.head(d)).transpose();
    intercepts(t) = v(d);
  }
  monitor.poll();
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(weights, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const Index rank = std::min({dimensions, tasks, d});
  const Index map = dimensions * d;
  Vector x = Vector::Zero(map + tasks * (dimensions + 1));
  for (Index k = 0; k < rank; ++k) {
    const double root = std::sqrt(svd.singularValues()(k));
    x.segment(k * d, d) = root * svd.matrixV().col(k);
    for (Index t = 0; t < tasks; ++t)
      x(map + t * (dimensions + 1) + k) = root * svd.matrixU()(t, k);
  }
  for (Index t = 0; t < tasks; ++t) x(map + t * (dimensions + 1) + dimensions) = intercepts(t);
  return x;
}

}  // namespace fairdb
