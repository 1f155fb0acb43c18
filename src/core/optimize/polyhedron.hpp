// The largest value of linear functions over { x >= 0 : A x = b }, by the simplex method on a dense
// tableau.
//
// It starts from a point of the polyhedron that the caller knows, so no first phase is needed: the
// point is moved to a vertex (Megiddo, "On finding primal- and dual-optimal bases", ORSA Journal on
// Computing 1991, the primal half), and each function starts from the vertex where the one before
// ended. Entering variables by Dantzig's rule, after a run of steps without progress by Bland's,
// which cannot cycle. For the small 0/1 matrices of counts; rows may depend on each other.
#pragma once

#include <vector>

#include "core/base/monitor.hpp"
#include "core/base/views.hpp"

namespace fairdb {

class Polyhedron {
 public:
  // a: m x n. inside: x >= 0 with A x = b, up to rounding, which defines b. Memory: two matrices m
  // x n.
  Polyhedron(const RowMatrix& a, const Vector& inside, Monitor& monitor);

  // Moves to a vertex where c'x is largest, or to the first that reaches `enough`; infinite, and
  // the point as far as it is finite, when it has no bound. Cost: m (n + m) a step.
  double maximize(const Vector& c, double enough, Monitor& monitor);

  // The operations so far, about.
  double work() const noexcept { return work_; }

  // The vertex.
  const Vector& point() const noexcept { return x_; }

  // The multipliers y of the rows that the last maximum, if it was reached, rests on: c - A'y is at
  // most 0, and 0 where x > 0. Rows without part have 0.
  Vector multipliers(const Vector& c) const;

 private:
  void pivot(Index row, Index column);
  // The variable enters the basis in the place of the row's, which is 0 then.
  void exchange(Index row, Index entering);
  void to_vertex(Monitor& monitor);

  Index columns_;             // n
  RowMatrix tableau_;         // basis^-1 (A | I), of the rows that are independent
  std::vector<Index> basis_;  // the variable of each
  std::vector<bool> basic_;   // by variable
  Vector x_;
  double work_ = 0;
};

}  // namespace fairdb
