#include "core/optimize/dense.hpp"

#include <Eigen/Cholesky>

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
