// barycenter_scores: calibrates on the rows of a source and adjusts these or others, in one call.
#include <cmath>

#include "pg/adjust.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/bridge/session.hpp"
#include "pg/bridge/table_reader.hpp"
#include "pg/distribution.hpp"

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

Columns columns_of(const NamedArguments& arguments) {
  Columns columns;
  columns.id = arguments.text("id");
  columns.score = arguments.text("score");
  columns.sensitive = arguments.names("sensitive");
  columns.strata = arguments.optional_names("strata").value_or(std::vector<std::string>{});
  columns.weight = arguments.optional_text("weight");
  const std::string ties = arguments.text("ties");
  columns.key = arguments.optional_text("key");
  if (ties == "hash") {
    if (!columns.key) columns.key = columns.id;
  } else if (ties != "mid_rank") {
    throw Error(ErrorKind::InvalidArgument,
                "ties is '" + ties + "', expected one of 'mid_rank', 'hash'");
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
class Calibration {
 public:
  explicit Calibration(Collector& collector) : collector_(collector) {}
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
      if (distribution.find(label) < 0) unknown_group(distribution, label);
      no_scores(label);
    }
    std::optional<double> spread;
    if (!rows.spread.empty() && !std::isnan(rows.spread[i])) spread = rows.spread[i];
    rows.fair[i] = adjustment(group, rows.score[i], spread);
  }
}

// Joins the ids back to the rows, in the order in which they were read.
void put_rows(const ResultRows& result,
              const ScoredRows& rows,
              Tuplestorestate* ids,
              TupleDesc id_desc) {
  backend([&] {
    auto* const labels = static_cast<Datum*>(
        palloc(sizeof(Datum) * std::max<std::size_t>(1, rows.shown_labels.size())));
    for (std::size_t code = 0; code < rows.shown_labels.size(); ++code) {
      labels[code] = PointerGetDatum(cstring_to_text_with_len(
          rows.shown_labels[code].data(), static_cast<int>(rows.shown_labels[code].size())));
    }
    TupleTableSlot* const slot = MakeSingleTupleTableSlot(id_desc, &TTSOpsMinimalTuple);
    for (std::size_t i = 0; i < rows.score.size(); ++i) {
      CHECK_FOR_INTERRUPTS();
      if (!tuplestore_gettupleslot(ids, true, false, slot)) elog(ERROR, "an id is missing");
      const std::int32_t code = rows.shown[i];
      Datum values[4] = {};
      bool nulls[4] = {};
      values[0] = slot_getattr(slot, 1, &nulls[0]);
      nulls[1] = code < 0;
      values[1] = code < 0 ? Datum{0} : labels[code];
      nulls[2] = std::isnan(rows.score[i]);
      values[2] = Float8GetDatum(rows.score[i]);
      nulls[3] = std::isnan(rows.fair[i]);
      values[3] = Float8GetDatum(rows.fair[i]);
      tuplestore_putvalues(result.store, result.desc, values, nulls);
    }
    ExecDropSingleTupleTableSlot(slot);
  });
}

// Reads the calibration rows of a source of their own.
void calibrate(const Source& source, const Columns& columns, Collector& collector) {
  std::vector<ReadColumn> reads{number_column(source, columns.score, "score"),
                                group_column(source, columns)};
  if (columns.weight) reads.push_back(number_column(source, *columns.weight, "weight"));
  TableReader reader(source, std::move(reads));
  Calibration calibration(collector);
  while (reader.next()) {
    calibration.add_block(reader, columns.weight ? std::optional<Index>(1) : std::nullopt);
  }
}

Datum barycenter_scores_as(FunctionCallInfo fcinfo, Oid id_type) {
  const NamedArguments arguments(fcinfo);
  const std::string source_text = arguments.text("source");
  const Columns columns = columns_of(arguments);
  const auto calibrate_on = arguments.optional_text("calibrate_on");
  AdjustmentOptions options = adjustment_options(arguments);
  options.conditional_on = static_cast<std::int32_t>(columns.strata.size());
  const bool unseen_null = unseen_is_null(arguments);
  const ResultRows result = backend([&] { return begin_rows(fcinfo); });

  SpiSession session;
  Collector collector = bounded_collector();
  if (calibrate_on) calibrate(Source(*calibrate_on), columns, collector);

  const Source source(source_text);
  const SourceColumn& id_column = source.column(columns.id, "id");
  std::vector<ReadColumn> reads{number_column(source, columns.score, "score")};
  if (columns.key) {
    source.column(*columns.key, "key");
    reads.push_back(
        {quoted(*columns.key) + "::pg_catalog.text", *columns.key, TEXTOID, ReadAs::Hash});
  }
  std::optional<Index> weight;
  if (columns.weight && !calibrate_on) {
    weight = static_cast<Index>(reads.size());
    reads.push_back(number_column(source, *columns.weight, "weight"));
  }
  reads.push_back(group_column(source, columns));
  if (!columns.strata.empty()) {
    Oid type = InvalidOid;
    const std::string shown = group_expression(source, columns.sensitive, &type);
    reads.push_back({shown, group_name(columns.sensitive), type, ReadAs::Label, kMaxGroups});
  }
  reads.push_back({id_expression(id_column, id_type), columns.id, id_type, ReadAs::Keep});

  Tuplestorestate* const ids =
      backend([] { return tuplestore_begin_heap(false, false, work_mem); });
  TableReader reader(source, std::move(reads), ids);
  Calibration calibration(collector);
  ScoredRows rows;
  while (reader.next()) {
    keep_block(reader, columns.key.has_value(), rows);
    if (!calibrate_on) calibration.add_block(reader, weight);
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
    put_rows(result, rows, ids, reader.keep_desc());
  }
  backend([&] { tuplestore_end(ids); });
  session.finish();
  PG_RETURN_NULL();
}

}  // namespace

FAIRDB_FUNCTION(barycenter_scores) {
  return barycenter_scores_as(fcinfo, INT8OID);
}

FAIRDB_FUNCTION(barycenter_scores_typed) {
  constexpr int kIdType = 4;
  return barycenter_scores_as(fcinfo, get_fn_expr_argtype(fcinfo->flinfo, kIdType));
}

}  // namespace fairdb::pg
