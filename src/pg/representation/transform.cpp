// transform: the representation of a row.
#include "core/base/error.hpp"
#include "core/model/representation_model.hpp"

#include "pg/models/predictor.hpp"

namespace fairdb::pg {
namespace {

[[noreturn]] void raise_beyond_range() {
  throw Error(ErrorKind::OutOfRange, "a representation exceeds the range of double precision");
}

// float8[] of numbers. Plain.
Datum array_of(const double* numbers, Index count) {
  auto* const datums = static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<std::size_t>(count)));
  for (Index j = 0; j < count; ++j) datums[j] = Float8GetDatum(numbers[j]);
  ArrayType* const array = construct_array(datums, static_cast<int>(count), FLOAT8OID,
                                           sizeof(double), FLOAT8PASSBYVAL, 'd');
  pfree(datums);
  return PointerGetDatum(array);
}

Datum transform(FunctionCallInfo fcinfo, PredictionCall call) {
  if (call.unknown(fcinfo)) PG_RETURN_NULL();
  Predictor& predictor = Predictor::of(fcinfo, call);
  const RepresentationModel& model = predictor.representation("transform");
  if (!predictor.encode(PG_GETARG_HEAPTUPLEHEADER(1))) PG_RETURN_NULL();
  const Vector h = represent(model, predictor.features());
  if (!h.allFinite()) raise_beyond_range();
  return backend([&] { return array_of(h.data(), h.size()); });
}

}  // namespace

FAIRDB_FUNCTION(transform_row) {
  return transform(fcinfo, {});
}

FAIRDB_FUNCTION(transform_named) {
  return transform(fcinfo, {.by_name = true});
}

}  // namespace fairdb::pg
