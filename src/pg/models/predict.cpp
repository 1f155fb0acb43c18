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

// The forms with on_null and on_unseen are not strict.
bool unknown(FunctionCallInfo fcinfo) {
  if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1)) return false;
  Predictor::check_options(fcinfo);
  return true;
}

// The same with a task.
bool unknown_with_task(FunctionCallInfo fcinfo) {
  if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1) && !PG_ARGISNULL(2)) return false;
  Predictor::check_task_options(fcinfo);
  return true;
}

// Whether an error is of the row alone: of another one the next row has it too.
bool of_the_row(const Error& error) noexcept {
  return error.kind() == ErrorKind::InvalidData || error.kind() == ErrorKind::OutOfRange ||
         error.kind() == ErrorKind::UnknownGroup;
}

}  // namespace

FAIRDB_FUNCTION(predict_or_null) {
  Predictor& predictor = Predictor::of(fcinfo);
  try {
    return predicted(predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
  } catch (const Error& error) {
    if (!of_the_row(error)) throw;
  }
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(prediction_error) {
  Predictor& predictor = Predictor::of(fcinfo);
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

FAIRDB_FUNCTION(predict_row) {
  if (unknown(fcinfo)) PG_RETURN_NULL();
  Predictor& predictor = Predictor::of(fcinfo);
  return predicted(predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

FAIRDB_FUNCTION(predict_array) {
  Predictor& predictor = Predictor::of(fcinfo);
  return predicted(predictor.score(PG_GETARG_ARRAYTYPE_P(1)), fcinfo);
}

FAIRDB_FUNCTION(predict_named) {
  if (unknown(fcinfo)) PG_RETURN_NULL();
  Predictor& predictor = Predictor::of_name(fcinfo);
  return predicted(predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

FAIRDB_FUNCTION(classify_row) {
  if (unknown(fcinfo)) PG_RETURN_NULL();
  Predictor& predictor = Predictor::of(fcinfo);
  return classified(predictor, predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

FAIRDB_FUNCTION(classify_array) {
  Predictor& predictor = Predictor::of(fcinfo);
  return classified(predictor, predictor.score(PG_GETARG_ARRAYTYPE_P(1)), fcinfo);
}

FAIRDB_FUNCTION(classify_named) {
  if (unknown(fcinfo)) PG_RETURN_NULL();
  Predictor& predictor = Predictor::of_name(fcinfo);
  return classified(predictor, predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

FAIRDB_FUNCTION(probability_row) {
  if (unknown(fcinfo)) PG_RETURN_NULL();
  Predictor& predictor = Predictor::of(fcinfo);
  return probable(predictor, predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

FAIRDB_FUNCTION(probability_array) {
  Predictor& predictor = Predictor::of(fcinfo);
  return probable(predictor, predictor.score(PG_GETARG_ARRAYTYPE_P(1)), fcinfo);
}

FAIRDB_FUNCTION(probability_named) {
  if (unknown(fcinfo)) PG_RETURN_NULL();
  Predictor& predictor = Predictor::of_name(fcinfo);
  return probable(predictor, predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

FAIRDB_FUNCTION(predict_task) {
  if (unknown_with_task(fcinfo)) PG_RETURN_NULL();
  Predictor& predictor = Predictor::of_task(fcinfo);
  return predicted(predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

FAIRDB_FUNCTION(predict_named_task) {
  if (unknown_with_task(fcinfo)) PG_RETURN_NULL();
  Predictor& predictor = Predictor::of_named_task(fcinfo);
  return predicted(predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

FAIRDB_FUNCTION(classify_task) {
  if (unknown_with_task(fcinfo)) PG_RETURN_NULL();
  Predictor& predictor = Predictor::of_task(fcinfo);
  return classified(predictor, predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

FAIRDB_FUNCTION(classify_named_task) {
  if (unknown_with_task(fcinfo)) PG_RETURN_NULL();
  Predictor& predictor = Predictor::of_named_task(fcinfo);
  return classified(predictor, predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

FAIRDB_FUNCTION(probability_task) {
  if (unknown_with_task(fcinfo)) PG_RETURN_NULL();
  Predictor& predictor = Predictor::of_task(fcinfo);
  return probable(predictor, predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

FAIRDB_FUNCTION(probability_named_task) {
  if (unknown_with_task(fcinfo)) PG_RETURN_NULL();
  Predictor& predictor = Predictor::of_named_task(fcinfo);
  return probable(predictor, predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

}  // namespace fairdb::pg
