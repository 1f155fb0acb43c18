// audit and audit_confusions: groups of several attributes and their intersections, by strata, from
// one scan of a source; audit also from a confusion of the intersection.
#include "pg/audit/attribute_tables.hpp"
#include "pg/audit/groups.hpp"
#include "pg/audit/metric_arguments.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/monitor.hpp"

namespace fairdb::pg {
namespace {

struct AuditArguments {
  std::string source;
  std::optional<std::string> y_true;
  std::optional<std::string> y_pred;
  std::vector<std::string> sensitive;
  std::vector<std::string> strata;
  std::optional<std::string> weight;
  std::optional<std::string> positive;
  std::vector<std::string> within;
};

AuditArguments audit_arguments(const Arguments& arguments) {
  AuditArguments a = {arguments.text("source"),
                      arguments.optional_text("y_true"),
                      arguments.optional_text("y_pred"),
                      arguments.names("sensitive"),
                      arguments.names_or_none("strata"),
                      arguments.optional_text("weight"),
                      arguments.optional_text("positive"),
                      arguments.names_or_none("within")};
  for (const std::string& name : a.strata) {
    if (std::find(a.sensitive.begin(), a.sensitive.end(), name) == a.sensitive.end()) continue;
    throw Error(ErrorKind::InvalidArgument,
                "column \"" + name + "\" is named by sensitive and by strata",
                "Within a stratum of a sensitive attribute there is one group only.");
  }
  return a;
}

AttributeTables read_tables(const Source& source, const AuditArguments& a) {
  const bool both = a.y_true && a.y_pred;
  const BooleanColumn y_true(source, a.y_true, "y_true", a.positive, both);
  const BooleanColumn y_pred(source, a.y_pred, "y_pred", a.positive, both);
  BooleanColumn::require_positive(source, a.positive, {&y_true, &y_pred});
  const std::string weight = a.weight ? number_expression(source, *a.weight, "weight") : "";
  return {source,
          {y_true.expression(), y_pred.expression(), weight, a.sensitive, a.strata, a.within},
          {&y_true, &y_pred}};
}

void put_tables(RowWriter& rows,
                const AttributeTables& tables,
                const std::vector<std::string>& names,
                std::int64_t k,
                Monitor& monitor) {
  const std::vector<Datum> attributes = attribute_arrays(names, tables);
  for (const auto& [label, stratum] : tables.strata()) {
    for (const Published& table : publish(tables, stratum, published_by_group(), k, monitor)) {
      for (std::size_t g = 0; g < table.confusion.groups.size(); ++g) {
        const GroupCells& group = table.confusion.groups[g];
        rows.datum(attributes[table.set]).text(label).text(group.label);
        put_group(rows, group, table.withheld[g]);
        rows.boolean(table.withheld[g].any()).end_row();
      }
    }
    rows.finish();
  }
}

}  // namespace

FAIRDB_FUNCTION(audit) {
  const Arguments given(fcinfo);
  const AuditArguments arguments = audit_arguments(given);
  const std::int64_t k = min_group_argument(given);
  RowWriter rows(fcinfo);
  SpiSession session;
  const Source source(arguments.source);
  BackendMonitor monitor;
  put_tables(rows, read_tables(source, arguments), arguments.sensitive, k, monitor);
  session.finish();
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(audit_confusion) {
  const Arguments arguments(fcinfo);
  RowWriter rows(fcinfo);
  if (arguments.null("confusion")) PG_RETURN_NULL();
  const std::vector<std::string> attributes = arguments.names("attributes");
  const std::int64_t k = min_group_argument(arguments);
  const Datum value = arguments.datum("confusion");
  const ConfusionValue confusion = backend([&] { return open_confusion(value); });
  BackendMonitor monitor;
  put_tables(rows, {confusion, attributes, monitor}, attributes, k, monitor);
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(audit_confusions) {
  const AuditArguments arguments = audit_arguments(Arguments(fcinfo));
  RowWriter rows(fcinfo);
  SpiSession session;
  const Source source(arguments.source);
  const AttributeTables tables = read_tables(source, arguments);
  const std::vector<Datum> attributes = attribute_arrays(arguments.sensitive, tables);
  BackendMonitor monitor;
  for (const auto& [label, stratum] : tables.strata()) {
    for (std::size_t set = 0; set < tables.sets().size(); ++set) {
      monitor.poll();
      rows.datum(attributes[set])
          .text(label)
          .datum(tables.confusion(stratum, tables.parts(stratum, set, monitor), monitor))
          .end_row();
    }
  }
  rows.finish();
  session.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
