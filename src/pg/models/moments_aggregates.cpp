// moments_agg and rollup: what training with the squared loss needs of rows, aggregated in parallel
// and merged.
#include "core/base/bytes.hpp"

#include "pg/bridge/labels.hpp"
#include "pg/bridge/memory.hpp"
#include "pg/bridge/owned.hpp"
#include "pg/bridge/weight_argument.hpp"
#include "pg/models/moments_value.hpp"

namespace fairdb::pg {
namespace {

// A state of the aggregates, deleted with the aggregate's memory.
struct State {
  std::unique_ptr<MomentsValue> value;  // from the first row that tells the number of features
  std::int64_t skipped = 0;             // rows that are not in the value
  Vector features;
};

// The value with the rows that were left out.
MomentsValue& complete(State& state) {
  state.value->skip(state.skipped);
  state.skipped = 0;
  return *state.value;
}

// The arguments behind the state: the target, the group unless all rows are one, the features, and
// the weight.
struct Signature {
  bool group;
  bool weight;
};

template <Signature has>
Datum accumulate(FunctionCallInfo fcinfo) {
  constexpr int kTarget = 1;
  constexpr int kGroup = 2;
  constexpr int kFeatures = has.group ? 3 : 2;
  constexpr int kWeight = kFeatures + 1;
  if (has.weight && PG_ARGISNULL(0)) require_weight(fcinfo, kWeight);
  State& state = aggregate_state<State>(fcinfo);
  bool unknown =
      PG_ARGISNULL(kTarget) || PG_ARGISNULL(kFeatures) || (has.weight && PG_ARGISNULL(kWeight));
  // This frame owns no C++ object while the server is called.
  const std::optional<std::string_view> label =
      has.group ? any_label(fcinfo, kGroup) : std::optional<std::string_view>("");
  if (!PG_ARGISNULL(kFeatures)) {
    Datum* elements = nullptr;
    bool* nulls = nullptr;
    int count = 0;
    deconstruct_array(PG_GETARG_ARRAYTYPE_P(kFeatures), FLOAT8OID, sizeof(double), FLOAT8PASSBYVAL,
                      TYPALIGN_DOUBLE, &elements, &nulls, &count);
    if (state.value == nullptr) {
      check_memory(sizeof(double) * 4 * static_cast<std::size_t>(count + 1) *
                       static_cast<std::size_t>(count + 1),
                   "moments of " + std::to_string(count) + " features");
      state.value = std::make_unique<MomentsValue>(count);
      state.features.resize(count);
    }
    if (count != state.value->columns()) {
      throw Error(ErrorKind::InvalidData, "a row has " + std::to_string(count) +
                                              " features, others have " +
                                              std::to_string(state.value->columns()));
    }
    for (int j = 0; j < count; ++j) {
      unknown = unknown || nulls[j];
      state.features(j) = nulls[j] ? 0 : DatumGetFloat8(elements[j]);
    }
    pfree(elements);
    pfree(nulls);
  }
  if (unknown) {
    ++state.skipped;
  } else {
    state.value->add(PG_GETARG_FLOAT8(kTarget), label, state.features,
                     has.weight ? PG_GETARG_FLOAT8(kWeight) : 1.0);
  }
  PG_RETURN_POINTER(&state);
}

}  // namespace

#define FAIRDB_ACCUMULATE(name, ...)                   \
  FAIRDB_FUNCTION(name) {                              \
    return accumulate<Signature{__VA_ARGS__}>(fcinfo); \
  }

FAIRDB_ACCUMULATE(moments_accumulate, .group = true, .weight = false)
FAIRDB_ACCUMULATE(moments_accumulate_weighted, .group = true, .weight = true)
FAIRDB_ACCUMULATE(total_moments_accumulate, .group = false, .weight = false)
FAIRDB_ACCUMULATE(total_moments_accumulate_weighted, .group = false, .weight = true)

FAIRDB_FUNCTION(moments_combine) {
  if (PG_ARGISNULL(1)) {
    if (PG_ARGISNULL(0)) PG_RETURN_NULL();
    PG_RETURN_DATUM(PG_GETARG_DATUM(0));
  }
  const State& other = *reinterpret_cast<const State*>(PG_GETARG_POINTER(1));
  State& state = aggregate_state<State>(fcinfo);
  state.skipped += other.skipped;
  if (other.value != nullptr) {
    if (state.value == nullptr) {
      state.value = std::make_unique<MomentsValue>(*other.value);
      state.features.resize(state.value->columns());
    } else {
      state.value->merge(*other.value);
    }
  }
  PG_RETURN_POINTER(&state);
}

// rollup: (state, moments)
FAIRDB_FUNCTION(moments_merge) {
  State& state = aggregate_state<State>(fcinfo);
  if (!PG_ARGISNULL(1)) {
    MomentsValue value = moments_argument(fcinfo, 1);
    if (state.value == nullptr) {
      state.value = std::make_unique<MomentsValue>(std::move(value));
    } else {
      state.value->merge(value);
    }
  }
  PG_RETURN_POINTER(&state);
}

FAIRDB_FUNCTION(moments_serialize) {
  State& state = aggregate_state<State>(fcinfo);
  if (state.value != nullptr) return moments_datum(complete(state).encode());
  ByteWriter skipped;
  skipped.i64(state.skipped);
  return moments_datum(skipped.bytes());
}

FAIRDB_FUNCTION(moments_deserialize) {
  require_aggregate(fcinfo);
  State& state = keep_in(CurrentMemoryContext, State{});
  const auto bytes = backend([&] { return moments_content(PG_GETARG_DATUM(0)); });
  if (bytes.size() == sizeof(state.skipped)) {
    state.skipped = ByteReader(bytes).i64();
  } else {
    state.value = std::make_unique<MomentsValue>(MomentsValue::decode(bytes));
  }
  PG_RETURN_POINTER(&state);
}

FAIRDB_FUNCTION(moments_final) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  State& state = aggregate_state<State>(fcinfo);
  if (state.value == nullptr) PG_RETURN_NULL();
  return moments_datum(complete(state).encode());
}

}  // namespace fairdb::pg
