#include "core/kernel/smo.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fairdb {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The state of one run. e_i = y_i - f_i without the intercept: at the optimum b lies above e_i of
// every row whose u may fall and below that of every row whose u may rise.
class Smo {
 public:
  Smo(const SmoProblem& problem, RowCache& rows, SlackSet& slack, SmoSolution& solution)
      : problem_(problem),
        rows_(rows),
        slack_(slack),
        u_(solution.u),
        g_(solution.g),
        s_(solution.s),
        n_(problem.y.size()),
        spans_(problem.p->cols() > 0) {
    if (u_.size() != n_) u_ = Vector::Zero(n_);
    lower_.resize(n_);
    upper_.resize(n_);
    for (Index i = 0; i < n_; ++i) {
      lower_(i) = problem.y(i) > 0 ? 0 : -problem.cost(i);
      upper_(i) = problem.y(i) > 0 ? problem.cost(i) : 0;
    }
    e_ = problem.y;
    for (Index j = 0; j < n_; ++j) {
      if (u_(j) != 0) e_ -= u_(j) * rows_.row(j).cast<double>();
    }
    g_ = problem.p->transpose() * u_;
    s_ = slack_.project(g_);
    if (spans_) e_ -= *problem.p * s_;
  }

  // The largest violation among the active rows; *i, *j: the pair to improve, -1 when optimal.
  double select(Index* first, Index* second) {
    double highest = -kInfinity;
    Index i = -1;
    each_active([&](Index k) {
      if (u_(k) < upper_(k) && e_(k) > highest) {
        highest = e_(k);
        i = k;
      }
    });
    *first = i;
    *second = -1;
    if (i < 0) return 0;
    const Eigen::VectorXf& row = rows_.row(i);
    const double of_i = problem_.diagonal(i);
    double lowest = kInfinity;
    double best = 0;
    Index j = -1;
    each_active([&](Index k) {
      if (u_(k) <= lower_(k)) return;
      lowest = std::min(lowest, e_(k));
      const double difference = highest - e_(k);
      if (difference <= 0) return;
      const double curvature =
          std::max(of_i + problem_.diagonal(k) - 2 * static_cast<double>(row(k)), kTiny);
      const double gain = difference * difference / curvature;
      if (gain > best) {
        best = gain;
        j = k;
      }
    });
    *second = j;
    highest_ = highest;
    lowest_ = lowest;
    return j < 0 ? 0 : highest - lowest;
  }

  // Moves weight from row j to row i, as far as helps and the bounds allow.
  void improve(Index i, Index j) {
    const Eigen::VectorXf& of_i = rows_.row(i);
    const Eigen::VectorXf& of_j = rows_.row(j);
    const double across =
        problem_.diagonal(i) + problem_.diagonal(j) - 2 * static_cast<double>(of_i(j));
    const double room = std::min(upper_(i) - u_(i), u_(j) - lower_(j));
    double t = 0;
    if (!spans_) {
      t = std::min(room, (e_(i) - e_(j)) / std::max(across, kTiny));
    } else {
      t = step_in_span(i, j, std::max(across, 0.0), room);
    }
    // The bounds are met exactly, so that they are recognised.
    const double left_i = upper_(i) - u_(i);
    const double left_j = u_(j) - lower_(j);
    u_(i) = t >= left_i ? upper_(i) : u_(i) + t;
    u_(j) = t >= left_j ? lower_(j) : u_(j) - t;
    // All rows, not only the active ones: it costs little beside the kernel, and nothing needs to
    // be made up for when rows come back.
    e_ -= t * (of_i - of_j).cast<double>();
    if (spans_) {
      g_ += t * (problem_.p->row(i) - problem_.p->row(j)).transpose();
      const Vector moved = slack_.project(g_) - s_;
      s_ += moved;
      if (moved.squaredNorm() > 0) e_.noalias() -= *problem_.p * moved;
    }
  }

  // Leaves out rows at a bound whose e says that they will stay there.
  void shrink() {
    std::vector<Index> kept;
    kept.reserve(static_cast<std::size_t>(n_));
    each_active([&](Index k) {
      const bool stays =
          (u_(k) >= upper_(k) && e_(k) > highest_) || (u_(k) <= lower_(k) && e_(k) < lowest_);
      if (!stays) kept.push_back(k);
    });
    if (static_cast<Index>(kept.size()) == n_) return;
    active_ = std::move(kept);
    all_ = false;
  }

  bool shrunk() const noexcept { return !all_; }

  // Takes every row in again.
  void unshrink() {
    all_ = true;
    active_.clear();
  }

