// The units of the features: where they stand, and from one standing to another.
#pragma once

#include "core/objective/rows.hpp"
#include "core/objective/summary.hpp"

namespace fairdb {

// Where the features stand: z = (x - mean) / scale. Population standard deviations; 1 for a column
// that is constant up to rounding.
struct Scaling {
  Vector mean;
  Vector scale;
};
// Errors: InvalidData for no rows, or a binary target with one class; NotConverged beyond double.
Scaling scaling_of(const Summary& summary, bool standardize);

// Numbers in the units of one scaling as numbers in those of another: scale x - shift.
struct Rescaled {
  Rescaled(const Scaling& from, const Scaling& to)
      : scale(from.scale.cwiseQuotient(to.scale)),
        shift((to.mean - from.mean).cwiseQuotient(to.scale)) {}
  RowMatrix operator()(const MatrixView& x) const {
    return (x * scale.asDiagonal()).rowwise() - shift.transpose();
  }
  Vector scale;
  Vector shift;
};

// Brings the features of a block from the units of the table to those of `scaling`.
void standardise(RowBlock& block, const Scaling& scaling);

}  // namespace fairdb
