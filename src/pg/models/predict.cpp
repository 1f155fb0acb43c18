// predict, classify and probability: of a row or an array of features, by a model or by the name of
// a registered one.
#include "pg/models/predictor.hpp"

namespace fairdb::pg {
namespace {

void require_classes(const Predictor& predictor) {
  if (predictor.binary()) return;
  throw Error(ErrorKind::InvalidArgument, "the model estimates a number, not a class",
              "Use predict(model, row), and compare it with a threshold.");
}

Datum predicted(std::optional<double> score, FunctionCallInfo fcinfo) {
  if (!score) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*score);
}

Datum classified(const Predictor& predictor, std::optional<double> score, FunctionCallInfo fcinfo) {
  require_classes(predictor);
  if (!score) PG_RETURN_NULL();
  PG_RETURN_BOOL(*score >= 0);
}

Datum probable(const Predictor& predictor, std::optional<double> score, FunctionCallInfo fcinfo) {
  if (!predictor.log_odds()) {
    throw Error(ErrorKind::InvalidArgument,
                "only models of the logistic loss estimate probabilities",
                "Use predict(model, row) for the score or classify(model, row) for the class.");
  }
  if (!score) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(Logistic::probability(*score));
}

// Whether an error is of the row alone: of another one the next row has it too.
bool of_the_row(const Error& error) noexcept {
  return error.kind() == ErrorKind::InvalidData || error.kind() == ErrorKind::OutOfRange ||
         error.kind() == ErrorKind::UnknownGroup;
}

Datum predict(FunctionCallInfo fcinfo, PredictionCall call) {
  if (call.unknown(fcinfo)) PG_RETURN_NULL();
  Predictor& predictor = Predictor::of(fcinfo, call);
  return predicted(predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

Datum classify(FunctionCallInfo fcinfo, PredictionCall call) {
  if (call.unknown(fcinfo)) PG_RETURN_NULL();
  Predictor& predictor = Predictor::of(fcinfo, call);
  return classified(predictor, predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

Datum probability(FunctionCallInfo fcinfo, PredictionCall call) {
  if (call.unknown(fcinfo)) PG_RETURN_NULL();
  Predictor& predictor = Predictor::of(fcinfo, call);
  return probable(predictor, predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

Datum predict_or_null(FunctionCallInfo fcinfo, PredictionCall call) {
  Predictor& predictor = Predictor::of(fcinfo, call);
  try {
    return predicted(predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
  } catch (const Error& error) {
    if (!of_the_row(error)) throw;
  }
  PG_RETURN_NULL();
}

Datum prediction_error(FunctionCallInfo fcinfo, PredictionCall call) {
  Predictor& predictor = Predictor::of(fcinfo, call);
  std::string reason =
      "the model gives no score to a row with a NULL, or with a level that training has not seen";
  try {
    if (predictor.score(PG_GETARG_HEAPTUPLEHEADER(1))) PG_RETURN_NULL();
  } catch (const Error& error) {
    if (!of_the_row(error)) throw;
    reason = error.what();
  }
  return backend([&] { return CStringGetTextDatum(reason.c_str()); });
}

}  // namespace

FAIRDB_FUNCTION(predict_row) {
  return predict(fcinfo, {});
}

FAIRDB_FUNCTION(predict_named) {
  return predict(fcinfo, {.by_name = true});
}

FAIRDB_FUNCTION(predict_task) {
  return predict(fcinfo, {.of_task = true});
}

FAIRDB_FUNCTION(predict_named_task) {
  return predict(fcinfo, {.by_name = true, .of_task = true});
}

FAIRDB_FUNCTION(predict_array) {
  Predictor& predictor = Predictor::of(fcinfo);
  return predicted(predictor.score(PG_GETARG_ARRAYTYPE_P(1)), fcinfo);
}

FAIRDB_FUNCTION(classify_row) {
  return classify(fcinfo, {});
}

FAIRDB_FUNCTION(classify_named) {
  return classify(fcinfo, {.by_name = true});
}

FAIRDB_FUNCTION(classify_task) {
  return classify(fcinfo, {.of_task = true});
}

FAIRDB_FUNCTION(classify_named_task) {
  return classify(fcinfo, {.by_name = true, .of_task = true});
}

FAIRDB_FUNCTION(classify_array) {
  Predictor& predictor = Predictor::of(fcinfo);
  return classified(predictor, predictor.score(PG_GETARG_ARRAYTYPE_P(1)), fcinfo);
}

FAIRDB_FUNCTION(probability_row) {
  return probability(fcinfo, {});
}

FAIRDB_FUNCTION(probability_named) {
  return probability(fcinfo, {.by_name = true});
}

FAIRDB_FUNCTION(probability_task) {
  return probability(fcinfo, {.of_task = true});
}

FAIRDB_FUNCTION(probability_named_task) {
  return probability(fcinfo, {.by_name = true, .of_task = true});
}

FAIRDB_FUNCTION(probability_array) {
  Predictor& predictor = Predictor::of(fcinfo);
  return probable(predictor, predictor.score(PG_GETARG_ARRAYTYPE_P(1)), fcinfo);
}

FAIRDB_FUNCTION(predict_or_null) {
  return predict_or_null(fcinfo, {});
}

FAIRDB_FUNCTION(predict_or_null_task) {
  return predict_or_null(fcinfo, {.of_task = true});
}

FAIRDB_FUNCTION(prediction_error) {
  return prediction_error(fcinfo, {});
}

FAIRDB_FUNCTION(prediction_error_task) {
  return prediction_error(fcinfo, {.of_task = true});
}

}  // namespace fairdb::pg
