// adjustment_report: what fair scores change.
#include <cmath>

#include "core/base/suppression.hpp"
#include "core/distribution/adjustment_cost.hpp"

#include "pg/bridge/monitor.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/distribution/adjustment_options.hpp"
#include "pg/distribution/distribution_value.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {
namespace {

void put_both(RowWriter& rows, const std::optional<BeforeAndAfter>& value) {
  rows.number(value ? std::optional(value->before) : std::nullopt)
      .number(value ? std::optional(value->after) : std::nullopt);
}

// Shares of people that are shown, or withheld.
struct ShownShares {
  std::optional<double> moved_up;
  std::optional<double> moved_down;
  std::optional<double> largest_tie;
  bool withheld = false;
};

// A share of a group's rows, unless it tells of fewer people than may be told, or of all but so
// few; of weights it does not say of how many.
std::optional<double> share_of_some(double share,
                                    std::int64_t rows,
                                    bool weighted,
                                    bool& withheld) {
  constexpr double kRounding = 1e-9;
  const auto people =
      static_cast<std::int64_t>(std::ceil(share * static_cast<double>(rows) - kRounding));
  const bool few = too_few(people, min_group()) || too_few(rows - people, min_group());
  if (!few && !(weighted && min_group() > 0)) return share;
  withheld = true;
  return std::nullopt;
}

ShownShares shown_shares(const AdjustmentCost& cost,
                         std::int64_t rows,
                         bool weighted,
                         bool has_threshold) {
  ShownShares shown;
  if (has_threshold) {
    shown.moved_up = share_of_some(cost.moved_up, rows, weighted, shown.withheld);
    shown.moved_down = share_of_some(cost.moved_down, rows, weighted, shown.withheld);
  }
  shown.largest_tie = share_of_some(cost.largest_tie, rows, weighted, shown.withheld);
  return shown;
}

// label: nullopt of the row of all groups together.
void put_cost(RowWriter& rows,
              std::optional<std::string_view> label,
              std::int64_t n,
              const AdjustmentCost& cost,
              double share,
              const ShownShares& shown) {
  rows.text(label).boolean(!label).integer(n).number(share);
  put_both(rows, cost.mean);
  put_both(rows, cost.ks);
  put_both(rows, cost.wasserstein);
  rows.number(cost.squared_shift).number(cost.rank_change);
  rows.number(shown.moved_up)
      .number(shown.moved_down)
      .number(shown.largest_tie)
      .boolean(shown.withheld)
      .end_row();
}

// A row without numbers.
void put_hidden(RowWriter& rows,
                std::optional<std::string_view> label,
                std::optional<std::int64_t> n,
                bool suppressed) {
  constexpr int kNumbers = 12;
  rows.text(label).boolean(!label).integer(n);
  for (int column = 0; column < kNumbers; ++column) rows.number({});
  rows.boolean(suppressed).end_row();
}

}  // namespace

FAIRDB_FUNCTION(adjustment_report) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo);
  const AdjustmentOptions options = adjustment_options(arguments);
  const auto threshold = arguments.optional_number("threshold");
  const Distribution& distribution = distribution_argument(fcinfo, 0);
  check_adjustment_memory(distribution, options);
  check_working_memory(distribution, {200, 200, 200});
  BackendMonitor monitor;
  const Adjustment adjustment(distribution, options, monitor);
  CostReport report = adjustment_cost(distribution, adjustment, threshold, monitor);
  double largest_tie = 0;  // of the groups that are shown
  const std::vector<bool> hidden = hidden_groups_of(distribution);
  std::int64_t total = 0;
  bool weighted = false;
  bool up_withheld = false;
  bool down_withheld = false;
  bool tie_withheld = false;
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    const auto at = static_cast<std::size_t>(g);
    const auto& cost = report.groups[at];
    const ScoreGroup& group = distribution.group(g);
    total += group.rows;
    if (cost && !hidden[at]) largest_tie = std::max(largest_tie, cost->largest_tie);
    if (hidden[at] || !cost) {
      put_hidden(rows, group.label, hidden[at] ? std::nullopt : std::optional(group.rows),
                 hidden[at]);
      continue;
    }
    const bool by_weight = group.weight() != static_cast<double>(group.rows);
    const ShownShares shown = shown_shares(*cost, group.rows, by_weight, threshold.has_value());
    weighted = weighted || by_weight;
    tie_withheld = tie_withheld || !shown.largest_tie;
    up_withheld = up_withheld || (threshold && !shown.moved_up);
    down_withheld = down_withheld || (threshold && !shown.moved_down);
    put_cost(rows, group.label, group.rows, *cost, cost->weight / report.overall.weight, shown);
  }
  report.overall.largest_tie = largest_tie;
  const auto& ks = report.overall.ks;
  if (ks && ks->before > 0 && ks->after >= ks->before && report.overall.largest_tie > 0)
    note_ties();
  if (report.overall.weight > 0 && total < min_group()) {
    put_hidden(rows, std::nullopt, std::nullopt, true);
  } else if (report.overall.weight > 0) {
    // What is withheld of a group does not follow from all.
    ShownShares shown = shown_shares(report.overall, total, weighted, threshold.has_value());
    shown.withheld = shown.withheld || up_withheld || down_withheld || tie_withheld;
    if (tie_withheld) shown.largest_tie.reset();
    if (up_withheld) shown.moved_up.reset();
    if (down_withheld) shown.moved_down.reset();
    put_cost(rows, std::nullopt, total, report.overall, 1, shown);
  }
  rows.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
