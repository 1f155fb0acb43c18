// The distribution chapter's doors: the type, its aggregates, distances and fair scores of one row.
// barycenter_scores, which reads a table, is in barycenter_scores.cpp.
#include <cmath>

#include "core/distribution/barycenter.hpp"
#include "core/distribution/distances.hpp"
#include "core/distribution/sample.hpp"
#include "pg/bridge/guard.hpp"
#include "pg/bridge/json.hpp"
#include "pg/bridge/labels.hpp"
#include "pg/bridge/session.hpp"
#include "pg/bridge/value.hpp"
#include "pg/distribution.hpp"

extern "C" {
#include <libpq/pqformat.h>
}

namespace fairdb::pg {

void unknown_group(const Distribution& law, std::string_view label) {
  constexpr std::int32_t kShown = 20;
  std::string known;
  for (std::int32_t g = 0; g < std::min(law.groups(), kShown); ++g) {
    known += (g > 0 ? ", \"" : "\"") + std::string(law.label(g)) + "\"";
  }
  if (law.groups() > kShown) known += ", ...";
  throw Error(
      ErrorKind::UnknownGroup, "group \"" + std::string(label) + "\" is not in the distribution",
      law.groups() == 0 ? "The distribution has no group." : "Its groups are " + known + ".");
}

DistributionState DistributionState::empty(const OpenDistribution::Capacity& capacity) {
  const std::size_t bytes = OpenDistribution::bytes_needed(capacity);
  std::byte* const value = new_value(bytes, "a distribution");
  OpenDistribution::create(value, capacity);
  DistributionState state(value);
  state.owned_ = true;
  return state;
}

DistributionState DistributionState::unbounded() {
  DistributionState state = empty(OpenDistribution::kSmall);
  state.budget_ = Budget::None;
  return state;
}

void DistributionState::make_room(const OpenDistribution::Capacity& more) {
  const OpenDistribution current = open();
  if (current.has_room_for(more)) return;
  OpenDistribution::Capacity grown = current.grown_by(more);
  if (budget_ == Budget::MaintenanceWorkMem) {
    // The last step of growth takes what the budget leaves instead of doubling.
    OpenDistribution::Capacity least = grown;
    least.scores = current.size() + more.scores;
    check_memory(OpenDistribution::bytes_needed(least), "the distribution");
    while (!fits_memory(OpenDistribution::bytes_needed(grown))) {
      grown.scores = least.scores + (grown.scores - least.scores) / 2;
    }
  }
  DistributionState larger = empty(grown);
  OpenDistribution into = larger.open();
  current.copy_into(into);
  std::byte* const old = value_;
  value_ = larger.value_;
  if (owned_) pfree(old);
  owned_ = true;
}

std::int32_t DistributionState::group(std::optional<std::string_view> label) {
  const std::int32_t found = open().find(label);
  if (found >= 0) return found;
  make_room(OpenDistribution::one_group(label));
  return open().add_group(label);
}

void DistributionState::set_unknown_groups(std::int64_t rows) {
  if (rows == 0) return;
  const std::int32_t unknown = group(std::nullopt);
  open().table().payload(unknown).count = rows;
}

void DistributionState::add(double score, std::int32_t group) {
  if (!std::isfinite(score)) {
    throw Error(ErrorKind::InvalidData, "a score is not finite",
                "Leave NaN and infinite scores out, for example with FILTER (WHERE ...).");
  }
  OpenDistribution current = open();
  if (!current.has_room_for(OpenDistribution::kOneScore)) {
    make_room(OpenDistribution::kOneScore);
    current = open();
  }
  current.add_score(group, score);
}

Datum DistributionState::sorted() const {
  const OpenDistribution current = open();
  std::byte* const result = new_value(current.sorted_bytes(), "a distribution");
  BackendMonitor monitor;
  current.sort_into(result, monitor);
  return PointerGetDatum(result);
}

// A value in either form: a user's aggregate without our final function returns an open one.
static std::span<std::byte> sorted_bytes(std::span<std::byte> bytes) {
  if (!OpenDistribution::is_open_form(bytes)) return bytes;
  OpenDistribution::open(bytes);
  return value_bytes(DistributionState(bytes.data()).sorted());
}

Distribution distribution_argument(FunctionCallInfo fcinfo, int argument) {
  return Distribution::open(sorted_bytes(value_bytes(PG_GETARG_DATUM(argument))));
}

namespace {

using Label = std::optional<std::string_view>;

// The state in argument 0. A sorted value can stand there too: an aggregate that a user has made of
// our functions may start from one.
DistributionState state_argument(FunctionCallInfo fcinfo) {
  if (PG_ARGISNULL(0)) return DistributionState::empty(OpenDistribution::kSmall);
  const std::span<std::byte> bytes = value_bytes(PG_GETARG_DATUM(0));
  if (OpenDistribution::is_open_form(bytes)) return DistributionState(bytes.data());
  DistributionState state = DistributionState::empty(OpenDistribution::kSmall);
  state.merge(Distribution::open(bytes));
  return state;
}

Datum count(FunctionCallInfo fcinfo, const Label& label) {
  DistributionState state = state_argument(fcinfo);
  if (PG_ARGISNULL(1)) {
    if (label) state.group(label);
    state.open().count_unknown_score();
  } else if (!label) {
    const std::int32_t unknown = state.group(std::nullopt);
    state.open().count_unknown_group(unknown);
  } else {
    state.add(PG_GETARG_FLOAT8(1), state.group(label));
  }
  return state.datum();
}

Datum ks_of(FunctionCallInfo fcinfo, const Distribution& law) {
  BackendMonitor monitor;
  const std::optional<double> distance = ks_distance(law, monitor);
  if (!distance) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*distance);
}

Datum checked(const DistributionState& state) {
  const Datum result = state.sorted();
  Distribution::open(value_bytes(result));
  return result;
}

// What adjust() keeps between two rows: the decoded distribution and the reader of groups.
struct AdjustCache {
  ValueFingerprint fingerprint;
  MemoryContext memory;  // holds the decoded value
  Distribution law;
  LabelReader* labels;
};

const Distribution& cached_law(FunctionCallInfo fcinfo, AdjustCache*& cache) {
  cache = static_cast<AdjustCache*>(fcinfo->flinfo->fn_extra);
  const Datum datum = PG_GETARG_DATUM(0);
  if (cache == nullptr) {
    cache = static_cast<AdjustCache*>(
        MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(AdjustCache)));
    cache->memory = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "fairdb distribution",
                                          ALLOCSET_DEFAULT_SIZES);
    fcinfo->flinfo->fn_extra = cache;
  } else if (cache->fingerprint.matches(datum)) {
    return cache->law;
  }
  cache->fingerprint = ValueFingerprint{};
  MemoryContextReset(cache->memory);
  MemoryContext const previous = MemoryContextSwitchTo(cache->memory);
  const std::span<std::byte> value = value_bytes(PointerGetDatum(PG_DETOAST_DATUM_COPY(datum)));
  const std::span<std::byte> sorted = sorted_bytes(value);
  MemoryContextSwitchTo(previous);
  cache->law = Distribution::open(sorted);
  // An open form has no digest that would tell it from another one.
  if (!OpenDistribution::is_open_form(value)) cache->fingerprint.remember(datum, cache->memory);
  return cache->law;
}

