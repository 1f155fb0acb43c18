// regression_by_group and regression_gaps: errors of predicted numbers.
#include <map>

#include "core/audit/label_order.hpp"
#include "core/audit/regression_gaps.hpp"
#include "core/base/error.hpp"
#include "core/base/suppression.hpp"

#include "pg/audit/boolean_column.hpp"
#include "pg/audit/groups.hpp"
#include "pg/audit/metric_arguments.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {
namespace {

using ErrorsByGroup = std::map<Label, RegressionErrors, UnknownLast>;

// The sums of one row of the query below.
ErrorSums sums_of(const GroupedQuery& query, std::size_t r, bool fourth_powers) {
  ErrorSums sums;
  sums.rows = query.integer(r, 0);
  sums.n = query.integer(r, 1);
  if (sums.n == 0) return sums;
  sums.absolute = *query.number(r, 2);
  sums.squared = *query.number(r, 3);
  sums.signed_errors = *query.number(r, 4);
  sums.mean_true = *query.number(r, 5);
  sums.mean_predicted = *query.number(r, 6);
  sums.variance_true = *query.number(r, 7);
  if (fourth_powers) sums.fourth = *query.number(r, 8);
  return sums;
}

[[noreturn]] void raise_not_finite(const std::string& y_true, const std::string& y_pred) {
  throw Error(ErrorKind::InvalidData,
              "column \"" + y_true + "\" or \"" + y_pred + "\" has values that are not finite",
              "Leave NaN and infinite values out in the source.");
}

void put_errors(RowWriter& rows, const Label& label, const RegressionErrors& errors, bool hidden) {
  // Means of fewer people than may be told, and how many those are.
  const bool few = too_few(errors.known(), min_group());
  const bool few_unknown = too_few(errors.unknown(), min_group());
  const bool some = !hidden && errors.known() > 0 && !few;
  const auto shown = [&](auto value) { return some ? std::optional(value) : std::nullopt; };
  rows.text(label)
      .integer(hidden || few ? std::nullopt : std::optional(errors.known()))
      .integer(hidden || few_unknown ? std::nullopt : std::optional(errors.unknown()))
      .number(shown(errors.mean_absolute_error()))
      .number(shown(errors.root_mean_squared_error()))
      .number(shown(errors.bias()))
      .number(some ? errors.r_squared() : std::nullopt)
      .number(shown(errors.mean_true()))
      .number(shown(errors.mean_predicted()))
      .boolean(hidden || few || few_unknown)
      .end_row();
}

// The errors of each group; labels live as long as the query. Needs an open SpiSession.
struct ErrorsOfSource {
  std::optional<GroupedQuery> query;
  ErrorsByGroup groups;
};
ErrorsOfSource errors_argument(const Arguments& arguments, bool fourth_powers) {
  const std::string y_true = arguments.text("y_true");
  const std::string y_pred = arguments.text("y_pred");
  const std::vector<std::string> sensitive = arguments.names("sensitive");
  const Source source(arguments.text("source"));
  const std::string y = number_expression(source, y_true, "y_true");
  const std::string p = number_expression(source, y_pred, "y_pred");
  const std::string error = "(" + p + " OPERATOR(pg_catalog.-) " + y + ")";
  // Products that the server cannot tell from 0 are errors to it.
  const auto product = [&](const std::string& factor, const char* smallest) {
    return "(CASE WHEN pg_catalog.abs(" + error + ") OPERATOR(pg_catalog.<) '" + smallest +
           "'::pg_catalog.float8 THEN 0 ELSE " + factor + " OPERATOR(pg_catalog.*) " + factor +
           " END)";
  };
  const std::string square = product(error, "1e-150");
  const std::string known = " FILTER (WHERE " + error + " IS NOT NULL)";
  std::vector<Output> values = {{"pg_catalog.count(*)", INT8OID},
                                {"pg_catalog.count(" + error + ")", INT8OID},
                                {"pg_catalog.sum(pg_catalog.abs(" + error + "))", FLOAT8OID},
                                {"pg_catalog.sum(" + square + ")", FLOAT8OID},
                                {"pg_catalog.sum(" + error + ")", FLOAT8OID},
                                {"pg_catalog.avg(" + y + ")" + known, FLOAT8OID},
                                {"pg_catalog.avg(" + p + ")" + known, FLOAT8OID},
                                {"(pg_catalog.var_pop(" + y + ")" + known + ")", FLOAT8OID}};
  if (fourth_powers) {
    values.push_back({"pg_catalog.sum(" + product(square, "1e-75") + ")", FLOAT8OID});
  }
  ErrorsOfSource result;
  result.query.emplace(source, column_keys(source, sensitive), values,
                       group_columns(source, sensitive));
  // Several combinations with a NULL are one unknown group.
  for (std::size_t r = 0; r < result.query->rows(); ++r) {
    RegressionErrors& errors = result.groups[result.query->label_of(r, 0, sensitive.size())];
    errors.add(sums_of(*result.query, r, fourth_powers));
    if (!errors.finite()) raise_not_finite(y_true, y_pred);
  }
  return result;
}

std::string note_on(const RegressionGap& gap) {
  if (!gap.value || gap.compared == gap.estimable) return {};
  return "interval and test are without " + std::to_string(gap.estimable - gap.compared) + " of " +
         std::to_string(gap.estimable) +
         " groups: of fewer than ten rows, or of rows that are all alike in what the metric "
         "averages";
}

}  // namespace

FAIRDB_FUNCTION(regression_by_group) {
  const Arguments arguments(fcinfo);
  RowWriter rows(fcinfo);
  SpiSession session;
  const ErrorsOfSource source = errors_argument(arguments, false);
  std::vector<std::int64_t> people;
  people.reserve(source.groups.size());
  for (const auto& [label, errors] : source.groups) people.push_back(errors.rows());
  const std::vector<bool> hidden = hidden_groups(people, min_group());
  std::size_t place = 0;
  for (const auto& [label, errors] : source.groups)
    put_errors(rows, label, errors, hidden[place++]);
  rows.finish();
  session.finish();
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(regression_gaps) {
  const Arguments arguments(fcinfo);
  const double level = level_argument(arguments);
  RowWriter rows(fcinfo);
  SpiSession session;
  const ErrorsOfSource source = errors_argument(arguments, true);
  std::vector<GroupErrors> groups;
  for (const auto& [label, errors] : source.groups) {
    if (label) groups.push_back({std::string(*label), errors});
  }
  BackendMonitor monitor;
  for (const RegressionGap& gap : regression_gaps(groups, level, monitor)) {
    put_interval(rows.text(gap.metric).number(gap.value), gap.interval)
        .number(gap.p_value)
        .text(gap.p_value ? std::optional("welch") : std::nullopt)
        .integer(gap.groups)
        .integer(gap.estimable)
        .text(not_empty(gap.group_low))
        .text(not_empty(gap.group_high))
        .text(not_empty(note_on(gap)))
        .end_row();
  }
  rows.finish();
  session.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
