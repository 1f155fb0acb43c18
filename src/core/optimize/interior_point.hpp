// Minimises a quadratic with piecewise linear penalties, or hard inequalities, by an interior-point
// method:
//
//   min_x  1/2 x'Qx + q'x + sum_i cost_i max(0, beta_i - a_i'x)
//
// cost_i > 0; an infinite cost makes a_i'x >= beta_i a hard inequality. Support vector machines are
// of this form (a_i = y_i (z_i, 1), beta_i = 1), and so is a quadratic step within a polytope.
//
// Q: symmetric positive semidefinite, n x n. Rows: a RowSet, whose one dense product A'DA a step
// costs O(rows n^2). Some 20 to 40 steps, whatever the data. Memory: 8 numbers a row.
// Converged when the duality gap is at most tolerance max(1, |objective|): the objective is then
// within that of the optimum.
// Source: Ferris and Munson, "Interior-point methods for massive support vector machines", SIAM
// Journal on Optimization 2002, sections 2 and 3 (the normal equations in the primal dimension);
// steps by Mehrotra's predictor and corrector (Nocedal and Wright, 2nd edition, algorithm 16.4)
// with Gondzio's multiple centrality correctors (Computational Optimization and Applications 1996).
#pragma once

#include <Eigen/Cholesky>
#include <cmath>
#include <limits>

#include "core/base/error.hpp"
#include "core/base/monitor.hpp"
#include "core/base/report.hpp"
#include "core/optimize/dense.hpp"

namespace fairdb {

// The rows a_i of the penalties, as products. size(): their number; columns(): n.
template <class A>
concept RowSet = requires(const A rows, const Vector& v, Vector& out, Eigen::MatrixXd& gram) {
  { rows.size() } -> std::same_as<Index>;
  { rows.columns() } -> std::same_as<Index>;
  { rows.times(v) } -> std::same_as<Vector>;            // A v
  { rows.transpose_times(v) } -> std::same_as<Vector>;  // A'v
  { rows.gram(v) } -> std::same_as<Eigen::MatrixXd>;    // A' diag(v) A
};

// Rows as a matrix.
class DenseRows {
 public:
  explicit DenseRows(RowMatrix a) : a_(std::move(a)) {}
  Index size() const noexcept { return a_.rows(); }
  Index columns() const noexcept { return a_.cols(); }
  Vector times(const Vector& v) const { return a_ * v; }
  Vector transpose_times(const Vector& v) const { return a_.transpose() * v; }
  Eigen::MatrixXd gram(const Vector& weights) const {
    const RowMatrix scaled = weights.cwiseSqrt().asDiagonal() * a_;
    Eigen::MatrixXd result = Eigen::MatrixXd::Zero(a_.cols(), a_.cols());
    result.selfadjointView<Eigen::Lower>().rankUpdate(scaled.transpose());
    return result.selfadjointView<Eigen::Lower>();
  }

