// Fair linear models.
//
//   min_{w, b}  1/2 |w|^2 + c sum_i loss(<w, z_i> + b, y_i)
//   subject to  <w, m_g - m_h> = 0 for all groups g, h (and, for equalized odds, both classes)
//
// z = (x - mean) / scale are the features in standardised units (population standard deviation;
// scale 1 for a constant column and when standardising is off), m_g the mean of z over the rows of
// group g that the fairness looks at: all (demographic parity), the positive ones (equal
// opportunity), the negative and the positive ones each (equalized odds). The intercept is free.
//
// x: n x d. y: a number (squared loss) or -1 / +1. One of the two functions does it:
// fit_from_moments for the squared loss, in closed form from one pass; fit_in_memory for a smooth
// loss, by Newton's method on the subspace.
// Errors: InvalidData for groups that cannot be compared and for a single class, NotConverged.
// Source: Donini et al. 2018, section 4; see core/objective/constraint.hpp.
#pragma once

#include <span>
#include <string>

#include "core/base/monitor.hpp"
#include "core/base/report.hpp"
#include "core/linear/moments.hpp"
#include "core/objective/loss.hpp"
#include "core/objective/storage.hpp"

namespace fairdb {

// More groups than this leave a constraint no sense and the linear algebra no time.
inline constexpr std::int32_t kMaxTrainedGroups = 256;

struct LinearOptions {
  AnyLoss loss = Logistic{};
  Fairness fairness = Fairness::EqualOpportunity;
  double c = 1;
  bool standardize = true;
  bool binary = true;  // the target is -1 / +1
};
// Errors: InvalidArgument.
void validate(const LinearOptions& options);

struct LinearFit {
  Vector mean;     // d, of the training rows
  Vector scale;    // d, > 0
  Vector weights;  // d, in standardised units
  double intercept = 0;
  Index free_dimensions = 0;  // directions that the constraint leaves to the weights
  Report report;
};

// joint: moments of the columns (x, y), d + 1. labels: the groups' names, for errors.
LinearFit fit_from_moments(const Moments& joint,
                           const GroupSums& sums,
                           std::span<const std::string> labels,
                           const LinearOptions& options,
                           Monitor& monitor);

// rows: in the units of the table; standardised in place.
LinearFit fit_in_memory(RowBlocks& rows,
                        std::span<const std::string> labels,
                        const LinearOptions& options,
                        Monitor& monitor);

}  // namespace fairdb
