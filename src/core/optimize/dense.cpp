#include "core/optimize/dense.hpp"

#include <Eigen/Cholesky>
#include <algorithm>

#include "core/base/error.hpp"

namespace fairdb {

Eigen::MatrixXd panel_product(const Eigen::MatrixXd& a,
                              const Eigen::MatrixXd& b,
                              Monitor& monitor) {
  constexpr Index kPanel = 64;
  Eigen::MatrixXd result(a.rows(), b.cols());
  for (Index column = 0; column < b.cols(); column += kPanel) {
    monitor.poll();
    const Index width = std::min(kPanel, b.cols() - column);
    result.middleCols(column, width).noalias() = a * b.middleCols(column, width);
  }
  return result;
}

Eigen::MatrixXd inverse_factor(Eigen::MatrixXd a, Monitor& monitor, double lift) {
  constexpr Index kPanel = 64;
  const Index n = a.rows();
  a.diagonal().array() += lift * a.diagonal().maxCoeff();
  for (Index k = 0; k < n; k += kPanel) {
    monitor.poll();
    const Index width = std::min(kPanel, n - k);
    const Index rest = n - k - width;
    const Eigen::LLT<Eigen::MatrixXd> block(a.block(k, k, width, width));
    if (block.info() != Eigen::Success) {
      throw Error(ErrorKind::NotConverged, "a matrix of the training is not positive semidefinite",
                  "A smaller degree or gamma, or features of moderate size, avoid it.");
    }
    const Eigen::MatrixXd factor = block.matrixL();
    a.block(k, k, width, width) = factor;
    if (rest == 0) continue;
    const Eigen::MatrixXd below = factor.triangularView<Eigen::Lower>()
                                      .solve(a.block(k + width, k, rest, width).transpose())
                                      .transpose();
    a.block(k + width, k, rest, width) = below;
    a.bottomRightCorner(rest, rest).selfadjointView<Eigen::Lower>().rankUpdate(below, -1);
  }
  Eigen::MatrixXd inverse = Eigen::MatrixXd::Zero(n, n);
  for (Index k = 0; k < n; k += kPanel) {
    monitor.poll();
    const Index width = std::min(kPanel, n - k);
    Eigen::MatrixXd panel = Eigen::MatrixXd::Zero(n, width);
    panel.middleRows(k, width).setIdentity();
    inverse.middleRows(k, width) = a.triangularView<Eigen::Lower>().solve(panel).transpose();
  }
  return inverse;
}

Vector solve_positive(const Eigen::MatrixXd& a, const Vector& b, bool* solved) {
  *solved = true;
  if (b.size() == 0) return b;
  const double enough = 1e-8 * b.lpNorm<Eigen::Infinity>();
  const auto solves = [&](const Vector& x) {
    const Vector rest = a.selfadjointView<Eigen::Lower>() * x - b;
    return rest.lpNorm<Eigen::Infinity>() <= enough;  // false for NaN
  };
  const Eigen::LLT<Eigen::MatrixXd> cholesky(a);
  if (cholesky.info() == Eigen::Success) {
    Vector x = cholesky.solve(b);
    x += cholesky.solve(b - a.selfadjointView<Eigen::Lower>() * x);  // one step of refinement
    if (solves(x)) return x;
  }
  Vector x = a.ldlt().solve(b);
  *solved = solves(x);
  return x;
}

}  // namespace fairdb
