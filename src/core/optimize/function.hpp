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

}  // namespace fairdb
