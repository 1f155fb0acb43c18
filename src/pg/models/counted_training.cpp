#include "pg/models/counted_training.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/error.hpp"
#include "pg/bridge/column_types.hpp"
#include "pg/bridge/grouped_query.hpp"
#include "pg/bridge/memory.hpp"
#include "pg/models/moments_value.hpp"
#include "pg/models/training_reading.hpp"

namespace fairdb::pg {
namespace {

// The columns that are read: features, the target, the weight.
struct Columns {
  explicit Columns(const TrainingSource& training)
      : all(training.reads()),
        features(all.data(), training.model().columns.size()),
        target(all[features.size()]),
        weight(training.roles().weighted() ? &all[features.size() + 1] : nullptr) {}
  std::vector<ReadColumn> all;
  std::span<const ReadColumn> features;
  const ReadColumn& target;
  const ReadColumn* weight;
};

// As number_from() reads it: times are days since 2000-01-01, to the microsecond.
std::string number_sql(const ReadColumn& column) {
  const std::string value = "(" + column.expression + ")";
  const auto since = [&](const char* type) {
    return "(pg_catalog.round(pg_catalog.date_part('epoch', " + value +
           " OPERATOR(pg_catalog.-) '2000-01-01 00:00:00+00'::pg_catalog." + type +
           ") OPERATOR(pg_catalog.*) 1000000) OPERATOR(pg_catalog./) 86400000000)";
  };
  switch (backend([&] { return getBaseType(column.type); })) {
    case BOOLOID:
      return value + "::pg_catalog.int4::pg_catalog.float8";
    case DATEOID:
      return "(" + value +
             "::pg_catalog.date OPERATOR(pg_catalog.-) "
             "'2000-01-01'::pg_catalog.date)::pg_catalog.float8";
    case TIMESTAMPOID:
      return since("timestamp");
    case TIMESTAMPTZOID:
      return since("timestamptz");
    default:
      return value + "::pg_catalog.float8";
  }
}

// A 0/1 number for each level.
std::vector<std::string> feature_sql(const Source& source,
                                     const FeatureColumn& column,
                                     const ReadColumn& read) {
  if (column.kind != FeatureKind::Category) return {number_sql(read)};
  std::vector<std::string> indicators;
  for (const std::string& level : column.levels) {
    const SourceColumn& found = source.column(column.name, "features");
    // A collation that knows no case would take two levels for one.
    const std::string equal =
        is_nondeterministic(found.collation)
            ? "(" + read.expression +
                  "::pg_catalog.text COLLATE pg_catalog.\"C\" OPERATOR(pg_catalog.=) " +
                  literal_for(found, level, "features") + ")"
            : value_expression(found, level, "features");
    indicators.push_back(equal + "::pg_catalog.int4::pg_catalog.float8");
  }
  return indicators;
}

// Of rows that train, as far as columns tell: what the levels are learnt from.
std::string trains(const TrainingSource& training, const Columns& columns) {
  std::string rows = "(" + columns.target.expression + ") IS NOT NULL";
  if (columns.weight != nullptr) {
    rows += " AND " + number_sql(*columns.weight) + " OPERATOR(pg_catalog.>) 0";
  }
  if (training.model().on_null != OnNull::Skip) return rows;
  for (const ReadColumn& feature : columns.features) {
    rows += " AND (" + feature.expression + ") IS NOT NULL";
  }
  for (const std::string& name : training.model().sensitive) {
    rows += " AND " + quoted(name) + " IS NOT NULL";
  }
  return rows;
}

// The quoted columns of names and of within.
std::vector<std::string> grouped_by(const TrainingSource& training,
                                    const std::vector<std::string>& names,
                                    const char* argument) {
  std::vector<std::string> columns = group_columns(training.source(), names, argument);
  const auto within = group_columns(training.source(), *training.counted_by(), "within");
  columns.insert(columns.end(), within.begin(), within.end());
  return columns;
}

// Says which columns have NULLs, or that there is no row. groups: rows of unknown group.
[[noreturn]] void raise_without_rows(const TrainingSource& training, std::int64_t groups) {
  std::vector<ReadColumn> columns = training.reads();
  columns.pop_back();  // the group
  std::vector<Output> counts = {{"pg_catalog.count(*)", INT8OID}};
  for (const ReadColumn& column : columns) {
    counts.push_back({"pg_catalog.count(" + column.expression + ")", INT8OID});
  }
  const std::vector<std::string> by = grouped_by(training, {}, "within");
  const GroupedQuery query(training.source(), {}, counts, by, GroupedQuery::Plan::Parts);
  std::int64_t rows = 0;
  for (std::size_t r = 0; r < query.rows(); ++r) rows += query.integer(r, 0);
  NullCounts nulls;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::int64_t known = 0;
    for (std::size_t r = 0; r < query.rows(); ++r) known += query.integer(r, c + 1);
    nulls.emplace_back(columns[c].name, rows - known);
  }
  if (groups > 0) nulls.emplace_back(group_name(training.model().sensitive), groups);
  const bool some =
      std::any_of(nulls.begin(), nulls.end(), [](const auto& column) { return column.second > 0; });
  if (training.model().on_null != OnNull::Error || !some) raise_no_rows();
  raise_nulls(
      rows, nulls,
      "on_null => 'skip' leaves such rows out; on_null => 'impute' needs the rows, and so no "
      "within.");
}

// What the states of an aggregate over so many combinations take. Errors: TooLarge.
void check_states(const TrainingSource& training, Index width) {
  constexpr std::size_t kBuffered = 256;
  const auto d = static_cast<std::size_t>(width) + 1;
  const std::size_t state = sizeof(double) * (kBuffered * d + 4 * d * d);
  const std::vector<std::string> by = grouped_by(training, training.model().sensitive, "sensitive");
  std::size_t combinations = 1;
  if (!by.empty()) {
    const GroupedQuery query(training.source(), {}, {{"pg_catalog.count(*)", INT8OID}}, by,
                             GroupedQuery::Plan::Parts);
    combinations = query.rows();
  }
  check_memory(combinations * state, "moments of " + std::to_string(combinations) +
                                         " combinations of the columns of sensitive and within");
}

// Each row has one level of each category, unless rows have changed since the levels were learnt.
void check_levels(const FairModel& model, MomentsValue& moments) {
  constexpr double kRounding = 1e-9;
  const Vector& mean = moments.summary().joint().mean();
  Index feature = 0;
  for (const FeatureColumn& column : model.columns) {
    const double sum = mean.segment(feature, column.width()).sum();
    if (column.kind == FeatureKind::Category && !(std::abs(sum - 1) <= kRounding)) other_rows();
    feature += column.width();
  }
}

}  // namespace

