// What a solver may ask of a function. Functions are pure: no call depends on an earlier one.
#pragma once

#include <concepts>

#include "core/base/views.hpp"

namespace fairdb {

// A convex function with two derivatives. evaluate() returns the value and writes the gradient and
// the lower triangle of the Hessian.
template <class F>
concept CurvedFunction =
    requires(const F f, VectorView x, VectorSpan gradient, Eigen::MatrixXd& hessian) {
  { f.size() } -> std::same_as<Index>;
  { f.evaluate(x, gradient, hessian) } -> std::same_as<double>;
};

// f in other units of its arguments, f(unit x) / unit^2: squares of x keep their weight, and so
// does the Hessian.
template <CurvedFunction F>
class InUnits {
 public:
  // f must outlive this; unit > 0.
  InUnits(const F& f, double unit) : f_(f), unit_(unit) {}
  Index size() const noexcept { return f_.size(); }
  double evaluate(const VectorView& x, VectorSpan gradient, Eigen::MatrixXd& hessian) const {
    const double value = f_.evaluate(Vector(unit_ * x), gradient, hessian);
    gradient /= unit_;
    return value / (unit_ * unit_);
  }

 private:
  const F& f_;
  double unit_;
};

// A function with a gradient, convex or not. evaluate() returns the value and writes the gradient.
template <class F>
concept SmoothFunction = requires(const F f, VectorView x, VectorSpan gradient) {
  { f.size() } -> std::same_as<Index>;
  { f.evaluate(x, gradient) } -> std::same_as<double>;
};

// A function that is a mean or a sum over parts that can be looked at a few at a time. evaluate()
// estimates value and gradient of the whole from the batch of that number, which decides alone what
// the batch holds: batches from 0 on, as often as asked.
template <class F>
concept BatchedFunction =
    requires(const F f, std::int64_t batch, VectorView x, VectorSpan gradient) {
  { f.size() } -> std::same_as<Index>;
  { f.evaluate(batch, x, gradient) } -> std::same_as<double>;
};

}  // namespace fairdb
