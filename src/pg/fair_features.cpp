// fair_features: the preprocessing of the fair linear models for any other learner.
#include "core/linear/train.hpp"
#include "core/optimize/dense.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/training.hpp"

namespace fairdb::pg {
namespace {

// features' = (x - mean) / scale, times the matrix.
struct Preprocessing {
  Standard standard;
  Eigen::MatrixXd matrix;  // d x features that come out
  std::vector<std::string> dropped;
};

Preprocessing preprocessing(TrainingRows& rows, const Model& model) {
  Preprocessing result;
  const Summary& summary = rows.summary();
  result.standard = standard_of(summary, model.options.standardize);
  const auto conditions = conditions_of(summary, model.options.fairness, result.standard.mean,
                                        result.standard.scale, rows.names());
  const WeightSpace space = weight_space(conditions, summary, result.standard, rows.monitor());
  if (model.options.method == Method::Elimination) {
    result.matrix = space.elimination_basis();
    for (const Index j : space.eliminated()) {
      result.dropped.push_back(feature_name(model.columns, j));
    }
  } else {
    const Eigen::MatrixXd basis = space.orthonormal_basis(rows.monitor());
    result.matrix = panel_product(basis, basis.transpose(), rows.monitor());
  }
  return result;
}

// Writes the rows of a source: the id and the features, or NULL where a feature is unknown and not
// imputed.
void put_rows(const ResultRows& result,
              const Source& source,
              const Model& model,
              const Preprocessing& how,
              const std::string& id,
              Oid id_type,
              Monitor& monitor) {
  Tuplestorestate* const ids =
      backend([] { return tuplestore_begin_heap(false, false, work_mem); });
  std::vector<ReadColumn> reads = feature_reads(source, model.columns);
  reads.push_back({"0::pg_catalog.float8", "target", FLOAT8OID, ReadAs::Number, 0, 1});
  reads.push_back(
      {id_expression(source.column(id, "id"), id_type), id, id_type, ReadAs::Keep, 0, 1});
  TableReader reader(source, reads, ids);
  Encoder encoder(model.columns, model.impute, 0,
                  RowRoles(model.columns, model.on_null, false, false, 0, 0));
  TupleTableSlot* const slot =
      backend([&] { return MakeSingleTupleTableSlot(reader.keep_desc(), &TTSOpsMinimalTuple); });
  const auto width = static_cast<int>(how.matrix.cols());
  while (reader.next()) {
    monitor.poll();
    if (model.on_null == OnNull::Error && reader.total_nulls() > 0) {
      throw Error(ErrorKind::InvalidData, "a feature is NULL in the rows to transform",
                  "on_null => 'skip' returns NULL features for such rows, on_null => 'impute' puts "
                  "a feature's mean in its place.");
    }
    for (Index k = 0; k < reader.label_columns(); ++k) encoder.learn(k, reader.labels(k));
    const RawRows raw = {reader.numbers(), reader.codes(), reader.label_columns(),
                         reader.block_has_nulls()};
    std::vector<bool> known;
    for (Index i = 0; i < reader.rows(); ++i) known.push_back(!encoder.roles().left_out(raw, i));
    const RowBlock block = encoder.encode(raw);
    const Eigen::MatrixXd z = (block.x().rowwise() - how.standard.mean.transpose()) *
                              how.standard.scale.cwiseInverse().asDiagonal();
    const Eigen::MatrixXd features = panel_product(z, how.matrix, monitor);
    backend([&] {
      Index at = 0;
      auto* const elements =
          static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<std::size_t>(width + 1)));
      for (std::size_t i = 0; i < known.size(); ++i) {
        CHECK_FOR_INTERRUPTS();
        if (!tuplestore_gettupleslot(ids, true, false, slot)) elog(ERROR, "an id is missing");
        Datum values[2] = {};
        bool nulls[2] = {};
        values[0] = slot_getattr(slot, 1, &nulls[0]);
        nulls[1] = !known[i];
        ArrayType* array = nullptr;
        if (known[i]) {
          for (int k = 0; k < width; ++k) elements[k] = Float8GetDatum(features(at, k));
          ++at;
          array = construct_array(elements, width, FLOAT8OID, sizeof(double), FLOAT8PASSBYVAL,
                                  TYPALIGN_DOUBLE);
          values[1] = PointerGetDatum(array);
        }
        tuplestore_putvalues(result.store, result.desc, values, nulls);
        if (array != nullptr) pfree(array);
      }
      pfree(elements);
    });
  }
  backend([&] {
    ExecDropSingleTupleTableSlot(slot);
    tuplestore_end(ids);
  });
}

Datum fair_features_as(FunctionCallInfo fcinfo, Oid id_type) {
  const NamedArguments arguments(fcinfo);
  TrainingRequest request = training_request(arguments);
  Model& model = request.model;
  const std::string id = arguments.text("id");
  const std::optional<std::string> apply_to = arguments.optional_text("apply_to");
  const Fairness fairness = model.options.fairness;
  if (fairness == Fairness::None) {
    throw Error(ErrorKind::InvalidArgument, "fair_features needs a fairness other than none");
  }
  if (model.target.empty() && fairness != Fairness::DemographicParity) {
    throw Error(ErrorKind::InvalidArgument,
                "fairness " + std::string(name(fairness)) + " needs a target",
                "Name the column: target => '...', or use fairness => 'demographic_parity'.");
  }
  const ResultRows result = backend([&] { return begin_rows(fcinfo); });
  SpiSession session;
  std::string dropped;
  {
    const Source source(model.source);
    if (!request.features) {
      // The id is no feature.
      request.features.emplace();
      for (const SourceColumn& column : source.columns()) {
        const bool sensitive = std::find(model.sensitive.begin(), model.sensitive.end(),
                                         column.name) != model.sensitive.end();
        if (column.name != id && column.name != model.target && column.name != model.weight &&
            !sensitive) {
          request.features->push_back(column.name);
        }
      }
    }
    const TrainingSource training(source, request);
    TrainingRows rows(training, TrainingRows::Keep::Nothing, 0);
    const Preprocessing how = preprocessing(rows, model);
    if (apply_to) {
      const Source other(*apply_to);
      put_rows(result, other, model, how, id, id_type, rows.monitor());
    } else {
      put_rows(result, source, model, how, id, id_type, rows.monitor());
    }
    for (const std::string& name : how.dropped) dropped += (dropped.empty() ? "" : ", ") + name;
  }
  session.finish();
  if (!dropped.empty()) {
    const char* const list = dropped.c_str();
    backend([&] { ereport(NOTICE, (errmsg("eliminated: %s", list))); });
  }
  PG_RETURN_NULL();
}

}  // namespace

FAIRDB_FUNCTION(fair_features) {
  return fair_features_as(fcinfo, INT8OID);
}

FAIRDB_FUNCTION(fair_features_typed) {
  return fair_features_as(fcinfo, get_fn_expr_argtype(fcinfo->flinfo, 3));
}

}  // namespace fairdb::pg
