#include "core/objective/scaling.hpp"

#include <cmath>

#include "core/base/archive.hpp"

namespace fairdb {

Scaling scaling_of(const Summary& summary, bool standardize) {
  const Moments& joint = summary.joint();
  const Index d = joint.columns() - 1;
  if (joint.rows() == 0) raise_no_rows();
  if (!(joint.weight() > 0)) {
    throw Error(ErrorKind::InvalidData, "every row has the weight 0");
  }
  if (summary.classes().binary) {
    for (const int k : {0, 1}) {
      if (summary.class_weight(k) > 0) continue;
      throw Error(ErrorKind::InvalidData,
                  std::string("the target is ") + (k == 0 ? "positive" : "negative") +
                      " in every row" + summary.part().among() +
                      "; a classifier needs both classes",
                  "With positive => '...', is the value spelled as in the column?" +
                      (summary.part().advice.empty() ? "" : " " + summary.part().advice));
    }
  }
  Scaling scaling{joint.mean().head(d), Vector::Ones(d)};
  const Eigen::MatrixXd scatter = joint.scatter();
  for (Index j = 0; standardize && j < d; ++j) {
    const double deviation = std::sqrt(std::max(0.0, scatter(j, j)) / joint.weight());
    if (deviation > 1e-14 * std::abs(scaling.mean(j))) scaling.scale(j) = deviation;
  }
  if (!scaling.mean.allFinite() || !scaling.scale.allFinite()) {
    raise_beyond_double();
  }
  return scaling;
}

void standardise(RowBlock& block, const Scaling& scaling) {
  block.x().rowwise() -= scaling.mean.transpose();
  block.x().array().rowwise() /= scaling.scale.transpose().array();
}

}  // namespace fairdb
