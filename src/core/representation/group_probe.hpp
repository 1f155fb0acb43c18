// Probes: how well the groups of rows can be told from their vectors.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/base/monitor.hpp"
#include "core/base/views.hpp"

namespace fairdb {

struct Probe {
  double accuracy = 0;
  double majority = 0;  // the accuracy of naming the largest group always
  std::optional<double> auc = {};
  std::int64_t rows = 0;
};

// Rows with a group each.
struct ProbeRows {
  RowMatrix x;                     // n x d
  std::vector<std::int32_t> code;  // 0 to groups - 1
  Vector weight;                   // n

  Index rows() const noexcept { return x.rows(); }
};

// How much each judged row looks like each group, n x groups: the log odds of logistic models of
// one group against the others, with features in standardised units and `c` as fit_linear has it.
// With two groups the first has 0 and one model tells. A group that the training rows lack has
// -infinity. nullopt where no group can be told from others.
std::optional<RowMatrix> logistic_scores(const ProbeRows& training,
                                         const MatrixView& judged,
                                         std::int32_t groups,
                                         double c,
                                         Monitor& monitor);

// The same by a network: one hidden layer of rectified linear units and a softmax, with its
// cross-entropy, by Adam. A tenth of the rows, drawn by the seed, does not train but tells when to
// stop: the result is the epoch that is best on it.
struct NetworkOptions {
  Index hidden = 300;
  std::int32_t epochs = 60;
  Index batch = 200;
  double learning_rate = 1e-3;
  std::uint64_t seed = 0;
};
RowMatrix network_scores(const ProbeRows& training,
                         const MatrixView& judged,
                         std::int32_t groups,
                         const NetworkOptions& options,
                         Monitor& monitor);
// Bytes of both beside the rows.
std::size_t probe_bytes(Index training, Index judged, Index d, std::int32_t groups) noexcept;

// Which area under a ROC curve stands for many groups: that of the group told best, or the mean of
// all by their weight. Of two groups it is that of the second one.
enum class ProbeArea : std::uint8_t { Largest, Mean };

// scores: n x groups; the largest of a row is what it is taken for, of equal ones the first.
// nullopt without weight.
std::optional<Probe> judge_scores(const RowMatrix& scores,
                                  std::span<const std::int32_t> code,
                                  const Vector& weight,
                                  ProbeArea area,
                                  Monitor& monitor);

}  // namespace fairdb
