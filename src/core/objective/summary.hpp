// What one pass over the rows keeps of them: the mean and the scatter of all columns, and the means
// of the features by group and class. It is all that the squared loss needs, and what every trainer
// needs first.
//
// Everything is weighted with the rows' sampling weights; a weight of 2 is the row twice. All parts
// are mergeable in mathematics; a merge equals adding the rows up to rounding.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/views.hpp"
#include "core/objective/constraint.hpp"
#include "core/objective/rows.hpp"

namespace fairdb {

// Weight, mean and scatter  S = sum_i w_i (z_i - mean)(z_i - mean)'  of rows z_i of k columns.
// Blocks are centred at their own mean and joined by the pairwise update, so that a large common
// offset of a column costs no accuracy.
// Source: Chan, Golub, LeVeque, "Algorithms for computing the sample variance", The American
// Statistician 1983, equation 2.1b, for matrices.
class Moments {
 public:
  explicit Moments(Index columns)
      : mean_(Vector::Zero(columns)), scatter_(Eigen::MatrixXd::Zero(columns, columns)) {}
  Moments(std::int64_t rows, double weight, Vector mean, Eigen::MatrixXd scatter)
      : rows_(rows), weight_(weight), mean_(std::move(mean)), scatter_(std::move(scatter)) {}

  // rows: m x columns; weight: m, or empty for ones. O(m columns^2) time.
  void add(const MatrixView& rows, const VectorView& weight);
  void merge(const Moments& other);

  Index columns() const noexcept { return mean_.size(); }
  std::int64_t rows() const noexcept { return rows_; }
  double weight() const noexcept { return weight_; }
  const Vector& mean() const noexcept { return mean_; }
  Eigen::MatrixXd scatter() const { return scatter_.selfadjointView<Eigen::Lower>(); }

 private:
  void join(std::int64_t rows, double weight, const Vector& mean);

  std::int64_t rows_ = 0;
  double weight_ = 0;
  Vector mean_;
  Eigen::MatrixXd scatter_;  // lower triangle
  RowMatrix centred_;        // work space
};

// The classes of the target that a fairness may compare: negative (0) and positive (1) of a binary
// one; the bins between the edges of a number, or one class without edges.
struct TargetClasses {
  bool binary = true;
  std::vector<double> edges;  // of a number: ascending; class k holds edges[k - 1] < y <= edges[k]

  int count() const noexcept { return binary ? 2 : static_cast<int>(edges.size()) + 1; }
  int of(double y) const noexcept;
  // As errors name it.
  std::string name(int target_class) const;
};

// Sums of the features by group and class.
class GroupSums {
 public:
  struct Cell {
    std::int64_t rows = 0;
    double weight = 0;
    Vector mean;  // empty without rows
  };

  GroupSums(Index columns, int classes) : columns_(columns), classes_(classes) {}

  // Rows whose code of the attribute is unknown count nowhere.
  void add(const RowBlock& block, Index attribute, const TargetClasses& classes);
  // Adds what another one knows; code_of[g]: the code here of its group g.
  void merge(const GroupSums& other, std::span<const std::int32_t> code_of);
  void put(std::int32_t group, int target_class, Cell cell);

  std::int32_t groups() const noexcept {
    return static_cast<std::int32_t>(cells_.size() / static_cast<std::size_t>(classes_));
  }
  int classes() const noexcept { return classes_; }
  // What the means take, when every group has rows of every class.
  std::size_t bytes() const noexcept {
    return cells_.size() * (sizeof(Cell) + static_cast<std::size_t>(columns_) * sizeof(double));
  }
  const Cell& cell(std::int32_t group, int target_class) const noexcept {
    return cells_[place(group, target_class)];
  }
  // All classes of a group together.
  Cell total(std::int32_t group) const;

 private:
  std::size_t place(std::int32_t group, int target_class) const noexcept {
    return static_cast<std::size_t>(group) * static_cast<std::size_t>(classes_) +
           static_cast<std::size_t>(target_class);
  }
  void reach(std::int32_t group);
  static void join(Cell& into, std::int64_t rows, double weight, const Vector& mean);

  Index columns_;
  int classes_;
  std::vector<Cell> cells_;  // groups x classes
};

// Which rows a summary is of, where they are not all of the source: as errors name them ("among the
// rows that train"), and what helps there.
struct RowsPart {
  std::string name;
  std::string advice;

  // As a part of a sentence: " among ...", or this where the rows are all.
  std::string among(const std::string& all = "") const { return name.empty() ? all : " " + name; }
};

// The pass: moments of (features, target), and the groups of each sensitive attribute.
class Summary {
 public:
  Summary(Index columns, Index attributes, TargetClasses classes);

  void add(const RowBlock& block);
  void merge(const Summary& other);  // of the same codes

  const Moments& joint() const noexcept { return joint_; }
  const TargetClasses& classes() const noexcept { return classes_; }
  const std::vector<GroupSums>& attributes() const noexcept { return attributes_; }
  std::vector<GroupSums>& attributes() noexcept { return attributes_; }
  Moments& joint() noexcept { return joint_; }

  const RowsPart& part() const noexcept { return part_; }
  void set_part(RowsPart part) { part_ = std::move(part); }

  // The same rows with the target as a number without bins.
  Summary of_number() const {
    Summary copy = *this;
    copy.classes_ = {false, {}};
    return copy;
  }

  // What it takes, when every group has rows of every class.
  std::size_t bytes() const noexcept {
    std::size_t sum =
        static_cast<std::size_t>(joint_.columns() * joint_.columns()) * sizeof(double);
    for (const GroupSums& sums : attributes_) sum += sums.bytes();
    return sum;
  }

  // Weight of the negative and of the positive rows of a binary target.
  double class_weight(int target_class) const noexcept {
    return class_weight_[static_cast<std::size_t>(target_class)];
  }
  void set_class_weights(double negative, double positive) noexcept {
    class_weight_[0] = negative;
    class_weight_[1] = positive;
  }

 private:
  TargetClasses classes_;
  Moments joint_;
  std::vector<GroupSums> attributes_;
  double class_weight_[2] = {0, 0};
  RowsPart part_;
};

// Names of the groups of each attribute, by code.
using GroupNames = std::vector<std::vector<std::string>>;

// The classes over whose rows a fairness compares the groups: each by itself; kAllClasses for all
// rows together.
inline constexpr int kAllClasses = -1;
std::vector<int> compared_classes(Fairness fairness, const TargetClasses& classes);

// Errors: InvalidData, naming a group that has rows but no weight: no constraint would hold for it.
void require_weights(const Summary& summary, const GroupNames& names);

// The means that a fairness asks to be equal, in standardised units (m - mean) / scale: a matrix
// (groups x columns) for each attribute and class that it looks at. Errors: InvalidData when a
// group has no row that meets a condition, with the names of the group and of the summary's part,
// or when an attribute has one group only; groups without weight take no part.
std::vector<RowMatrix> conditions_of(const Summary& summary,
                                     Fairness fairness,
                                     const VectorView& mean,
                                     const VectorView& scale,
                                     const GroupNames& names);

}  // namespace fairdb
