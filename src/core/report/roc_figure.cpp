#include <algorithm>
#include <cmath>

#include "core/decision/cutoff.hpp"
#include "core/distribution/score_gaps.hpp"
#include "core/inference/tails.hpp"
#include "core/report/figures.hpp"
#include "core/report/words.hpp"

namespace fairdb {
namespace {

// Points of a curve: fewer where there are many groups.
constexpr std::int64_t kRocPoints = 64;
constexpr std::int64_t kFewRocPoints = 24;
constexpr std::size_t kManyRocGroups = 4;
constexpr std::size_t kMostRocGroups = 20;

struct GroupCurve {
  const LabelledScores* scores;
  std::string name;
  double area;
  std::optional<Range> interval;
};

// The groups that may be shown and have both labels, with the areas under their curves.
std::vector<GroupCurve> curves_of(const std::vector<LabelledScores>& groups,
                                  const AttributeNames& attributes,
                                  const std::vector<bool>& hidden,
                                  const Wording& wording,
                                  Monitor& monitor) {
  const double z = normal_two_sided_quantile(wording.level);
  std::vector<GroupCurve> curves;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto area = hidden[g] ? std::nullopt : auc(groups[g], monitor);
    if (!area) continue;
    GroupCurve curve{
        &groups[g], isolated(wording.name_of(groups[g].group, attributes)), area->value, {}};
    if (const auto law = as_proportion(*area, groups[g])) {
      const Interval interval = wilson(*law, z);
      curve.interval = Range{interval.lower, interval.upper};
    }
    curves.push_back(std::move(curve));
  }
  return curves;
}

// The lowest and the highest area first among those that are drawn.
std::vector<std::size_t> drawn_of(const std::vector<GroupCurve>& curves,
                                  std::size_t low,
                                  std::size_t high) {
  std::vector<std::size_t> drawn;
  std::size_t others = kMostRocGroups - 2;
  for (std::size_t c = 0; c < curves.size(); ++c) {
    if (c == low || c == high || curves.size() <= kMostRocGroups) {
      drawn.push_back(c);
    } else if (others > 0) {
      --others;
      drawn.push_back(c);
    }
  }
  return drawn;
}

Point as_shares(const RocPoint& point, const LabelledScores& scores) {
  return {point.fp / scores.negative.total(), point.tp / scores.positive.total()};
}

}  // namespace

Finding auc_finding(const std::vector<LabelledScores>& groups,
                    const AttributeNames& attributes,
                    std::int64_t k,
                    const Wording& wording,
                    Monitor& monitor) {
  const std::vector<bool> hidden = hidden_groups(groups, k);
  Finding finding;
  finding.metric = "auc_difference";
  std::vector<const LabelledScores*> shown;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (hidden[g]) {
      ++finding.hidden;
    } else {
      shown.push_back(&groups[g]);
    }
  }
  const ScoreGap gap = auc_gap(shown, wording.level, monitor);
  finding.value = gap.value;
  if (gap.interval) finding.interval = Range{gap.interval->lower, gap.interval->upper};
  finding.p_value = gap.p_value;
  finding.groups = gap.estimable;
  if (!gap.value) return finding;
  std::optional<Proportion> low;
  std::optional<Proportion> high;
  for (const LabelledScores* const scores : shown) {
    const auto area = auc(*scores, monitor);
    if (!area) continue;
    if (scores->group == gap.group_low) {
      finding.low_rate = area->value;
      low = as_proportion(*area, *scores);
    }
    if (scores->group == gap.group_high) {
      finding.high_rate = area->value;
      high = as_proportion(*area, *scores);
    }
  }
  if (gap.estimable > 2 && low && high) {
    const auto n = static_cast<double>(gap.estimable);
    const double z = normal_two_sided_quantile(1 - (1 - wording.level) * 2 / (n * (n - 1)));
    finding.pair_apart = newcombe(*high, *low, z).lower > 0;
  }
  finding.low = wording.name_of(gap.group_low, attributes);
  finding.high = wording.name_of(gap.group_high, attributes);
  return finding;
}

