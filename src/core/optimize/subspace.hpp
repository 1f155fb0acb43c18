// The coordinates in which a linear model is trained, and a risk in them.
//
// Rows are stored as x, the model is of z = scale x - shift (column by column), its weights are
// w = basis t, and a solver sees (t, b):
//
//   f = <w, z> + b = <scale w, x> + (b - <shift, w>)
//
// so that a constraint that w must lie in a subspace is one of the coordinates, no solver knows it,
// and folds can be standardised each in its own way without touching the rows.
#pragma once

#include "core/optimize/dense.hpp"
#include "core/optimize/function.hpp"

namespace fairdb {

struct Coordinates {
  Vector scale;           // d
  Vector shift;           // d
  Eigen::MatrixXd basis;  // d x r; 0 x 0 for the identity

  Index columns() const noexcept { return scale.size(); }
  Index free() const noexcept { return basis.rows() == 0 ? columns() : basis.cols(); }

  // w from t.
  Vector weights(const VectorView& t) const {
    if (basis.rows() == 0) return t;
    return basis * t;
  }
  // (scale w, b - <shift, w>) from (t, b).
  Vector expand(const VectorView& v) const {
    const Vector w = weights(v.head(free()));
    Vector full(columns() + 1);
    full.head(columns()) = scale.cwiseProduct(w);
    full(columns()) = v(free()) - shift.dot(w);
    return full;
  }
  // The transpose of expand.
  Vector reduce(const VectorView& full) const {
    const Index d = columns();
    const Vector z = scale.cwiseProduct(full.head(d)) - shift * full(d);
    Vector v(free() + 1);
    if (basis.rows() == 0) {
      v.head(d) = z;
    } else {
      v.head(free()).noalias() = basis.transpose() * z;
    }
    v(free()) = full(d);
    return v;
  }
  // expand' H expand. Of H the lower triangle is read; the result is complete.
  Eigen::MatrixXd reduce(const Eigen::MatrixXd& full, Monitor& monitor) const {
    const Index d = columns();
    const Vector edge = full.row(d).head(d).transpose().cwiseProduct(scale);
    Eigen::MatrixXd z(d + 1, d + 1);
    z.topLeftCorner(d, d) = full.topLeftCorner(d, d).selfadjointView<Eigen::Lower>();
    z.topLeftCorner(d, d) = scale.asDiagonal() * z.topLeftCorner(d, d) * scale.asDiagonal();
    if ((shift.array() != 0).any()) {
      z.topLeftCorner(d, d).noalias() -= edge * shift.transpose();
      z.topLeftCorner(d, d).noalias() -= shift * edge.transpose();
      z.topLeftCorner(d, d).noalias() += full(d, d) * shift * shift.transpose();
    }
    const Vector border = edge - full(d, d) * shift;
    z.row(d).head(d) = border.transpose();
    z.col(d).head(d) = border;
    z(d, d) = full(d, d);
    if (basis.rows() == 0) return z;
    const Index r = free();
    Eigen::MatrixXd v(r + 1, r + 1);
    const Eigen::MatrixXd half = panel_product(z.topLeftCorner(d, d), basis, monitor);
    v.topLeftCorner(r, r) = panel_product(basis.transpose(), half, monitor);
    const Vector across = basis.transpose() * z.col(d).head(d);
    v.row(r).head(r) = across.transpose();
    v.col(r).head(r) = across;
    v(r, r) = z(d, d);
    return v;
  }
};

// 1/2 |t|^2 + R(expand(t, b)) for a risk R.
template <CurvedFunction R>
class Regularised {
 public:
  // Both must outlive this.
  Regularised(const R& risk, const Coordinates& coordinates, Monitor& monitor)
      : risk_(risk), coordinates_(coordinates), monitor_(monitor) {}

  Index size() const noexcept { return coordinates_.free() + 1; }

  double evaluate(const VectorView& v, VectorSpan gradient, Eigen::MatrixXd& hessian) const {
    const Index r = coordinates_.free();
    Vector full_gradient(coordinates_.columns() + 1);
    Eigen::MatrixXd full_hessian;
    const double value = risk_.evaluate(coordinates_.expand(v), full_gradient, full_hessian);
    gradient = coordinates_.reduce(full_gradient);
    gradient.head(r) += v.head(r);
    hessian = coordinates_.reduce(full_hessian, monitor_);
    hessian.diagonal().head(r).array() += 1;
    return value + 0.5 * v.head(r).squaredNorm();
  }

 private:
  const R& risk_;
  const Coordinates& coordinates_;
  Monitor& monitor_;
};

}  // namespace fairdb
