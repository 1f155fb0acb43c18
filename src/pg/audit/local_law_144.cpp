// local_law_144: the table shape of New York City's Local Law 144.
#include "core/audit/impact.hpp"

#include "pg/audit/attribute_tables.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/settings.hpp"

namespace fairdb {

// What outcome is: selected or not, or a score, of which those above the median count.
enum class FilingMode : std::uint8_t { Selection, Scoring };
template <>
struct NameTable<FilingMode> {
  static constexpr std::string_view kWhat = "mode";
  static constexpr std::pair<FilingMode, std::string_view> kNames[] = {
      {FilingMode::Selection, "selection"}, {FilingMode::Scoring, "scoring"}};
};

}  // namespace fairdb

namespace fairdb::pg {
namespace {

bool is_small(const Impact& row, std::int64_t applicants, double min_share) {
  return static_cast<double>(row.n) < min_share * static_cast<double>(applicants);
}

const char* note_of(const Impact& row, bool small) {
  if (!row.group) return "category unknown: counted, not part of the calculation";
  if (!row.selection_rate) return "no outcome known";
  if (row.excluded) return "below min_share: left out of the impact ratios";
  if (small) return "below min_share of the applicants";
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
  const bool scoring = named<FilingMode>(arguments.text("mode")) == FilingMode::Scoring;
  const double min_share = arguments.number("min_share");
  const bool exclude_small = arguments.boolean("exclude_small");
  const auto positive = arguments.optional_text("positive");
  if (positive && scoring) {
    throw Error(ErrorKind::InvalidArgument, "positive has no meaning with mode => 'scoring'",
                "Scores above the median of all count; leave positive out.");
  }
  if (sex == race) {
    throw Error(ErrorKind::InvalidArgument, "sex and race name the same column \"" + sex + "\"");
  }
  if (!(min_share >= 0 && min_share < 1)) {
    throw Error(ErrorKind::InvalidArgument,
                "min_share is " + std::to_string(min_share) + ", expected 0 to below 1");
  }
  RowWriter rows(fcinfo);
  SpiSession session;
  const Source source(source_text);
  const BooleanColumn none(source, std::nullopt, "outcome", std::nullopt);
  const BooleanColumn selected = scoring ? BooleanColumn::above_median(source, outcome, "outcome")
                                         : BooleanColumn(source, outcome, "outcome", positive);
  const AttributeTables tables(
      source, {none.expression(), selected.expression(), "", {sex, race}, {}, {}, true},
      {&selected});
  const char* const sections[] = {"sex", "race", "sex and race"};
  BackendMonitor monitor;
  for (const auto& [label, stratum] : tables.strata()) {
    for (const Published& table :
         publish(tables, stratum, published_selection(), min_group(), monitor)) {
      const std::vector<Impact> impacts =
          impact_ratios(table.confusion, exclude_small ? min_share : 0, kLevel, monitor,
                        without_selections(table.withheld));
      std::int64_t applicants = 0;
      for (const Impact& row : impacts) applicants += row.group ? row.n : 0;
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
        const char* const note = withheld.any()
                                     ? "in part or as a whole withheld: fairdb.min_group"
                                     : note_of(row, is_small(row, applicants, min_share));
        rows.text(note == nullptr ? std::nullopt : std::optional<std::string_view>(note)).end_row();
      }
    }
  }
  rows.finish();
  session.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
