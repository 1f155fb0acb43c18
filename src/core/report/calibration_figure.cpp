#include <algorithm>
#include <cmath>

#include "core/distribution/score_gaps.hpp"
#include "core/inference/tails.hpp"
#include "core/report/figures.hpp"
#include "core/report/words.hpp"

namespace fairdb {
namespace {

constexpr std::size_t kMostCalibrated = 20;

// The chance of so many or more of n that happen with probability p each.
double chance_of(std::int64_t n, std::int64_t many, double p) {
  double chance = 0;
  for (std::int64_t k = many; k <= n; ++k) {
    const auto x = static_cast<double>(k);
    const auto size = static_cast<double>(n);
    chance += std::exp(std::lgamma(size + 1) - std::lgamma(x + 1) - std::lgamma(size - x + 1) +
                       x * std::log(p) + (size - x) * std::log1p(-p));
  }
  return chance;
}

// The group whose scores promise too much by most, and the one whose promise too little.
struct Extreme {
  std::optional<std::size_t> group;
  double error = 0;
};

}  // namespace

std::optional<Figure> calibration_figure(const std::vector<LabelledScores>& groups,
                                         const AttributeNames& attributes,
                                         int bins,
                                         std::int64_t k,
                                         const Wording& wording) {
  if (!std::all_of(groups.begin(), groups.end(), are_probabilities)) return std::nullopt;
  const double z = normal_two_sided_quantile(wording.level);
  const std::vector<bool> hidden = hidden_groups(groups, k);
  std::int64_t withheld = 0;
  PlotPanel panel;
  panel.x = {"mean score in the bin", Unit::Number, {0, 1}, {}};
  panel.y = {"observed share of positive labels", Unit::Share, {0, 1}, {}};
  panel.has_diagonal = true;
  panel.diagonal = "as promised";
  const int decimals_x = panel.x.decimals();
  const int decimals_y = panel.y.decimals();
  Table table;
  table.head = {"group",      "scores",   "rows",
                "mean score", "observed", level_text(wording.level) + " from",
                "to"};
  words::CalibrationWords counts{0, 0, 0, false};
  Extreme high;
  Extreme low;
  std::size_t left_out = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (hidden[g]) {
      ++withheld;
      continue;
    }
    if (panel.series.size() >= kMostCalibrated) {
      ++left_out;
      continue;
    }
    const std::vector<CalibrationBin> list = calibration(groups[g], bins);
    const std::vector<bool> few = hidden_bins(list, k);
    Series series;
    series.name = isolated(wording.name_of(groups[g].group, attributes));
    series.marks = true;
    double weight = 0;
    double error = 0;
    for (std::size_t b = 0; b < list.size(); ++b) {
      const CalibrationBin& bin = list[b];
      if (few[b] || bin.n == 0) continue;
      const Interval interval = wilson({bin.observed_rate, static_cast<double>(bin.n)}, z);
      series.points.push_back(
          {bin.mean_score, bin.observed_rate, Range{interval.lower, interval.upper}});
      ++counts.bins;
      counts.too_high += bin.mean_score > interval.upper ? 1 : 0;
      counts.too_low += bin.mean_score < interval.lower ? 1 : 0;
      weight += bin.weight;
      error += bin.weight * (bin.mean_score - bin.observed_rate);
      table.rows.push_back({series.name, number_text(bin.lower) + " to " + number_text(bin.upper),
                            count_text(bin.n), cell_text(bin.mean_score, Unit::Number, decimals_x),
                            cell_text(bin.observed_rate, Unit::Share, decimals_y),
                            cell_text(interval.lower, Unit::Share, decimals_y),
                            cell_text(interval.upper, Unit::Share, decimals_y)});
    }
    if (series.points.empty()) continue;
    const std::size_t place = panel.series.size();
    if (!high.group || error / weight > high.error) high = {place, error / weight};
    if (!low.group || error / weight < low.error) low = {place, error / weight};
    panel.series.push_back(std::move(series));
  }
  if (panel.series.empty()) return std::nullopt;
  counts.by_chance = chance_of(counts.bins, counts.too_high + counts.too_low, 1 - wording.level) >=
                     1 - wording.level;
  const std::vector<Look> looks = looks_of(panel.series.size(), high.group, low.group, 2);
  std::size_t others = 0;
  for (std::size_t s = 0; s < looks.size(); ++s) {
    panel.series[s].look = looks[s];
    if (looks[s].colour != Look::kGrey) continue;
    ++others;
    panel.series[s].marks = false;  // bars of many groups hide each other
  }
  panel.others = words::others_in_grey(others, left_out);
  if (left_out > 0) table.note = "Further groups: calibration_by_group lists all.";
  return Figure{FigureKind::Calibration,
                "Do scores mean the same",
                words::calibration_caption(counts, wording),
                words::calibration_note(withheld, wording),
                Plot{{std::move(panel)}},
                std::move(table),
                false};
}

}  // namespace fairdb
