// The scores that a fairness constraint allows, in the span of the differences of means: a point s
// of it is allowed when |<s, v_g - v_h>| <= epsilon for all groups g, h of each condition.
#pragma once

#include <vector>

#include "core/base/monitor.hpp"
#include "core/base/views.hpp"

namespace fairdb {

class SlackSet {
 public:
  // means: for each condition the means v_g in the coordinates of the span, groups x r.
  // epsilon: 0 allows the origin only, infinity everything.
  SlackSet(const std::vector<RowMatrix>& means, Index dimensions, double epsilon, Monitor& monitor);

  Index dimensions() const noexcept { return dimensions_; }
  // Whether a projection takes a few operations only.
  bool cheap() const noexcept { return directions_.rows() <= 1; }
  // The allowed point nearest to g. Remembers the multipliers of the last call as a start, which
  // changes how fast the answer is found, not what it is.
  // Source: Hildreth's method (Censor and Zenios, Parallel Optimization,
  // section 6.5), for strips; where it is slow, the interior-point method.
  const Vector& project(const Vector& g);

 private:
  bool sweep(const Vector& g, int sweeps);
  bool project_exactly(const Vector& g);

  std::vector<RowMatrix> means_;
  Monitor& monitor_;
  Index dimensions_;
  double epsilon_;
  RowMatrix directions_;  // v_g - v_h of every pair
  Vector squares_;        // of their lengths
  Vector multipliers_;
  Vector point_;
};

}  // namespace fairdb
