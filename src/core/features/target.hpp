// The classes of a target column that holds numbers.
#pragma once

#include "core/base/views.hpp"

namespace fairdb {

// Turns 0 / 1 or -1 / 1 into -1 / +1, over all blocks of a reading; NaN (unknown) stays.
class BinaryTarget {
 public:
  // Errors: InvalidData for any other value, and when 0 and -1 both occur.
  void convert(Eigen::Ref<Vector, 0, Eigen::InnerStride<>> y);

 private:
  bool zero_ = false;
  bool minus_one_ = false;
};

}  // namespace fairdb
