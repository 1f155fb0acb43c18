// Minimises a smooth function without its Hessian, by the limited-memory BFGS method.
//
//   min_x f(x)
//
// The inverse Hessian is remembered as the last `memory` steps and changes of the gradient, so that
// a step costs O(memory n) and one or a few evaluations. A line is searched by bracketing and cubic
// interpolation until a point meets the strong Wolfe conditions; the step goes to the point with
// the smallest value that was seen on it. Converged when |gradient|_inf is at most tolerance max(1,
// |f|).
//
// f: a SmoothFunction; where it is not convex the result is a stationary point. x: the start;
// receives the solution, or the point with the smallest value that was evaluated, also when an
// exception ends the search. Can be cancelled before each evaluation. Not converging is an outcome
// in the report, never an exception. Memory: 2 (memory + 4) n numbers.
// Source: Nocedal and Wright, Numerical Optimization, 2nd edition, algorithms 7.4, 7.5, 3.5
// and 3.6.
#pragma once

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/monitor.hpp"
#include "core/base/report.hpp"
#include "core/optimize/function.hpp"

namespace fairdb {

struct LbfgsOptions {
  std::int32_t max_iterations = 1000;
  double tolerance = 1e-8;
  std::size_t memory = 10;  // pairs, at least 1
};

namespace detail {

// The inverse Hessian of the last steps.
class LimitedMemory {
 public:
  explicit LimitedMemory(std::size_t size) : size_(size) {}

  // step: of x; change: of the gradient. A pair without curvature tells nothing and is left out.
  void remember(Vector step, Vector change) {
    const double curvature = step.dot(change);
    if (!(curvature > std::numeric_limits<double>::epsilon() * change.squaredNorm())) return;
    if (pairs_.size() == size_) pairs_.pop_front();
    pairs_.push_back({std::move(step), std::move(change), 1 / curvature});
  }

  bool empty() const noexcept { return pairs_.empty(); }
  void forget() { pairs_.clear(); }

  // -H gradient, by the two-loop recursion.
  Vector direction(const Vector& gradient) const {
    Vector q = -gradient;
    std::vector<double> alpha(pairs_.size());
    for (std::size_t k = pairs_.size(); k-- > 0;) {
      alpha[k] = pairs_[k].inverse * pairs_[k].step.dot(q);
      q -= alpha[k] * pairs_[k].change;
    }
    if (!pairs_.empty()) {
      const Pair& last = pairs_.back();
      q /= last.inverse * last.change.squaredNorm();
    }
    for (std::size_t k = 0; k < pairs_.size(); ++k) {
      q += (alpha[k] - pairs_[k].inverse * pairs_[k].change.dot(q)) * pairs_[k].step;
    }
    return q;
  }

 private:
  struct Pair {
    Vector step;
    Vector change;
    double inverse;  // 1 / <step, change>
  };
  std::size_t size_;
  std::deque<Pair> pairs_;
};

// f along a direction: the value and the slope at a length.
struct LinePoint {
  double length;
  double value;
  double slope;
};

// The minimum of the cubic through both points, kept away from their ends; the middle where there
// is none.
inline double cubic_minimum(const LinePoint& a, const LinePoint& b) {
  const double d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.length - b.length);
  const double root = d1 * d1 - a.slope * b.slope;
  const double low = std::min(a.length, b.length);
  const double width = std::abs(b.length - a.length);
  double at = low + width / 2;
  if (root >= 0) {
    const double d2 = std::copysign(std::sqrt(root), b.length - a.length);
    const double found =
        b.length - (b.length - a.length) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
    if (std::isfinite(found)) at = found;
  }
  return std::clamp(at, low + 0.1 * width, low + 0.9 * width);
}

}  // namespace detail

