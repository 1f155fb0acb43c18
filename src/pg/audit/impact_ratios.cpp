// impact_ratios: selection rates against those of the most selected group.
#include "core/audit/impact.hpp"

#include "core/audit/disclosure.hpp"
#include "pg/audit/confusion_value.hpp"
#include "pg/audit/groups.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {
namespace {

void put_impact(RowWriter& rows, const Impact& row, const Withheld& withheld) {
  const bool rate = withheld.rate(Rate::SelectionRate);
  const auto shown = [](bool hidden, auto value) {
    return hidden ? std::nullopt : std::optional(value);
  };
  const auto of_rate = [&](const auto& value) { return rate ? std::nullopt : value; };
  rows.text(row.group)
      .integer(shown(withheld.row(), row.n))
      .integer(shown(rate, row.selected))
      .integer(shown(withheld.count(cells_with_prediction(Truth::Unknown)), row.unknown_prediction))
      .number(of_rate(row.selection_rate))
      .boolean(shown(withheld.row(), row.excluded))
      .boolean(shown(rate, row.reference))
      .number(of_rate(row.impact_ratio));
  put_interval(rows, of_rate(row.interval))
      .boolean(of_rate(row.below_four_fifths))
      .number(of_rate(row.standard_deviations))
      .number(of_rate(row.p_value))
      .number(of_rate(row.p_fisher))
      .number(of_rate(row.shortfall))
      .number(of_rate(row.ratio_one_person))
      .boolean(of_rate(row.one_person_flips));
  rows.boolean(withheld.any());
}

}  // namespace

FAIRDB_FUNCTION(impact_ratios) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo);
  const double min_share = arguments.number("min_share");
  const double level = arguments.number("level");
  const Confusion confusion = decoded(PG_GETARG_DATUM(0));
  BackendMonitor monitor;
  const std::vector<Withheld> withheld =
      withhold(confusion, published_selection(), min_group(), monitor);
  const std::vector<Impact> list =
      impact_ratios(confusion, min_share, level, monitor, without_selections(withheld));
  for (std::size_t g = 0; g < list.size(); ++g) {
    put_impact(rows, list[g], withheld[g]);
    rows.end_row();
  }
  rows.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
