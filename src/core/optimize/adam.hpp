// Minimises a function that is a mean over many parts, a batch of them at a time, by Adam.
//
//   m <- b1 m + (1 - b1) g      v <- b2 v + (1 - b2) g^2
//   x <- x - rate_t m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + 1e-8)
//
// The rate falls from learning_rate to 0 along a half cosine over all steps, so that the last steps
// settle. At the start, at the end, and at most kLooks times between, the whole function is looked
// at from where an epoch ended: by the mean of all batches there, or by worth(x) of a function that
// has it, as on rows that do not train. x receives the point with the smallest.
//
// f: a BatchedFunction of `batches` batches an epoch. Which rows a batch holds is the function's to
// draw, from a seed of its own: the run is a function of f, x and the options. An exception from f
// leaves x at the best point that was looked at before. The outcome is IterationLimit: the method
// knows no optimum; Stalled where numbers ended. Memory: 4 n numbers. Source: Kingma and Ba, "Adam:
// a method for stochastic optimization", ICLR 2015, algorithm 1; Loshchilov and Hutter, "SGDR:
// stochastic gradient descent with warm restarts", ICLR 2017, equation 5, without restarts.
#pragma once

#include <cmath>
#include <limits>
#include <numbers>

#include "core/base/error.hpp"
#include "core/base/monitor.hpp"
#include "core/base/report.hpp"
#include "core/optimize/function.hpp"

namespace fairdb {

struct AdamOptions {
  std::int64_t batches = 1;
  std::int32_t epochs = 20;
  double learning_rate = 0.01;
};

inline constexpr std::int32_t kLooks = 20;

template <BatchedFunction F>
Report minimize_adam(const F& f, Vector& x, const AdamOptions& options, Monitor& monitor) {
  constexpr double kFirst = 0.9;
  constexpr double kSecond = 0.999;
  constexpr double kSmall = 1e-8;
  FAIRDB_ASSERT(options.batches > 0);
  const Index n = f.size();
  const auto steps = static_cast<double>(options.batches) * options.epochs;
  Report report;
  report.outcome = Outcome::IterationLimit;
  Vector at = x;
  Vector gradient(n);
  Vector first = Vector::Zero(n);
  Vector second = Vector::Zero(n);
  double best = std::numeric_limits<double>::infinity();
  // What the point is worth: the mean over an epoch without steps, unless the function tells.
  const auto settle = [&] {
    if constexpr (requires { f.worth(at); }) {
      const double value = f.worth(at);
      if (!(value < best) || !at.allFinite()) return;
      best = value;
      x = at;
      report.objective = value;
      return;
    }
    double sum = 0;
    Vector mean_gradient = Vector::Zero(n);
    for (std::int64_t b = 0; b < options.batches; ++b) {
      monitor.poll();
      sum += f.evaluate(b, at, gradient);
      mean_gradient += gradient;
      ++report.evaluations;
    }
    const double value = sum / static_cast<double>(options.batches);
    if (!(value < best) || !at.allFinite()) return;
    best = value;
    x = at;
    report.objective = value;
    report.gradient_norm =
        (mean_gradient / static_cast<double>(options.batches)).template lpNorm<Eigen::Infinity>();
  };
  settle();
  double t = 0;
  for (std::int32_t epoch = 0; epoch < options.epochs; ++epoch) {
    double sum = 0;
    for (std::int64_t b = 0; b < options.batches; ++b) {
      monitor.poll();
      sum += f.evaluate(b, at, gradient);
      ++report.evaluations;
      const double rate =
          0.5 * options.learning_rate * (1 + std::cos(std::numbers::pi * t / steps));
      t += 1;
      first = kFirst * first + (1 - kFirst) * gradient;
      second = kSecond * second + (1 - kSecond) * gradient.cwiseAbs2();
      at.array() -= rate / (1 - std::pow(kFirst, t)) * first.array() /
                    ((second.array() / (1 - std::pow(kSecond, t))).sqrt() + kSmall);
    }
    if (!at.allFinite() || !std::isfinite(sum)) {
      report.outcome = Outcome::Stalled;
      return report;
    }
    report.iterations = epoch + 1;
    report.trace.push_back(
        {report.iterations, sum / static_cast<double>(options.batches), gradient.norm()});
    monitor.step({.stage = "adam",
                  .iteration = report.iterations,
                  .objective = sum / static_cast<double>(options.batches),
                  .residual = kUnknown,
                  .share = static_cast<double>(epoch + 1) / options.epochs});
    const std::int32_t between = (options.epochs + kLooks - 1) / kLooks;
    if ((epoch + 1) % between == 0 || epoch + 1 == options.epochs) settle();
  }
  return report;
}

}  // namespace fairdb
