// The map from features to a representation: linear, or through one layer of rectified linear
// units.
//
//   h = W z                              without hidden units
//   h = V max(0, U z + u)                with them
//
// A constant would be the heads' to add. Parameters stand in one vector: W row by row; or U, u, V.
#pragma once

#include "core/base/monitor.hpp"
#include "core/base/random.hpp"
#include "core/base/views.hpp"

namespace fairdb {

struct FeatureMap {
  Index features = 0;
  Index hidden = 0;  // units; 0 for a linear map
  Index dimensions = 0;
  Vector parameters;

  static Index count(Index features, Index hidden, Index dimensions) noexcept {
    return hidden == 0 ? dimensions * features : hidden * (features + 1 + dimensions);
  }
  bool linear() const noexcept { return hidden == 0; }
  // W of a linear map, dimensions x features.
  Eigen::Map<const RowMatrix> weights() const { return {parameters.data(), dimensions, features}; }
  // m x dimensions, from m x features.
  RowMatrix operator()(const MatrixView& z) const;
};

// Small random weights, whose products have about the variance of a feature.
// Source: He, Zhang, Ren, Sun, "Delving deep into rectifiers", ICCV 2015, equation 10; half of it
// for a linear layer.
FeatureMap random_map(Index features, Index hidden, Index dimensions, std::uint64_t seed);

// What a map makes of rows, with what its derivative needs.
class MappedRows {
 public:
  // map, the rows of z and the monitor, which is polled, must outlive this.
  MappedRows(const FeatureMap& map, const MatrixView& z, Monitor& monitor);
  const RowMatrix& h() const noexcept { return h_; }
  // From the derivative in h (m x dimensions) that in the parameters, added to `gradient`.
  void add_gradient(const RowMatrix& slope, VectorSpan gradient) const;

 private:
  const FeatureMap& map_;
  MatrixView z_;
  Monitor& monitor_;
  RowMatrix active_;  // m x hidden: max(0, U z + u)
  RowMatrix h_;
};

}  // namespace fairdb
