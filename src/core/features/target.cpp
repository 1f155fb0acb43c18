#include "core/features/target.hpp"

#include <cmath>
#include <sstream>

#include "core/base/error.hpp"

namespace fairdb {

void BinaryTarget::convert(Eigen::Ref<Vector, 0, Eigen::InnerStride<>> y) {
  for (Index i = 0; i < y.size(); ++i) {
    double& value = y(i);
    if (std::isnan(value) || value == 1) continue;
    zero_ = zero_ || value == 0;
    minus_one_ = minus_one_ || value == -1;
    if ((value != 0 && value != -1) || (zero_ && minus_one_)) {
      std::ostringstream text;
      text << value;
      throw Error(ErrorKind::InvalidData,
                  "the target has the value " + text.str() + ", expected 0 and 1, or -1 and 1",
                  "Name the value that counts as positive, for example positive => '" + text.str() +
                      "', or use loss => 'squared' to estimate a number.");
    }
    value = -1;
  }
}

}  // namespace fairdb
