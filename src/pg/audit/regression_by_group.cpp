// regression_by_group: errors of predicted numbers.
#include <map>

#include "core/audit/label_order.hpp"
#include "core/audit/regression.hpp"
#include "core/base/error.hpp"
#include "core/base/suppression.hpp"

#include "pg/audit/boolean_column.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {
namespace {

using ErrorsByGroup = std::map<Label, RegressionErrors, UnknownLast>;

// The sums of one row of the query below.
ErrorSums sums_of(const GroupedQuery& query, std::size_t r) {
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

}  // namespace

FAIRDB_FUNCTION(regression_by_group) {
  const Arguments arguments(fcinfo);
  const std::string y_true = arguments.text("y_true");
  const std::string y_pred = arguments.text("y_pred");
  const std::vector<std::string> sensitive = arguments.names("sensitive");
  RowWriter rows(fcinfo);
  SpiSession session;
  const Source source(arguments.text("source"));
  const std::string y = number_expression(source, y_true, "y_true");
  const std::string p = number_expression(source, y_pred, "y_pred");
  const std::string error = "(" + p + " OPERATOR(pg_catalog.-) " + y + ")";
  const std::string known = " FILTER (WHERE " + error + " IS NOT NULL)";
  Oid type = InvalidOid;
  const std::string group = group_expression(source, sensitive, &type);
  const GroupedQuery query(
      source, {{group, type}},
      {{"pg_catalog.count(*)", INT8OID},
       {"pg_catalog.count(" + error + ")", INT8OID},
       {"pg_catalog.sum(pg_catalog.abs(" + error + "))", FLOAT8OID},
       {"pg_catalog.sum(" + error + " OPERATOR(pg_catalog.*) " + error + ")", FLOAT8OID},
       {"pg_catalog.sum(" + error + ")", FLOAT8OID},
       {"pg_catalog.avg(" + y + ")" + known, FLOAT8OID},
       {"pg_catalog.avg(" + p + ")" + known, FLOAT8OID},
       {"(pg_catalog.var_pop(" + y + ")" + known + ")", FLOAT8OID}},
      quoted_all(sensitive));
  // Several combinations with a NULL are one unknown group.
  ErrorsByGroup groups;
  for (std::size_t r = 0; r < query.rows(); ++r) {
    RegressionErrors& errors = groups[query.label(r, 0)];
    errors.add(sums_of(query, r));
    if (errors.finite()) continue;
    raise_not_finite(y_true, y_pred);
  }
  std::vector<std::int64_t> people;
  people.reserve(groups.size());
  for (const auto& [label, errors] : groups) people.push_back(errors.rows());
  const std::vector<bool> hidden = hidden_groups(people, min_group());
  std::size_t place = 0;
  for (const auto& [label, errors] : groups) put_errors(rows, label, errors, hidden[place++]);
  rows.finish();
  session.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
