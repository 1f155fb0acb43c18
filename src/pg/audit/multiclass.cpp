// multiclass_counts, multiclass_confusions and label_divergences: predictions and labels of several
// classes, counted by the server.
#include "core/audit/multiclass.hpp"

#include "pg/audit/boolean_column.hpp"
#include "pg/audit/confusion_value.hpp"
#include "pg/audit/metric_arguments.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {
namespace {

// A GROUP BY of a group and one or two columns of classes, with counts of rows.
class CountedClasses {
 public:
  // y_pred: nullopt for labels alone. Needs an open SpiSession. The labels live as long as this.
  CountedClasses(const Source& source,
                 const std::vector<std::string>& sensitive,
                 const std::string& y_true,
                 const char* y_true_argument,
                 const std::optional<std::string>& y_pred)
      : two_(y_pred.has_value()),
        attributes_(sensitive.size()),
        query_(source,
               keys(source, sensitive, y_true, y_true_argument, y_pred),
               {{"pg_catalog.count(*)", INT8OID}},
               columns(source, sensitive, y_true, y_pred)) {}

  // Labels live as long as this does.
  std::vector<ClassCount> counts() {
    std::vector<ClassCount> counts;
    for (std::size_t r = 0; r < query_.rows(); ++r) {
      counts.push_back({query_.label_of(r, 0, attributes_), query_.label(r, attributes_),
                        two_ ? query_.label(r, attributes_ + 1) : std::nullopt,
                        query_.integer(r, 0)});
    }
    return sorted_counts(std::move(counts));
  }

 private:
  static std::vector<Output> keys(const Source& source,
                                  const std::vector<std::string>& sensitive,
                                  const std::string& y_true,
                                  const char* y_true_argument,
                                  const std::optional<std::string>& y_pred) {
    std::vector<Output> keys = column_keys(source, sensitive);
    keys.push_back(column_keys(source, {y_true}, y_true_argument).front());
    if (y_pred) keys.push_back(column_keys(source, {*y_pred}, "y_pred").front());
    return keys;
  }

  static std::vector<std::string> columns(const Source& source,
                                          std::vector<std::string> names,
                                          const std::string& y_true,
                                          const std::optional<std::string>& y_pred) {
    names.push_back(y_true);
    if (y_pred) names.push_back(*y_pred);
    return group_columns(source, names);
  }

  bool two_;
  std::size_t attributes_;
  GroupedQuery query_;
};

CountedClasses counted(const Source& source, const Arguments& arguments) {
  return {source, arguments.names("sensitive"), arguments.text("y_true"), "y_true",
          arguments.text("y_pred")};
}

}  // namespace

FAIRDB_FUNCTION(multiclass_counts) {
  const Arguments arguments(fcinfo);
  RowWriter rows(fcinfo);
  SpiSession session;
  const Source source(arguments.text("source"));
  CountedClasses classes = counted(source, arguments);
  const std::vector<ClassCount> counts = classes.counts();
  for (const ShownCount& row : shown_counts(counts, min_group())) {
    rows.text(row.group).text(row.y_true).text(row.y_pred).integer(row.n).number(row.share);
    rows.boolean(row.suppressed).end_row();
  }
  rows.finish();
  session.finish();
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(multiclass_confusions) {
  const Arguments arguments(fcinfo);
  RowWriter rows(fcinfo);
  SpiSession session;
  const Source source(arguments.text("source"));
  CountedClasses classes = counted(source, arguments);
  const std::vector<ClassCount> counts = classes.counts();
  BackendMonitor monitor;
  for (const std::string_view name : classes_of(counts)) {
    const ConfusionState state = one_against_rest(counts, name, new_confusion, monitor);
    rows.text(name).datum(canonical_confusion(state.value())).end_row();
  }
  rows.finish();
  session.finish();
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(label_divergences) {
  const Arguments arguments(fcinfo);
  const auto reference = arguments.optional_text("reference");
  const auto group = arguments.optional_text("group");
  RowWriter rows(fcinfo);
  SpiSession session;
  const Source source(arguments.text("source"));
  const std::vector<std::string> sensitive = arguments.names("sensitive");
  const std::string label = arguments.text("label");
  CountedClasses classes(source, sensitive, label, "label", std::nullopt);
  const std::vector<ClassCount> counts = classes.counts();
  const LabelDivergences found =
      label_divergences(counts, view(group), view(reference), min_group());
  for (const std::int64_t n : {found.classes, found.of_group, found.of_reference}) {
    rows.integer(found.suppressed ? std::nullopt : std::optional(n));
  }
  const auto& d = found.distances;
  for (const auto member : {&Divergences::kl, &Divergences::js, &Divergences::lp, &Divergences::tvd,
                            &Divergences::ks}) {
    rows.number(d ? std::optional((*d).*member) : std::nullopt);
  }
  rows.boolean(found.suppressed).end_row();
  rows.finish();
  session.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
