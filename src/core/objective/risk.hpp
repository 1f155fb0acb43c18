// The data's part of a regularised risk, as a function of v = (w, b), weights and intercept:
//
//   R(w, b) = sum_i cost_i loss(<w, x_i> + b, y_i)
//
// v: d + 1 numbers, in the units in which the rows are stored. One evaluation is one pass over the
// rows, for the value, the gradient and the Hessian together: O(n d^2) time, O(d^2) memory.
// Source: Donini et al. 2018, section 4, with c = 1 / (2 lambda).
#pragma once

#include <cmath>

#include "core/base/dense_kernels.hpp"
#include "core/base/monitor.hpp"
#include "core/objective/loss.hpp"
#include "core/objective/rows.hpp"

namespace fairdb {

template <Loss L>
class Risk {
 public:
  // rows and monitor must outlive the risk.
  Risk(const RowStore& rows, L loss, const RowCosts& costs, Monitor& monitor)
      : rows_(rows), loss_(loss), costs_(costs), monitor_(monitor) {}

  Index size() const noexcept { return rows_.columns() + 1; }

  // Returns R; writes its gradient (size()) and the lower triangle of its Hessian (size() x
  // size()).
  double evaluate(const VectorView& v, VectorSpan gradient, Eigen::MatrixXd& hessian) const {
    const Index d = rows_.columns();
    gradient.setZero();
    hessian.setZero(d + 1, d + 1);
    double value = 0;
    Vector scores;
    RowMatrix curved;
    rows_.each([&](const RowBlock& block) {
      monitor_.poll();
      const Index m = block.rows();
      scores.noalias() = block.x() * v.head(d);
      // Rows without curvature (beyond the margin of a hinge) need no place in the product.
      curved.resize(m, d + 1);
      Index kept = 0;
      double slopes = 0;
      for (Index i = 0; i < m; ++i) {
        const double y = block.y(i);
        const LossValue loss = loss_(scores(i) + v(d), y);
        const double cost = costs_.of(y, block.w(i));
        value += cost * loss.value;
        scores(i) = cost * loss.slope;
        slopes += scores(i);
        if (loss.curvature > 0) {
          const double root = std::sqrt(cost * loss.curvature);
          curved.row(kept).head(d) = root * block.x().row(i);
          curved(kept, d) = root;
          ++kept;
        }
      }
      gradient.head(d).noalias() += block.x().transpose() * scores;
      gradient(d) += slopes;
      add_gram(curved.topRows(kept), hessian);
    });
    return value;
  }

 private:
  const RowStore& rows_;
  L loss_;
  RowCosts costs_;
  Monitor& monitor_;
};

}  // namespace fairdb
