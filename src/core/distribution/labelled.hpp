// Scores with labels: how well a score ranks, and how well it is calibrated, in each group.
//
// They come from a distribution whose groups are pairs of a group and a label, as
// distribution_agg(score, row(sensitive, y_true)) makes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/monitor.hpp"
#include "core/distribution/law.hpp"
#include "core/inference/proportion.hpp"

namespace fairdb {

struct LabelledScores {
  std::string group;
  std::int64_t negative_rows = 0;  // with label false
  std::int64_t positive_rows = 0;
  ScoreLaw negative = {};
  ScoreLaw positive = {};
  // Of weighted rows, how many have each distinct score or a higher one; empty where each row
  // counts 1, where they are summarised, and of pooled groups.
  std::vector<std::int64_t> negative_rows_from = {};
  std::vector<std::int64_t> positive_rows_from = {};

  // How many rows of a label have a score of at least t: of summarised ones as many as their share
  // of the weight says.
  std::int64_t rows_from(bool label, double t) const noexcept;
  double weight() const noexcept { return negative.total() + positive.total(); }
  // Rows of equal weight that would tell as much (Kish), of both labels; 0 without rows.
  double effective_rows() const noexcept;
};
// The groups of a distribution in the order of their names; names as of the first field or, when
// there are more than two, of the row of all but the last. Errors: InvalidArgument when a label is
// not a row that ends in a boolean.
[[nodiscard]] std::vector<LabelledScores> labelled_scores(const Distribution& distribution);
// The label that ends the name of a group of such a distribution. Errors: the same.
[[nodiscard]] bool label_of(std::string_view group);

// The area under the ROC curve: the chance that a positive row has the higher score, ties counted
// by half, and its variance after DeLong, DeLong and Clarke-Pearson (1988). nullopt without rows of
// both labels; the variance also with a single row of either. Weighted rows count by their weight,
// in the variance as their effective number.
struct Auc {
  double value;
  std::optional<double> variance;
};
[[nodiscard]] std::optional<Auc> auc(const LabelledScores& scores, Monitor& monitor);

// An area as a proportion, for the intervals and tests of proportions: of the size that would have
// its variance; of an area of 0 or 1, which has none, the smaller number of rows. nullopt when the
// variance is unknown.
[[nodiscard]] std::optional<Proportion> as_proportion(const Auc& area,
                                                      const LabelledScores& scores) noexcept;

// Scores as probabilities. A bin [lower, upper) of equal width; the last one includes 1.
struct CalibrationBin {
  double lower;
  double upper;
  std::int64_t n;        // rows; of weighted ones, its share of their effective number
  double weight;         // of the rows
  double mean_score;     // NaN when empty
  double observed_rate;  // share of positive rows; NaN when empty
};
// Errors: InvalidArgument unless 1 <= bins <= 1000; InvalidData for a score outside [0, 1].
[[nodiscard]] std::vector<CalibrationBin> calibration(const LabelledScores& scores, int bins);

// The mean, by weight, of |mean score - observed rate| of their bin (expected calibration error).
[[nodiscard]] std::optional<double> calibration_error(const std::vector<CalibrationBin>& bins);

// The mean of (score - label)^2, and its variance. nullopt without rows.
struct Brier {
  double value;
  double variance;
};
[[nodiscard]] std::optional<Brier> brier(const LabelledScores& scores) noexcept;

// A mean with a variance as a proportion of the size that would have it, for the intervals and
// tests of proportions. nullopt when the variance is unknown or the value is 0 or 1.
[[nodiscard]] std::optional<Proportion> as_proportion(
    double value, const std::optional<double>& variance) noexcept;

}  // namespace fairdb