std::string why_rows_are_needed(const TrainingSource& training) {
  const FairModel& model = training.model();
  if (!closed_form(model.options)) {
    return "they determine the model of loss => 'squared' without class_weight only";
  }
  if (model.held_out_share > 0) return "held_out needs the rows";
  if (training.bins() > 0) return "bins needs the rows";
  if (model.on_null == OnNull::Impute) return "on_null => 'impute' needs the rows";
  if (training.attributes() > 1) return "attributes => 'each' needs the rows";
  for (const FeatureColumn& column : model.columns) {
    if (column.kind == FeatureKind::Array || column.kind == FeatureKind::Interval) {
      return "column \"" + column.name + "\", " + std::string(description(column.kind)) +
             ", needs the rows; a SELECT as source makes numbers of it";
    }
  }
  for (const std::string& name : model.sensitive) {
    const Oid type = training.source().column(name, "sensitive").base_type;
    const bool parts =
        backend([&] { return OidIsValid(get_element_type(type)) || type_is_rowtype(type); });
    if (parts)
      return "sensitive column \"" + name + "\" is an array or a row, which needs the rows";
  }
  return {};
}

void learn_counted_levels(const TrainingSource& training, FairModel& model) {
  const Source& source = training.source();
  const std::string rows =
      "pg_catalog.count(*) FILTER (WHERE " + trains(training, Columns(training)) + ")";
  for (FeatureColumn& column : model.columns) {
    if (column.kind != FeatureKind::Category) continue;
    const GroupedQuery query(source, column_keys(source, {column.name}, "features"),
                             {{rows, INT8OID}}, grouped_by(training, {column.name}, "features"),
                             GroupedQuery::Plan::Parts);
    std::set<std::string> levels;
    for (std::size_t r = 0; r < query.rows(); ++r) {
      const auto level = query.label(r, 0);
      if (level && query.integer(r, 0) > 0) levels.emplace(*level);
    }
    column.levels.assign(levels.begin(), levels.end());
    if (levels.empty()) raise_without_rows(training, 0);
  }
  check_states(training, total_width(model.columns));
}

MomentsValue counted_moments(const TrainingSource& training, Monitor& monitor) {
  const Source& source = training.source();
  const FairModel& model = training.model();
  const Columns columns(training);
  std::string features;
  for (std::size_t c = 0; c < model.columns.size(); ++c) {
    for (const std::string& number : feature_sql(source, model.columns[c], columns.features[c])) {
      features += (features.empty() ? "" : ", ") + number;
    }
  }
  const Index width = total_width(model.columns);
  const std::string weight =
      columns.weight == nullptr ? std::string() : ", " + number_sql(*columns.weight);
  GroupedQuery query(source, column_keys(source, model.sensitive),
                     {{"fairdb.total_moments_agg(" + number_sql(columns.target) + ", ARRAY[" +
                           features + "]::pg_catalog.float8[]" + weight + ")",
                       type_of_fairdb("moments")},
                      {"pg_catalog.count(*)", INT8OID}},
                     grouped_by(training, model.sensitive, "sensitive"), GroupedQuery::Plan::Parts);
  query.note_fetched();
  MomentsValue all(width);
  std::int64_t skipped = 0;
  std::int64_t without_group = 0;
  for (std::size_t r = 0; r < query.rows(); ++r) {
    monitor.poll();
    std::optional<std::string_view> group = "";
    if (!model.sensitive.empty()) group = query.label_of(r, 0, model.sensitive.size());
    if (!group) {
      without_group += query.integer(r, 1);
    } else if (query.null(r, 0)) {
      skipped += query.integer(r, 1);  // every row lacks something
    } else {
      const auto bytes = backend([&] { return moments_content(query.value(r, 0)); });
      MomentsValue part = decode_value("moments", [&] { return MomentsValue::decode(bytes); });
      if (part.names().size() > 1 || part.columns() != width) {
        throw Error(ErrorKind::CorruptValue,
                    "the server that has the rows answered with something else than their moments",
                    "It needs fairdb in the same version as this one, as its own.");
      }
      part.name_group(*group);
      all.merge(part);
    }
  }
  const bool nulls_are_errors = model.on_null == OnNull::Error;
  if (nulls_are_errors && skipped + all.skipped() + without_group > 0) {
    raise_without_rows(training, without_group);
  }
  all.skip(skipped + without_group);
  if (all.summary().joint().rows() == 0 || !(all.summary().joint().weight() > 0)) raise_no_rows();
  check_levels(model, all);
  return all;
}

}  // namespace fairdb::pg
