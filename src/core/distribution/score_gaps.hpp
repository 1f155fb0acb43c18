// How far the groups are apart in how well their scores rank and how well they are calibrated.
#pragma once

#include <string>
#include <string_view>

#include "core/distribution/labelled.hpp"
#include "core/inference/level.hpp"

namespace fairdb {

struct ScoreGap {
  std::string_view metric;
  std::optional<double> value;  // largest minus smallest; nullopt of fewer than two groups
  std::optional<Interval> interval;
  std::optional<double> p_value;  // of Wald's test that all are equal
  std::int64_t groups = 0;
  std::int64_t estimable = 0;  // groups that have the measure
  std::string_view note;
  std::string group_low;  // the groups with the smallest and the largest; empty without a gap
  std::string group_high;
};

// Of the area under the ROC curve, the Brier score and the calibration error; the last two only
// where all scores are probabilities. bins: of the calibration error. Errors: as of calibration().
[[nodiscard]] std::vector<ScoreGap> score_gaps(const std::vector<LabelledScores>& groups,
                                               int bins,
                                               double level,
                                               Monitor& monitor);

// Of the area under the ROC curve alone, of some groups.
[[nodiscard]] ScoreGap auc_gap(const std::vector<const LabelledScores*>& groups,
                               double level,
                               Monitor& monitor);

// Whether all scores lie in [0, 1].
[[nodiscard]] bool are_probabilities(const LabelledScores& scores) noexcept;

// Bins of fewer than k rows, or of so few positive or negative ones, and others that would tell
// them.
[[nodiscard]] std::vector<bool> hidden_bins(const std::vector<CalibrationBin>& bins,
                                            std::int64_t k);

struct LabelledRows {
  std::int64_t negative;
  std::int64_t positive;
};
// Groups of fewer than k rows and others that would tell them, and those with so few positive or
// negative rows.
[[nodiscard]] std::vector<bool> hidden_groups(const std::vector<LabelledRows>& groups,
                                              std::int64_t k);
[[nodiscard]] std::vector<bool> hidden_groups(const std::vector<LabelledScores>& groups,
                                              std::int64_t k);

}  // namespace fairdb
