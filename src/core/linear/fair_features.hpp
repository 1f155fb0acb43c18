// The preprocessing of the fair linear models alone: features in which the groups' means agree, for
// any other learner.
#pragma once

#include "core/linear/train.hpp"

namespace fairdb {

// features' = (x - mean) / scale, times the matrix.
struct FairFeatures {
  Scaling scaling;
  Eigen::MatrixXd matrix;      // d x features that come out
  std::vector<Index> dropped;  // by elimination, ascending

  // The features of rows in the units of the table: m x features.
  Eigen::MatrixXd operator()(const MatrixView& x, Monitor& monitor) const;
};

// Projection onto the directions that the conditions leave, or one feature for each independent
// condition expressed by the others and dropped. Errors: as of conditions_of.
// Source: Donini et al. 2018, section 4, equation 12.
FairFeatures fair_features(const Summary& summary,
                           const GroupNames& names,
                           Fairness fairness,
                           Method method,
                           bool standardize,
                           Monitor& monitor);

}  // namespace fairdb
