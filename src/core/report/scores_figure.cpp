// Cumulative scores of each group: by themselves, and before and after adjusting.
#include <algorithm>
#include <cmath>

#include "core/distribution/adjustment_cost.hpp"
#include "core/distribution/distances.hpp"
#include "core/report/figures.hpp"
#include "core/report/widest_gap.hpp"
#include "core/report/words.hpp"

namespace fairdb {
namespace {

// A curve in so many points: fewer where there are many groups, for all of them are in the table.
constexpr std::size_t kPoints = 100;
constexpr std::size_t kFewPoints = 40;
constexpr std::size_t kManyGroups = 4;
constexpr std::size_t kMostCurves = 20;  // that are drawn

struct Curve {
  std::vector<double> shares;  // the same of all groups where they have rows enough
  std::vector<double> scores;
};

// The scores of ranks at equal distances. With k > 0 between two of them, and at the ends, are k
// rows at least.
Curve curve_of(const NamedLaw& named, std::size_t points, std::int64_t k) {
  const ScoreLaw& law = named.law;
  std::size_t steps = points;
  if (k > 0) {
    steps = std::min(points, static_cast<std::size_t>(std::max<std::int64_t>(1, named.rows / k)));
  }
  const std::size_t first = k > 0 ? 1 : 0;
  const std::size_t last = k > 0 ? steps - 1 : steps;
  Curve curve;
  for (std::size_t i = first; i <= last && last != static_cast<std::size_t>(-1); ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(steps);
    curve.shares.push_back(share);
    curve.scores.push_back(law.step_at_rank(share * law.total()));
  }
  return curve;
}

struct Shown {
  std::vector<std::size_t> groups;  // numbers of the laws that are drawn
  std::vector<Look> looks;          // of these
  std::optional<WidestGap> gap;     // between laws, by their numbers
  std::size_t others = 0;           // in grey
  std::size_t left_out = 0;
  std::int64_t too_few = 0;  // with scores, but too few for points k rows apart
};

Shown shown_of(const std::vector<NamedLaw>& laws, std::int64_t k, Monitor& monitor) {
  constexpr std::int64_t kLeastPoints = 3;
  Shown shown;
  const ScoreLaw none;
  std::vector<const ScoreLaw*> all;
  std::vector<std::size_t> with_scores;
  for (std::size_t l = 0; l < laws.size(); ++l) {
    const bool has = !laws[l].law.empty();
    // Of weights points at equal distances may be one row's.
    const bool enough = k == 0 || (laws[l].rows >= kLeastPoints * k && laws[l].law.counts_rows());
    all.push_back(has && enough ? &laws[l].law : &none);
    if (has && enough) with_scores.push_back(l);
    shown.too_few += has && !enough ? 1 : 0;
  }
  shown.gap = widest_gap(all, monitor);
  for (const std::size_t l : with_scores) {
    const bool extreme = shown.gap && (l == shown.gap->low || l == shown.gap->high);
    if (extreme || with_scores.size() <= kMostCurves || shown.groups.size() + 2 < kMostCurves) {
      shown.groups.push_back(l);
    } else {
      ++shown.left_out;
    }
  }
  std::optional<std::size_t> low;
  std::optional<std::size_t> high;
  for (std::size_t i = 0; i < shown.groups.size(); ++i) {
    // The curve that lies higher is that of the group with the lower scores: as in the rates, it
    // comes first.
    if (shown.gap && shown.groups[i] == shown.gap->high) low = i;
    if (shown.gap && shown.groups[i] == shown.gap->low) high = i;
  }
  shown.looks = looks_of(shown.groups.size(), low, high);
  for (const Look look : shown.looks) shown.others += look.colour == Look::kGrey ? 1 : 0;
  return shown;
}

PlotPanel panel_of(const std::vector<NamedLaw>& laws,
                   const Shown& shown,
                   const std::vector<Curve>& curves,
                   Range range,
                   const std::string& title) {
  PlotPanel panel;
  panel.title = title;
  panel.x = {"score", Unit::Number, range, {}};
  panel.y = {"share of the group at or below", Unit::Share, {0, 1}, {}};
  panel.key = shown.groups.size() - shown.others > 2;
  panel.others = words::others_in_grey(shown.others, shown.left_out);
  for (std::size_t i = 0; i < shown.groups.size(); ++i) {
    Series series;
    series.name = isolated(laws[shown.groups[i]].name);
    series.look = shown.looks[i];
    for (std::size_t p = 0; p < curves[i].shares.size(); ++p) {
      series.points.push_back({curves[i].scores[p], curves[i].shares[p]});
    }
    panel.series.push_back(std::move(series));
  }
  return panel;
}

Range range_of(const std::vector<std::vector<Curve>>& all) {
  Range range = {0, 0};
  bool any = false;
  for (const std::vector<Curve>& curves : all) {
    for (const Curve& curve : curves) {
      for (const double score : curve.scores) {
        range = any ? Range{std::min(range.from, score), std::max(range.to, score)}
                    : Range{score, score};
        any = true;
      }
    }
  }
  return rounded_range(range, 4);
}

void add_gap(PlotPanel& panel, const std::optional<WidestGap>& gap) {
  if (!gap || gap->score < panel.x.range.from || gap->score > panel.x.range.to) return;
  panel.gap = CurveGap{gap->score,
                       {gap->low_share, gap->high_share},
                       words::gap_label(gap->high_share - gap->low_share)};
}

std::optional<words::ScoreGapWords> gap_words(const std::vector<NamedLaw>& laws,
                                              const std::optional<WidestGap>& gap,
                                              bool with_place,
                                              Monitor& monitor) {
  if (!gap) return std::nullopt;
  words::ScoreGapWords said{laws[gap->high].name, laws[gap->low].name,
                            with_place ? std::optional(gap->score) : std::nullopt,
                            gap->high_share - gap->low_share, std::nullopt};
  // Of the pair that is farthest apart of all: Bonferroni's bound.
  std::size_t groups = 0;
  for (const NamedLaw& named : laws) groups += named.law.empty() ? 0 : 1;
  const KsTest test = ks_test(laws[gap->high].law, laws[gap->low].law, said.gap, monitor);
  const double pairs = static_cast<double>(groups) * static_cast<double>(groups - 1) / 2;
  said.p_value = std::min(1.0, pairs * test.p_value);
  return said;
}

// Rows are shares, where all curves have the same; a group's columns are its scores.
void add_to_table(Table& table,
                  const std::vector<NamedLaw>& laws,
                  const Shown& shown,
                  const std::vector<std::vector<Curve>>& panels,
                  const std::vector<std::string>& titles,
                  int decimals) {
  table.head = {"share at or below"};
  for (std::size_t p = 0; p < panels.size(); ++p) {
    for (const std::size_t l : shown.groups) {
      table.head.push_back("score of " + laws[l].name +
                           (titles[p].empty() ? "" : ", " + titles[p]));
    }
  }
  std::vector<double> shares;
  for (const Curve& curve : panels.front()) {
    shares.insert(shares.end(), curve.shares.begin(), curve.shares.end());
  }
  std::sort(shares.begin(), shares.end());
  shares.erase(std::unique(shares.begin(), shares.end()), shares.end());
  for (const double share : shares) {
    std::vector<std::string> row = {cell_text(share, Unit::Share, 2)};
    for (const std::vector<Curve>& curves : panels) {
      for (const Curve& curve : curves) {
        const auto at = std::lower_bound(curve.shares.begin(), curve.shares.end(), share);
        const bool has = at != curve.shares.end() && *at == share;
        row.push_back(
            has ? cell_text(curve.scores[static_cast<std::size_t>(at - curve.shares.begin())],
                            Unit::Number, decimals)
                : "");
      }
    }
    table.rows.push_back(std::move(row));
  }
}

void add_gap_row(Table& table, const PlotPanel& panel, int decimals, const std::string& title) {
  if (!panel.gap) return;
  std::string words = "Farthest apart" + (title.empty() ? "" : " " + title) + ": at the score " +
                      cell_text(panel.gap->x, Unit::Number, decimals) + ", " +
                      cell_text(panel.gap->y.from, Unit::Share, 2) + " and " +
                      cell_text(panel.gap->y.to, Unit::Share, 2) + ".";
  table.note += (table.note.empty() ? "" : " ") + words;
}

}  // namespace

std::optional<Figure> scores_figure(const std::vector<NamedLaw>& laws,
                                    std::int64_t hidden,
                                    std::int64_t unlabelled,
                                    std::int64_t k,
                                    const Wording& wording,
                                    Monitor& monitor) {
  const Shown shown = shown_of(laws, k, monitor);
  if (shown.groups.empty()) return std::nullopt;
  const std::size_t points = shown.groups.size() > kManyGroups ? kFewPoints : kPoints;
  std::vector<Curve> curves;
  for (const std::size_t l : shown.groups) curves.push_back(curve_of(laws[l], points, k));
  const Range range = range_of({curves});
  if (!drawable(range)) return std::nullopt;
  PlotPanel panel = panel_of(laws, shown, curves, range, "");
  // At a score of its own the gap would tell of single rows.
  if (k == 0) add_gap(panel, shown.gap);
  const int decimals = panel.x.decimals();
  Figure figure{FigureKind::Scores,
                "Scores of each group",
                words::scores_caption(gap_words(laws, shown.gap, k == 0, monitor), wording),
                words::scores_note(hidden + shown.too_few, unlabelled, wording),
                Plot{},
                {},
                true};
  add_to_table(figure.table, laws, shown, {curves}, {""}, decimals);
  add_gap_row(figure.table, panel, decimals, "");
  figure.drawing = Plot{{std::move(panel)}};
  return figure;
}

std::optional<Figure> adjusted_figure(const Distribution& distribution,
                                      const Adjustment& adjustment,
                                      const std::vector<NamedLaw>& laws,
                                      std::int64_t hidden,
                                      std::int64_t unlabelled,
                                      std::optional<double> threshold,
                                      std::int64_t k,
                                      const Wording& wording,
                                      Monitor& monitor) {
  const Shown shown = shown_of(laws, k, monitor);
  if (!shown.gap) return scores_figure(laws, hidden, unlabelled, k, wording, monitor);
  const std::size_t points = shown.groups.size() > kManyGroups ? kFewPoints : kPoints;
  std::vector<Curve> before;
  std::vector<Curve> after;
  for (const std::size_t l : shown.groups) {
    monitor.poll();
    Curve curve = curve_of(laws[l], points, k);
    Curve moved = curve;
    // Within a group scores keep their order: the quantiles move as scores do.
    for (double& score : moved.scores) score = adjustment(static_cast<std::int32_t>(l), score, {});
    before.push_back(std::move(curve));
    after.push_back(std::move(moved));
  }
  const CostReport cost = adjustment_cost(distribution, adjustment, threshold, monitor);
  words::AdjustedWords said{shown.gap->high_share - shown.gap->low_share,
                            cost.overall.ks ? cost.overall.ks->after : 0,
                            cost.overall.squared_shift,
                            false,
                            false,
                            threshold,
                            {}};
  said.tied = said.after >= said.before && cost.overall.largest_tie > 0;
  said.withheld = threshold && k > 0;
  if (threshold && k == 0 && shown.groups.size() > 2) {
    said.moved.push_back({"", cost.overall.moved_up, cost.overall.moved_down});
  } else if (threshold && k == 0) {
    for (const std::size_t l : shown.groups) {
      const auto& group = cost.groups[l];
      if (!group) continue;
      said.moved.push_back({laws[l].name, group->moved_up, group->moved_down});
    }
  }
  const Range range = range_of({before, after});
  if (!drawable(range)) return std::nullopt;
  PlotPanel left = panel_of(laws, shown, before, range, "Before: scores as they are");
  PlotPanel right = panel_of(laws, shown, after, range, "After: adjusted scores");
  if (k == 0) add_gap(left, shown.gap);
  right.remark = words::gap_label(said.after);
  // Curves that are one line have one label.
  constexpr double kOneLine = .02;
  if (said.after < kOneLine && shown.groups.size() == 2) {
    right.names = false;
    right.remark = words::both(right.series[0].name, right.series[1].name) + ": " + right.remark;
  }
  const int decimals = left.x.decimals();
  Figure figure{FigureKind::Adjusted,
                "Scores before and after adjusting",
                words::adjusted_caption(said, wording),
                words::scores_note(hidden + shown.too_few, unlabelled, wording),
                Plot{},
                {},
                true};
  add_to_table(figure.table, laws, shown, {before, after}, {"before", "after"}, decimals);
  add_gap_row(figure.table, left, decimals, "before");
  figure.table.note += " " + words::gap_after(said.after);
  figure.drawing = Plot{{std::move(left), std::move(right)}};
  return figure;
}

}  // namespace fairdb
