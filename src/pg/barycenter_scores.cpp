// barycenter_scores: calibrates on the rows of a source and adjusts them, in one call.
#include <cmath>

#include "core/distribution/barycenter.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/bridge/session.hpp"
#include "pg/bridge/table_reader.hpp"
#include "pg/bridge/value.hpp"
#include "pg/distribution.hpp"

namespace fairdb::pg {
namespace {

// The rows of the source, without their ids: those wait in a tuplestore.
struct ScoredRows {
  std::vector<double> score;        // NaN where unknown
  std::vector<std::int32_t> group;  // code of the label, -1 where unknown
  std::vector<std::string> labels;  // by code
  std::vector<double> fair;         // NaN where there is none
};

void read_rows(TableReader& reader, ScoredRows& rows, DistributionState& state) {
  std::vector<std::int32_t> group_of_code;
  while (reader.next()) {
    const std::size_t before = rows.score.size();
    const std::size_t after = before + static_cast<std::size_t>(reader.rows());
    check_memory(after * (2 * sizeof(double) + sizeof(std::int32_t)), "the list of scores");
    const auto labels = reader.labels(0);
    for (std::size_t code = group_of_code.size(); code < labels.size(); ++code) {
      rows.labels.emplace_back(labels[code]);
      group_of_code.push_back(state.group(labels[code]));
    }
    for (Index i = 0; i < reader.rows(); ++i) {
      const double score = reader.numbers()(i, 0);
      const std::int32_t code = reader.codes()[static_cast<std::size_t>(i)];
      rows.score.push_back(score);
      rows.group.push_back(code);
      if (code >= 0 && !std::isnan(score)) {
        state.add(score, group_of_code[static_cast<std::size_t>(code)]);
      }
    }
  }
}

void adjust_rows(const Distribution& law, double alpha, ScoredRows& rows) {
  constexpr std::size_t kPollPeriod = 1 << 16;  // in look-ups, one for each row and group
  BackendMonitor monitor;
  std::size_t lookups = 0;
  std::vector<std::int32_t> group_of_code;
  for (const std::string& label : rows.labels) group_of_code.push_back(law.find(label));
  rows.fair.resize(rows.score.size(), kUnknown);
  for (std::size_t i = 0; i < rows.score.size(); ++i) {
    lookups += static_cast<std::size_t>(law.groups()) + 1;
    if (lookups >= kPollPeriod) {
      monitor.poll();
      lookups = 0;
    }
    const std::int32_t code = rows.group[i];
    if (code < 0 || std::isnan(rows.score[i])) continue;
    rows.fair[i] = adjust(law, rows.score[i], group_of_code[static_cast<std::size_t>(code)], alpha);
  }
}

// Joins the ids back to the rows, in the order in which they were read.
void put_rows(const ResultRows& result,
              const ScoredRows& rows,
              Tuplestorestate* ids,
              TupleDesc id_desc) {
  backend([&] {
    auto* const labels =
        static_cast<Datum*>(palloc(sizeof(Datum) * std::max<std::size_t>(1, rows.labels.size())));
    for (std::size_t code = 0; code < rows.labels.size(); ++code) {
      labels[code] = PointerGetDatum(cstring_to_text_with_len(
          rows.labels[code].data(), static_cast<int>(rows.labels[code].size())));
    }
    TupleTableSlot* const slot = MakeSingleTupleTableSlot(id_desc, &TTSOpsMinimalTuple);
    for (std::size_t i = 0; i < rows.score.size(); ++i) {
      CHECK_FOR_INTERRUPTS();
      if (!tuplestore_gettupleslot(ids, true, false, slot)) elog(ERROR, "an id is missing");
      const std::int32_t code = rows.group[i];
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

// The arguments of both forms but the id's type and alpha stand at the same places.
Datum barycenter_scores_as(FunctionCallInfo fcinfo, Oid id_type, int alpha_argument) {
  const std::string source_text = text_argument(fcinfo, 0, "source");
  const std::string id = text_argument(fcinfo, 1, "id");
  const std::string score = text_argument(fcinfo, 2, "score");
  const std::vector<std::string> sensitive = names_argument(fcinfo, 3, "sensitive");
  const double alpha = number_argument(fcinfo, alpha_argument, "alpha");
  check_alpha(alpha);
  const ResultRows result = backend([&] { return begin_rows(fcinfo); });

  SpiSession session;
  const Source source(source_text);
  Oid group_type = InvalidOid;
  const std::string group = group_expression(source, sensitive, &group_type);
  const SourceColumn& score_column = source.column(score, "score");
  const SourceColumn& id_column = source.column(id, "id");
  Tuplestorestate* const ids =
      backend([] { return tuplestore_begin_heap(false, false, work_mem); });
  TableReader reader(source,
                     {{quoted(score), score, score_column.type, ReadAs::Number},
                      {group, group_name(sensitive), group_type, ReadAs::Label, kMaxGroups},
                      {id_expression(id_column, id_type), id, id_type, ReadAs::Keep}},
                     ids);
  DistributionState state = DistributionState::empty(OpenDistribution::kSmall);
  ScoredRows rows;
  read_rows(reader, rows, state);
  if (!rows.score.empty()) {
    const Datum sorted = state.sorted();
    adjust_rows(Distribution::open(value_bytes(sorted)), alpha, rows);
    put_rows(result, rows, ids, reader.keep_desc());
  }
  backend([&] { tuplestore_end(ids); });
  session.finish();
  PG_RETURN_NULL();
}

}  // namespace

FAIRDB_FUNCTION(barycenter_scores) {
  return barycenter_scores_as(fcinfo, INT8OID, 4);
}

FAIRDB_FUNCTION(barycenter_scores_typed) {
  return barycenter_scores_as(fcinfo, get_fn_expr_argtype(fcinfo->flinfo, 4), 5);
}

}  // namespace fairdb::pg