Datum adjusted(FunctionCallInfo fcinfo, const Distribution& law, const Label& label) {
  if (!label) PG_RETURN_NULL();
  const double score = PG_GETARG_FLOAT8(1);
  const double alpha = PG_GETARG_FLOAT8(3);
  check_alpha(alpha);
  if (!std::isfinite(score)) throw Error(ErrorKind::InvalidData, "the score is not finite");
  const std::int32_t group = law.find(*label);
  if (group < 0) unknown_group(law, *label);
  PG_RETURN_FLOAT8(adjust(law, score, group, alpha));
}

}  // namespace

FAIRDB_FUNCTION(distribution_in) {
  const char* const text = PG_GETARG_CSTRING(0);
  constexpr const char* kType = "distribution";
  DistributionState state = DistributionState::unbounded();
  each_member(parse_object(text, kType), [&](std::string_view key, const JsonbValue& value) {
    if (key == "unknown_groups") {
      state.set_unknown_groups(count_of(value, kType));
    } else if (key == "unknown_scores") {
      state.open().set_unknown_scores(count_of(value, kType));
    } else if (key == "groups" && is_object(value)) {
      each_member(value.val.binary.data, [&](std::string_view label, const JsonbValue& scores) {
        const std::int32_t group = state.group(label);
        if (!is_array(scores)) bad_text(kType, "the scores of a group are not an array");
        each_element(scores.val.binary.data,
                     [&](const JsonbValue& score) { state.add(number_of(score, kType), group); });
      });
    } else {
      bad_text(kType,
               "expected the keys \"groups\" (an object of arrays), \"unknown_groups\" "
               "and \"unknown_scores\"");
    }
  });
  return from_text([&] { return checked(state); });
}

