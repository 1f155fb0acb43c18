#include "core/linear/fair_features.hpp"

#include "core/optimize/dense.hpp"

namespace fairdb {

Eigen::MatrixXd FairFeatures::operator()(const MatrixView& x, Monitor& monitor) const {
  const Eigen::MatrixXd z =
      (x.rowwise() - scaling.mean.transpose()) * scaling.scale.cwiseInverse().asDiagonal();
  return panel_product(z, matrix, monitor);
}

FairFeatures fair_features(const Summary& summary,
                           const GroupNames& names,
                           Fairness fairness,
                           Method method,
                           bool standardize,
                           Monitor& monitor) {
  FairFeatures result;
  result.scaling = scaling_of(summary, standardize);
  const auto conditions =
      conditions_of(summary, fairness, result.scaling.mean, result.scaling.scale, names);
  const WeightSpace space = weight_space(conditions, summary, result.scaling, monitor);
  if (method == Method::Elimination) {
    result.matrix = space.elimination_basis();
    result.dropped = space.eliminated();
  } else {
    const Eigen::MatrixXd basis = space.orthonormal_basis(monitor);
    result.matrix = panel_product(basis, basis.transpose(), monitor);
  }
  return result;
}

}  // namespace fairdb