template <SmoothFunction F>
Report minimize_lbfgs(const F& f, Vector& x, const LbfgsOptions& options, Monitor& monitor) {
  constexpr double kSufficientDecrease = 1e-4;
  constexpr double kFlatter = 0.9;
  constexpr int kMostTrials = 40;
  FAIRDB_ASSERT(options.memory > 0);
  Report report;
  detail::LimitedMemory memory(options.memory);
  Vector gradient(f.size());
  report.objective = f.evaluate(x, gradient);
  report.evaluations = 1;
  double first = 0;
  for (;;) {
    report.gradient_norm = gradient.lpNorm<Eigen::Infinity>();
    report.trace.push_back({report.iterations, report.objective, report.gradient_norm});
    if (!std::isfinite(report.objective) || !std::isfinite(report.gradient_norm)) {
      report.outcome = Outcome::Stalled;
      return report;
    }
    const double unit = std::max(1.0, std::abs(report.objective));
    if (first == 0) first = report.gradient_norm / unit;
    if (report.gradient_norm <= options.tolerance * unit) {
      report.outcome = Outcome::Converged;
      return report;
    }
    if (report.iterations == options.max_iterations) {
      report.outcome = Outcome::IterationLimit;
      return report;
    }
    monitor.step({.stage = "l-bfgs",
                  .iteration = report.iterations,
                  .objective = report.objective,
                  .residual = report.gradient_norm,
                  .share = share_done(first, report.gradient_norm / unit, options.tolerance)});
    Vector direction = memory.direction(gradient);
    if (!(direction.dot(gradient) < 0) || !direction.allFinite()) {
      memory.forget();
      direction = -gradient;
    }
    const Vector start = x;
    const Vector start_gradient = gradient;
    const detail::LinePoint origin{0, report.objective, direction.dot(gradient)};
    Vector trial(f.size());
    Vector trial_gradient(f.size());
    // x is the best point so far.
    const auto evaluate = [&](double length) {
      monitor.poll();
      trial = start + length * direction;
      const double value = f.evaluate(trial, trial_gradient);
      ++report.evaluations;
      const double slope = direction.dot(trial_gradient);
      if (std::isfinite(value) && trial_gradient.allFinite() && value < report.objective) {
        x = trial;
        gradient = trial_gradient;
        report.objective = value;
      }
      return detail::LinePoint{length, value, slope};
    };
    const auto decreases = [&](const detail::LinePoint& p) {
      return p.value <= origin.value + kSufficientDecrease * p.length * origin.slope;
    };
    const auto flat = [&](const detail::LinePoint& p) {
      return std::abs(p.slope) <= -kFlatter * origin.slope;
    };
    // Lengths grow until a bracket is found, which then shrinks to a point that serves.
    detail::LinePoint low = origin;
    detail::LinePoint high = origin;
    double length = memory.empty() ? std::min(1.0, 1 / direction.lpNorm<1>()) : 1.0;
    bool bracketed = false;
    for (int trials = 0; trials < kMostTrials; ++trials) {
      const detail::LinePoint point = evaluate(length);
      if (!std::isfinite(point.value) || !std::isfinite(point.slope)) {
        high = {length, std::numeric_limits<double>::infinity(), 0};
        bracketed = true;
        length = low.length + 0.1 * (length - low.length);
        continue;
      }
      if (!decreases(point) || (low.length > 0 && point.value >= low.value)) {
        high = point;
        bracketed = true;
      } else {
        if (flat(point)) break;
        if (bracketed ? point.slope * (high.length - low.length) >= 0 : point.slope >= 0) {
          high = low;
          bracketed = true;
        }
        low = point;
      }
      if (!bracketed) {
        length *= 4;
        continue;
      }
      if (std::abs(high.length - low.length) <=
          std::numeric_limits<double>::epsilon() * std::max(low.length, high.length)) {
        break;
      }
      length = std::isfinite(high.value) ? detail::cubic_minimum(low, high)
                                         : (low.length + high.length) / 2;
    }
    if (report.objective >= origin.value) {
      // No point of the line is better. Curvature that is remembered wrongly may be to blame.
      if (memory.empty()) {
        report.outcome = Outcome::Stalled;
        return report;
      }
      memory.forget();
      continue;
    }
    memory.remember(x - start, gradient - start_gradient);
    ++report.iterations;
  }
}

}  // namespace fairdb
