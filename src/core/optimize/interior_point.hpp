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
#include <optional>

#include "core/base/dense_kernels.hpp"
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
    add_gram(scaled, result);
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

namespace detail {

// One run of the method. Of a row i: s its slack; of a soft one (of finite cost) xi what it falls
// short and eta = cost - alpha the multiplier of xi >= 0.
template <RowSet A>
class InteriorPoint {
 public:
  InteriorPoint(const PiecewiseProblem& problem,
                const A& rows,
                const InteriorPointOptions& options,
                Monitor& monitor)
      : problem_(problem), rows_(rows), options_(options), monitor_(monitor), n_(rows.size()) {}

  Report minimize(Vector& x, Vector& alpha) {
    start();
    for (;;) {
      if (!measure()) {
        report_.outcome = Outcome::Stalled;
        break;
      }
      if (const auto outcome = ending()) {
        report_.outcome = *outcome;
        if (*outcome == Outcome::Converged) {
          x = x_;
          alpha = alpha_;
          return report_;
        }
        break;
      }
      show_progress();
      if (!factorize() || !step()) {
        report_.outcome = Outcome::Stalled;
        break;
      }
      ++report_.iterations;
      ++report_.evaluations;
    }
    give_best(x, alpha);
    return report_;
  }

 private:
  static constexpr double kInfinity = std::numeric_limits<double>::infinity();
  static constexpr double kTiny = std::numeric_limits<double>::min();

  bool soft(Index i) const { return problem_.cost(i) < kInfinity; }

  // x = 0, with slacks of at least 1 and multipliers in the middle.
  void start() {
    s_.resize(n_);
    xi_.resize(n_);
    eta_.resize(n_);
    alpha_.resize(n_);
    x_.setZero(rows_.columns());
    ax_ = Vector::Zero(n_);
    for (Index i = 0; i < n_; ++i) {
      alpha_(i) = soft(i) ? 0.5 * problem_.cost(i) : 1.0;
      eta_(i) = alpha_(i);
      // a'x + xi - beta = s at x = 0, both at least 1.
      xi_(i) = soft(i) ? std::max(1.0, 1.0 + problem_.beta(i)) : 0.0;
      s_(i) = std::max(1.0, xi_(i) - problem_.beta(i));
    }
  }

  // Where the iterate stands, into the report; false when that is no number.
  bool measure() {
    gap_ = 0;
    infeasible_ = 0;
    products_ = 0;
    double penalty = 0;
    for (Index i = 0; i < n_; ++i) {
      gap_ += alpha_(i) * s_(i);
      ++products_;
      const double missing = problem_.beta(i) - ax_(i);
      if (soft(i)) {
        gap_ += eta_(i) * xi_(i);
        ++products_;
        penalty += problem_.cost(i) * std::max(0.0, missing);
      } else {
        infeasible_ = std::max(infeasible_, missing);
      }
    }
    const Vector qx = problem_.q * x_;
    dual_ = qx + problem_.linear - rows_.transpose_times(alpha_);
    report_.objective = 0.5 * x_.dot(qx) + problem_.linear.dot(x_) + problem_.constant + penalty;
    unit_ = std::max(1.0, std::abs(report_.objective));
    worth_ = std::max(1.0, x_.template lpNorm<1>()) / unit_;
    dual_residual_ = dual_.template lpNorm<Eigen::Infinity>() * worth_;
    report_.gradient_norm = std::max(gap_ / unit_, dual_residual_);
    return std::isfinite(report_.objective) && std::isfinite(gap_);
  }

  // Why to stop here; nullopt to go on. Keeps the best iterate: rounding may spoil those after it.
  std::optional<Outcome> ending() {
    constexpr double kClose = 1e-6;
    constexpr double kRounding = 1e-15;
    constexpr int kPatience = 5;
    if (first_gap_ == 0) first_gap_ = report_.gradient_norm;
    report_.trace.push_back({report_.iterations, report_.objective, report_.gradient_norm});
    if (gap_ <= options_.tolerance * unit_ && dual_residual_ <= options_.tolerance &&
        infeasible_ <= options_.tolerance) {
      return Outcome::Converged;
    }
    const double merit = std::max(report_.gradient_norm, infeasible_);
    if (merit < best_.merit) {
      best_ = {merit, report_.iterations, report_.objective, x_, alpha_};
    }
    if (gap_ <= kRounding * unit_ ||
        (gap_ <= kClose * unit_ && report_.iterations - best_.iteration >= kPatience)) {
      return Outcome::Stalled;
    }
    if (report_.iterations == options_.max_iterations) return Outcome::IterationLimit;
    return std::nullopt;
  }

  void give_best(Vector& x, Vector& alpha) {
    x = std::move(x_);
    alpha = std::move(alpha_);
    if (!(best_.merit < kInfinity)) return;
    report_.objective = best_.objective;
    report_.gradient_norm = best_.merit;
    x = std::move(best_.x);
    alpha = std::move(best_.alpha);
  }

