#include "core/kernel/slack_set.hpp"

#include <cmath>

namespace fairdb {

SlackSet::SlackSet(const std::vector<RowMatrix>& means, Index dimensions, double epsilon)
    : dimensions_(dimensions), epsilon_(epsilon), point_(Vector::Zero(dimensions)) {
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
  constexpr int kMaxSweeps = 1000;
  constexpr double kTolerance = 1e-13;
  if (epsilon_ == 0) return point_;
  if (!std::isfinite(epsilon_)) return point_ = g;
  point_ = g - directions_.transpose() * multipliers_;
  for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
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
    if (change <= kTolerance * (1 + epsilon_)) break;
  }
  return point_;
}

}  // namespace fairdb
