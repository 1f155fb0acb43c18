// The dual of a fair support vector machine, by sequential minimal optimisation.
//
//   max_u  <y, u> - 1/2 u'Ku - theta(P'u)      u_i = y_i alpha_i, 0 <= alpha_i <= cost_i, sum u = 0
//
// K is the kernel orthogonal to the constraint's span, P (n x r) the rows' coordinates in that
// span, and theta(g) = max_s <s, g> - 1/2 |s|^2 over the scores s that the constraint allows: at
// its maximum s is the projection of g. epsilon = 0 allows s = 0 only, which is the projected
// kernel; an infinite epsilon the plain machine; between them the difference g - s is the extra
// multiplier of the constraint. The scores are f_i = (Ku)_i + <P_i, s> + b.
//
// Pairs are chosen by second-order information; rows at their bounds that will stay there are left
// out of the search for pairs (shrinking). Converged when the duality gap is small enough.
// Source: Donini et al. 2018, section 3, with the multiplier of the constraint; Fan, Chen, Lin,
// "Working set selection using second order information", JMLR 2005; Chang and Lin, "LIBSVM", 2011,
// section 5.1 (shrinking).
#pragma once

#include "core/base/monitor.hpp"
#include "core/base/report.hpp"
#include "core/kernel/cache.hpp"
#include "core/kernel/slack_set.hpp"

namespace fairdb {

struct SmoProblem {
  Vector y;            // n, -1 or +1
  Vector cost;         // n, >= 0
  Vector diagonal;     // n, of K
  const RowMatrix* p;  // n x r
};

struct SmoSolution {
  Vector scores;  // n, of the rows, with the intercept
  Vector u;       // n
  Vector g;       // r, P'u
  Vector s;       // r
  double intercept = 0;
  double primal = 0;  // 1/2 |w|^2 + sum cost hinge
  double gap = 0;     // primal - dual
};

// tolerance: of a pair's violation, at first; it is made finer until the duality gap is at most
// relative_gap max(1, primal).
struct SmoOptions {
  double tolerance = 1e-3;
  double relative_gap = 1e-6;
  std::int64_t max_iterations = 10'000'000;
};

// solution.u: the start (feasible), or empty for 0.
Report minimize_smo(const SmoProblem& problem,
                    RowCache& rows,
                    SlackSet& slack,
                    const SmoOptions& options,
                    SmoSolution& solution,
                    Monitor& monitor);

}  // namespace fairdb