  void show_progress() {
    monitor_.step({.stage = "interior point",
                   .iteration = report_.iterations,
                   .objective = report_.objective,
                   .residual = report_.gradient_norm,
                   .share = share_done(first_gap_, report_.gradient_norm, options_.tolerance)});
  }

  // The normal equations Q + A' diag(weight) A, factorised. Rounding may leave the matrix of nearly
  // dependent columns indefinite; what lifting it spoils, refinement repairs. Each column by its
  // own size: Cholesky's rounding is in those units, and a lift in units of the largest column
  // would bury the others. Only where that is not enough, as where the matrix itself was rounded in
  // larger units, by that too.
  bool factorize() {
    constexpr double kLeastLift = 1e-13;
    constexpr double kMostLift = 1e-6;
    weight_.resize(n_);
    for (Index i = 0; i < n_; ++i) {
      weight_(i) = 1.0 / (s_(i) / alpha_(i) + (soft(i) ? xi_(i) / eta_(i) : 0.0));
    }
    normal_ = problem_.q + rows_.gram(weight_);
    monitor_.poll();
    double lift = kLeastLift;
    do {
      Eigen::MatrixXd lifted = normal_;
      lifted.diagonal() *= 1 + lift;
      lifted.diagonal().array() +=
          lift > kLeastLift ? 1e-3 * lift * normal_.diagonal().maxCoeff() : kTiny;
      cholesky_.compute(lifted);
      monitor_.poll();
      lift *= 10;
    } while (cholesky_.info() != Eigen::Success && lift <= kMostLift);
    return cholesky_.info() == Eigen::Success;
  }

  // A predictor towards the boundary tells how far to aim; correctors follow it. False when there
  // is no way on.
  bool step() {
    constexpr double kToBoundary = 0.995;
    target_s_.resize(n_);
    target_x_.resize(n_);
    for (Index i = 0; i < n_; ++i) {
      target_s_(i) = -alpha_(i) * s_(i);
      target_x_(i) = -eta_(i) * xi_(i);
    }
    find_direction();
    const double centre = centre_ahead();
    monitor_.poll();
    for (Index i = 0; i < n_; ++i) {
      target_s_(i) += centre - d_alpha_(i) * d_s_(i);
      target_x_(i) += centre + d_alpha_(i) * d_xi_(i);
    }
    find_direction();
    correct(centre);
    refine();
    const double length = std::min(1.0, kToBoundary * longest().both());
    if (length < 1e-12) return false;
    move(length);
    return true;
  }

  // The complementarity product to aim at, from what the predictor would leave of the gap.
  double centre_ahead() const {
    constexpr double kOvershoot = 0.1;
    const Lengths lengths = longest();
    double ahead = 0;
    for (Index i = 0; i < n_; ++i) {
      ahead += (alpha_(i) + lengths.dual * d_alpha_(i)) * (s_(i) + lengths.primal * d_s_(i));
      if (!soft(i)) continue;
      ahead += (eta_(i) - lengths.dual * d_alpha_(i)) * (xi_(i) + lengths.primal * d_xi_(i));
    }
    const double mu = gap_ / static_cast<double>(std::max<Index>(1, products_));
    const double reduction = gap_ > 0 ? ahead / gap_ : 0;
    // Never far below what is asked for: each factor that mu falls is one that the weights rise.
    return std::max(
        reduction * reduction * reduction * mu,
        std::min(mu, kOvershoot * options_.tolerance * unit_ / static_cast<double>(products_)));
  }

  // Pulls the products that a longer step would leave far from the centre back towards it, as long
  // as that lengthens the step.
  void correct(double centre) {
    constexpr int kCorrectors = 3;
    const double low = 0.1 * centre;
    const double high = 10 * centre;
    const auto pull = [&](double product) {
      if (product < low) return low - product;
      return product > high ? std::max(high - product, -high) : 0.0;
    };
    double length = longest().both();
    for (int corrector = 0; corrector < kCorrectors && length < 0.9; ++corrector) {
      monitor_.poll();
      const double wanted = std::min(1.0, 1.08 * length + 0.08);
      const Vector kept_s = target_s_;
      const Vector kept_x = target_x_;
      for (Index i = 0; i < n_; ++i) {
        target_s_(i) += pull((alpha_(i) + wanted * d_alpha_(i)) * (s_(i) + wanted * d_s_(i)));
        if (!soft(i)) continue;
        target_x_(i) += pull((eta_(i) - wanted * d_alpha_(i)) * (xi_(i) + wanted * d_xi_(i)));
      }
      find_direction();
      const double longer = longest().both();
      if (longer < 1.01 * length) {
        target_s_ = kept_s;
        target_x_ = kept_x;
        find_direction();
        return;
      }
      length = longer;
    }
  }

  // The direction towards the targets of the complementarity products.
  void find_direction() {
    constexpr int kRefinements = 2;
    Vector right(n_);
    for (Index i = 0; i < n_; ++i) {
      const double primal = ax_(i) + xi_(i) - problem_.beta(i) - s_(i);
      right(i) = weight_(i) *
                 (target_s_(i) / alpha_(i) - (soft(i) ? target_x_(i) / eta_(i) : 0.0) - primal);
    }
    const Vector b = rows_.transpose_times(right) - dual_;
    dx_ = cholesky_.solve(b);
    for (int k = 0; k < kRefinements; ++k) dx_ += cholesky_.solve(b - normal_ * dx_);
    adx_ = rows_.times(dx_);
    d_alpha_ = right - weight_.cwiseProduct(adx_);
    follow();
  }

