// moments: what training with the squared loss needs of rows, as a value that is aggregated in
// parallel, merged and stored; and training from it.
#include "core/linear/moments_value.hpp"

#include "core/base/bytes.hpp"
#include "core/model/model.hpp"

#include "pg/bridge/labels.hpp"
#include "pg/bridge/named_arguments.hpp"
#include "pg/bridge/owned.hpp"
#include "pg/bridge/session.hpp"
#include "pg/bridge/value.hpp"
#include "pg/bridge/weight_argument.hpp"
#include "pg/model.hpp"

extern "C" {
#include <libpq/pqformat.h>
}

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

Datum wrap(std::span<const std::byte> content) {
  std::byte* const value = new_value(VARHDRSZ + content.size(), "moments");
  std::memcpy(value + VARHDRSZ, content.data(), content.size());
  return PointerGetDatum(value);
}

MomentsValue value_argument(FunctionCallInfo fcinfo, int number) {
  return MomentsValue::decode(
      backend([&] { return value_bytes(PG_GETARG_DATUM(number)); }).subspan(VARHDRSZ));
}

void check_names(const MomentsValue& value) {
  for (const std::string& name : value.names()) {
    backend([&] { pg_verifymbstr(name.data(), static_cast<int>(name.size()), false); });
  }
}

// (state, target, sensitive, features [, weight])
Datum accumulate(FunctionCallInfo fcinfo, bool weighted) {
  if (weighted && PG_ARGISNULL(0)) require_weight(fcinfo, 4);
  State& state = aggregate_state<State>(fcinfo);
  bool unknown = PG_ARGISNULL(1) || PG_ARGISNULL(3) || (weighted && PG_ARGISNULL(4));
  // This frame owns no C++ object while the server is called.
  const std::optional<std::string_view> label = any_label(fcinfo, 2);
  if (!PG_ARGISNULL(3)) {
    Datum* elements = nullptr;
    bool* nulls = nullptr;
    int count = 0;
    deconstruct_array(PG_GETARG_ARRAYTYPE_P(3), FLOAT8OID, sizeof(double), FLOAT8PASSBYVAL,
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
    state.value->add(PG_GETARG_FLOAT8(1), label, state.features,
                     weighted ? PG_GETARG_FLOAT8(4) : 1.0);
  }
  PG_RETURN_POINTER(&state);
}

}  // namespace

FAIRDB_FUNCTION(moments_accumulate) {
  return accumulate(fcinfo, false);
}

FAIRDB_FUNCTION(moments_accumulate_weighted) {
  return accumulate(fcinfo, true);
}

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
    MomentsValue value = value_argument(fcinfo, 1);
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
  if (state.value != nullptr) return wrap(complete(state).encode());
  ByteWriter skipped;
  skipped.i64(state.skipped);
  return wrap(skipped.bytes());
}

FAIRDB_FUNCTION(moments_deserialize) {
  require_aggregate(fcinfo);
  State& state = keep_in(CurrentMemoryContext, State{});
  const auto bytes = backend([&] { return value_bytes(PG_GETARG_DATUM(0)); }).subspan(VARHDRSZ);
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
  return wrap(complete(state).encode());
}

FAIRDB_FUNCTION(moments_in) {
  const std::string_view text = PG_GETARG_CSTRING(0);
  return from_text([&] {
    const std::vector<std::byte> content = bytes_of_hex(text, "moments");
    check_names(MomentsValue::decode(content));
    return wrap(content);
  });
}

FAIRDB_FUNCTION(moments_out) {
  return hex_of_bytes(backend([&] { return value_bytes(PG_GETARG_DATUM(0)); }).subspan(VARHDRSZ));
}

FAIRDB_FUNCTION(moments_recv) {
  auto* const in = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  const auto size = static_cast<std::size_t>(in->len - in->cursor);
  const char* const place = backend([&] { return pq_getmsgbytes(in, static_cast<int>(size)); });
  const auto content = std::as_bytes(std::span(place, size));
  check_names(MomentsValue::decode(content));
  return wrap(content);
}

FAIRDB_FUNCTION(moments_send) {
  return send_bytes(backend([&] { return value_bytes(PG_GETARG_DATUM(0)); }).subspan(VARHDRSZ));
}

// train_moments: the squared loss in closed form.
FAIRDB_FUNCTION(train_moments) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  MemoryContext const memory = CurrentMemoryContext;
  const NamedArguments arguments(fcinfo);
  MomentsValue value = value_argument(fcinfo, 0);
  Model model;
  FairOptions& options = model.options;
  options.loss = Squared{};
  options.fairness = fairness_named(arguments.text("fairness"));
  options.epsilon = arguments.number("epsilon");
  options.c = arguments.number("c");
  options.standardize = arguments.boolean("standardize");
  options.method = method_named(arguments.text("method"));
  options.binary =
      options.fairness != Fairness::None && options.fairness != Fairness::DemographicParity;
  validate(options);
  const auto names = arguments.optional_names("features").value_or(std::vector<std::string>{});
  if (!names.empty() && static_cast<Index>(names.size()) != value.columns()) {
    throw Error(ErrorKind::InvalidArgument, "features names " + std::to_string(names.size()) +
                                                " columns, the moments have " +
                                                std::to_string(value.columns()));
  }
  for (Index j = 0; j < value.columns(); ++j) {
    model.columns.push_back(
        {names.empty() ? "x" + std::to_string(j + 1) : names[static_cast<std::size_t>(j)],
         FeatureKind::Number,
         {},
         1});
  }
  model.target = "target";
  model.positive = options.binary ? "1" : "";
  model.sensitive = {"sensitive"};
  model.skipped = value.skipped();
  const GroupNames groups{value.names()};
  BackendMonitor monitor;
  const Summary summary = options.binary ? value.binary_summary() : value.summary().of_number();
  const Standard raw{Vector::Zero(value.columns()), Vector::Ones(value.columns())};
  if (options.constrained()) require_weights(summary, groups);
  LinearFit fit = fit_linear(summary, nullptr, raw, groups, options, nullptr, monitor);
  model.training = facts_of_numbers(summary, groups, fit, options.c);
  model.fit = std::move(fit);
  return model_value(model, memory);
}

}  // namespace fairdb::pg
