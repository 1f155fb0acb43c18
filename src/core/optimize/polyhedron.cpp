#include "core/optimize/polyhedron.hpp"

#include <cmath>
#include <limits>

namespace fairdb {
namespace {

constexpr double kZero = 1e-9;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

Polyhedron::Polyhedron(const RowMatrix& a, const Vector& inside, Monitor& monitor)
    : columns_(a.cols()),
      tableau_(a.rows(), a.cols() + a.rows()),
      basic_(static_cast<std::size_t>(a.cols()), false),
      x_(inside) {
  tableau_.leftCols(columns_) = a;
  tableau_.rightCols(a.rows()).setIdentity();
  // Gauss-Jordan, with columns of positive variables first: they can be basic at once.
  Index rank = 0;
  for (Index i = 0; i < a.rows(); ++i) {
    monitor.poll();
    Index column = -1;
    for (Index j = 0; j < columns_; ++j) {
      if (std::abs(tableau_(i, j)) <= kZero) continue;
      if (column < 0 || (x_(j) > kZero && x_(column) <= kZero)) column = j;
    }
    if (column < 0) continue;  // depends on the rows before
    tableau_.row(i).swap(tableau_.row(rank));
    basis_.push_back(column);
    basic_[static_cast<std::size_t>(column)] = true;
    pivot(rank, column);
    ++rank;
  }
  tableau_.conservativeResize(rank, Eigen::NoChange);
  to_vertex(monitor);
}

void Polyhedron::pivot(Index row, Index column) {
  work_ += static_cast<double>(tableau_.size());
  tableau_.row(row) /= RowMatrix::Scalar(tableau_(row, column));
  for (Index i = 0; i < tableau_.rows(); ++i) {
    const double factor = tableau_(i, column);
    if (i == row || factor == 0) continue;
    tableau_.row(i) -= factor * tableau_.row(row);
    tableau_(i, column) = 0;
  }
}

void Polyhedron::exchange(Index row, Index entering) {
  Index& variable = basis_[static_cast<std::size_t>(row)];
  x_(variable) = 0;
  basic_[static_cast<std::size_t>(variable)] = false;
  basic_[static_cast<std::size_t>(entering)] = true;
  variable = entering;
  pivot(row, entering);
}

// Brings every variable that is not basic to 0; one that a basic variable stops takes its place.
void Polyhedron::to_vertex(Monitor& monitor) {
  for (Index j = 0; j < columns_; ++j) {
    if (basic_[static_cast<std::size_t>(j)] || x_(j) <= 0) continue;
    monitor.poll();
    double length = x_(j);
    Index stopped = -1;
    for (Index i = 0; i < tableau_.rows(); ++i) {
      const double change = tableau_(i, j);  // of the basic variable, per unit that j falls
      if (change >= -kZero) continue;
      const double possible = std::max(0.0, x_(basis_[static_cast<std::size_t>(i)])) / -change;
      if (possible < length) {
        length = possible;
        stopped = i;
      }
    }
    for (Index i = 0; i < tableau_.rows(); ++i) {
      x_(basis_[static_cast<std::size_t>(i)]) += length * tableau_(i, j);
    }
    x_(j) -= length;
    if (stopped < 0) {
      x_(j) = 0;
      continue;
    }
    exchange(stopped, j);
  }
}

double Polyhedron::maximize(const Vector& c, double enough, Monitor& monitor) {
  constexpr int kPatience = 20;  // steps without progress, before Bland's rule
  int stalled = 0;
  Vector gain = c;  // reduced costs
  for (Index i = 0; i < tableau_.rows(); ++i) {
    const double of_basic = c(basis_[static_cast<std::size_t>(i)]);
    if (of_basic != 0) gain -= of_basic * tableau_.row(i).head(columns_).transpose();
  }
  while (c.dot(x_) < enough) {
    monitor.poll();
    Index entering = -1;
    for (Index j = 0; j < gain.size(); ++j) {
      if (basic_[static_cast<std::size_t>(j)] || gain(j) <= kZero) continue;
      if (entering < 0 || (stalled < kPatience && gain(j) > gain(entering))) entering = j;
    }
    if (entering < 0) break;
    double length = kInfinity;
    Index leaving = -1;
    for (Index i = 0; i < tableau_.rows(); ++i) {
      const double fall = tableau_(i, entering);
      if (fall <= kZero) continue;
      const Index basic = basis_[static_cast<std::size_t>(i)];
      const double possible = std::max(0.0, x_(basic)) / fall;
      const bool nearer = possible < length - kZero;
      const bool tie = !nearer && possible <= length + kZero;
      if (nearer || (tie && (leaving < 0 || basic < basis_[static_cast<std::size_t>(leaving)]))) {
        length = std::min(length, possible);
        leaving = i;
      }
    }
    if (leaving < 0) return kInfinity;
    stalled = length > kZero ? 0 : stalled + 1;
    for (Index i = 0; i < tableau_.rows(); ++i) {
      double& value = x_(basis_[static_cast<std::size_t>(i)]);
      value = std::max(0.0, value - length * tableau_(i, entering));
    }
    x_(entering) = length;
    exchange(leaving, entering);
    const double of_entering = gain(entering);
    gain -= of_entering * tableau_.row(leaving).head(columns_).transpose();
    gain(entering) = 0;
  }
  return c.dot(x_);
}

Vector Polyhedron::multipliers(const Vector& c) const {
  Vector y = Vector::Zero(tableau_.cols() - columns_);
  for (Index i = 0; i < tableau_.rows(); ++i) {
    const double of_basic = c(basis_[static_cast<std::size_t>(i)]);
    if (of_basic != 0) y += of_basic * tableau_.row(i).tail(y.size()).transpose();
  }
  return (y.array().abs() <= kZero).select(0, y);
}

}  // namespace fairdb