  // The directions of the slacks, from those of x and alpha.
  void follow() {
    d_s_.resize(n_);
    d_xi_.resize(n_);
    for (Index i = 0; i < n_; ++i) {
      d_s_(i) = (target_s_(i) - s_(i) * d_alpha_(i)) / alpha_(i);
      d_xi_(i) = soft(i) ? (target_x_(i) + xi_(i) * d_alpha_(i)) / eta_(i) : 0.0;
    }
  }

  // Towards the optimum the weights grow without bound and multiply the rounding of A dx into
  // d_alpha, step by step more, so that the dual residual would rise again. So the dual equation
  // itself is refined, Q dx - A'd_alpha = -dual, by corrections whose own rounding is as much
  // smaller as they are: conjugate gradients, as where the lift is no less than Q plain refinement
  // hardly moves. Keeps the best.
  void refine() {
    constexpr int kRefinements = 8;
    double least = kInfinity;
    double before = 0;
    Vector p = Vector::Zero(dx_.size());
    Vector best_dx;
    Vector best_adx;
    Vector best_alpha;
    for (int k = 0; k <= kRefinements; ++k) {
      const Vector rest = problem_.q * dx_ - rows_.transpose_times(d_alpha_) + dual_;
      const double size = rest.template lpNorm<Eigen::Infinity>();
      if (size < least) {
        least = size;
        best_dx = dx_;
        best_adx = adx_;
        best_alpha = d_alpha_;
      }
      if (!(size * worth_ > 0.1 * options_.tolerance) || k == kRefinements) break;
      monitor_.poll();
      const Vector z = cholesky_.solve(rest);
      const double now = rest.dot(z);
      p = z + (before > 0 ? now / before : 0.0) * p;
      before = now;
      const Vector along = rows_.times(p);
      const Vector pulled = weight_.cwiseProduct(along);
      const double length = now / (p.dot(problem_.q * p) + along.dot(pulled));
      if (!std::isfinite(length)) break;
      dx_ -= length * p;
      adx_ -= length * along;
      d_alpha_ += length * pulled;
    }
    if (least < kInfinity) {
      dx_ = best_dx;
      adx_ = best_adx;
      d_alpha_ = best_alpha;
    }
    follow();
  }

  // The longest steps, 1 at most, that keep the primal (s, xi) and the dual (alpha, eta) side
  // positive.
  struct Lengths {
    double primal = 1;
    double dual = 1;
    // One length for both sides: with a quadratic, different ones spoil the dual residual.
    double both() const { return std::min(primal, dual); }
  };
  Lengths longest() const {
    Lengths lengths;
    const auto shorten = [](double& length, double value, double change) {
      if (change < 0) length = std::min(length, -value / change);
    };
    for (Index i = 0; i < n_; ++i) {
      shorten(lengths.primal, s_(i), d_s_(i));
      shorten(lengths.dual, alpha_(i), d_alpha_(i));
      if (!soft(i)) continue;
      shorten(lengths.primal, xi_(i), d_xi_(i));
      shorten(lengths.dual, eta_(i), -d_alpha_(i));
    }
    return lengths;
  }

  void move(double length) {
    x_ += length * dx_;
    ax_ += length * adx_;
    s_ += length * d_s_;
    alpha_ += length * d_alpha_;
    for (Index i = 0; i < n_; ++i) {
      if (!soft(i)) continue;
      xi_(i) += length * d_xi_(i);
      eta_(i) -= length * d_alpha_(i);
    }
  }

  struct Best {
    double merit = kInfinity;
    std::int32_t iteration = 0;
    double objective = 0;
    Vector x;
    Vector alpha;
  };

  const PiecewiseProblem& problem_;
  const A& rows_;
  const InteriorPointOptions& options_;
  Monitor& monitor_;
  const Index n_;
  Report report_;
  Best best_;
  // The iterate, and A x.
  Vector x_, ax_, s_, xi_, alpha_, eta_;
  // Where it stands. gap: the sum of the complementarity products, the duality gap once the
  // residuals vanish. dual: Q x + q - A'alpha; worth: of such a residual in units of the objective.
  double gap_ = 0, infeasible_ = 0, unit_ = 1, worth_ = 1, dual_residual_ = 0, first_gap_ = 0;
  Index products_ = 0;
  Vector dual_;
  // The normal equations of a step, what its complementarity products aim at, and the step.
  Vector weight_;
  Eigen::MatrixXd normal_;
  Eigen::LLT<Eigen::MatrixXd> cholesky_;
  Vector target_s_, target_x_;
  Vector dx_, adx_, d_s_, d_xi_, d_alpha_;
};

}  // namespace detail

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
  return detail::InteriorPoint<A>(problem, rows, options, monitor).minimize(x, alpha);
}

}  // namespace fairdb