std::optional<Figure> roc_figure(const std::vector<LabelledScores>& groups,
                                 const AttributeNames& attributes,
                                 std::optional<double> threshold,
                                 std::int64_t k,
                                 const Wording& wording,
                                 Monitor& monitor) {
  const std::vector<bool> hidden = hidden_groups(groups, k);
  const auto curves = curves_of(groups, attributes, hidden, wording, monitor);
  if (curves.empty()) return std::nullopt;
  const auto by_area = [](const GroupCurve& a, const GroupCurve& b) { return a.area < b.area; };
  const auto low = static_cast<std::size_t>(
      std::min_element(curves.begin(), curves.end(), by_area) - curves.begin());
  const auto high = static_cast<std::size_t>(
      std::max_element(curves.begin(), curves.end(), by_area) - curves.begin());
  const std::vector<std::size_t> drawn = drawn_of(curves, low, high);
  const auto place = [&](std::size_t curve) {
    return static_cast<std::size_t>(std::find(drawn.begin(), drawn.end(), curve) - drawn.begin());
  };
  const std::vector<Look> looks = looks_of(drawn.size(), place(low), place(high));
  PlotPanel panel;
  panel.x = {"false positive rate", Unit::Share, {0, 1}, {}};
  panel.y = {"true positive rate", Unit::Share, {0, 1}, {}};
  panel.has_diagonal = true;
  Table table;
  table.head = {"group", "scores from", "false positive rate", "true positive rate"};
  const int decimals = panel.x.decimals();
  const auto add_row = [&](const std::string& group, const std::string& from, const Point& point) {
    table.rows.push_back({group, from, cell_text(point.x, Unit::Share, decimals),
                          cell_text(point.y, Unit::Share, decimals)});
  };
  std::size_t others = 0;
  bool marked = false;
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    const GroupCurve& curve = curves[drawn[i]];
    const std::vector<RocPoint> all = roc_curve(*curve.scores, k, monitor);
    Series series;
    series.name = curve.name;
    series.look = looks[i];
    series.key = words::auc_key(curve.name, curve.area, curve.interval);
    for (const RocPoint& point :
         thinned(all, drawn.size() > kManyRocGroups ? kFewRocPoints : kRocPoints)) {
      const Point shares = as_shares(point, *curve.scores);
      series.points.push_back(shares);
      add_row(curve.name, std::isinf(point.threshold) ? "none" : number_text(point.threshold),
              shares);
    }
    others += looks[i].colour == Look::kGrey ? 1 : 0;
    table.note += (i == 0 ? "Areas under the curves: " : ", ") +
                  words::area(curve.name, curve.area, curve.interval);
    if (threshold && looks[i].colour != Look::kGrey) {
      // Scores from the threshold on are those from the next one that occurs.
      const RocPoint* at = nullptr;
      for (const RocPoint& point : all) {
        if (point.threshold >= *threshold) at = &point;
      }
      // Where small numbers are withheld the curve may lack it.
      if (at != nullptr && at->fp == curve.scores->negative.from(*threshold) &&
          at->tp == curve.scores->positive.from(*threshold)) {
        const Point shares = as_shares(*at, *curve.scores);
        panel.marks.push_back({shares.x, shares.y, looks[i], {}, Mark::Kind::Shape});
        add_row(curve.name, "threshold " + words::limit(*threshold), shares);
        marked = true;
      }
    }
    panel.series.push_back(std::move(series));
  }
  panel.others = words::others_in_grey(others, curves.size() - drawn.size());
  const Finding gap = auc_finding(groups, attributes, k, wording, monitor);
  const words::RocWords said{
      gap.value,    gap.p_value,   gap.certainty(wording.level),     gap.low, gap.high,
      gap.low_rate, gap.high_rate, marked ? threshold : std::nullopt};
  return Figure{FigureKind::Roc,
                "Who is ranked well",
                words::roc_caption(said, wording),
                words::roc_note(std::count(hidden.begin(), hidden.end(), true)),
                Plot{{std::move(panel)}},
                std::move(table),
                false};
}

}  // namespace fairdb
