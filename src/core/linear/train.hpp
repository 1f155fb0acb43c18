// Fair linear models.
//
//   min_{w, b}  1/2 |w|^2 + c sum_i weight_i loss(<w, z_i> + b, y_i)
//   subject to  |<w, m_g - m_h>| <= epsilon for all groups g, h of each condition
//
// z = (x - mean) / scale are the features in standardised units (population standard deviation;
// scale 1 for a constant column and when standardising is off), m_g the mean of z over the rows of
// group g that the condition looks at (core/objective/constraint.hpp). The intercept is free.
//
// One of three solvers does it: the closed form from one pass of moments for the squared loss,
// Newton's method with one pass a step for the other smooth losses, an interior-point method for
// the hinge. All of them reach the optimum of the convex problem.
// Errors: InvalidData for groups that cannot be compared and for a single class, NotConverged.
// Source: Donini et al. 2018, section 4; see core/objective/constraint.hpp.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "core/base/monitor.hpp"
#include "core/base/report.hpp"
#include "core/objective/loss.hpp"
#include "core/objective/rows.hpp"
#include "core/objective/scaling.hpp"
#include "core/objective/summary.hpp"

namespace fairdb {

// More groups than this leave a constraint no sense and the linear algebra no time.
inline constexpr std::int32_t kMaxTrainedGroups = 256;
// Errors: TooLarge.
void check_trained_groups(std::size_t groups);

// Factors of the classes in the loss: given, or such that both classes count the same in total.
struct ClassWeight {
  bool balanced = false;
  double negative = 1;
  double positive = 1;

  bool plain() const noexcept { return !balanced && negative == 1 && positive == 1; }
};

// What every trainer of the chapter is asked for.
struct FairOptions {
  AnyLoss loss = Logistic{};
  Fairness fairness = Fairness::EqualOpportunity;
  double epsilon = 0;
  double c = 1;
  bool standardize = true;
  bool binary = true;  // the target is -1 / +1
  Method method = Method::Projection;
  ClassWeight class_weight{};

  // Whether there is a constraint that could bind.
  bool constrained() const noexcept { return fairness != Fairness::None && std::isfinite(epsilon); }
};
// Errors: InvalidArgument.
void validate(const FairOptions& options);

// The weights that conditions in the units of `standard` allow.
WeightSpace weight_space(const std::vector<RowMatrix>& conditions,
                         const Summary& summary,
                         const Scaling& standard,
                         Monitor& monitor);

// The columns that tell nothing: without variation, or up to rounding a combination of the columns
// before them. z: in the order of the features.
struct Degenerate {
  std::vector<Index> constant;
  std::vector<Index> collinear;
};
Degenerate degenerate_columns(const Moments& joint, Monitor& monitor);

// The costs of the rows, with balanced classes resolved.
RowCosts row_costs(const FairOptions& options, const Summary& summary);

// How far a solver of the loss ended from the optimum, in units of the objective.
double relative_residual(const Report& report, LossSolver solver);

struct LinearFit {
  Vector mean;     // d, of the training rows
  Vector scale;    // d, > 0
  Vector weights;  // d, in standardised units
  double intercept = 0;
  // Directions that the constraint leaves to the weights; 0 when none of them tells rows apart.
  Index free_dimensions = 0;
  Report report;
};

// The same function of the features in the units of the rows:
// f = constant + sum_j coefficients_j x_j.
struct RawCoefficients {
  double constant;
  Vector coefficients;
};
RawCoefficients raw_coefficients(const LinearFit& fit);

// summary: of the rows. stored: the units in which the store holds them, x = (raw - mean) / scale.
// rows may be null for the squared loss without class weights. names: of the groups, for errors.
// start: a fit of a similar problem, or null.
LinearFit fit_linear(const Summary& summary,
                     const RowStore* rows,
                     const Scaling& stored,
                     const GroupNames& names,
                     const FairOptions& options,
                     const LinearFit* start,
                     Monitor& monitor);

// Whether fit_linear needs no rows beyond their summary.
bool closed_form(const FairOptions& options);

}  // namespace fairdb
