// Minimises a convex function by Newton's method, over the whole space or a polytope.
//
//   min_x f(x)   subject to x in P
//
// Each step goes to the minimum of the quadratic model of f in P and takes the longest part 1 / 2^k
// of it that decreases f enough (Armijo); P is convex, so all of them lie in it. Each evaluation is
// one pass over the data, whatever the dimension. Converged when |H p|_inf, which is the gradient
// where nothing binds, is at most tolerance |f|, and no direction without curvature promises a
// decrease. f is above 0, but at a perfect minimum.
//
// f: a CurvedFunction. x: the start, in P; receives the solution, or the best point reached. An
// exception from f leaves it at the last completed step.
// Not converging is an outcome in the report, never an exception.
// Source: Nocedal and Wright, Numerical Optimization, 2nd edition, algorithms 3.2 and 18.3.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "core/base/error.hpp"
#include "core/base/monitor.hpp"
#include "core/base/report.hpp"
#include "core/optimize/dense.hpp"
#include "core/optimize/function.hpp"
#include "core/optimize/interior_point.hpp"

namespace fairdb {

struct NewtonOptions {
  std::int32_t max_iterations = 100;
  double tolerance = 1e-10;
};

// The minimum of 1/2 p'Hp + g'p. Where no row lies within a loss's curved part there is none: H
// gets a little curvature in all directions then, and holds it.
inline Vector free_minimum(Eigen::MatrixXd& hessian, const Vector& gradient) {
  bool solved = false;
  Vector p = solve_positive(hessian, -gradient, &solved);
  if (solved && p.allFinite()) return p;
  hessian.diagonal().array() += 1e-8 * (1.0 + hessian.diagonal().cwiseAbs().maxCoeff());
  return solve_positive(hessian, -gradient, &solved);
}

// The step from x to the minimum of the quadratic model, without constraints.
struct FreeStep {
  Vector operator()(Eigen::MatrixXd hessian, const Vector& gradient, const Vector& /*x*/) const {
    return free_minimum(hessian, gradient);
  }
};

// The same within { x : a (x, t) >= beta for some t }: t are the variables of a beyond x.
class PolytopeStep {
 public:
  // inside: whether a point lies in the polytope.
  PolytopeStep(RowMatrix a,
               Vector beta,
               std::function<bool(const Vector&)> inside,
               Monitor& monitor)
      : rows_(std::move(a)),
        beta_(std::move(beta)),
        inside_(std::move(inside)),
        monitor_(monitor) {}

  Vector operator()(Eigen::MatrixXd hessian, const Vector& gradient, const Vector& x) const {
    const Index n = x.size();
    Vector free = free_minimum(hessian, gradient);
    if (inside_(x + free)) return free;
    PiecewiseProblem problem;
    problem.q = Eigen::MatrixXd::Zero(rows_.columns(), rows_.columns());
    problem.q.topLeftCorner(n, n) = hessian;
    // Of the step, not of where it leads: an intercept far from 0 would drown it.
    problem.linear = Vector::Zero(rows_.columns());
    problem.linear.head(n) = gradient;
    Vector at = Vector::Zero(rows_.columns());
    at.head(n) = x;
    problem.beta = beta_ - rows_.times(at);
    problem.cost = Vector::Constant(beta_.size(), std::numeric_limits<double>::infinity());
    // In units in which the model's values are of order 1, for the tolerances of the solver.
    const double unit = std::max(1e-300, problem.linear.lpNorm<Eigen::Infinity>());
    problem.q /= unit;
    problem.linear /= unit;
    Vector solution;
    Vector multipliers;
    const Report report =
        minimize_piecewise(problem, rows_, solution, multipliers, {.tolerance = 1e-14}, monitor_);
    if (!(report.gradient_norm <= 1e-6)) {
      throw Error(ErrorKind::NotConverged, "a step within the fairness constraint did not converge",
                  "A smaller c, a larger epsilon, or epsilon => 0 makes the problem easier.");
    }
    return solution.head(n);
  }

 private:
  DenseRows rows_;
  Vector beta_;
  std::function<bool(const Vector&)> inside_;
  Monitor& monitor_;
};

template <CurvedFunction F, class Step>
Report minimize_newton(
    const F& f, Vector& x, const Step& step, const NewtonOptions& options, Monitor& monitor) {
  constexpr double kSufficientDecrease = 1e-4;
  constexpr double kRounding = 1e-10;
  constexpr double kPromise = 1e-9;
  constexpr int kMaxHalvings = 40;
  Report report;
  Vector gradient(f.size());
  Vector trial_gradient(f.size());
  Eigen::MatrixXd hessian;
  Eigen::MatrixXd trial_hessian;
  report.objective = f.evaluate(x, gradient, hessian);
  report.evaluations = 1;
  double first = 0;
  while (true) {
    if (!std::isfinite(report.objective) || !gradient.allFinite()) {
      report.outcome = Outcome::Stalled;
      return report;
    }
    const Vector p = step(hessian, gradient, x);
    const Vector model_gradient = hessian.template selfadjointView<Eigen::Lower>() * p;
    const double unit = std::max(std::numeric_limits<double>::min(), std::abs(report.objective));
    const double slope = gradient.dot(p);
    // The model's minimum promises at most twice what its curvature explains, unless p follows a
    // direction in which it has none.
    const bool without_curvature =
        -slope > std::max(kPromise * unit, 2.1 * std::abs(p.dot(model_gradient)));
    report.gradient_norm =
        (without_curvature ? gradient : model_gradient).template lpNorm<Eigen::Infinity>();
    if (first == 0) first = report.gradient_norm / unit;
    report.trace.push_back({report.iterations, report.objective, report.gradient_norm});
    if (report.gradient_norm <= options.tolerance * unit && !without_curvature) {
      report.outcome = Outcome::Converged;
      return report;
    }
    if (report.iterations == options.max_iterations) {
      report.outcome = Outcome::IterationLimit;
      return report;
    }
    const Progress progress{
        .stage = "newton",
        .iteration = report.iterations,
        .objective = report.objective,
        .residual = report.gradient_norm,
        .share = share_done(first, report.gradient_norm / unit, options.tolerance)};
    monitor.step(progress);
    // Near the optimum the decrease of f drowns in the rounding of its sum over the rows, and only
    // the gradient tells progress.
    const bool decrease_is_rounding = -slope <= kRounding * unit;
    double length = 1;
    bool decreased = false;
    for (int k = 0; k < kMaxHalvings && !decreased; ++k, length /= 2) {
      const Vector trial = x + length * p;
      const double value = f.evaluate(trial, trial_gradient, trial_hessian);
      ++report.evaluations;
      const bool better =
          decrease_is_rounding
              ? step(trial_hessian, trial_gradient, trial).dot(trial_gradient) > slope
              : value <= report.objective + kSufficientDecrease * length * slope;
      if (better) {
        decreased = true;
        x = trial;
        report.objective = value;
        gradient.swap(trial_gradient);
        hessian.swap(trial_hessian);
      } else if (decrease_is_rounding) {
        break;
      }
    }
    if (!decreased) {
      // Within a polytope the step has errors of its own: what it still promises tells.
      report.outcome = std::abs(slope) <= kPromise * unit ? Outcome::Converged : Outcome::Stalled;
      return report;
    }
    ++report.iterations;
  }
}

}  // namespace fairdb
