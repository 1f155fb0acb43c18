// transform: the representation of a row; transform_rows: of all rows of a source, beside their
// ids.
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

Datum transformed(Predictor& predictor, FunctionCallInfo fcinfo) {
  const RepresentationModel& model = predictor.representation("transform");
  if (!predictor.encode(PG_GETARG_HEAPTUPLEHEADER(1))) PG_RETURN_NULL();
  const Vector h = represent(model, predictor.features());
  if (!h.allFinite()) raise_beyond_range();
  return backend([&] { return array_of(h.data(), h.size()); });
}

bool unknown(FunctionCallInfo fcinfo) {
  if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1)) return false;
  Predictor::check_options(fcinfo);
  return true;
}

}  // namespace

FAIRDB_FUNCTION(transform_row) {
  if (unknown(fcinfo)) PG_RETURN_NULL();
  return transformed(Predictor::of(fcinfo), fcinfo);
}

FAIRDB_FUNCTION(transform_named) {
  if (unknown(fcinfo)) PG_RETURN_NULL();
  return transformed(Predictor::of_name(fcinfo), fcinfo);
}

}  // namespace fairdb::pg