  // From the rows between their bounds, whose e is b; else the middle of what is allowed.
  double intercept() const {
    double sum = 0;
    Index free = 0;
    double above = -kInfinity;
    double below = kInfinity;
    for (Index i = 0; i < n_; ++i) {
      const bool may_rise = u_(i) < upper_(i);
      const bool may_fall = u_(i) > lower_(i);
      if (may_rise && may_fall) {
        sum += e_(i);
        ++free;
      }
      if (may_rise) above = std::max(above, e_(i));
      if (may_fall) below = std::min(below, e_(i));
    }
    return free > 0 ? sum / static_cast<double>(free) : (above + below) / 2;
  }

  void finish(SmoSolution& solution) const {
    solution.intercept = intercept();
    solution.scores = (problem_.y - e_).array() + solution.intercept;
    // |w|^2 = u'Ku + |s|^2, and u'Ku = <u, y - e> - <g, s>.
    const double inside = u_.dot(problem_.y - e_) - g_.dot(s_);
    double hinge = 0;
    double alphas = 0;
    for (Index i = 0; i < n_; ++i) {
      hinge += problem_.cost(i) * std::max(0.0, problem_.y(i) * (e_(i) - solution.intercept));
      alphas += problem_.y(i) * u_(i);
    }
    solution.primal = 0.5 * (inside + s_.squaredNorm()) + hinge;
    solution.gap = inside + s_.dot(g_) + hinge - alphas;
  }

 private:
  static constexpr double kTiny = 1e-12;

  template <class F>
  void each_active(F f) const {
    if (all_) {
      for (Index k = 0; k < n_; ++k) f(k);
    } else {
      for (const Index k : active_) f(k);
    }
  }

  // The slope along the pair falls as K does, and as s follows g. The curvature of both together
  // bounds it, so that steps with that bound never pass the optimum.
  double step_in_span(Index i, Index j, double across, double room) {
    constexpr int kSteps = 20;
    const Vector direction = (problem_.p->row(i) - problem_.p->row(j)).transpose();
    const double bound = std::max(across + direction.squaredNorm(), kTiny);
    const double first = e_(i) - e_(j);
    if (!slack_.cheap()) return std::min(room, first / bound);
    double t = 0;
    double slope = first;
    for (int k = 0; k < kSteps && slope > 0.05 * first && t < room; ++k) {
      t = std::min(room, t + slope / bound);
      const Vector& s = slack_.project(g_ + t * direction);
      slope = first - t * across - direction.dot(s - s_);
    }
    return t;
  }

  const SmoProblem& problem_;
  RowCache& rows_;
  SlackSet& slack_;
  Vector& u_;
  Vector& g_;
  Vector& s_;
  Index n_;
  bool spans_;
  Vector lower_;
  Vector upper_;
  Vector e_;
  bool all_ = true;
  std::vector<Index> active_;
  double highest_ = 0;
  double lowest_ = 0;
};

}  // namespace

Report minimize_smo(const SmoProblem& problem,
                    RowCache& rows,
                    SlackSet& slack,
                    const SmoOptions& options,
                    SmoSolution& solution,
                    Monitor& monitor) {
  constexpr std::int64_t kPollPeriod = 64;
  constexpr std::int64_t kStepPeriod = 4096;
  constexpr double kFinest = 1e-9;
  const std::int64_t shrink_period = std::min<std::int64_t>(1000, problem.y.size());
  Smo smo(problem, rows, slack, solution);
  Report report;
  std::int64_t iteration = 0;
  double first = 0;
  double violation = 0;
  double tolerance = options.tolerance;
  while (true) {
    if (iteration % kPollPeriod == 0) monitor.poll();
    Index i = -1;
    Index j = -1;
    violation = smo.select(&i, &j);
    if (first == 0) first = violation;
    if (violation <= tolerance) {
      if (smo.shrunk()) {
        smo.unshrink();
        continue;
      }
      smo.finish(solution);
      if (solution.gap <= options.relative_gap * std::max(1.0, solution.primal) ||
          tolerance < kFinest) {
        report.outcome = Outcome::Converged;
        break;
      }
      tolerance /= 4;
      continue;
    }
    if (iteration == options.max_iterations) {
      report.outcome = Outcome::IterationLimit;
      break;
    }
    if (iteration % kStepPeriod == 0) {
      if (report.trace.size() < 1000) report.trace.push_back({iteration, kUnknown, violation});
      const Progress progress{.stage = "smo",
                              .iteration = iteration,
                              .objective = kUnknown,
                              .residual = violation,
                              .share = share_done(first, violation, tolerance)};
      monitor.step(progress);
    }
    smo.improve(i, j);
    ++iteration;
    if (iteration % shrink_period == 0) smo.shrink();
  }
  smo.finish(solution);
  report.iterations = static_cast<std::int32_t>(std::min<std::int64_t>(iteration, 2147483647));
  report.evaluations = report.iterations;
  report.objective = solution.primal;
  report.gradient_norm = violation;
  return report;
}

}  // namespace fairdb
