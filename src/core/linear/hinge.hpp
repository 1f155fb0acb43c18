// The hinge loss of a linear model, exactly.
//
//   min_{t, b}  1/2 |t|^2 + sum_i cost_i max(0, 1 - y_i f_i),   f in the given coordinates,
//   subject to the inequalities, if there are any
//
// Rows far from the margin only add a linear term on the side where they lie. So a sample tells
// which rows are near, the interior-point method solves for those with the others held on their
// sides, and rows that the solution moves to the other side join it, until none does: that is the
// optimum of the whole problem.
#pragma once

#include "core/base/monitor.hpp"
#include "core/base/report.hpp"
#include "core/objective/constraint.hpp"
#include "core/objective/loss.hpp"
#include "core/objective/rows.hpp"
#include "core/optimize/subspace.hpp"

namespace fairdb {

// Bytes for each row beside the row itself: some numbers, and a copy of what lies near the margin.
inline std::size_t hinge_row_bytes(Index columns) noexcept {
  return static_cast<std::size_t>(columns + 24) * sizeof(double);
}

// count: rows of the store. slack: empty, or rows over (t, b, further variables).
// v: receives (t, b). Not converging is an outcome in the report.
Report minimize_hinge(const RowStore& rows,
                      Index count,
                      const Coordinates& coordinates,
                      const Inequalities& slack,
                      const RowCosts& costs,
                      Vector& v,
                      Monitor& monitor);

}  // namespace fairdb
