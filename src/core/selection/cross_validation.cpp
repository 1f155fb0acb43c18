#include "core/selection/cross_validation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>

#include "core/base/error.hpp"
#include "core/features/encoding.hpp"

namespace fairdb {
namespace {

// Shows the fits done, and passes polls on.
class FitMonitor final : public Monitor {
 public:
  FitMonitor(Monitor& outer, std::int64_t fits) : outer_(outer), fits_(fits) {}
  void poll() override { outer_.poll(); }
  void step(const Progress& /*progress*/) override { outer_.poll(); }
  void fitted(double objective) {
    ++done_;
    outer_.step({.stage = "cross-validation",
                 .iteration = done_,
                 .objective = objective,
                 .residual = kUnknown,
                 .share = static_cast<double>(done_) / static_cast<double>(fits_)});
  }

 private:
  Monitor& outer_;
  std::int64_t fits_;
  std::int64_t done_ = 0;
};

bool same_kernel(const GridSetting& a, const GridSetting& b) {
  if (a.kernel.has_value() != b.kernel.has_value()) return false;
  if (!a.kernel) return true;
  return a.kernel->kernel.kind == b.kernel->kernel.kind &&
         a.kernel->kernel.gamma == b.kernel->kernel.gamma &&
         a.kernel->components == b.kernel->components;
}

}  // namespace

std::optional<double> fairness_gap(const Performance& performance, Fairness fairness, bool binary) {
  if (!binary) return mean_score_gap(performance);
  switch (fairness) {
    case Fairness::DemographicParity:
      return decision_gap(performance, binary, Gap::DemographicParityDifference);
    case Fairness::EqualizedOdds:
      return decision_gap(performance, binary, Gap::EqualizedOddsDifference);
    case Fairness::PredictiveEquality:
      return false_positive_gap(performance);
    case Fairness::None:
    case Fairness::EqualOpportunity:
      break;
  }
  return decision_gap(performance, binary, Gap::EqualOpportunityDifference);
}

std::vector<RowBlocks> deal_folds(RowBlocks& rows, int folds, std::uint64_t seed, bool binary) {
  struct Card {
    std::uint64_t digest;
    std::size_t block;
    Index row;
  };
  std::map<std::vector<std::int32_t>, std::vector<Card>> strata;
  for (std::size_t b = 0; b < rows.blocks().size(); ++b) {
    const RowBlock& block = rows.blocks()[b];
    for (Index i = 0; i < block.rows(); ++i) {
      std::vector<std::int32_t> key;
      for (Index a = 0; a < block.attributes; ++a) key.push_back(block.code(i, a));
      key.push_back(binary && block.y(i) > 0 ? 1 : 0);
      strata[std::move(key)].push_back({row_digest(block, i, seed), b, i});
    }
  }
  std::vector<std::vector<std::vector<Index>>> chosen(static_cast<std::size_t>(folds));
  for (auto& fold : chosen) fold.resize(rows.blocks().size());
  // Strata follow each other by their smallest digest, which no scan order changes; each goes on
  // where the one before ended, lest small ones all fall into the first folds.
  std::vector<std::vector<Card>> decks;
  for (auto& [key, cards] : strata) {
    std::sort(cards.begin(), cards.end(),
              [](const Card& a, const Card& b) { return a.digest < b.digest; });
    decks.push_back(std::move(cards));
  }
  std::sort(decks.begin(), decks.end(),
            [](const auto& a, const auto& b) { return a.front().digest < b.front().digest; });
  std::size_t dealt = 0;
  for (const std::vector<Card>& cards : decks) {
    for (const Card& card : cards) {
      chosen[dealt++ % static_cast<std::size_t>(folds)][card.block].push_back(card.row);
    }
  }
  std::vector<RowBlocks> result(static_cast<std::size_t>(folds), RowBlocks(rows.columns()));
  for (std::size_t b = 0; b < rows.blocks().size(); ++b) {
    for (std::size_t k = 0; k < result.size(); ++k) {
      if (!chosen[k][b].empty()) result[k].append(select_rows(rows.blocks()[b], chosen[k][b]));
    }
    rows.blocks()[b] = RowBlock{};  // the rows are in memory once
  }
  rows.clear();
  return result;
}

std::vector<Summary> summaries_of(std::span<const RowBlocks> folds,
                                  const TargetClasses& classes,
                                  Index attributes,
                                  Monitor& monitor) {
  std::vector<Summary> parts;
  for (const RowBlocks& fold : folds) {
    Summary& part = parts.emplace_back(fold.columns(), attributes, classes);
    fold.each([&](const RowBlock& block) {
      monitor.poll();
      part.add(block);
    });
  }
  return parts;
}

Vector known_means(std::span<const RowBlocks* const> parts) {
  const Index d = parts[0]->columns();
  Vector sum = Vector::Zero(d);
  Vector weight = Vector::Zero(d);
  for (const RowBlocks* const part : parts) {
    part->each([&](const RowBlock& block) {
      for (Index i = 0; i < block.rows(); ++i) {
        for (Index j = 0; j < d; ++j) {
          if (std::isnan(block.values(i, j))) continue;
          sum(j) += block.w(i) * block.values(i, j);
          weight(j) += block.w(i);
        }
      }
    });
  }
  for (Index j = 0; j < d; ++j) sum(j) = weight(j) > 0 ? sum(j) / weight(j) : kUnknown;
  return sum;
}

std::vector<RowBlocks> filled(std::vector<const RowBlocks*>& parts,
                              const Vector& values,
                              Monitor& monitor) {
  std::vector<RowBlocks> copies;
  copies.reserve(parts.size());  // the pointers stay good
  for (const RowBlocks*& part : parts) {
    RowBlocks& result = copies.emplace_back(part->columns());
    part->each([&](const RowBlock& block) {
      monitor.poll();
      RowBlock copy = block;
      fill_unknown(copy, values);
      result.append(std::move(copy));
    });
    part = &result;
  }
  return copies;
}

namespace {

// What one fold is judged by: the models' rows with their summary, and its own rows.
struct FoldRows {
  std::vector<RowBlocks> copies;  // where unknown features were filled
  std::vector<const RowStore*> training;
  const RowBlocks* judged = nullptr;
  Summary summary;
};

// Adds the rows, in the units of `stored`, in those of the table.
void add_to(Summary& summary, const RowBlocks& rows, const Scaling& stored, Monitor& monitor) {
  rows.each([&](const RowBlock& block) {
    monitor.poll();
    RowBlock raw = block;
    raw.x().array().rowwise() *= stored.scale.transpose().array();
    raw.x().rowwise() += stored.mean.transpose();
    summary.add(raw);
  });
}

FoldRows rows_of_fold(std::size_t k,
                      std::span<const RowBlocks> folds,
                      std::span<const Summary> parts,
                      const Scaling& stored,
                      const TargetClasses& classes,
                      Index attributes,
                      const FoldLearning& learning,
                      Monitor& monitor) {
  std::vector<const RowBlocks*> others;
  for (std::size_t other = 0; other < folds.size(); ++other) {
    if (other != k) others.push_back(&folds[other]);
  }
  FoldRows result{{}, {}, &folds[k], Summary(folds[0].columns(), attributes, classes)};
  if (!learning.any()) {
    for (std::size_t other = 0; other < folds.size(); ++other) {
      if (other != k) result.summary.merge(parts[other]);
    }
  } else {
    if (learning.impute) {
      const Vector means = known_means(others);
      if (means.hasNaN()) {
        throw Error(ErrorKind::InvalidData,
                    "a feature has no value among the rows that train for fold " +
                        std::to_string(k + 1) + " of " + std::to_string(folds.size()),
                    "There is no mean to impute: leave the column out, or use more folds.");
      }
      others.push_back(&folds[k]);
      result.copies = filled(others, means, monitor);
      result.judged = others.back();
      others.pop_back();
    }
    TargetClasses learnt = classes;
    if (learning.bins >= 2) {
      std::vector<std::pair<double, double>> targets;
      for (const RowBlocks* const other : others) {
        other->each([&](const RowBlock& block) {
          for (Index i = 0; i < block.rows(); ++i) targets.emplace_back(block.y(i), block.w(i));
        });
      }
      learnt.edges = quantile_edges(std::move(targets), learning.bins);
    }
    result.summary = Summary(folds[0].columns(), attributes, learnt);
    for (const RowBlocks* const other : others) add_to(result.summary, *other, stored, monitor);
  }
  result.training.assign(others.begin(), others.end());
  result.summary.set_part({"among the rows that train for fold " + std::to_string(k + 1) + " of " +
                               std::to_string(folds.size()),
                           "Another seed, or more folds, may leave it some."});
  return result;
}

// Whether all scores so far mean one decision, or for a number are one score.
class Constancy {
 public:
  explicit Constancy(bool binary) : binary_(binary) {}
  void add(const Vector& scores) {
    for (Index i = 0; i < scores.size() && constant_; ++i) {
      if (!first_) first_ = scores(i);
      constant_ = binary_ ? (scores(i) >= 0) == (*first_ >= 0)
                          : std::abs(scores(i) - *first_) <= 1e-9 * (1 + std::abs(*first_));
    }
  }
  bool constant() const noexcept { return constant_; }

