// What a representation shared by several tasks minimises over its map and the tasks' heads:
//
//   J = 1/T sum_t [ mean over the rows of t of  loss_t(<a_t, h(z)> + b_t, y_t)  +  |a_t|^2 / (2 c
//   n_t) ]
//       + |map|^2 / (2 c n) + gamma / |D| sum over t in D of  divergence of the groups' h(z) in the
//       rows of t
//
// n_t, n: the weight of the rows of a task, and of all. A row belongs to the tasks whose target it
// knows. D: the tasks that have rows of two groups; the divergence is the mean over all pairs of
// groups, and over the attributes that tell two groups apart. Means count the rows' weights.
// Offsets of units and intercepts are not penalised.
//
// What a linear head can read from h does not change under an invertible linear map, and so must
// not the divergence: else a map would become fair by making small what tells the groups apart. It
// is therefore taken of whitened representations, h' with (cov(h) + ridge) the identity, through
// which the gradient goes; of the covariance of the rows that are compared. Their mean squared
// distance is then about 2 r for r dimensions. mmd: the mixture around that; sinkhorn: at epsilon
// times the cost of that, and divided by it; mean: the squared distance of the groups' means, by
// that. Directions with less than about kRidge of the mean variance count as nothing.
// With a linear map `mean` is minimised without whitening, as a part of the penalty
// (joint_start.hpp).
//
// Source: fair-representation objective of Oneto, Donini, Luise, Ciliberto, Maurer, Pontil 2020
// (from its abstract; scaling, kernels and penalty are choices of this library).
#pragma once

#include <string>
#include <vector>

#include "core/base/monitor.hpp"
#include "core/base/names.hpp"
#include "core/objective/loss.hpp"
#include "core/objective/rows.hpp"
#include "core/objective/summary.hpp"
#include "core/representation/feature_map.hpp"
#include "core/representation/point_groups.hpp"

namespace fairdb {

enum class RepresentationDivergence : std::uint8_t { Mmd, Sinkhorn, Mean };
template <>
struct NameTable<RepresentationDivergence> {
  static constexpr std::string_view kWhat = "divergence";
  static constexpr std::pair<RepresentationDivergence, std::string_view> kNames[] = {
      {RepresentationDivergence::Mmd, "mmd"},
      {RepresentationDivergence::Sinkhorn, "sinkhorn"},
      {RepresentationDivergence::Mean, "mean"}};
};

struct DivergenceTerm {
  RepresentationDivergence kind = RepresentationDivergence::Mmd;
  double epsilon = 0.5;  // of sinkhorn, relative to the mean cost of whitened vectors
};
inline constexpr double kRidge = 1e-3;

// The rows of several tasks, in memory: features in the units of the map, then a target for each
// task, NaN where a row does not belong to it, in units in which a head of numbers is of about 1.
struct TaskRows {
  std::vector<RowBlock> blocks;
  std::vector<bool>
      binary;  // by task: -1 / +1 with the logistic loss, else a number with the squared one
  std::vector<std::int32_t> groups;  // by attribute

  Index tasks() const noexcept { return static_cast<Index>(binary.size()); }
  Index features() const noexcept { return blocks.front().features(); }
  Index rows() const noexcept;
};

// The divergences of the representation h (m x r) of rows of one task, by their codes of one
// attribute.
struct DivergenceValue {
  double value = 0;
  double marginal_error = 0;  // of sinkhorn
  bool known = false;         // whether there are two groups with enough rows
};

// Values of one set of rows. gradient: n x r, or nullptr; rows that have no group, or too few
// beside them, get none. batch: whether the rows are a part of those that the divergence is wanted
// of.
DivergenceValue divergence_of_rows(const RowMatrix& h,
                                   const Vector& weight,
                                   std::span<const std::int32_t> code,
                                   std::int32_t groups,
                                   const DivergenceTerm& term,
                                   bool batch,
                                   RowMatrix* gradient,
                                   Monitor& monitor);

// x: the parameters of the map, then for each task its head, a_t and b_t. A BatchedFunction and a
// SmoothFunction.
class RepresentationObjective {
 public:
  // rows and monitor must outlive this. shape: its parameters are not used. With coordinates no
  // divergence is computed: they may stand for one (joint_start.hpp).
  RepresentationObjective(const TaskRows& rows,
                          FeatureMap shape,
                          double c,
                          double gamma,
                          DivergenceTerm term,
                          Index batch,
                          std::uint64_t seed,
                          Eigen::MatrixXd basis,
                          Monitor& monitor);

  Index size() const noexcept;
  std::int64_t batches() const noexcept { return batches_; }
  // Of one batch; all of them see each row once. Each holds its share of the rows of every group
  // and of every task.
  double evaluate(std::int64_t batch, const VectorView& x, VectorSpan gradient) const;
  // Of all rows at once, without the divergence.
  double evaluate(const VectorView& x, VectorSpan gradient) const;

  // The map that x stands for.
  FeatureMap map_of(const VectorView& x) const;
  // The largest marginal error of a transport that a batch left when it was last looked at.
  double marginal_error() const noexcept;
  // Whether a task has rows of two groups.
  bool compared(Index task) const noexcept {
    return comparisons_[static_cast<std::size_t>(task)] > 0;
  }

 private:
  struct Place {
    std::uint32_t block;
    std::uint32_t row;
  };
  struct Gathered {
    RowMatrix z;
    RowMatrix y;
    Vector weight;
    std::vector<std::int32_t> code;
  };
  void stratify();
  Gathered gather(std::int64_t batch) const;
  double add_losses(const MatrixView& y,
                    const Vector& weight,
                    const RowMatrix& h,
                    const VectorView& x,
                    double scale,
                    RowMatrix& slope,
                    VectorSpan gradient) const;
  double add_divergences(const Gathered& rows,
                         const RowMatrix& h,
                         RowMatrix& slope,
                         double& marginal_error) const;
  double add_penalties(const FeatureMap& map, const VectorView& x, VectorSpan gradient) const;
  // From the derivative in the map that in the parameters.
  void to_parameters(VectorSpan gradient) const;
  Index head(Index task) const noexcept { return map_parameters_ + task * (shape_.dimensions + 1); }

  const TaskRows& rows_;
  FeatureMap shape_;
  double c_;
  double gamma_;
  DivergenceTerm term_;
  Index batch_;
  std::uint64_t seed_;
  Eigen::MatrixXd basis_;  // 0 x 0 for the identity
  Monitor& monitor_;
  Index map_parameters_;
  std::int64_t batches_ = 1;
  double weight_ = 0;   // of all rows
  Vector task_weight_;  // of the rows of each task
  std::vector<Index>
      comparisons_;  // by task: the attributes that tell two groups of its rows apart
  Index compared_tasks_ = 0;
  std::vector<std::vector<Place>> members_;     // of each batch
  mutable std::vector<double> marginal_error_;  // of each batch, when it was last looked at
};

// D, d x d, with  w'D w  the mean over the compared tasks, their attributes and the pairs of groups
// of the squared difference of the groups' mean scores <w, z>.
Eigen::MatrixXd mean_differences(const TaskRows& rows, Monitor& monitor);

// A basis in which loss and penalty together curve about as much in every direction.
Eigen::MatrixXd even_basis(const TaskRows& rows, double c, Monitor& monitor);

}  // namespace fairdb
