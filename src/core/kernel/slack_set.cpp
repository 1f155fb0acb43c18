#include "core/kernel/slack_set.hpp"

#include <cmath>
#include <limits>

#include "core/objective/constraint.hpp"
#include "core/optimize/interior_point.hpp"

namespace fairdb {

SlackSet::SlackSet(const std::vector<RowMatrix>& means,
                   Index dimensions,
                   double epsilon,
                   Monitor& monitor)
    : means_(means),
      monitor_(monitor),
      dimensions_(dimensions),
      epsilon_(epsilon),
      point_(Vector::Zero(dimensions)) {
  if (epsilon == 0 || !std::isfinite(epsilon)) return;
  Index pairs = 0;
  for (const RowMatrix& m : means) pairs += m.rows() * (m.rows() - 1) / 2;
  directions_.resize(pairs, dimensions);
  Index k = 0;
  for (const RowMatrix& m : means) {
    for (Index g = 0; g < m.rows(); ++g) {
      for (Index h = 0; h < g; ++h) directions_.row(k++) = m.row(g) - m.row(h);
    }
  }
  squares_ = directions_.rowwise().squaredNorm();
  multipliers_ = Vector::Zero(pairs);
}

const Vector& SlackSet::project(const Vector& g) {
  constexpr int kQuick = 200;
  constexpr int kPatient = 20000;
  if (epsilon_ == 0) return point_;
  if (!std::isfinite(epsilon_)) return point_ = g;
  if (!sweep(g, kQuick) && !project_exactly(g)) sweep(g, kPatient);
  // What rounding leaves outside is drawn towards 0, which is allowed.
  const double spread = spread_of_scores(means_, point_);
  if (spread > epsilon_) point_ *= epsilon_ / spread;
  return point_;
}

// Hildreth's sweeps over the pairs; whether they came to rest.
bool SlackSet::sweep(const Vector& g, int sweeps) {
  constexpr double kTolerance = 1e-12;
  constexpr int kPollPeriod = 64;
  point_ = g - directions_.transpose() * multipliers_;
  for (int round = 0; round < sweeps; ++round) {
    if (round % kPollPeriod == kPollPeriod - 1) monitor_.poll();
    double change = 0;
    for (Index k = 0; k < directions_.rows(); ++k) {
      if (squares_(k) == 0) continue;
      // The score difference without this pair's multiplier, brought back into the strip.
      const double free = directions_.row(k).dot(point_) + multipliers_(k) * squares_(k);
      const double excess = std::abs(free) - epsilon_;
      const double multiplier = excess > 0 ? std::copysign(excess, free) / squares_(k) : 0;
      const double step = multiplier - multipliers_(k);
      if (step == 0) continue;
      point_ -= step * directions_.row(k).transpose();
      multipliers_(k) = multiplier;
      change = std::max(change, std::abs(step) * squares_(k));
    }
    if (change <= kTolerance * (1 + epsilon_)) return true;
  }
  return false;
}

// min 1/2 |s - g|^2 within the inequalities of the groups' distances to a centre; whether it
// converged.
bool SlackSet::project_exactly(const Vector& g) {
  // In units in which g has length 1.
  const double unit = std::max(1e-300, g.norm());
  const Inequalities slack = slack_inequalities(means_, epsilon_ / unit);
  // Their second block of variables is an intercept, which has no part here.
  const Index n = slack.a.cols();
  PiecewiseProblem problem;
  problem.q = Eigen::MatrixXd::Zero(n, n);
  problem.q.diagonal().head(dimensions_ + 1).setOnes();
  problem.linear = Vector::Zero(n);
  problem.linear.head(dimensions_) = -g / unit;
  problem.beta = slack.beta;
  problem.cost = Vector::Constant(slack.beta.size(), std::numeric_limits<double>::infinity());
  Vector solution;
  Vector multipliers;
  const Report report = minimize_piecewise(problem, DenseRows(slack.a), solution, multipliers,
                                           {.tolerance = 1e-13}, monitor_);
  if (!(report.gradient_norm <= 1e-7)) return false;
  point_ = unit * solution.head(dimensions_);
  return true;
}

}  // namespace fairdb