 private:
  RowMatrix a_;
};

struct InteriorPointOptions {
  std::int32_t max_iterations = 100;
  double tolerance = 1e-9;
};

struct PiecewiseProblem {
  Eigen::MatrixXd q;  // Q, complete
  Vector linear;      // q
  double constant = 0;
  Vector beta;
  Vector cost;
};

// x: receives the solution, or the best iterate. alpha: receives the multipliers, 0 <= alpha_i <=
// cost_i, with Qx + q = A'alpha. report.gradient_norm is in units of the objective. Not converging
// is an outcome in the report, never an exception.
template <RowSet A>
Report minimize_piecewise(const PiecewiseProblem& problem,
                          const A& rows,
                          Vector& x,
                          Vector& alpha,
                          const InteriorPointOptions& options,
                          Monitor& monitor) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kToBoundary = 0.995;
  constexpr int kCorrectors = 3;
  constexpr int kRefinements = 2;
  constexpr int kDualRefinements = 8;
  constexpr double kLeastLift = 1e-13;
  constexpr double kMostLift = 1e-6;
  constexpr double kTiny = std::numeric_limits<double>::min();
  constexpr double kClose = 1e-6;
  constexpr int kPatience = 5;
  constexpr double kOvershoot = 0.1;
  constexpr double kRounding = 1e-15;
  const Index n = rows.size();
  const Vector& cost = problem.cost;
  // s: slack of the row; xi: what a soft row falls short, with multiplier eta = cost - alpha.
  Vector s(n);
  Vector xi(n);
  Vector eta(n);
  alpha.resize(n);
  x.setZero(rows.columns());
  for (Index i = 0; i < n; ++i) {
    const bool soft = cost(i) < kInfinity;
    alpha(i) = soft ? 0.5 * cost(i) : 1.0;
    eta(i) = soft ? 0.5 * cost(i) : 1.0;
    // a'x + xi - beta = s at x = 0, both at least 1.
    xi(i) = soft ? std::max(1.0, 1.0 + problem.beta(i)) : 0.0;
    s(i) = std::max(1.0, xi(i) - problem.beta(i));
  }
  Report report;
  double first_gap = 0;
  // The iterate that is returned when none converges: rounding may spoil those after it.
  double best = kInfinity;
  std::int32_t best_iteration = 0;
  double best_objective = 0;
  Vector best_x;
  Vector best_alpha;
  Vector ax = Vector::Zero(n);
  Vector dual(problem.linear.size());
  while (true) {
    // gap: sum of the complementarity products, the duality gap once the residuals vanish.
    double gap = 0;
    double penalty = 0;
    double infeasible = 0;
    Index products = 0;
    for (Index i = 0; i < n; ++i) {
      gap += alpha(i) * s(i);
      ++products;
      const double missing = problem.beta(i) - ax(i);
      if (cost(i) < kInfinity) {
        gap += eta(i) * xi(i);
        ++products;
        penalty += cost(i) * std::max(0.0, missing);
      } else {
        infeasible = std::max(infeasible, missing);
      }
    }
    const Vector qx = problem.q * x;
    dual = qx + problem.linear - rows.transpose_times(alpha);
    report.objective = 0.5 * x.dot(qx) + problem.linear.dot(x) + problem.constant + penalty;
    const double unit = std::max(1.0, std::abs(report.objective));
    // What a dual residual is worth in units of the objective.
    const double worth = std::max(1.0, x.lpNorm<1>()) / unit;
    const double dual_residual = dual.lpNorm<Eigen::Infinity>() * worth;
    report.gradient_norm = std::max(gap / unit, dual_residual);
    if (!std::isfinite(report.objective) || !std::isfinite(gap)) {
      report.outcome = Outcome::Stalled;
      break;
    }
    if (first_gap == 0) first_gap = report.gradient_norm;
    report.trace.push_back({report.iterations, report.objective, report.gradient_norm});
    if (gap <= options.tolerance * unit && dual_residual <= options.tolerance &&
        infeasible <= options.tolerance) {
      report.outcome = Outcome::Converged;
      return report;
    }
    const double merit = std::max(report.gradient_norm, infeasible);
    if (merit < best) {
      best = merit;
      best_iteration = report.iterations;
      best_objective = report.objective;
      best_x = x;
      best_alpha = alpha;
    }
    if (gap <= kRounding * unit ||
        (gap <= kClose * unit && report.iterations - best_iteration >= kPatience)) {
      report.outcome = Outcome::Stalled;
      break;
    }
    if (report.iterations == options.max_iterations) {
      report.outcome = Outcome::IterationLimit;
      break;
    }
    const Progress progress{
        .stage = "interior point",
        .iteration = report.iterations,
        .objective = report.objective,
        .residual = report.gradient_norm,
        .share = share_done(first_gap, report.gradient_norm, options.tolerance)};
    if (monitor.step(progress) == Signal::Finish) {
      report.outcome = Outcome::Finished;
      break;
    }

    const double mu = gap / static_cast<double>(std::max<Index>(1, products));
    Vector weight(n);
    for (Index i = 0; i < n; ++i) {
      weight(i) = 1.0 / (s(i) / alpha(i) + (cost(i) < kInfinity ? xi(i) / eta(i) : 0.0));
    }
    const Eigen::MatrixXd normal = problem.q + rows.gram(weight);
    monitor.poll();
    // Rounding may leave the matrix of nearly dependent columns indefinite; what lifting it spoils,
    // refinement repairs. Each column by its own size: Cholesky's rounding is in those units, and a
    // lift in units of the largest column would bury the others. Only where that is not enough, as
    // where the matrix itself was rounded in larger units, by that too.
    Eigen::LLT<Eigen::MatrixXd> cholesky;
    double lift = kLeastLift;
    do {
      Eigen::MatrixXd lifted = normal;
      lifted.diagonal() *= 1 + lift;
      lifted.diagonal().array() +=
          lift > kLeastLift ? 1e-3 * lift * normal.diagonal().maxCoeff() : kTiny;
      cholesky.compute(lifted);
      monitor.poll();
      lift *= 10;
    } while (cholesky.info() != Eigen::Success && lift <= kMostLift);
    if (cholesky.info() != Eigen::Success) {
      report.outcome = Outcome::Stalled;
      break;
    }
    // Moves towards complementarity products r_s and r_x; fills the directions.
    Vector target_s(n);
    Vector target_x(n);
    Vector d_alpha(n);
    Vector d_s(n);
    Vector d_xi(n);
    Vector dx;
    Vector adx;
    // Of the slacks, from those of x and alpha.
    const auto follow = [&] {
      for (Index i = 0; i < n; ++i) {
        d_s(i) = (target_s(i) - s(i) * d_alpha(i)) / alpha(i);
        d_xi(i) = cost(i) < kInfinity ? (target_x(i) + xi(i) * d_alpha(i)) / eta(i) : 0.0;
      }
    };
    const auto direction = [&] {
      Vector right(n);
      for (Index i = 0; i < n; ++i) {
        const bool soft = cost(i) < kInfinity;
        const double primal = ax(i) + xi(i) - problem.beta(i) - s(i);
        right(i) =
            weight(i) * (target_s(i) / alpha(i) - (soft ? target_x(i) / eta(i) : 0.0) - primal);
      }
      const Vector b = rows.transpose_times(right) - dual;
      dx = cholesky.solve(b);
      for (int k = 0; k < kRefinements; ++k) dx += cholesky.solve(b - normal * dx);
      adx = rows.times(dx);
      d_alpha = right - weight.cwiseProduct(adx);
      follow();
    };
    // Towards the optimum the weights grow without bound and multiply the rounding of A dx into
    // d_alpha, step by step more, so that the dual residual would rise again. So the dual equation
    // itself is refined, Q dx - A'd_alpha = -dual, by corrections whose own rounding is as much
    // smaller as they are: conjugate gradients, as where the lift is no less than Q plain
    // refinement hardly moves.
    const auto refine = [&] {
      double least = kInfinity;
      double before = 0;
      Vector p = Vector::Zero(dx.size());
      Vector kept_dx;
      Vector kept_adx;
      Vector kept_alpha;
      for (int k = 0; k <= kDualRefinements; ++k) {
        const Vector rest = problem.q * dx - rows.transpose_times(d_alpha) + dual;
        const double size = rest.template lpNorm<Eigen::Infinity>();
        if (size < least) {
          least = size;
          kept_dx = dx;
          kept_adx = adx;
          kept_alpha = d_alpha;
        }
        if (!(size * worth > 0.1 * options.tolerance) || k == kDualRefinements) break;
        monitor.poll();
        const Vector z = cholesky.solve(rest);
        const double now = rest.dot(z);
        p = z + (before > 0 ? now / before : 0.0) * p;
        before = now;
        const Vector along = rows.times(p);
        const Vector pull = weight.cwiseProduct(along);
        const double step = now / (p.dot(problem.q * p) + along.dot(pull));
        if (!std::isfinite(step)) break;
        dx -= step * p;
        adx -= step * along;
        d_alpha += step * pull;
      }
      if (least < kInfinity) {
        dx = kept_dx;
        adx = kept_adx;
        d_alpha = kept_alpha;
      }
      follow();
    };
    // The longest steps that keep the primal (s, xi) and the dual (alpha, eta) side positive.
    const auto longest = [&](double* primal, double* dual_side) {
      *primal = 1;
      *dual_side = 1;
      const auto shorten = [](double* length, double value, double change) {
        if (change < 0) *length = std::min(*length, -value / change);
      };
      for (Index i = 0; i < n; ++i) {
        shorten(primal, s(i), d_s(i));
        shorten(dual_side, alpha(i), d_alpha(i));
        if (cost(i) == kInfinity) continue;
        shorten(primal, xi(i), d_xi(i));
        shorten(dual_side, eta(i), -d_alpha(i));
      }
    };
    for (Index i = 0; i < n; ++i) {
      target_s(i) = -alpha(i) * s(i);
      target_x(i) = -eta(i) * xi(i);
    }
    direction();
    double primal_length = 0;
    double dual_length = 0;
    longest(&primal_length, &dual_length);
    double ahead = 0;
    for (Index i = 0; i < n; ++i) {
      ahead += (alpha(i) + dual_length * d_alpha(i)) * (s(i) + primal_length * d_s(i));
      if (cost(i) == kInfinity) continue;
      ahead += (eta(i) - dual_length * d_alpha(i)) * (xi(i) + primal_length * d_xi(i));
    }
    const double reduction = gap > 0 ? ahead / gap : 0;
    // Never far below what is asked for: each factor that mu falls is one that the weights rise.
    const double centre = std::max(
        reduction * reduction * reduction * mu,
        std::min(mu, kOvershoot * options.tolerance * unit / static_cast<double>(products)));
    monitor.poll();
    for (Index i = 0; i < n; ++i) {
      target_s(i) += centre - d_alpha(i) * d_s(i);
      target_x(i) += centre + d_alpha(i) * d_xi(i);
    }
    direction();
    // One length for both sides: with a quadratic, different ones spoil the dual residual.
    const auto length_of_step = [&] {
      longest(&primal_length, &dual_length);
      return std::min(primal_length, dual_length);
    };
    double length = length_of_step();
    // Further correctors pull the products that a longer step would leave far from the centre back
    // towards it, as long as that lengthens the step.
    for (int corrector = 0; corrector < kCorrectors && length < 0.9; ++corrector) {
      monitor.poll();
      const double wanted = std::min(1.0, 1.08 * length + 0.08);
      const double low = 0.1 * centre;
      const double high = 10 * centre;
      const auto pull = [&](double product) {
        if (product < low) return low - product;
        return product > high ? std::max(high - product, -high) : 0.0;
      };
      const Vector kept_s = target_s;
      const Vector kept_x = target_x;
      for (Index i = 0; i < n; ++i) {
        target_s(i) += pull((alpha(i) + wanted * d_alpha(i)) * (s(i) + wanted * d_s(i)));
        if (cost(i) == kInfinity) continue;
        target_x(i) += pull((eta(i) - wanted * d_alpha(i)) * (xi(i) + wanted * d_xi(i)));
      }
      direction();
      const double longer = length_of_step();
      if (longer < 1.01 * length) {
        target_s = kept_s;
        target_x = kept_x;
        direction();
        length = length_of_step();
        break;
      }
      length = longer;
    }
    refine();
    length = std::min(1.0, kToBoundary * length_of_step());
    if (length < 1e-12) {
      report.outcome = Outcome::Stalled;
      break;
    }
    x += length * dx;
    ax += length * adx;
    s += length * d_s;
    alpha += length * d_alpha;
    for (Index i = 0; i < n; ++i) {
      if (cost(i) == kInfinity) continue;
      xi(i) += length * d_xi(i);
      eta(i) -= length * d_alpha(i);
    }
    ++report.iterations;
    ++report.evaluations;
  }
  if (best < kInfinity) {
    report.objective = best_objective;
    report.gradient_norm = best;
    x = best_x;
    alpha = best_alpha;
  }
  return report;
}

}  // namespace fairdb
