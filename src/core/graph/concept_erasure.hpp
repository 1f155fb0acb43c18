// Affine maps that take a concept out of vectors and change them as little as that allows.
//
// Erasure. Let x have the covariance S, and let C hold its covariances with the indicators of a
// concept's values, d x m. With B a basis of the columns of S^-1 C such that B'S B = I,
//
//   x -> x - S B B'(x - mean)
//
// makes all of these covariances 0, so that no affine function of x predicts a value better than a
// constant does, in any convex loss; among the affine maps that do, it changes the vectors least,
// in their mean squared change in every norm. Source: Belrose, Schneider-Joseph, Ravfogel,
// Cotterell, Raff, Biderman, "LEACE: Perfect linear concept erasure in closed form", NeurIPS 2023,
// theorems 3.1 and 4.3 (there with S^-1/2; any root gives the same map). C may be of other rows
// than S and the mean: its columns are made 0 all the same, by a change that is small over the rows
// of S.
//
// Projection onto the x with a x = b, for scores that are to be equal (Fisher et al. 2020 measure
// their difference; Bourli and Pitoura, "Bias in knowledge graph embeddings", ASONAM 2020, project
// in one direction).
#pragma once

#include "core/base/monitor.hpp"
#include "core/base/views.hpp"

namespace fairdb {

// x -> x - left'(right x - constant); left and right k x d.
//
// Where the vectors that it was learnt from hardly vary, `right` is large, and a vector from
// elsewhere would be thrown far away. So `reach`, of k, bounds the size of right x - constant, to
// what it was among them; empty, it does not.
struct AffineErasure {
  RowMatrix left;
  RowMatrix right;
  Vector constant;
  Vector reach = {};

  Index rank() const noexcept { return left.rows(); }
  Index dimensions() const noexcept { return left.cols(); }
  // right x - constant, without the bound.
  Vector coordinates(const float* x) const;
  void apply(float* x) const;
};

// Second moments of vectors that come one by one.
class VectorMoments {
 public:
  explicit VectorMoments(Index d, Vector mean);
  // About the mean that was given.
  void add(const float* x);
  // d x d, both triangles. At least one vector.
  Eigen::MatrixXd covariance(Monitor& monitor);

 private:
  void flush();

  Vector mean_;
  RowMatrix block_;
  Index filled_ = 0;
  Index n_ = 0;
  Eigen::MatrixXd sum_;  // its lower triangle
};

// cross: d x m, in any unit by column; its numerical rank is that of the map.
// Errors: InvalidData for a covariance of 0.
AffineErasure erase_concepts(Eigen::MatrixXd covariance,
                             const Vector& mean,
                             const Eigen::MatrixXd& cross,
                             Monitor& monitor);

// a: m x d, of any rank, that of the map. Of an a x = b without a solution as many rows as its rank
// hold.
AffineErasure project_onto(const RowMatrix& a, const Vector& b, Monitor& monitor);

}  // namespace fairdb
