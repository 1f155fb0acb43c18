// Dense linear algebra that a long run can be cancelled from.
#pragma once

#include "core/base/monitor.hpp"
#include "core/base/views.hpp"

namespace fairdb {

// a b, in panels of columns between which the work can be cancelled.
Eigen::MatrixXd panel_product(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b, Monitor& monitor);

// The inverse of the transpose of the Cholesky factor of a positive semidefinite a: r with
// r'a r = I, up to a lift of the diagonal, a share of its largest element, that keeps a singular a
// positive. In panels, polled. Errors: NotConverged when a is not positive semidefinite.
inline constexpr double kDiagonalLift = 1e-10;
Eigen::MatrixXd inverse_factor(Eigen::MatrixXd a, Monitor& monitor, double lift = kDiagonalLift);

// The solution of a x = b for a symmetric positive semidefinite a (its lower triangle is read). A
// penalty that drowns in rounding beside collinear features leaves a singular to Cholesky; pivoting
// finds a solution then, if there is one. *solved tells whether x is one, to 1e-8 of b.
Vector solve_positive(const Eigen::MatrixXd& a, const Vector& b, bool* solved);

}  // namespace fairdb
