// barycenter_scores: calibrates on the rows of a source and adjusts these or others, in one call.
#include <cmath>

#include "core/distribution/adjustment.hpp"
#include "core/distribution/ties.hpp"

#include "pg/bridge/id_rows.hpp"
#include "pg/bridge/memory.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/distribution/adjustment_options.hpp"
#include "pg/distribution/distribution_value.hpp"

namespace fairdb {

// What becomes of rows with the same score.
enum class Ties : std::uint8_t { MidRank, Hash };
template <>
struct NameTable<Ties> {
  static constexpr std::string_view kWhat = "ties";
  static constexpr std::pair<Ties, std::string_view> kNames[] = {{Ties::MidRank, "mid_rank"},
                                                                 {Ties::Hash, "hash"}};
};

}  // namespace fairdb

namespace fairdb::pg {
namespace {

// The columns that the arguments name.
struct Columns {
  std::string id;
  std::string score;
  std::vector<std::string> sensitive;
  std::vector<std::string> strata;
  std::optional<std::string> weight;
  std::optional<std::string> key;  // that spreads ties
};

Columns columns_of(const Arguments& arguments) {
  Columns columns;
  columns.id = arguments.text("id");
  columns.score = arguments.text("score");
  columns.sensitive = arguments.names("sensitive");
  columns.strata = arguments.names_or_none("strata");
  columns.weight = arguments.optional_text("weight");
  columns.key = arguments.optional_text("key");
  if (named<Ties>(arguments.text("ties")) == Ties::Hash) {
    if (!columns.key) columns.key = columns.id;
  } else if (columns.key) {
    throw Error(ErrorKind::InvalidArgument, "key has no effect with ties => 'mid_rank'",
                "Ask for ties => 'hash'.");
  }
  for (const std::string& name : columns.strata) {
    if (std::find(columns.sensitive.begin(), columns.sensitive.end(), name) !=
        columns.sensitive.end()) {
      throw Error(ErrorKind::InvalidArgument,
                  "column \"" + name + "\" is named by both strata and sensitive");
    }
  }
  return columns;
}

// The group as the distribution knows it: the strata, then the sensitive attributes.
ReadColumn group_column(const Source& source, const Columns& columns) {
  for (const std::string& name : columns.strata) (void)source.column(name, "strata");
  std::vector<std::string> names = columns.strata;
  names.insert(names.end(), columns.sensitive.begin(), columns.sensitive.end());
  Oid type = InvalidOid;
  const std::string expression = group_expression(source, names, &type);
  return {expression, group_name(names), type, ReadAs::Label, kMaxGroups};
}

ReadColumn number_column(const Source& source, const std::string& name, const char* argument) {
  const SourceColumn& column = source.column(name, argument);
  return {quoted(name), name, column.type, ReadAs::Number};
}

// Reads score, group and, where it is known, weight of each row into the collector.
class CalibrationRows {
 public:
  explicit CalibrationRows(Collector& collector) : collector_(collector) {}
  void add_block(const TableReader& reader, std::optional<Index> weight) {
    const auto labels = reader.labels(0);
    for (std::size_t code = groups_.size(); code < labels.size(); ++code) {
      groups_.push_back(collector_.group(labels[code]));
    }
    const auto codes = reader.codes();
    const auto stride = static_cast<std::size_t>(reader.label_columns());
    for (Index i = 0; i < reader.rows(); ++i) {
      const double score = reader.numbers()(i, 0);
      const double w = weight ? reader.numbers()(i, *weight) : 1;
      const std::int32_t code = codes[static_cast<std::size_t>(i) * stride];
      if (std::isnan(score)) {
        collector_.count_unknown({0, 1, 0});
      } else if (std::isnan(w)) {
        collector_.count_unknown({0, 0, 1});
      } else if (code < 0) {
        collector_.count_unknown({1, 0, 0});
      } else {
        collector_.add(score, groups_[static_cast<std::size_t>(code)], w);
      }
    }
  }

