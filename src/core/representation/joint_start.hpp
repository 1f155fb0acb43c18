// A linear map from the tasks' own linear models, and with it the fairness of means.
//
// For each task, over its rows and with M the mean outer product of the differences of groups'
// means (of all tasks):
//   min over w, b   mean loss(<w, z> + b, y)  +  |w|^2 / (2 c n_t)  +  gamma w'M w
// The last term is the mean squared difference of the groups' mean scores. As gamma grows the
// weights come to lie in the orthogonal complement of all differences: that is the projection of
// the fair linear models (Donini et al. 2018, section 4), for all tasks at once. Convex, and found
// by Newton's method; at gamma = 0 these are the tasks' models.
//
// With the singular values U S V' of the weights, row by row, the map is sqrt(S) V', whose
// dimensions then give every task its score again, and the heads are U sqrt(S). Dimensions beyond
// the number of tasks are 0; with fewer of them the map is that of the largest singular values.
#pragma once

#include "core/representation/objective.hpp"

namespace fairdb {

// x: the parameters of a RepresentationObjective without a basis; objective: the mean of the tasks'
// own; residual: the largest gradient that one of them is left with, in units of its objective.
struct JointStart {
  Vector x;
  double objective = 0;
  double residual = 0;
  std::int32_t iterations = 0;
};
// gamma: of the means.
JointStart joint_start(
    const TaskRows& rows, Index dimensions, double c, double gamma, Monitor& monitor);

}  // namespace fairdb
