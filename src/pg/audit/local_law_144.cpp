// local_law_144: the table shape of New York City's Local Law 144.
#include "core/audit/impact.hpp"

#include "pg/audit/attribute_tables.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {
namespace {

const char* note_of(const Impact& row) {
  if (!row.group) return "category unknown: counted, not part of the calculation";
  if (!row.selection_rate) return "no outcome known";
  if (row.excluded) return "below min_share: left out of the impact ratios";
  return nullptr;
}

}  // namespace

FAIRDB_FUNCTION(local_law_144) {
  constexpr double kLevel = 0.95;
  const Arguments arguments(fcinfo);
  const std::string source_text = arguments.text("source");
  const std::string outcome = arguments.text("outcome");
  const std::string sex = arguments.text("sex");
  const std::string race = arguments.text("race");
  const std::string mode = arguments.text("mode");
  const double min_share = arguments.number("min_share");
  const auto positive = arguments.optional_text("positive");
  if (mode != "selection" && mode != "scoring") {
    throw Error(ErrorKind::InvalidArgument,
                "mode is \"" + mode + "\", expected 'selection' or 'scoring'",
                "'selection' takes outcome for selected or not, 'scoring' for a score, of which "
                "those above the median count.");
  }
  if (positive && mode == "scoring") {
    throw Error(ErrorKind::InvalidArgument, "positive has no meaning with mode => 'scoring'",
                "Scores above the median of all count; leave positive out.");
  }
  if (sex == race) {
    throw Error(ErrorKind::InvalidArgument, "sex and race name the same column \"" + sex + "\"");
  }
  RowWriter rows(fcinfo);
  SpiSession session;
  const Source source(source_text);
  const bool scoring = mode == "scoring";
  const BooleanColumn none(source, std::nullopt, "outcome", std::nullopt);
  const BooleanColumn selected = scoring ? BooleanColumn::above_median(source, outcome, "outcome")
                                         : BooleanColumn(source, outcome, "outcome", positive);
  const AttributeTables tables(
      source, {none.expression(), selected.expression(), "", {sex, race}, {}}, {&selected});
  const char* const sections[] = {"sex", "race", "sex and race"};
  BackendMonitor monitor;
  for (const auto& [label, stratum] : tables.strata()) {
    for (const Published& table :
         publish(tables, stratum, published_selection(), min_group(), monitor)) {
      const std::vector<Impact> impacts = impact_ratios(table.confusion, min_share, kLevel, monitor,
                                                        without_selections(table.withheld));
      for (std::size_t g = 0; g < impacts.size(); ++g) {
        const Impact& row = impacts[g];
        const Withheld& withheld = table.withheld[g];
        const bool rate = withheld.rate(Rate::SelectionRate);
        const auto shown = [](bool hidden, auto value) {
          return hidden ? std::nullopt : std::optional(value);
        };
        rows.text(sections[table.set])
            .text(row.group)
            .integer(shown(withheld.row(), row.n))
            .integer(shown(rate, row.selected))
            .integer(shown(withheld.count(cells_with_prediction(Truth::Unknown)),
                           row.unknown_prediction))
            .number(rate ? std::nullopt : row.selection_rate)
            .number(rate ? std::nullopt : row.impact_ratio)
            .boolean(shown(withheld.row(), row.excluded));
        const char* const note =
            withheld.any() ? "in part or as a whole withheld: fairdb.min_group" : note_of(row);
        rows.text(note == nullptr ? std::nullopt : std::optional<std::string_view>(note)).end_row();
      }
    }
  }
  rows.finish();
  session.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