 private:
  Collector& collector_;
  std::vector<std::int32_t> groups_;  // by code of the reader
};

// The rows to adjust, without their ids: those wait in a tuplestore.
struct ScoredRows {
  std::vector<double> score;        // NaN where unknown
  std::vector<double> spread;       // of ties; empty without a key, NaN where it is unknown
  std::vector<std::int32_t> group;  // code of the label, -1 where unknown
  std::vector<std::int32_t> shown;  // code of the sensitive attributes' label
  std::vector<std::string> groups;  // labels by code
  std::vector<std::string> shown_labels;
  std::vector<double> fair;  // NaN where there is none
};

void append_labels(std::vector<std::string>& list, const std::vector<std::string_view>& labels) {
  for (std::size_t code = list.size(); code < labels.size(); ++code)
    list.emplace_back(labels[code]);
}

void keep_block(const TableReader& reader, bool has_key, ScoredRows& rows) {
  const std::size_t after = rows.score.size() + static_cast<std::size_t>(reader.rows());
  constexpr std::size_t kRowBytes = 3 * sizeof(double) + 2 * sizeof(std::int32_t);
  check_memory(after * kRowBytes, "the list of scores");
  append_labels(rows.groups, reader.labels(0));
  append_labels(rows.shown_labels, reader.labels(reader.label_columns() - 1));
  const auto codes = reader.codes();
  const auto stride = static_cast<std::size_t>(reader.label_columns());
  for (Index i = 0; i < reader.rows(); ++i) {
    const std::size_t first = static_cast<std::size_t>(i) * stride;
    rows.score.push_back(reader.numbers()(i, 0));
    if (has_key) rows.spread.push_back(reader.numbers()(i, 1));
    rows.group.push_back(codes[first]);
    rows.shown.push_back(codes[first + stride - 1]);
  }
}

void adjust_rows(const Distribution& distribution,
                 const Adjustment& adjustment,
                 bool unseen_is_null,
                 ScoredRows& rows) {
  constexpr std::size_t kPollPeriod = 1 << 16;  // in look-ups, one for each row and group
  BackendMonitor monitor;
  std::vector<std::int32_t> group_of_code;
  group_of_code.reserve(rows.groups.size());
  for (const std::string& label : rows.groups) {
    const std::int32_t group = distribution.find(label);
    group_of_code.push_back(group >= 0 && adjustment.knows(group) ? group : -1);
  }
  rows.fair.resize(rows.score.size(), kUnknown);
  std::size_t lookups = 0;
  for (std::size_t i = 0; i < rows.score.size(); ++i) {
    lookups += static_cast<std::size_t>(distribution.groups()) + 1;
    if (lookups >= kPollPeriod) {
      monitor.poll();
      lookups = 0;
    }
    const std::int32_t code = rows.group[i];
    if (code < 0 || std::isnan(rows.score[i])) continue;
    const std::int32_t group = group_of_code[static_cast<std::size_t>(code)];
    if (group < 0) {
      if (unseen_is_null) continue;
      const std::string& label = rows.groups[static_cast<std::size_t>(code)];
      if (distribution.find(label) < 0) unknown_group(distribution, label, kOnUnseenNull);
      no_scores(label);
    }
    std::optional<double> spread;
    if (!rows.spread.empty() && !std::isnan(rows.spread[i])) spread = rows.spread[i];
    rows.fair[i] = adjustment(group, rows.score[i], spread);
  }
}

void put_rows(IdRows& out, const ScoredRows& rows) {
  Datum* const labels = backend([&] {
    auto* const texts = static_cast<Datum*>(
        palloc(sizeof(Datum) * std::max<std::size_t>(1, rows.shown_labels.size())));
    for (std::size_t code = 0; code < rows.shown_labels.size(); ++code) {
      texts[code] = PointerGetDatum(cstring_to_text_with_len(
          rows.shown_labels[code].data(), static_cast<int>(rows.shown_labels[code].size())));
    }
    return texts;
  });
  out.put(rows.score.size(), [&](std::size_t i, Datum* values, bool* nulls) {
    const std::int32_t code = rows.shown[i];
    nulls[0] = code < 0;
    values[0] = code < 0 ? Datum{0} : labels[code];
    nulls[1] = std::isnan(rows.score[i]);
    values[1] = Float8GetDatum(rows.score[i]);
    nulls[2] = std::isnan(rows.fair[i]);
    values[2] = Float8GetDatum(rows.fair[i]);
  });
}

// Reads the calibration rows of a source of their own.
void calibrate(const Source& source, const Columns& columns, Collector& collector) {
  std::vector<ReadColumn> reads{number_column(source, columns.score, "score"),
                                group_column(source, columns)};
  if (columns.weight) reads.push_back(number_column(source, *columns.weight, "weight"));
  TableReader reader(source, std::move(reads));
  CalibrationRows calibration(collector);
  while (reader.next()) {
    calibration.add_block(reader, columns.weight ? std::optional<Index>(1) : std::nullopt);
  }
}

// The columns of the rows that are adjusted, and where among the numbers their weight stands.
struct Reads {
  std::vector<ReadColumn> columns;
  std::optional<Index> weight;
};
Reads reads_of(const Source& source, const Columns& columns, bool weighted) {
  Reads reads{{number_column(source, columns.score, "score")}, std::nullopt};
  if (columns.key) {
    source.column(*columns.key, "key");
    reads.columns.push_back(
        {quoted(*columns.key) + "::pg_catalog.text", *columns.key, TEXTOID, ReadAs::Hash});
  }
  if (columns.weight && weighted) {
    reads.weight = static_cast<Index>(reads.columns.size());
    reads.columns.push_back(number_column(source, *columns.weight, "weight"));
  }
  reads.columns.push_back(group_column(source, columns));
  if (!columns.strata.empty()) {
    Oid type = InvalidOid;
    const std::string shown = group_expression(source, columns.sensitive, &type);
    reads.columns.push_back(
        {shown, group_name(columns.sensitive), type, ReadAs::Label, kMaxGroups});
  }
  return reads;
}

Datum fair_scores(FunctionCallInfo fcinfo) {
  const Arguments arguments(fcinfo);
  const std::string source_text = arguments.text("source");
  const Columns columns = columns_of(arguments);
  const auto calibrate_on = arguments.optional_text("calibrate_on");
  AdjustmentOptions options = adjustment_options(arguments);
  options.conditional_on = static_cast<std::int32_t>(columns.strata.size());
  const bool unseen_null = unseen_is_null(arguments);
  SpiSession session;
  IdRows out(fcinfo);
  Collector collector = bounded_collector();
  if (calibrate_on) calibrate(Source(*calibrate_on), columns, collector);

  const Source source(source_text);
  Reads reads = reads_of(source, columns, !calibrate_on);
  reads.columns.push_back(out.id_column(source, columns.id));
  TableReader reader(source, std::move(reads.columns), out.kept());
  out.start(reader);
  CalibrationRows calibration(collector);
  ScoredRows rows;
  while (reader.next()) {
    keep_block(reader, columns.key.has_value(), rows);
    if (!calibrate_on) calibration.add_block(reader, reads.weight);
  }
  if (!rows.score.empty()) {
    const Datum value = distribution_value(collector);
    const auto bytes = backend([&] { return value_bytes(value); });
    const Distribution distribution = Distribution::open(bytes);
    check_adjustment_memory(distribution, options);
    BackendMonitor monitor;
    if (!columns.key && ties_prevail(distribution, monitor)) note_ties();
    Adjustment adjustment(distribution, options, monitor);
    adjustment.prepare();
    adjust_rows(distribution, adjustment, unseen_null, rows);
    put_rows(out, rows);
  }
  out.finish();
  session.finish();
  PG_RETURN_NULL();
}

}  // namespace

FAIRDB_FUNCTION(barycenter_scores) {
  return fair_scores(fcinfo);
}

// The same with an id of another type.
FAIRDB_FUNCTION(barycenter_scores_typed) {
  return fair_scores(fcinfo);
}

}  // namespace fairdb::pg
