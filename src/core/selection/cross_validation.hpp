// Choosing c, epsilon and the kernel by cross-validation.
//
// Each fold is predicted by a model of the others; a setting is judged by the predictions of all
// folds together. The folds' summaries are merged instead of made again, the rows are shared, and
// neighbouring settings start from each other's solution, so that a grid costs far less than its
// number of fits.
//
// The choice has two steps: of the settings whose accuracy is at least a share of the best one,
// that with the smallest gap. Source: Donini et al. 2018, section 5 (NVP), with the share as a
// parameter.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/model/fair_model.hpp"

namespace fairdb {

// A setting of the grid; kernel: empty for the linear trainer.
struct GridSetting {
  double c = 1;
  double epsilon = 0;
  std::optional<KernelOptions> kernel;
};

// accuracy: of a binary target; mean_squared_error: of f against y. gap: of the decisions, in the
// sense of the fairness asked for (EqualOpportunity for none); of a number, the largest difference
// of the groups' mean scores.
// selection_rate: of the decisions. constant: whether each fold got one decision (of a number, one
// score) for all of its rows. failed: why no model was trained, empty when all were; nothing else
// is known then.
struct Judgement {
  std::optional<double> accuracy;
  std::optional<double> gap;
  double mean_squared_error = 0;
  std::optional<double> selection_rate;
  bool constant = false;
  std::string failed;
};

std::optional<double> fairness_gap(const Performance& performance, Fairness fairness, bool binary);

// Deals the rows to folds so that each has its share of every group and class. Which row falls
// where depends on its content and the seed, not on the order of the rows. Takes the rows.
std::vector<RowBlocks> deal_folds(RowBlocks& rows, int folds, std::uint64_t seed, bool binary);

// The summary of each fold.
std::vector<Summary> summaries_of(std::span<const RowBlocks> folds,
                                  const TargetClasses& classes,
                                  Index attributes,
                                  Monitor& monitor);

// What a training learns before its first step, where that is not the summaries' to tell: the
// values in the place of unknown features (NaN in the rows), and the edges of bins of the target.
// Each fold's models learn them from the other folds.
struct FoldLearning {
  bool impute = false;
  std::int32_t bins = 0;

  bool any() const noexcept { return impute || bins >= 2; }
};

// folds: the rows of each, in the units of `stored`. parts: their summaries in the units of the
// table; not used where something is learnt from the rows themselves. settings: any order. A
// setting whose solver fails is marked; all other errors name the fold.
std::vector<Judgement> cross_validate(std::span<const RowBlocks> folds,
                                      std::span<const Summary> parts,
                                      const Scaling& stored,
                                      const TargetClasses& classes,
                                      Index attributes,
                                      const GroupNames& names,
                                      const FairOptions& options,
                                      const FoldLearning& learning,
                                      std::span<const GridSetting> settings,
                                      std::size_t cache_bytes,
                                      Monitor& monitor);

// The largest difference of mean scores that models of all folds have without a constraint, at the
// setting's c. summary, stored: of all rows, as of cross_validate. impute: whether unknown features
// take their means.
double unconstrained_spread(std::span<const RowBlocks> folds,
                            const Summary& summary,
                            const Scaling& stored,
                            const GroupNames& names,
                            FairOptions options,
                            bool impute,
                            const GridSetting& setting,
                            std::size_t cache_bytes,
                            Monitor& monitor);

// The mean of each feature over the rows where it is known; NaN where it is known in none.
Vector known_means(std::span<const RowBlocks* const> parts);

// Copies of the parts with these values in the place of unknown features; the pointers become
// those of the copies.
std::vector<RowBlocks> filled(std::vector<const RowBlocks*>& parts,
                              const Vector& values,
                              Monitor& monitor);

// The place of the setting chosen: of those with accuracy >= share * best (or error <= best /
// share), the smallest gap; among equals the more accurate, then the first. A constant one, whose
// gap is 0 and which decides nothing, only where there is no other. -1 for none.
Index choose(std::span<const Judgement> judgements, double share);

}  // namespace fairdb
