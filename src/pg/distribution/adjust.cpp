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

// What the session keeps of a distribution and the options.
struct DecodedAdjustment final : DecodedDistribution {
  DecodedAdjustment(Datum datum, const AdjustmentOptions& options, Monitor& monitor)
      : DecodedDistribution(datum),
        memory(check_adjustment_memory(distribution(), options)),
        adjustment(distribution(), options, monitor) {}
  std::size_t bytes() const noexcept override { return DecodedDistribution::bytes() + memory; }

  std::size_t memory;
  Adjustment adjustment;
  bool prepared = false;
  std::optional<bool> ties;  // whether they prevail, once that was asked
};

using AdjustSite = DecodedSite<DecodedAdjustment>;

struct AdjustCache : KeptByValue<AdjustSite> {
  using KeptByValue<AdjustSite>::KeptByValue;
  LabelReader* labels = nullptr;
  // Of the options, which are those of all values that are kept.
  std::vector<ArgumentImage> images;
  std::optional<AdjustmentOptions> options;
  std::string variant;
  bool unseen_is_null = false;
};

// Plain.
bool same_options(FunctionCallInfo fcinfo, const AdjustCache& cache) {
  if (!cache.options) return false;
  for (const ArgumentImage& option : cache.images) {
    if (!option.holds(fcinfo)) return false;
  }
  return true;
}

void load_options(FunctionCallInfo fcinfo, AdjustCache& cache) {
  cache.clear();
  cache.options.reset();
  cache.images.clear();
  const Arguments arguments(fcinfo);
  AdjustmentOptions options = adjustment_options(arguments);
  cache.unseen_is_null = unseen_is_null(arguments);
  cache.variant = image_of(options);
  // As declared: a call over the fast path has no expression that would tell.
  const Oid* const types = backend([&] {
    Oid* declared = nullptr;
    int count = 0;
    get_func_signature(fcinfo->flinfo->fn_oid, &declared, &count);
    return declared;
  });
  for (int argument = kAlpha; argument < PG_NARGS(); ++argument) {
    if (argument == kKey || backend([&] { return is_constant(fcinfo, argument); })) continue;
    cache.images.emplace_back(fcinfo, argument,
                              backend([&] { return get_typbyval(types[argument]); }));
  }
  cache.options = std::move(options);
}

std::unique_ptr<AdjustSite> load(FunctionCallInfo fcinfo, const AdjustCache& cache) {
  const Datum value = PG_GETARG_DATUM(0);
  const AdjustmentOptions& options = *cache.options;
  BackendMonitor monitor;
  auto decoded = session_value<DecodedAdjustment>(value, cache.variant, [&] {
    return std::make_shared<DecodedAdjustment>(value, options, monitor);
  });
  // Not again by each worker.
  if (PG_ARGISNULL(kKey) && !IsParallelWorker() && options.alpha < 1) {
    if (!decoded->ties) decoded->ties = ties_prevail(decoded->distribution(), monitor);
    if (*decoded->ties) note_ties();
  }
  return std::make_unique<AdjustSite>(AdjustSite{std::move(decoded)});
}

Datum adjusted(FunctionCallInfo fcinfo, AdjustCache& cache, std::string_view label) {
  AdjustSite* site = cache.find(PG_GETARG_DATUM(0));
  if (site == nullptr) {
    site = &cache.of(PG_GETARG_DATUM(0), [&] { return load(fcinfo, cache); });
  } else if (!site->decoded->prepared) {  // worth its cost from the second row on
    site->decoded->adjustment.prepare();
    site->decoded->prepared = true;
  }
  const DecodedAdjustment& decoded = *site->decoded;
  const double score = PG_GETARG_FLOAT8(kScore);
  if (!std::isfinite(score)) throw Error(ErrorKind::InvalidData, "the score is not finite");
  const std::int32_t group = decoded.find(label);
  if (group < 0 || !decoded.adjustment.knows(group)) {
    if (cache.unseen_is_null) PG_RETURN_NULL();
    if (group < 0) unknown_group(decoded.distribution(), label, kOnUnseenNull);
    no_scores(label);
  }
  std::optional<double> spread;
  if (!PG_ARGISNULL(kKey)) spread = hash_fraction(*text_label(fcinfo, kKey));
  PG_RETURN_FLOAT8(decoded.adjustment(group, score, spread));
}

// Of every row, so that a wrong option is an error whatever the row is.
AdjustCache& with_options(FunctionCallInfo fcinfo) {
  auto& cache = cache_of<AdjustCache>(fcinfo);
  if (!same_options(fcinfo, cache)) load_options(fcinfo, cache);
  return cache;
}

bool any_null(FunctionCallInfo fcinfo) noexcept {
  return PG_ARGISNULL(0) || PG_ARGISNULL(kScore) || PG_ARGISNULL(kSensitive);
}

}  // namespace

FAIRDB_FUNCTION(adjust_text) {
  AdjustCache& cache = with_options(fcinfo);
  if (any_null(fcinfo)) PG_RETURN_NULL();
  return adjusted(fcinfo, cache, *text_label(fcinfo, kSensitive));
}

FAIRDB_FUNCTION(adjust_any) {
  AdjustCache& cache = with_options(fcinfo);
  if (any_null(fcinfo)) PG_RETURN_NULL();
  const auto label = any_label(fcinfo, kSensitive, &cache.labels);
  if (!label) PG_RETURN_NULL();
  return adjusted(fcinfo, cache, *label);
}

}  // namespace fairdb::pg
