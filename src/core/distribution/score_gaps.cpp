#include "core/distribution/score_gaps.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/suppression.hpp"
#include "core/inference/range.hpp"
#include "core/inference/tables.hpp"

namespace fairdb {
namespace {

struct NamedValue {
  double value;
  std::string_view group;
  bool operator<(const NamedValue& other) const noexcept { return value < other.value; }
};

// The gap of a measure's values. proportions: that stand for them, or fewer where one is not known.
ScoreGap gap_of_values(std::string_view metric,
                       std::size_t groups,
                       const std::vector<NamedValue>& values,
                       const std::vector<Proportion>& proportions,
                       double level,
                       Monitor& monitor) {
  ScoreGap gap;
  gap.metric = metric;
  gap.groups = static_cast<std::int64_t>(groups);
  gap.estimable = static_cast<std::int64_t>(values.size());
  if (values.size() < 2) return gap;
  const auto low = std::min_element(values.begin(), values.end());
  const auto high = std::max_element(values.begin(), values.end());
  gap.value = high->value - low->value;
  gap.group_low = low->group;
  gap.group_high = high->group;
  if (proportions.size() == values.size()) {
    gap.interval = gap_interval({proportions}, Contrast::Difference, level, monitor);
    if (const auto test = wald(proportions)) gap.p_value = test->p_value;
  }
  gap.note = note_on(gap.interval, 0, gap.p_value, level, gap.estimable);
  return gap;
}

}  // namespace

bool are_probabilities(const LabelledScores& scores) noexcept {
  const auto inside = [](const ScoreLaw& law) {
    return law.empty() || (law.score(0) >= 0 && law.score(law.size() - 1) <= 1);
  };
  return inside(scores.positive) && inside(scores.negative);
}

ScoreGap auc_gap(const std::vector<const LabelledScores*>& groups, double level, Monitor& monitor) {
  std::vector<NamedValue> areas;
  std::vector<Proportion> laws;
  for (const LabelledScores* const scores : groups) {
    const auto area = auc(*scores, monitor);
    if (!area) continue;
    areas.push_back({area->value, scores->group});
    if (const auto law = as_proportion(*area, *scores)) laws.push_back(*law);
  }
  return gap_of_values("auc_difference", groups.size(), areas, laws, level, monitor);
}

std::vector<ScoreGap> score_gaps(const std::vector<LabelledScores>& groups,
                                 int bins,
                                 double level,
                                 Monitor& monitor) {
  std::vector<const LabelledScores*> all;
  std::vector<NamedValue> briers, errors;
  std::vector<Proportion> brier_laws;
  const bool all_probabilities = std::all_of(groups.begin(), groups.end(), are_probabilities);
  for (const LabelledScores& scores : groups) {
    all.push_back(&scores);
    if (!all_probabilities) continue;
    if (const auto b = brier(scores)) {
      briers.push_back({b->value, scores.group});
      if (const auto law = as_proportion(b->value, b->variance)) brier_laws.push_back(*law);
    }
    if (const auto e = calibration_error(calibration(scores, bins)))
      errors.push_back({*e, scores.group});
  }
  const std::size_t n = groups.size();
  return {auc_gap(all, level, monitor),
          gap_of_values("brier_difference", n, briers, brier_laws, level, monitor),
          gap_of_values("calibration_error_difference", n, errors, {}, level, monitor)};
}

std::vector<bool> hidden_bins(const std::vector<CalibrationBin>& bins, std::int64_t k) {
  std::vector<std::int64_t> rows;
  for (const CalibrationBin& bin : bins) {
    bool few = false;
    if (bin.n > 0) {
      const std::int64_t positive = std::llround(bin.observed_rate * static_cast<double>(bin.n));
      few = too_few(positive, k) || too_few(bin.n - positive, k);
    }
    rows.push_back(few ? 1 : bin.n);
  }
  return hidden_parts(rows, k);
}

std::vector<bool> hidden_groups(const std::vector<LabelledRows>& groups, std::int64_t k) {
  std::vector<std::int64_t> sizes;
  sizes.reserve(groups.size());
  for (const LabelledRows& rows : groups) sizes.push_back(rows.negative + rows.positive);
  std::vector<bool> hidden = hidden_groups(sizes, k);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (too_few(groups[g].positive, k) || too_few(groups[g].negative, k)) hidden[g] = true;
  }
  return hidden;
}

std::vector<bool> hidden_groups(const std::vector<LabelledScores>& groups, std::int64_t k) {
  std::vector<LabelledRows> rows;
  rows.reserve(groups.size());
  for (const LabelledScores& scores : groups) {
    rows.push_back({scores.negative_rows, scores.positive_rows});
  }
  return hidden_groups(rows, k);
}

}  // namespace fairdb
