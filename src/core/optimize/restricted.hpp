// A function on a subspace: x -> f(Z x, b) for a function of (w, b) whose last coordinate b stays
// free. A solver of the restricted problem does not know that a constraint exists.
//
// Z: d x r with orthonormal columns, so that |Z x| = |x| and the regulariser keeps its meaning.
#pragma once

#include "core/optimize/function.hpp"

namespace fairdb {

template <CurvedFunction F>
class Restricted {
 public:
  using Point = typename F::Point;

  // f and basis must outlive this. f.size() == basis.rows() + 1.
  Restricted(const F& f, const RowMatrix& basis) : f_(f), z_(basis) {}

  Index size() const noexcept { return z_.cols() + 1; }

  // The coordinates of the whole space. x: size(); returns f.size() numbers.
  Vector expand(const VectorView& x) const {
    Vector full(z_.rows() + 1);
    full.head(z_.rows()).noalias() = z_ * x.head(z_.cols());
    full(z_.rows()) = x(z_.cols());
    return full;
  }

  double evaluate(const VectorView& x, VectorSpan gradient, Point& point) const {
    Vector full_gradient(z_.rows() + 1);
    const double value = f_.evaluate(expand(x), full_gradient, point);
    reduce(full_gradient, gradient);
    return value;
  }

  void hessian_times(const Point& point, const VectorView& u, VectorSpan out) const {
    Vector full_out(z_.rows() + 1);
    f_.hessian_times(point, expand(u), full_out);
    reduce(full_out, out);
  }

 private:
  void reduce(const Vector& full, VectorSpan x) const {
    x.head(z_.cols()).noalias() = z_.transpose() * full.head(z_.rows());
    x(z_.cols()) = full(z_.rows());
  }

  const F& f_;
  const RowMatrix& z_;
};

}  // namespace fairdb
