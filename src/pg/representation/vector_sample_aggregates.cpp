// vector_sample_agg and rollup: the vectors of each group, or a bounded part of them.
#include "pg/representation/vector_sample_aggregates.hpp"

#include "pg/bridge/labels.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/bridge/owned.hpp"

namespace fairdb::pg {
namespace {

// (state, vector, sensitive [, size])
Datum accumulate(FunctionCallInfo fcinfo, bool sized) {
  constexpr int kVector = 1;
  constexpr int kSize = 3;
  if (sized && PG_ARGISNULL(kSize)) {
    throw Error(ErrorKind::InvalidArgument, "size must not be NULL",
                "Leave it out for 2000 vectors of each group.");
  }
  SampleState& state = aggregate_state<SampleState>(fcinfo);
  if (state.sample == nullptr) {
    state.sample = std::make_unique<VectorSample>(
        sized ? PG_GETARG_INT32(kSize) : kDefaultSampleSize, allow_vectors);
  } else if (sized && PG_GETARG_INT32(kSize) != state.sample->size()) {
    throw Error(ErrorKind::InvalidArgument, "size changes from row to row",
                "Give one number for all rows.");
  }
  // This frame owns no C++ object while the server is called.
  const std::optional<std::string_view> label = any_label(fcinfo, 2);
  if (PG_ARGISNULL(kVector)) {
    state.sample->skip();
    PG_RETURN_POINTER(&state);
  }
  ArrayType* const array = PG_GETARG_ARRAYTYPE_P(kVector);
  if (ARR_NDIM(array) > 1) {
    throw Error(ErrorKind::InvalidData, "a vector is an array of several dimensions");
  }
  if (ARR_HASNULL(array) && array_contains_nulls(array)) {
    state.sample->skip();
  } else {
    const auto elements =
        static_cast<std::size_t>(ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)));
    state.sample->add({reinterpret_cast<const double*>(ARR_DATA_PTR(array)), elements}, label);
  }
  PG_RETURN_POINTER(&state);
}

// Merges a sample into the state's.
void merge(SampleState& state, const VectorSample& other) {
  if (state.sample == nullptr) {
    state.sample = std::make_unique<VectorSample>(other.size(), allow_vectors);
  }
  state.sample->merge(other);
}

}  // namespace

FAIRDB_FUNCTION(vector_sample_accumulate) {
  return accumulate(fcinfo, false);
}

FAIRDB_FUNCTION(vector_sample_accumulate_sized) {
  return accumulate(fcinfo, true);
}

FAIRDB_FUNCTION(vector_sample_combine) {
  if (PG_ARGISNULL(1)) {
    if (PG_ARGISNULL(0)) PG_RETURN_NULL();
    PG_RETURN_DATUM(PG_GETARG_DATUM(0));
  }
  const SampleState& other = *reinterpret_cast<const SampleState*>(PG_GETARG_POINTER(1));
  SampleState& state = aggregate_state<SampleState>(fcinfo);
  if (other.sample != nullptr) merge(state, *other.sample);
  PG_RETURN_POINTER(&state);
}

// rollup: (state, vector_sample)
FAIRDB_FUNCTION(vector_sample_merge) {
  SampleState& state = aggregate_state<SampleState>(fcinfo);
  if (!PG_ARGISNULL(1)) merge(state, vector_sample_argument(fcinfo, 1));
  PG_RETURN_POINTER(&state);
}

FAIRDB_FUNCTION(vector_sample_serialize) {
  SampleState& state = aggregate_state<SampleState>(fcinfo);
  // A worker that met no value has a size to say as little as rows.
  if (state.sample == nullptr) return PointerGetDatum(new_value(VARHDRSZ, "a vector_sample"));
  return coded_value(state.sample->encode(VectorSample::Form::State), "a vector_sample");
}

FAIRDB_FUNCTION(vector_sample_deserialize) {
  require_aggregate(fcinfo);
  SampleState& state = keep_in(CurrentMemoryContext, SampleState{});
  const auto bytes = backend([&] { return value_bytes(PG_GETARG_DATUM(0)); });
  if (bytes.size() > VARHDRSZ) {
    BackendMonitor monitor;
    state.sample = std::make_unique<VectorSample>(VectorSample::decode(
        coded_content(bytes), monitor, allow_vectors, VectorSample::Form::State));
  }
  PG_RETURN_POINTER(&state);
}

FAIRDB_FUNCTION(vector_sample_final) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  SampleState& state = aggregate_state<SampleState>(fcinfo);
  if (state.sample == nullptr) PG_RETURN_NULL();
  return vector_sample_datum(*state.sample);
}

}  // namespace fairdb::pg
