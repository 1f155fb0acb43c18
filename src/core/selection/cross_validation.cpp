#include "core/selection/cross_validation.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>

#include "core/base/error.hpp"

namespace fairdb {
namespace {

// Shows the fits done, and passes polls on.
class FitMonitor final : public Monitor {
 public:
  FitMonitor(Monitor& outer, std::int64_t fits) : outer_(outer), fits_(fits) {}
  void poll() override { outer_.poll(); }
  Signal step(const Progress& /*progress*/) override {
    outer_.poll();
    return Signal::Continue;
  }
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

bool same_kernel(const Setting& a, const Setting& b) {
  if (a.kernel.has_value() != b.kernel.has_value()) return false;
  if (!a.kernel) return true;
  return a.kernel->kernel.kind == b.kernel->kernel.kind &&
         a.kernel->kernel.gamma == b.kernel->kernel.gamma &&
         a.kernel->components == b.kernel->components;
}

}  // namespace

std::optional<double> fairness_gap(const Facts& facts, Fairness fairness, bool binary) {
  if (!binary) return mean_score_gap(facts);
  switch (fairness) {
    case Fairness::DemographicParity:
      return facts_gap(facts, binary, Gap::DemographicParityDifference);
    case Fairness::EqualizedOdds:
      return facts_gap(facts, binary, Gap::EqualizedOddsDifference);
    case Fairness::PredictiveEquality:
      return false_positive_gap(facts);
    case Fairness::None:
    case Fairness::EqualOpportunity:
      break;
  }
  return facts_gap(facts, binary, Gap::EqualOpportunityDifference);
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

std::vector<Judgement> cross_validate(std::span<const RowBlocks> folds,
                                      std::span<const Summary> parts,
                                      const Standard& stored,
                                      const TargetClasses& classes,
                                      Index attributes,
                                      const GroupNames& names,
                                      const FairOptions& options,
                                      std::span<const Setting> settings,
                                      std::size_t cache_bytes,
                                      Monitor& monitor) {
  constexpr double kEnough = 1e-3;  // of the objective, to judge by
  const Index d = folds[0].columns();
  FitMonitor fits(monitor, static_cast<std::int64_t>(folds.size() * settings.size()));
  std::vector<Evaluation> evaluations(settings.size(), Evaluation(classes.binary, attributes));
  // By kernel, then epsilon from the loosest, then c upwards: each fit starts near the next.
  std::vector<std::size_t> order(settings.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const Setting& x = settings[a];
    const Setting& y = settings[b];
    const auto key = [](const Setting& s) {
      return std::tuple(s.kernel.has_value(),
                        s.kernel ? static_cast<int>(s.kernel->kernel.kind) : 0,
                        s.kernel ? s.kernel->kernel.gamma : 0.0, -s.epsilon, s.c);
    };
    return key(x) < key(y);
  });
  for (std::size_t k = 0; k < folds.size(); ++k) {
    Summary training(d, attributes, classes);
    std::vector<const RowStore*> others;
    for (std::size_t other = 0; other < folds.size(); ++other) {
      if (other == k) continue;
      training.merge(parts[other]);
      others.push_back(&folds[other]);
    }
    const JoinedRows rows(d, others);
    std::unique_ptr<KernelProblem> problem;
    LinearFit last;
    const Setting* before = nullptr;
    for (const std::size_t at : order) {
      const Setting& setting = settings[at];
      FairOptions fair = options;
      fair.c = setting.c;
      fair.epsilon = setting.epsilon;
      std::variant<LinearFit, KernelFit> fit;
      if (!setting.kernel) {
        const LinearFit* start =
            before != nullptr && before->epsilon == setting.epsilon ? &last : nullptr;
        last = fit_linear(training, &rows, stored, names, fair, start, fits);
        fit = last;
        fits.fitted(last.report.objective);
      } else {
        if (problem == nullptr || !same_kernel(*before, setting)) {
          problem = std::make_unique<KernelProblem>(training, rows, stored, names, fair,
                                                    *setting.kernel, cache_bytes, fits);
        }
        fit = problem->fit(setting.c, setting.epsilon, kEnough);
        fits.fitted(std::get<KernelFit>(fit).report.objective);
      }
      before = &setting;
      folds[k].each([&](const RowBlock& block) {
        monitor.poll();
        evaluations[at].add(block, block_scores(fit, stored, block, monitor));
      });
    }
  }
  std::vector<Judgement> judgements;
  for (const Evaluation& evaluation : evaluations) {
    const Facts facts = evaluation.finish(names);
    judgements.push_back({accuracy(facts, classes.binary),
                          fairness_gap(facts, options.fairness, classes.binary),
                          facts.squared_error});
  }
  return judgements;
}

Index choose(std::span<const Judgement> judgements, double share) {
  double best = 0;
  double least_error = std::numeric_limits<double>::infinity();
  for (const Judgement& j : judgements) {
    best = std::max(best, j.accuracy.value_or(0));
    least_error = std::min(least_error, j.mean_squared_error);
  }
  const auto good = [&](const Judgement& j) {
    return j.accuracy ? *j.accuracy >= share * best : j.mean_squared_error <= least_error / share;
  };
  const auto better = [](const Judgement& a, const Judgement& b) {  // of equal gap
    return a.accuracy && b.accuracy ? *a.accuracy > *b.accuracy
                                    : a.mean_squared_error < b.mean_squared_error;
  };
  Index chosen = -1;
  for (std::size_t k = 0; k < judgements.size(); ++k) {
    const Judgement& j = judgements[k];
    if (!j.gap || !good(j)) continue;
    if (chosen >= 0) {
      const Judgement& c = judgements[static_cast<std::size_t>(chosen)];
      if (*j.gap > *c.gap || (*j.gap == *c.gap && !better(j, c))) continue;
    }
    chosen = static_cast<Index>(k);
  }
  return chosen;
}

}  // namespace fairdb
