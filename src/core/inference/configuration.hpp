// Proportions of groups whose gap is exactly t, closest to the data: what a test of the gap t takes
// for the truth.
#pragma once

#include <vector>

#include "core/inference/gap.hpp"

namespace fairdb {

// Of several families the worst gap is t: those that are farther from parity are placed at t, the
// others at what is seen; where none is farther, the one for which it is likeliest is placed at t.
class Configuration {
 public:
  Configuration(const Families& families, Contrast contrast, double t);

  // Of the groups of a family.
  const std::vector<double>& values(std::size_t family) const noexcept { return values_[family]; }

 private:
  std::vector<std::vector<double>> values_;
};

}  // namespace fairdb
