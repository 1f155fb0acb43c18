// by_group, suppress, overall.
#include "pg/audit/groups.hpp"

#include "core/base/suppression.hpp"
#include "pg/audit/confusion_value.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {

RowWriter& put_interval(RowWriter& rows, const std::optional<Interval>& interval) {
  return rows.number(interval ? std::optional(interval->lower) : std::nullopt)
      .number(interval ? std::optional(interval->upper) : std::nullopt);
}

void put_group(RowWriter& rows, const GroupCells& group, const Withheld& withheld) {
  const auto count = [&](std::int64_t value, CellSet cells) {
    rows.integer(withheld.count(cells) ? std::nullopt : std::optional(value));
  };
  const auto number = [&](std::optional<double> value, bool hidden) {
    rows.number(hidden ? std::nullopt : value);
  };
  const Cells& cells = group.counts;
  const Counts n = counts(cells);
  count(n.n, kAllCells);
  count(n.n_positive, cells_with_label(Truth::Positive));
  count(n.n_selected, cells_with_prediction(Truth::Positive));
  for (const Truth prediction : {Truth::Positive, Truth::Negative}) {
    for (const Truth label : {Truth::Positive, Truth::Negative}) {
      count(cells.at(label, prediction), cells_of(label, prediction));
    }
  }
  for (const Rate which : kRates) number(rate(group.masses, which), withheld.rate(which));
  const CellSet unknown_label = cells_with_label(Truth::Unknown);
  count(n.unknown_label, unknown_label);
  count(n.unknown_prediction, cells_with_prediction(Truth::Unknown));
  count(group.unknown_weight, kUnknownWeight);
  const auto covered = static_cast<double>(n.n - n.unknown_label) / static_cast<double>(n.n);
  number(n.n > 0 ? std::optional(covered) : std::nullopt,
         withheld.count(kAllCells) || withheld.count(unknown_label) ||
             withheld.count(static_cast<CellSet>(kAllCells & ~unknown_label)));
  const Share all = everything(group.masses);
  number(all.whole, withheld.row());
  number(all.effective_size(), withheld.row());
}

namespace {

void put_groups(FunctionCallInfo fcinfo, const Confusion& confusion, std::int64_t min_group) {
  BackendMonitor monitor;
  const std::vector<Withheld> withheld =
      withhold(confusion, published_by_group(), min_group, monitor);
  RowWriter rows(fcinfo);
  for (std::size_t g = 0; g < confusion.groups.size(); ++g) {
    rows.text(confusion.groups[g].label);
    put_group(rows, confusion.groups[g], withheld[g]);
    rows.boolean(withheld[g].any()).end_row();
  }
  rows.finish();
}

}  // namespace

FAIRDB_FUNCTION(by_group) {
  const Confusion confusion = decode(backend([&] { return canonical_form(PG_GETARG_DATUM(0)); }));
  put_groups(fcinfo, confusion, min_group());
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(suppress) {
  const std::int64_t k = PG_GETARG_INT64(1);
  check_min_group(k);
  const Confusion confusion = decode(backend([&] { return canonical_form(PG_GETARG_DATUM(0)); }));
  put_groups(fcinfo, confusion, std::max(k, min_group()));
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(overall) {
  const Confusion confusion = decoded(PG_GETARG_DATUM(0));
  RowWriter rows(fcinfo);
  put_group(rows, total(confusion), Withheld());
  rows.end_row();
  rows.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
