// What a solver may ask of a function. Functions are pure: no call depends on an earlier one.
#pragma once

#include <concepts>

#include "core/base/views.hpp"

namespace fairdb {

// A convex function with two derivatives. evaluate() returns the value, writes the gradient, and
// leaves in `point` what hessian_times() needs there; the point belongs to the solver.
template <class F>
concept CurvedFunction =
    requires(const F f, VectorView x, VectorSpan out, typename F::Point point) {
  { f.size() } -> std::same_as<Index>;
  { f.evaluate(x, out, point) } -> std::same_as<double>;
  f.hessian_times(point, x, out);
};

}  // namespace fairdb
