// adjustment_report: what fair scores change.
#include <array>
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

// The shares of a group's rows that moved up and down and that are tied, and which are withheld.
struct Shares {
  std::array<std::optional<double>, 3> value;
  std::array<bool, 3> withheld{};
};

// Withheld are those that tell of fewer people than may be told, or of all but so few; of weights
// they do not say of how many. What is withheld of a part does not follow from the whole.
Shares shares_of(const AdjustmentCost& cost,
                 std::int64_t rows,
                 bool weighted,
                 bool has_threshold,
                 const std::array<bool, 3>& of_a_part = {}) {
  constexpr double kRounding = 1e-9;
  Shares shares{{std::nullopt, std::nullopt, cost.largest_tie}, of_a_part};
  if (has_threshold) {
    shares.value[0] = cost.moved_up;
    shares.value[1] = cost.moved_down;
  }
  for (std::size_t s = 0; s < shares.value.size(); ++s) {
    if (!shares.value[s]) continue;
    const auto people = static_cast<std::int64_t>(
        std::ceil(*shares.value[s] * static_cast<double>(rows) - kRounding));
    shares.withheld[s] = shares.withheld[s] || too_few(people, min_group()) ||
                         too_few(rows - people, min_group()) || (weighted && min_group() > 0);
  }
  return shares;
}

// label: nullopt of the row of all groups together.
void put_cost(RowWriter& rows,
              std::optional<std::string_view> label,
              std::int64_t n,
              const AdjustmentCost& cost,
              double share,
              const Shares& shares) {
  rows.text(label).boolean(!label).integer(n).number(share);
  put_both(rows, cost.mean);
  put_both(rows, cost.ks);
  put_both(rows, cost.wasserstein);
  rows.number(cost.squared_shift).number(cost.rank_change);
  bool suppressed = false;
  for (std::size_t s = 0; s < shares.value.size(); ++s) {
    rows.number(shares.withheld[s] ? std::nullopt : shares.value[s]);
    suppressed = suppressed || shares.withheld[s];
  }
  rows.boolean(suppressed).end_row();
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
  std::array<bool, 3> withheld{};  // of any group
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
    const Shares shares = shares_of(*cost, group.rows, by_weight, threshold.has_value());
    weighted = weighted || by_weight;
    for (std::size_t s = 0; s < withheld.size(); ++s) {
      withheld[s] = withheld[s] || shares.withheld[s];
    }
    put_cost(rows, group.label, group.rows, *cost, cost->weight / report.overall.weight, shares);
  }
  report.overall.largest_tie = largest_tie;
  const auto& ks = report.overall.ks;
  if (ks && ks->before > 0 && ks->after >= ks->before && report.overall.largest_tie > 0)
    note_ties();
  if (report.overall.weight > 0 && total < min_group()) {
    put_hidden(rows, std::nullopt, std::nullopt, true);
  } else if (report.overall.weight > 0) {
    put_cost(rows, std::nullopt, total, report.overall, 1,
             shares_of(report.overall, total, weighted, threshold.has_value(), withheld));
  }
  rows.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
