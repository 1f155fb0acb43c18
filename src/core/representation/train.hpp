// Training of a representation shared by several tasks (core/representation/objective.hpp), and
// what it is worth.
//
// The map is found by Adam over batches, each with its share of every group and task; then the
// heads exactly, one by one, by the linear trainer on the rows' representations. Without a
// divergence L-BFGS minimises over all rows; and a linear map for the fairness of means is made of
// the tasks' own models (joint_start), which are the fair linear models of core/linear as gamma
// grows.
//
// Everything is computed over the rows in an order of their own, by digest: neither the order of
// the scan nor which group was met first changes a bit of the result.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/report.hpp"
#include "core/model/performance.hpp"
#include "core/representation/group_probe.hpp"
#include "core/representation/objective.hpp"

namespace fairdb {

inline constexpr Index kMaxDimensions = 256;
inline constexpr Index kMaxHidden = 1024;
inline constexpr Index kMaxTasks = 64;

inline constexpr std::int64_t kFewestSteps = 2000;

struct RepresentationOptions {
  std::optional<Index> dimensions = {};  // 8, or one less than the features if that is fewer
  Index hidden = 0;
  DivergenceTerm term{};
  double gamma = 1;
  std::optional<std::int32_t> epochs = {};  // 40, or as many more as make kFewestSteps batches
  Index batch = 1000;
  double learning_rate = 0.01;
  double c = 1;
  std::int64_t seed = 0;
};
// Errors: InvalidArgument, naming the argument.
void validate(const RepresentationOptions& options);
// Errors: InvalidArgument when they are more than the features.
Index dimensions_of(const RepresentationOptions& options, Index features);

// Rows as they were read: features in the units of the table, NaN where they are to be imputed,
// then a target for each task, NaN where unknown; groups by code; digests.
struct RepresentationRows {
  std::vector<RowBlock> training;
  std::vector<RowBlock> held_out;
  GroupNames names;
  std::vector<std::string> targets;
  std::vector<bool> binary;
};

// f = <weights, h> + intercept: the log-odds of a class, or a number in the units of its target.
struct TaskHead {
  Vector weights;
  double intercept = 0;
};

// A task on a set of rows. ks: the largest Kolmogorov-Smirnov distance of the scores of two groups;
// divergence: of their representations, as in the objective, among kJudgedVectors rows of each
// group at most. Known with two groups.
struct TaskPerformance {
  Performance performance;
  std::optional<double> ks;
  std::optional<double> divergence;
};
inline constexpr Index kJudgedVectors = 2000;

// The probes of a fit: a logistic regression on the representation tells the groups of an attribute
// apart, learnt from the rows that train, on the held-out rows if there are some; of several groups
// the area is that of the group told best, which is .5 for who knows nothing.
// Beyond so many groups there is no probe.
inline constexpr std::size_t kProbedGroups = 20;

struct RepresentationFit {
  Vector impute;  // a value for each feature, or empty
  Vector mean;
  Vector scale;
  FeatureMap map;
  std::vector<TaskHead> heads;
  Report report;
  double marginal_error = 0;                 // of the last transports of a Sinkhorn divergence
  std::vector<TaskPerformance> training;     // by task
  std::vector<TaskPerformance> held_out;     // by task; empty without held-out rows
  std::vector<std::optional<Probe>> probes;  // by attribute
  GroupNames names;                          // sorted
};

// impute: whether unknown features get the mean of the others. Uses up the rows.
// Errors: InvalidData for a target of one class or without rows, or where no task has rows of two
// groups although gamma is above 0; NotConverged.
RepresentationFit train_representation(RepresentationRows rows,
                                       const RepresentationOptions& options,
                                       bool impute,
                                       Monitor& monitor);

// Bytes beside the rows that training takes at most, given the rows of a batch.
std::size_t representation_bytes(Index features, Index tasks, const RepresentationOptions& options);

}  // namespace fairdb
