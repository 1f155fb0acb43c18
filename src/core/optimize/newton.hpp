// Minimises a convex function by Newton's method with inexact steps.
//
//   min_x f(x)
//
// Each step solves H s = -g approximately by conjugate gradients and takes the longest s / 2^k that
// decreases f enough (Armijo). Converged when |g|_inf <= tolerance max(1, |f|).
//
// f: a CurvedFunction whose Hessian is positive definite at the places visited (a regularised risk
// is, up to its intercept, which conjugate gradients handle as long as it has curvature).
// x: the start; receives the solution, or the best point reached. An exception from f leaves it at
// the last completed step.
// Not converging is an outcome in the report, never an exception.
// Source: Nocedal and Wright, Numerical Optimization, 2nd edition, algorithm 7.1 (line search
// Newton-CG), with steps solved more accurately as the gradient vanishes.
#pragma once

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/monitor.hpp"
#include "core/base/report.hpp"
#include "core/optimize/function.hpp"

namespace fairdb {

struct NewtonOptions {
  std::int32_t max_iterations = 100;
  double tolerance = 1e-10;
};

namespace newton {

// The step s with |H s + g| <= accuracy |g|, by conjugate gradients from 0.
template <CurvedFunction F>
Vector step(const F& f, const typename F::Point& point, const Vector& gradient, double accuracy) {
  Vector s = Vector::Zero(gradient.size());
  Vector residual = -gradient;
  Vector direction = residual;
  Vector product(gradient.size());
  double squared = residual.squaredNorm();
  const double enough = accuracy * accuracy * squared;
  const Index limit = 2 * gradient.size() + 10;
  for (Index i = 0; i < limit && squared > enough; ++i) {
    f.hessian_times(point, direction, product);
    const double curvature = direction.dot(product);
    if (!(curvature > 0)) return i == 0 ? direction : s;
    const double length = squared / curvature;
    s += length * direction;
    residual -= length * product;
    const double next = residual.squaredNorm();
    direction = residual + next / squared * direction;
    squared = next;
  }
  return s;
}

}  // namespace newton

template <CurvedFunction F>
Report minimize_newton(const F& f, Vector& x, const NewtonOptions& options, Monitor& monitor) {
  constexpr double kSufficientDecrease = 1e-4;
  constexpr double kRounding = 1e-10;
  constexpr int kMaxHalvings = 40;
  Report report;
  Vector gradient(f.size());
  Vector trial_gradient(f.size());
  typename F::Point point;
  typename F::Point trial_point;
  report.objective = f.evaluate(x, gradient, point);
  report.evaluations = 1;
  while (true) {
    report.gradient_norm = gradient.template lpNorm<Eigen::Infinity>();
    if (!std::isfinite(report.objective) || !std::isfinite(report.gradient_norm)) {
      report.outcome = Outcome::Stalled;
      return report;
    }
    if (report.gradient_norm <= options.tolerance * std::max(1.0, std::abs(report.objective))) {
      report.outcome = Outcome::Converged;
      return report;
    }
    if (report.iterations == options.max_iterations) {
      report.outcome = Outcome::IterationLimit;
      return report;
    }
    const Progress progress{.stage = "newton",
                            .iteration = report.iterations,
                            .limit = options.max_iterations,
                            .objective = report.objective,
                            .residual = report.gradient_norm};
    if (monitor.step(progress) == Signal::Finish) {
      report.outcome = Outcome::Finished;
      return report;
    }
    const double accuracy =
        std::min(0.1, std::sqrt(gradient.norm() / (1 + std::abs(report.objective))));
    const Vector s = newton::step(f, point, gradient, accuracy);
    const double slope = gradient.dot(s);
    // Near the optimum the decrease of f drowns in the rounding of its sum over the rows, and only
    // the gradient tells progress.
    const bool decrease_is_rounding =
        -slope <= kRounding * std::max(1.0, std::abs(report.objective));
    double length = 1;
    bool decreased = false;
    for (int k = 0; k < kMaxHalvings && !decreased; ++k, length /= 2) {
      const Vector trial = x + length * s;
      const double value = f.evaluate(trial, trial_gradient, trial_point);
      ++report.evaluations;
      const bool better = decrease_is_rounding
                              ? trial_gradient.norm() < gradient.norm()
                              : value <= report.objective + kSufficientDecrease * length * slope;
      if (better) {
        decreased = true;
        x = trial;
        report.objective = value;
        gradient.swap(trial_gradient);
        point.swap(trial_point);
      }
    }
    if (!decreased) {
      report.outcome = Outcome::Stalled;
      return report;
    }
    ++report.iterations;
  }
}

}  // namespace fairdb
