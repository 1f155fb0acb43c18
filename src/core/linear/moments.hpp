// What a pass over the rows has to keep of them: the mean and the scatter of all columns, and the
// sums of the features by group and class.
//
// Both are mergeable in mathematics; a merge equals adding the rows up to rounding.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/views.hpp"
#include "core/objective/constraint.hpp"
#include "core/objective/storage.hpp"

namespace fairdb {

// Count, mean and scatter  S = sum_i (z_i - mean)(z_i - mean)'  of rows z_i of k columns.
// Blocks are centred at their own mean and joined by the pairwise update, so that a large common
// offset of a column costs no accuracy.
// Source: Chan, Golub, LeVeque, "Algorithms for computing the sample variance", The American
// Statistician 1983, equation 2.1b, for matrices.
class Moments {
 public:
  explicit Moments(Index columns)
      : mean_(Vector::Zero(columns)), scatter_(Eigen::MatrixXd::Zero(columns, columns)) {}

  // rows: m x columns. O(m columns^2) time.
  void add(const MatrixView& rows);

  std::int64_t rows() const noexcept { return rows_; }
  const Vector& mean() const noexcept { return mean_; }
  Eigen::MatrixXd scatter() const { return scatter_.selfadjointView<Eigen::Lower>(); }

 private:
  std::int64_t rows_ = 0;
  Vector mean_;
  Eigen::MatrixXd scatter_;  // lower triangle
  RowMatrix centred_;        // work space
};

// Sums of the features by group and class of the target (0: negative or any number, 1: positive).
class GroupSums {
 public:
  explicit GroupSums(Index columns) : columns_(columns) {}

  // Adds the rows of a block; with a binary target y > 0 is positive. Rows of unknown group count
  // nowhere.
  void add(const RowBlock& block, bool binary);

  std::int32_t groups() const noexcept { return static_cast<std::int32_t>(counts_.size() / 2); }
  std::int64_t count(std::int32_t group, int target_class) const noexcept {
    return counts_[2 * static_cast<std::size_t>(group) + static_cast<std::size_t>(target_class)];
  }

  // The means that a fairness asks to be equal, in standardised units (m - mean) / scale: one
  // matrix (groups x columns) for each condition. Errors: InvalidData when a group has no row that
  // meets the condition, with the group's name from `labels`, or when there is one group only.
  std::vector<RowMatrix> means(Fairness fairness,
                               const VectorView& mean,
                               const VectorView& scale,
                               std::span<const std::string> labels) const;

  // The mean of each group over all its rows (0 for a group without rows), in the same units.
  RowMatrix all_means(const VectorView& mean, const VectorView& scale) const;

 private:
  // The mean of group g over the classes first to last; *rows: how many rows that are.
  Vector mean_of(std::int32_t group, int first, int last, std::int64_t* rows) const;

  Index columns_;
  Vector origin_;  // the sums are of x - origin, the mean of the first block, to keep their digits
  std::vector<std::int64_t> counts_;
  std::vector<double> sums_;  // (2 groups) x columns
};

}  // namespace fairdb
