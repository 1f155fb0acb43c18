// adjust: the fair score of one row; adjustment_report: what fair scores change.
#include <cmath>

#include "core/base/bytes.hpp"
#include "core/distribution/adjustment_cost.hpp"
#include "core/distribution/distances.hpp"
#include "pg/adjust.hpp"
#include "pg/audit.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/json.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/bridge/session.hpp"
#include "pg/distribution.hpp"

extern "C" {
#include <access/parallel.h>
#include <access/xact.h>
}

namespace fairdb::pg {
namespace {

// One of a few words. Errors: InvalidArgument, naming the argument and the words.
std::size_t word_of(const NamedArguments& arguments,
                    const char* name,
                    std::initializer_list<const char*> words) {
  const std::string value = arguments.text(name);
  std::string known;
  std::size_t number = 0;
  for (const char* word : words) {
    if (value == word) return number;
    known += (number++ == 0 ? "'" : ", '") + std::string(word) + "'";
  }
  throw Error(ErrorKind::InvalidArgument,
              std::string(name) + " is '" + value + "', expected one of " + known);
}

// {"group": weight, ...}
void read_group_weights(const std::string& text, AdjustmentOptions& options) {
  if (text.empty() || text.front() != '{') {
    throw Error(ErrorKind::InvalidArgument,
                "group_weights is '" + text + "', expected 'shares', 'uniform' or weights",
                "Weights are written as group_weights => '{\"a\": 1, \"b\": 2}'.");
  }
  options.group_weights = GroupWeights::Given;
  backend([&] {
    constexpr const char* kWhat = "group_weights";
    each_member(parse_object(text.c_str(), kWhat),
                [&](std::string_view label, const JsonbValue& value) {
                  const double weight = number_of(value, kWhat);
                  options.given_weights.emplace(label, weight);
                });
  });
}

}  // namespace

AdjustmentOptions adjustment_options(const NamedArguments& arguments) {
  AdjustmentOptions options;
  options.alpha = arguments.number("alpha");
  if (const auto alphas = arguments.optional_numbers("alphas")) options.alphas = *alphas;
  if (arguments.has("conditional_on")) {
    options.conditional_on = arguments.small_integer("conditional_on");
  }
  const std::string weights = arguments.text("group_weights");
  if (weights == "uniform") {
    options.group_weights = GroupWeights::Uniform;
  } else if (weights != "shares") {
    read_group_weights(weights, options);
  }
  options.center =
      word_of(arguments, "barycenter", {"w2", "w1"}) == 0 ? Center::Mean : Center::Median;
  options.split = word_of(arguments, "calibration", {"full", "split"}) == 1;
  options.seed = arguments.integer("seed");
  if (const auto bounds = arguments.optional_numbers("bounds")) {
    if (bounds->size() != 2) {
      throw Error(ErrorKind::InvalidArgument,
                  "bounds has " + std::to_string(bounds->size()) + " numbers, expected 2",
                  "For example bounds => '{0,1}'.");
    }
    options.bounds = {bounds->front(), bounds->back()};
  }
  validate(options);
  return options;
}

bool unseen_is_null(const NamedArguments& arguments) {
  return word_of(arguments, "on_unseen", {"error", "null"}) == 1;
}

void no_scores(std::string_view label) {
  throw Error(ErrorKind::InvalidData,
              "group \"" + std::string(label) + "\" has no score in the distribution");
}

void check_adjustment_memory(const Distribution& distribution, const AdjustmentOptions& options) {
  WorkingMemory needs = kLaws;
  if (options.split) needs = {80, 80, 80};
  if (options.alphas.size() > 1) {
    const std::size_t each = kLaws.other + 48 * options.alphas.size();
    needs = {each, each, each};
  }
  check_working_memory(distribution, needs);
}

bool ties_prevail(const Distribution& distribution, Monitor& monitor) {
  constexpr double kMostTied = 0.1;
  const std::vector<Law> laws = laws_of(distribution);
  double tied = 0;
  int groups = 0;
  for (const Law& law : laws) {
    if (law.empty()) continue;
    tied = std::max(tied, law.largest_tie());
    ++groups;
  }
  if (groups < 2) return false;
  if (tied == 0 || tied > kMostTied) return tied > kMostTied;
  const std::optional<double> apart = largest_ks(laws, monitor);
  return apart && *apart > 0 && tied >= *apart;
}

void note_ties() {
  // Once for each statement of the user, however many calls it makes.
  static TimestampTz noted = 0;
  const TimestampTz statement = GetCurrentStatementStartTimestamp();
  if (statement == noted) return;
  noted = statement;
  backend([] {
    ereport(
        NOTICE,
        (errmsg("many scores of a group are equal: adjusted together, they may leave the groups "
                "as far apart as they were"),
         errhint("key => id::text in adjust, ties => 'hash' in barycenter_scores spreads rows of "
                 "equal score over their ranks; adjustment_report shows largest_tie, ks_before "
                 "and ks_after.")));
  });
}

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
  const NamedArguments arguments(fcinfo);
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

// --- what it changes ----------------------------------------------------------------------------

namespace {

void put_both(RowWriter& rows, const std::optional<BeforeAndAfter>& value) {
  rows.number(value ? std::optional(value->before) : std::nullopt)
      .number(value ? std::optional(value->after) : std::nullopt);
}

void put_cost(RowWriter& rows,
              std::optional<std::string_view> label,
              std::int64_t n,
              const AdjustmentCost& cost,
              double share,
              bool has_threshold) {
  rows.text(label).integer(n).number(share);
  put_both(rows, cost.mean);
  put_both(rows, cost.ks);
  put_both(rows, cost.wasserstein);
  rows.number(cost.squared_shift).number(cost.rank_change);
  rows.number(has_threshold ? std::optional(cost.moved_up) : std::nullopt)
      .number(has_threshold ? std::optional(cost.moved_down) : std::nullopt)
      .number(cost.largest_tie)
      .boolean(false)
      .end_row();
}

// A row without numbers.
void put_hidden(RowWriter& rows,
                std::optional<std::string_view> label,
                std::optional<std::int64_t> n,
                bool suppressed) {
  constexpr int kNumbers = 12;
  rows.text(label).integer(n);
  for (int column = 0; column < kNumbers; ++column) rows.number({});
  rows.boolean(suppressed).end_row();
}

}  // namespace

FAIRDB_FUNCTION(adjustment_report) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const NamedArguments arguments(fcinfo);
  const AdjustmentOptions options = adjustment_options(arguments);
  const auto threshold = arguments.optional_number("threshold");
  const Distribution& distribution = distribution_argument(fcinfo, 0);
  check_adjustment_memory(distribution, options);
  check_working_memory(distribution, {200, 200, 200});
  BackendMonitor monitor;
  const Adjustment adjustment(distribution, options, monitor);
  CostReport report = adjustment_cost(distribution, adjustment, threshold, monitor);
  double largest_tie = 0;  // of the groups that are shown
  const std::vector<bool> hidden = hidden_groups_of(distribution);
  std::int64_t total = 0;
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    const auto at = static_cast<std::size_t>(g);
    const auto& cost = report.groups[at];
    const ScoreGroup& group = distribution.group(g);
    total += group.rows;
    if (cost && !hidden[at]) largest_tie = std::max(largest_tie, cost->largest_tie);
    if (hidden[at] || !cost) {
      put_hidden(rows, group.label, hidden[at] ? std::nullopt : std::optional(group.rows),
                 hidden[at]);
      continue;
    }
    put_cost(rows, group.label, group.rows, *cost, cost->weight / report.overall.weight,
             threshold.has_value());
  }
  report.overall.largest_tie = largest_tie;
  const auto& ks = report.overall.ks;
  if (ks && ks->before > 0 && ks->after >= ks->before && report.overall.largest_tie > 0)
    note_ties();
  if (report.overall.weight > 0 && total < min_group()) {
    put_hidden(rows, std::nullopt, std::nullopt, true);
  } else if (report.overall.weight > 0) {
    put_cost(rows, std::nullopt, total, report.overall, 1, threshold.has_value());
  }
  rows.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
