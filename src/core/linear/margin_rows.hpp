// The rows y_i (z_i, 1) of a support vector machine, followed by dense rows of inequalities, for
// the interior-point solver: variables (t, b) of Coordinates, then further ones of the
// inequalities.
#pragma once

#include "core/base/dense_kernels.hpp"
#include "core/base/monitor.hpp"
#include "core/objective/rows.hpp"
#include "core/optimize/interior_point.hpp"
#include "core/optimize/subspace.hpp"

namespace fairdb {

class MarginRows {
 public:
  // inequalities: m x (free + 1 + k). All must outlive this. count: rows of the store.
  MarginRows(const RowStore& rows,
             Index count,
             const Coordinates& coordinates,
             const RowMatrix& inequalities,
             Monitor& monitor)
      : rows_(rows),
        count_(count),
        coordinates_(coordinates),
        inequalities_(inequalities),
        monitor_(monitor) {}

  Index size() const noexcept { return count_ + inequalities_.rows(); }
  Index columns() const noexcept {
    return inequalities_.rows() > 0 ? inequalities_.cols() : coordinates_.free() + 1;
  }

  Vector times(const Vector& v) const {
    const Index d = coordinates_.columns();
    const Vector full = coordinates_.expand(v.head(coordinates_.free() + 1));
    Vector result(size());
    Index offset = 0;
    rows_.each([&](const RowBlock& block) {
      monitor_.poll();
      auto scores = result.segment(offset, block.rows());
      scores.noalias() = block.x() * full.head(d);
      scores.array() += full(d);
      scores.array() *= block.target().array();
      offset += block.rows();
    });
    if (inequalities_.rows() > 0) result.tail(inequalities_.rows()) = inequalities_ * v;
    return result;
  }

  Vector transpose_times(const Vector& u) const {
    const Index d = coordinates_.columns();
    Vector full = Vector::Zero(d + 1);
    Vector signed_weights;
    Index offset = 0;
    rows_.each([&](const RowBlock& block) {
      monitor_.poll();
      signed_weights = u.segment(offset, block.rows()).cwiseProduct(block.target());
      full.head(d).noalias() += block.x().transpose() * signed_weights;
      full(d) += signed_weights.sum();
      offset += block.rows();
    });
    Vector result = Vector::Zero(columns());
    result.head(coordinates_.free() + 1) = coordinates_.reduce(full);
    if (inequalities_.rows() > 0) {
      result += inequalities_.transpose() * u.tail(inequalities_.rows());
    }
    return result;
  }

  Eigen::MatrixXd gram(const Vector& weights) const {
    const Index d = coordinates_.columns();
    Eigen::MatrixXd full = Eigen::MatrixXd::Zero(d + 1, d + 1);
    RowMatrix scaled;
    Vector roots;
    Index offset = 0;
    rows_.each([&](const RowBlock& block) {
      monitor_.poll();
      roots = weights.segment(offset, block.rows()).cwiseSqrt();
      scaled.resize(block.rows(), d + 1);
      scaled.leftCols(d) = roots.asDiagonal() * block.x();
      scaled.col(d) = roots;
      add_gram(scaled, full);
      offset += block.rows();
    });
    const Index n = coordinates_.free() + 1;
    Eigen::MatrixXd result = Eigen::MatrixXd::Zero(columns(), columns());
    result.topLeftCorner(n, n) = coordinates_.reduce(full, monitor_);
    if (inequalities_.rows() > 0) {
      const RowMatrix hard =
          weights.tail(inequalities_.rows()).cwiseSqrt().asDiagonal() * inequalities_;
      result.noalias() += hard.transpose() * hard;
    }
    return result;
  }

 private:
  const RowStore& rows_;
  Index count_;
  const Coordinates& coordinates_;
  const RowMatrix& inequalities_;
  Monitor& monitor_;
};

}  // namespace fairdb
