// Each kind of figure, of what the other chapters have computed. A figure without data does not
// exist: nullopt.
//
// k: the least number of people that may be told of (fairdb.min_group); groups, bins and points
// that would tell of fewer are left out, as the functions that return them as rows do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/monitor.hpp"
#include "core/distribution/adjustment.hpp"
#include "core/distribution/labelled.hpp"
#include "core/report/findings.hpp"

namespace fairdb {

// Of every set of attributes a section, single attributes first. findings: the gaps of the rate, of
// each set.
[[nodiscard]] std::optional<Figure> rates_figure(const std::vector<AttributeGroups>& sets,
                                                 Rate rate,
                                                 const std::vector<Finding>& findings,
                                                 const Wording& wording);

// The law of a group's scores.
struct NamedLaw {
  std::string name;  // as it is shown
  ScoreLaw law;
  std::int64_t rows;
};
// laws: those that may be shown; hidden: how many may not. unlabelled: rows that are not in them
// for want of a label or a group.
[[nodiscard]] std::optional<Figure> scores_figure(const std::vector<NamedLaw>& laws,
                                                  std::int64_t hidden,
                                                  std::int64_t unlabelled,
                                                  std::int64_t k,
                                                  const Wording& wording,
                                                  Monitor& monitor);

// Before and after the adjustment of a distribution, whose groups of the same numbers the laws are
// (without scores where a group may not be shown).
[[nodiscard]] std::optional<Figure> adjusted_figure(const Distribution& distribution,
                                                    const Adjustment& adjustment,
                                                    const std::vector<NamedLaw>& laws,
                                                    std::int64_t hidden,
                                                    std::int64_t unlabelled,
                                                    std::optional<double> threshold,
                                                    std::int64_t k,
                                                    const Wording& wording,
                                                    Monitor& monitor);

// nullopt also where scores are no probabilities. Errors: of calibration().
[[nodiscard]] std::optional<Figure> calibration_figure(const std::vector<LabelledScores>& groups,
                                                       const AttributeNames& attributes,
                                                       int bins,
                                                       std::int64_t k,
                                                       const Wording& wording);

// threshold: scores from it on are selected.
[[nodiscard]] std::optional<Figure> roc_figure(const std::vector<LabelledScores>& groups,
                                               const AttributeNames& attributes,
                                               std::optional<double> threshold,
                                               std::int64_t k,
                                               const Wording& wording,
                                               Monitor& monitor);
// The gap of the areas under the curves; of groups that may be shown.
[[nodiscard]] Finding auc_finding(const std::vector<LabelledScores>& groups,
                                  const AttributeNames& attributes,
                                  std::int64_t k,
                                  const Wording& wording,
                                  Monitor& monitor);

// A row of tradeoff().
struct TradeoffPoint {
  double epsilon;
  double quality;  // accuracy, or a mean squared error
  double gap;
};
[[nodiscard]] std::optional<Figure> tradeoff_figure(std::vector<TradeoffPoint> points,
                                                    bool squared_error);

// A window of an audit, as history() and the view verdicts tell of it.
struct HistoryPoint {
  double days;        // its start, since 1970-01-01 00:00 UTC
  std::string label;  // as a person reads it
  std::optional<double> value;
  std::optional<Range> interval;
  std::optional<double> limit;
  std::optional<Verdict> verdict;
  std::optional<bool> alert;  // open after it
};
[[nodiscard]] std::optional<Figure> history_figure(std::vector<HistoryPoint> points,
                                                   const std::string& metric,
                                                   const std::string& by,
                                                   const Wording& wording);

}  // namespace fairdb