 private:
  bool binary_;
  bool constant_ = true;
  std::optional<double> first_;
};

}  // namespace

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
                                      Monitor& monitor) {
  constexpr double kEnough = 1e-3;  // of the objective, to judge by
  const Index d = folds[0].columns();
  FitMonitor fits(monitor, static_cast<std::int64_t>(folds.size() * settings.size()));
  std::vector<Evaluation> evaluations(settings.size(),
                                      Evaluation(classes.binary, false, attributes));
  std::vector<Judgement> judgements(settings.size());
  for (Judgement& judgement : judgements) judgement.constant = true;
  // By kernel, then epsilon from the loosest, then c upwards: each fit starts near the next.
  std::vector<std::size_t> order(settings.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const GridSetting& x = settings[a];
    const GridSetting& y = settings[b];
    const auto key = [](const GridSetting& s) {
      return std::tuple(s.kernel.has_value(),
                        s.kernel ? static_cast<int>(s.kernel->kernel.kind) : 0,
                        s.kernel ? s.kernel->kernel.gamma : 0.0, -s.epsilon, s.c);
    };
    return key(x) < key(y);
  });
  for (std::size_t k = 0; k < folds.size(); ++k) {
    const FoldRows fold =
        rows_of_fold(k, folds, parts, stored, classes, attributes, learning, monitor);
    const JoinedRows rows(d, fold.training);
    std::unique_ptr<KernelProblem> problem;
    LinearFit last;
    const GridSetting* before = nullptr;
    for (const std::size_t at : order) {
      const GridSetting& setting = settings[at];
      Judgement& judgement = judgements[at];
      if (!judgement.failed.empty()) continue;
      FairOptions fair = options;
      fair.c = setting.c;
      fair.epsilon = setting.epsilon;
      FairFit fit;
      double objective = kUnknown;
      try {
        if (!setting.kernel) {
          const LinearFit* start =
              before != nullptr && before->epsilon == setting.epsilon ? &last : nullptr;
          LinearFit fitted = fit_linear(fold.summary, &rows, stored, names, fair, start, fits);
          objective = fitted.report.objective;
          last = fitted;
          fit = std::move(fitted);
        } else {
          if (problem == nullptr || !same_kernel(*before, setting)) {
            problem = std::make_unique<KernelProblem>(fold.summary, rows, stored, names, fair,
                                                      *setting.kernel, cache_bytes, fits);
          }
          KernelFit fitted = problem->fit(setting.c, setting.epsilon, kEnough);
          objective = fitted.report.objective;
          fit = std::move(fitted);
        }
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotConverged) throw;
        judgement.failed = "fold " + std::to_string(k + 1) + ": " + error.what();
        problem.reset();
        before = nullptr;
        fits.fitted(kUnknown);
        continue;
      }
      fits.fitted(objective);
      before = &setting;
      Constancy constancy(classes.binary);
      fold.judged->each([&](const RowBlock& block) {
        monitor.poll();
        const Vector scores = block_scores(fit, stored, block, monitor);
        constancy.add(scores);
        evaluations[at].add(block, scores);
      });
      judgement.constant = judgement.constant && constancy.constant();
    }
  }
  for (std::size_t at = 0; at < settings.size(); ++at) {
    Judgement& judgement = judgements[at];
    if (!judgement.failed.empty()) {
      judgement.constant = false;
      continue;
    }
    const Performance performance = evaluations[at].finish(names);
    judgement.accuracy = accuracy(performance, classes.binary);
    judgement.gap = fairness_gap(performance, options.fairness, classes.binary);
    judgement.mean_squared_error = performance.squared_error;
    judgement.selection_rate = selection_rate(performance, classes.binary);
  }
  return judgements;
}

