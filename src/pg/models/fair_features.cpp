// fair_features: the preprocessing of the fair linear models for any other learner.
#include "core/linear/fair_features.hpp"

#include "pg/bridge/id_rows.hpp"
#include "pg/models/training_rows.hpp"

namespace fairdb::pg {
namespace {

[[noreturn]] void raise_null_feature() {
  throw Error(ErrorKind::InvalidData, "a feature is NULL in the rows to transform",
              "on_null => 'skip' returns NULL features for such rows, on_null => 'impute' puts "
              "a feature's mean in its place.");
}

// Writes the next rows, of which the known ones have features.
void put_features(IdRows& out, const std::vector<bool>& known, const Eigen::MatrixXd& features) {
  const auto width = static_cast<int>(features.cols());
  auto* const elements = backend([&] {
    return static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<std::size_t>(width + 1)));
  });
  Index at = 0;
  out.put(known.size(), [&](std::size_t i, Datum* values, bool* nulls) {
    nulls[0] = !known[i];
    if (!known[i]) return;
    for (int k = 0; k < width; ++k) elements[k] = Float8GetDatum(features(at, k));
    ++at;
    values[0] = PointerGetDatum(construct_array(elements, width, FLOAT8OID, sizeof(double),
                                                FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
  });
  backend([&] { pfree(elements); });
}

// Writes the rows of a source: the id and the features, or NULL where a feature is unknown and not
// imputed.
void put_rows(IdRows& out,
              const Source& source,
              const FairModel& model,
              const FairFeatures& transform,
              const std::string& id,
              Monitor& monitor) {
  std::vector<ReadColumn> reads = feature_reads(source, model.columns);
  reads.push_back({"0::pg_catalog.float8", "target", FLOAT8OID, ReadAs::Number, 0, 1});
  reads.push_back(out.id_column(source, id));
  TableReader reader(source, reads, out.kept());
  out.start(reader);
  Encoder encoder(model.columns, model.impute, 0,
                  RowRoles(model.columns, model.on_null, false, false, 0, 0));
  while (reader.next()) {
    monitor.poll();
    if (model.on_null == OnNull::Error && reader.total_nulls() > 0) raise_null_feature();
    for (Index k = 0; k < reader.label_columns(); ++k) encoder.learn(k, reader.labels(k));
    const RawRows raw = raw_rows(reader);
    std::vector<bool> known;
    for (Index i = 0; i < reader.rows(); ++i) known.push_back(!encoder.roles().left_out(raw, i));
    const RowBlock block = encoder.encode(raw);
    put_features(out, known, transform(block.x(), monitor));
  }
  out.finish();
}

// Every column but the id and those that have another part.
std::vector<std::string> other_columns(const Source& source,
                                       const FairModel& model,
                                       const std::string& id) {
  std::vector<std::string> names;
  for (const SourceColumn& column : source.columns()) {
    const bool sensitive = std::find(model.sensitive.begin(), model.sensitive.end(), column.name) !=
                           model.sensitive.end();
    if (column.name != id && column.name != model.target && column.name != model.weight &&
        !sensitive) {
      names.push_back(column.name);
    }
  }
  return names;
}

Datum transformed(FunctionCallInfo fcinfo) {
  PreprocessingRequest request = preprocessing_request(Arguments(fcinfo));
  const FairModel& model = request.training.model;
  SpiSession session;
  IdRows out(fcinfo);
  std::string dropped;
  bool nothing_left = false;
  {
    const Source source(request.training.source);
    if (!request.training.features) {
      request.training.features = other_columns(source, model, request.id);
    }
    const TrainingSource training(source, request.training);
    TrainingRows rows(training, TrainingRows::Keep::Nothing, 0);
    const FairFeatures transform =
        fair_features(rows.summary(), rows.names(), model.options.fairness, model.options.method,
                      model.options.standardize, rows.monitor());
    if (request.apply_to) {
      put_rows(out, Source(*request.apply_to), model, transform, request.id, rows.monitor());
    } else {
      put_rows(out, source, model, transform, request.id, rows.monitor());
    }
    nothing_left = transform.matrix.size() == 0 || transform.matrix.cwiseAbs().maxCoeff() < 1e-9;
    for (const Index j : transform.dropped) {
      dropped += (dropped.empty() ? "" : ", ") + feature_name(model.columns, j);
    }
  }
  session.finish();
  if (nothing_left) {
    backend([] {
      ereport(WARNING,
              (errmsg("the constraints leave no direction to the features: all are 0"),
               errhint("Use more features, fewer groups, or a fairness with fewer conditions.")));
    });
  }
  if (!dropped.empty()) {
    const char* const list = dropped.c_str();
    backend([&] { ereport(NOTICE, (errmsg("eliminated: %s", list))); });
  }
  PG_RETURN_NULL();
}

}  // namespace

FAIRDB_FUNCTION(fair_features) {
  return transformed(fcinfo);
}

// The same with an id of another type.
FAIRDB_FUNCTION(fair_features_typed) {
  return transformed(fcinfo);
}

}  // namespace fairdb::pg
