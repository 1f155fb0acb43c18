// adjust: the fair score of one row.
#include <cmath>

#include "core/base/hash.hpp"
#include "core/distribution/ties.hpp"

#include "pg/bridge/monitor.hpp"
#include "pg/distribution/adjustment_options.hpp"
#include "pg/distribution/distribution_cache.hpp"

extern "C" {
#include <access/parallel.h>
}

namespace fairdb::pg {
namespace {

// The places of adjust's arguments; those from kAlpha on, but the key, say how to adjust.
constexpr int kScore = 1;
constexpr int kSensitive = 2;
constexpr int kAlpha = 3;
constexpr int kKey = 4;

// An option that is no constant of the query, as it was: a text or an array by its bytes.
class ArgumentImage {
 public:
  ArgumentImage(FunctionCallInfo fcinfo, int number, bool by_value)
      : number_(number), by_value_(by_value) {
    const NullableDatum& argument = fcinfo->args[number];
    null_ = argument.isnull;
    if (null_) return;
    if (by_value_) {
      value_ = argument.value;
    } else {
      bytes_ = backend([&] { return view(argument.value); });
    }
  }
  // Plain.
  bool holds(FunctionCallInfo fcinfo) const {
    const NullableDatum& argument = fcinfo->args[number_];
    if (null_ || argument.isnull) return null_ == argument.isnull;
    return by_value_ ? value_ == argument.value : view(argument.value) == bytes_;
  }

 private:
  // A toasted value, and an array that PL/pgSQL changes in place, are told by what they stand for.
  static std::string_view view(Datum datum) {
    const auto* raw = reinterpret_cast<const struct varlena*>(DatumGetPointer(datum));
    if (VARATT_IS_EXTERNAL(raw)) raw = PG_DETOAST_DATUM(datum);
    return {reinterpret_cast<const char*>(raw), static_cast<std::size_t>(VARSIZE_ANY(raw))};
  }
  int number_;
  bool by_value_;
  bool null_ = true;
  Datum value_ = 0;
  std::string bytes_;
};

// Whether an argument is a constant of the query. A parameter is none: a prepared expression that
// runs again, as in PL/pgSQL, keeps its caches while its parameters change. Plain.
bool is_constant(FunctionCallInfo fcinfo, int argument) {
  const Node* const call = fcinfo->flinfo->fn_expr;
  if (call == nullptr || !IsA(call, FuncExpr)) return false;
  const List* const arguments = reinterpret_cast<const FuncExpr*>(call)->args;
  return argument < list_length(arguments) && IsA(list_nth(arguments, argument), Const);
}

// What adjust keeps between two rows.
struct AdjustCache : DistributionCache {
  using DistributionCache::DistributionCache;
  std::vector<ArgumentImage> options;
  std::optional<Adjustment> adjustment;
  bool unseen_is_null = false;
  bool prepared = false;
  bool noted_ties = false;  // to the user, once
};

// Plain.
bool same_options(FunctionCallInfo fcinfo, const AdjustCache& cache) {
  for (const ArgumentImage& option : cache.options) {
    if (!option.holds(fcinfo)) return false;
  }
  return true;
}

void load(FunctionCallInfo fcinfo, AdjustCache& cache) {
  cache.adjustment.reset();
  cache.options.clear();
  cache.prepared = false;
  const Arguments arguments(fcinfo);
  const AdjustmentOptions options = adjustment_options(arguments);
  cache.unseen_is_null = unseen_is_null(arguments);
  if (!cache.holds(PG_GETARG_DATUM(0))) cache.load(PG_GETARG_DATUM(0));
  check_adjustment_memory(cache.distribution(), options);
  BackendMonitor monitor;
  // Not again by each worker.
  if (PG_ARGISNULL(kKey) && !IsParallelWorker() && options.alpha < 1 && !cache.noted_ties &&
      ties_prevail(cache.distribution(), monitor)) {
    cache.noted_ties = true;
    note_ties();
  }
  cache.adjustment.emplace(cache.distribution(), options, monitor);
  // As declared: a call over the fast path has no expression that would tell.
  const Oid* const types = backend([&] {
    Oid* declared = nullptr;
    int count = 0;
    get_func_signature(fcinfo->flinfo->fn_oid, &declared, &count);
    return declared;
  });
  for (int argument = kAlpha; argument < PG_NARGS(); ++argument) {
    if (argument == kKey || backend([&] { return is_constant(fcinfo, argument); })) continue;
    cache.options.emplace_back(fcinfo, argument,
                               backend([&] { return get_typbyval(types[argument]); }));
  }
}

Datum adjusted(FunctionCallInfo fcinfo, AdjustCache& cache, std::optional<std::string_view> label) {
  if (!label) PG_RETURN_NULL();
  if (!cache.adjustment || !cache.holds(PG_GETARG_DATUM(0)) || !same_options(fcinfo, cache)) {
    load(fcinfo, cache);
  } else if (!cache.prepared) {  // worth its cost from the second row on
    cache.adjustment->prepare();
    cache.prepared = true;
  }
  const double score = PG_GETARG_FLOAT8(kScore);
  if (!std::isfinite(score)) throw Error(ErrorKind::InvalidData, "the score is not finite");
  const std::int32_t group = cache.find(*label);
  if (group < 0 || !cache.adjustment->knows(group)) {
    if (cache.unseen_is_null) PG_RETURN_NULL();
    if (group < 0) unknown_group(cache.distribution(), *label);
    no_scores(*label);
  }
  std::optional<double> spread;
  if (!PG_ARGISNULL(kKey)) spread = hash_fraction(*text_label(fcinfo, kKey));
  PG_RETURN_FLOAT8((*cache.adjustment)(group, score, spread));
}

bool any_null(FunctionCallInfo fcinfo) noexcept {
  return PG_ARGISNULL(0) || PG_ARGISNULL(kScore) || PG_ARGISNULL(kSensitive);
}

}  // namespace

FAIRDB_FUNCTION(adjust_text) {
  if (any_null(fcinfo)) PG_RETURN_NULL();
  return adjusted(fcinfo, cache_of<AdjustCache>(fcinfo), text_label(fcinfo, kSensitive));
}

FAIRDB_FUNCTION(adjust_any) {
  if (any_null(fcinfo)) PG_RETURN_NULL();
  auto& cache = cache_of<AdjustCache>(fcinfo);
  return adjusted(fcinfo, cache, any_label(fcinfo, kSensitive, &cache.labels));
}

}  // namespace fairdb::pg