double unconstrained_spread(std::span<const RowBlocks> folds,
                            const Summary& summary,
                            const Scaling& stored,
                            const GroupNames& names,
                            FairOptions options,
                            bool impute,
                            const GridSetting& setting,
                            std::size_t cache_bytes,
                            Monitor& monitor) {
  constexpr double kFree = std::numeric_limits<double>::infinity();
  options.c = setting.c;
  options.epsilon = kFree;
  std::vector<const RowBlocks*> known;
  for (const RowBlocks& fold : folds) known.push_back(&fold);
  std::vector<RowBlocks> copies;
  if (impute) copies = filled(known, known_means(known), monitor);
  const std::vector<const RowStore*> parts(known.begin(), known.end());
  const JoinedRows all(folds[0].columns(), parts);
  if (!setting.kernel) {
    return fit_linear(summary, &all, stored, names, options, nullptr, monitor).report.violation;
  }
  KernelProblem problem(summary, all, stored, names, options, *setting.kernel, cache_bytes,
                        monitor);
  return problem.fit(setting.c, kFree).report.violation;
}

Index choose(std::span<const Judgement> judgements, double share) {
  double best = 0;
  double least_error = std::numeric_limits<double>::infinity();
  for (const Judgement& j : judgements) {
    if (!j.failed.empty()) continue;
    best = std::max(best, j.accuracy.value_or(0));
    least_error = std::min(least_error, j.mean_squared_error);
  }
  const auto good = [&](const Judgement& j) {
    return j.accuracy ? *j.accuracy >= share * best : j.mean_squared_error <= least_error / share;
  };
  const auto better = [](const Judgement& a, const Judgement& b) {
    if (a.constant != b.constant) return b.constant;
    if (*a.gap != *b.gap) return *a.gap < *b.gap;
    return a.accuracy && b.accuracy ? *a.accuracy > *b.accuracy
                                    : a.mean_squared_error < b.mean_squared_error;
  };
  Index chosen = -1;
  for (std::size_t k = 0; k < judgements.size(); ++k) {
    const Judgement& j = judgements[k];
    if (!j.failed.empty() || !j.gap || !good(j)) continue;
    if (chosen >= 0 && !better(j, judgements[static_cast<std::size_t>(chosen)])) continue;
    chosen = static_cast<Index>(k);
  }
  return chosen;
}

}  // namespace fairdb
