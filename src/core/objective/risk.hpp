// The regularised risk of a linear model as a function of v = (w, b), the weights and the
// intercept:
//
//   R(w, b) = 1/2 |w|^2 + c sum_i loss(<w, x_i> + b, y_i)
//
// The intercept is not penalised. w: d numbers, v: d + 1. One evaluation costs O(n d).
// Source: Donini et al. 2018, section 4, with c = 1 / (2 lambda).
#pragma once

#include "core/base/monitor.hpp"
#include "core/objective/loss.hpp"
#include "core/objective/storage.hpp"

namespace fairdb {

template <Loss L>
class Risk {
 public:
  // What a Hessian product needs to know of the place: c times the curvature of each row's loss.
  using Point = Vector;

  // rows and monitor must outlive the risk.
  Risk(const RowBlocks& rows, L loss, double c, Monitor& monitor)
      : rows_(rows), loss_(loss), c_(c), monitor_(monitor) {}

  Index size() const noexcept { return rows_.columns() + 1; }

  // Returns R, writes its gradient and the point for hessian_times. v, gradient: size().
  double evaluate(const VectorView& v, VectorSpan gradient, Point& point) const {
    const Index d = rows_.columns();
    const auto w = v.head(d);
    point.resize(rows_.rows());
    gradient.setZero();
    double value = 0;
    Index offset = 0;
    Vector slope;
    for (const RowBlock& block : rows_.blocks()) {
      monitor_.poll();
      slope.noalias() = block.x() * w;
      for (Index i = 0; i < slope.size(); ++i) {
        const LossValue loss = loss_(slope(i) + v(d), block.y(i));
        value += c_ * loss.value;
        slope(i) = c_ * loss.slope;
        point(offset + i) = c_ * loss.curvature;
      }
      gradient.head(d).noalias() += block.x().transpose() * slope;
      gradient(d) += slope.sum();
      offset += slope.size();
    }
    gradient.head(d) += w;
    return value + 0.5 * w.squaredNorm();
  }

  // out = (Hessian of R at the point) u. u, out: size().
  void hessian_times(const Point& point, const VectorView& u, VectorSpan out) const {
    const Index d = rows_.columns();
    out.setZero();
    Index offset = 0;
    Vector product;
    for (const RowBlock& block : rows_.blocks()) {
      monitor_.poll();
      product.noalias() = block.x() * u.head(d);
      product.array() += u(d);
      product.array() *= point.segment(offset, product.size()).array();
      out.head(d).noalias() += block.x().transpose() * product;
      out(d) += product.sum();
      offset += product.size();
    }
    out.head(d) += u.head(d);
  }

 private:
  const RowBlocks& rows_;
  L loss_;
  double c_;
  Monitor& monitor_;
};

}  // namespace fairdb