FAIRDB_FUNCTION(distribution_out) {
  const Distribution law = distribution_argument(fcinfo, 0);
  StringInfoData out;
  initStringInfo(&out);
  appendStringInfoString(&out, "{\"groups\": {");
  for (std::int32_t g = 0; g < law.groups(); ++g) {
    if (g > 0) appendStringInfoString(&out, ", ");
    append_json_string(&out, law.label(g));
    appendStringInfoString(&out, ": [");
    const char* separator = "";
    for (const double score : law.scores(g)) {
      appendStringInfoString(&out, separator);
      append_double(&out, score);
      separator = ", ";
    }
    appendStringInfoChar(&out, ']');
  }
  appendStringInfo(&out, "}, \"unknown_groups\": %lld, \"unknown_scores\": %lld}",
                   static_cast<long long>(law.unknown_groups()),
                   static_cast<long long>(law.unknown_scores()));
  PG_RETURN_CSTRING(out.data);
}

// Binary form: version (1 byte), rows of unknown group (8), rows of unknown score (8), groups (4),
// then for each: the label (4 bytes length, bytes), scores (8), the scores (8 bytes each).
FAIRDB_FUNCTION(distribution_send) {
  const Distribution law = distribution_argument(fcinfo, 0);
  StringInfoData out;
  pq_begintypsend(&out);
  pq_sendbyte(&out, 1);
  pq_sendint64(&out, static_cast<std::uint64_t>(law.unknown_groups()));
  pq_sendint64(&out, static_cast<std::uint64_t>(law.unknown_scores()));
  pq_sendint32(&out, static_cast<std::uint32_t>(law.groups()));
  for (std::int32_t g = 0; g < law.groups(); ++g) {
    send_text(&out, law.label(g));
    pq_sendint64(&out, law.scores(g).size());
    for (const double score : law.scores(g)) pq_sendfloat8(&out, score);
  }
  PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

FAIRDB_FUNCTION(distribution_recv) {
  auto* const in = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  constexpr const char* kType = "distribution";
  if (pq_getmsgbyte(in) != 1) bad_binary(kType);
  DistributionState state = DistributionState::unbounded();
  state.set_unknown_groups(pq_getmsgint64(in));
  state.open().set_unknown_scores(pq_getmsgint64(in));
  const auto groups = static_cast<std::int32_t>(pq_getmsgint(in, 4));
  if (groups < 0 || groups > kMaxGroups) bad_binary(kType);
  for (std::int32_t g = 0; g < groups; ++g) {
    const std::string_view label = receive_text(in, kType);
    if (state.open().find(label) >= 0) bad_binary(kType);
    const std::int32_t group = state.group(label);
    const std::int64_t scores = pq_getmsgint64(in);
    if (scores < 0 || scores > (in->len - in->cursor) / 8) bad_binary(kType);
    for (std::int64_t i = 0; i < scores; ++i) state.add(pq_getmsgfloat8(in), group);
  }
  pq_getmsgend(in);
  return checked(state);
}

FAIRDB_FUNCTION(score_count_text) {
  require_aggregate(fcinfo);
  return count(fcinfo, text_label(fcinfo, 2));
}

FAIRDB_FUNCTION(score_count_any) {
  require_aggregate(fcinfo);
  return count(fcinfo, any_label(fcinfo, 2));
}

// Adds a distribution (argument 1), sorted or the state of a parallel worker, to a state.
FAIRDB_FUNCTION(distribution_merge) {
  require_aggregate(fcinfo);
  DistributionState state = state_argument(fcinfo);
  if (PG_ARGISNULL(1)) return state.datum();
  const std::span<std::byte> bytes = value_bytes(PG_GETARG_DATUM(1));
  if (OpenDistribution::is_open_form(bytes)) {
    state.merge(OpenDistribution::open(bytes));
  } else {
    state.merge(Distribution::open(bytes));
  }
  return state.datum();
}

FAIRDB_FUNCTION(distribution_final) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  return state_argument(fcinfo).sorted();
}

FAIRDB_FUNCTION(ks_distance) {
  return ks_of(fcinfo, distribution_argument(fcinfo, 0));
}

FAIRDB_FUNCTION(ks_distance_final) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  return ks_of(fcinfo, Distribution::open(value_bytes(state_argument(fcinfo).sorted())));
}

FAIRDB_FUNCTION(adjust_text) {
  AdjustCache* cache = nullptr;
  const Distribution& law = cached_law(fcinfo, cache);
  return adjusted(fcinfo, law, text_label(fcinfo, 2));
}

FAIRDB_FUNCTION(adjust_any) {
  AdjustCache* cache = nullptr;
  const Distribution& law = cached_law(fcinfo, cache);
  return adjusted(fcinfo, law, any_label(fcinfo, 2, &cache->labels));
}

}  // namespace fairdb::pg
