// The distribution's type and its aggregates.
#include "pg/distribution.hpp"
#include <charconv>

#include "core/audit/suppression.hpp"
#include "core/base/bytes.hpp"
#include "core/distribution/collector.hpp"
#include "core/distribution/distances.hpp"
#include "pg/audit.hpp"
#include "pg/bridge/guard.hpp"
#include "pg/bridge/json.hpp"
#include "pg/bridge/session.hpp"
#include "pg/bridge/weight_argument.hpp"

extern "C" {
#include <common/hashfn.h>
#include <libpq/pqformat.h>
}

namespace fairdb::pg {

void unknown_group(const Distribution& distribution, std::string_view label) {
  constexpr std::int32_t kShown = 20;
  std::string known;
  for (std::int32_t g = 0; g < std::min(distribution.groups(), kShown); ++g) {
    known += (g > 0 ? ", \"" : "\"") + std::string(distribution.group(g).label) + "\"";
  }
  if (distribution.groups() > kShown) known += ", ...";
  throw Error(ErrorKind::UnknownGroup,
              "group \"" + std::string(label) + "\" is not in the distribution",
              distribution.groups() == 0 ? "The distribution has no group."
                                         : "Its groups are " + known + ".");
}

Collector bounded_collector() {
  return Collector([](std::size_t bytes) { check_memory(bytes, "the distribution"); });
}

Datum distribution_value(Collector& collector) {
  BackendMonitor monitor;
  const std::vector<ScoreGroup> groups = collector.sorted(monitor);
  const std::size_t bytes = Distribution::bytes_needed(groups);
  std::byte* const place = new_value(bytes, "a distribution");
  Distribution::write(groups, collector.unknown(), {place, bytes});
  return PointerGetDatum(place);
}

const Distribution& distribution_argument(FunctionCallInfo fcinfo, int argument) {
  const auto bytes = backend([&] { return value_bytes(PG_GETARG_DATUM(argument)); });
  return keep_in(CurrentMemoryContext, Distribution::open(bytes));
}

void check_working_memory(const Distribution& distribution, WorkingMemory needs) {
  std::size_t bytes = 0;
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    const ScoreGroup& group = distribution.group(g);
    const PointsView& points = group.points;
    if (group.sketch) {
      bytes += group.sketch->bytes() / sizeof(WeightedPoint) * needs.other;
    } else {
      const std::size_t each = !points.weight.empty()  ? needs.other
                               : !points.count.empty() ? needs.counted
                                                       : needs.plain;
      bytes += points.size() * each;
    }
  }
  check_memory(bytes, "what is computed from the distribution");
}

std::vector<bool> hidden_groups_of(const Distribution& distribution) {
  std::vector<std::int64_t> sizes;
  sizes.reserve(static_cast<std::size_t>(distribution.groups()));
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    sizes.push_back(distribution.group(g).rows);
  }
  return hidden_groups(sizes, min_group());
}

DistributionCache::DistributionCache(MemoryContext parent)
    : memory_(backend([&] {
        return AllocSetContextCreate(parent, "fairdb distribution", ALLOCSET_DEFAULT_SIZES);
      })) {}

void DistributionCache::load(Datum datum) {
  distribution_.reset();
  const std::span<std::byte> value = backend([&] {
    MemoryContextReset(memory_);
    MemoryContext const previous = MemoryContextSwitchTo(memory_);
    const auto bytes = value_bytes(PointerGetDatum(PG_DETOAST_DATUM_COPY(datum)));
    MemoryContextSwitchTo(previous);
    return bytes;
  });
  distribution_ = Distribution::open(value);
  few_.clear();
  for (std::int32_t g = 0; g < distribution_->groups() && distribution_->groups() <= kFewGroups;
       ++g) {
    few_.emplace_back(distribution_->group(g).label);
  }
  backend([&] { fingerprint_.remember(datum, memory_); });
}

namespace {

using Label = std::optional<std::string_view>;
constexpr const char* kType = "distribution";

// --- aggregates ---------------------------------------------------------------------------------

struct State {
  Collector collector = bounded_collector();
};

// (state, score, sensitive [, weight])
Datum count(FunctionCallInfo fcinfo, State& state, const Label& label) {
  constexpr int kScore = 1;
  constexpr int kWeight = 3;
  const bool weighted = PG_NARGS() > kWeight;
  if (weighted && PG_ARGISNULL(0)) require_weight(fcinfo, kWeight);
  Collector& collector = state.collector;
  const std::int32_t group = label ? collector.group(*label) : -1;
  if (PG_ARGISNULL(kScore)) {
    collector.count_unknown({0, 1, 0});
  } else if (weighted && PG_ARGISNULL(kWeight)) {
    collector.count_unknown({0, 0, 1});
  } else if (!label) {
    collector.count_unknown({1, 0, 0});
  } else {
    collector.add(PG_GETARG_FLOAT8(kScore), group, weighted ? PG_GETARG_FLOAT8(kWeight) : 1);
  }
  PG_RETURN_POINTER(&state);
}

Datum largest(FunctionCallInfo fcinfo, double Distances::*which, const Distribution& distribution) {
  check_working_memory(distribution, kLaws);
  BackendMonitor monitor;
  const std::vector<Law> laws = laws_of(distribution);
  if (which == &Distances::ks) {
    const std::optional<double> ks = largest_ks(laws, monitor);
    if (ks) PG_RETURN_FLOAT8(*ks);
    PG_RETURN_NULL();
  }
  const std::optional<Distances> all = largest_distances(laws, monitor);
  if (all) PG_RETURN_FLOAT8((*all).*which);
  PG_RETURN_NULL();
}

Datum largest_of_state(FunctionCallInfo fcinfo, double Distances::*which) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Datum value = distribution_value(aggregate_state<State>(fcinfo).collector);
  const auto bytes = backend([&] { return value_bytes(value); });
  return largest(fcinfo, which, Distribution::open(bytes));
}

// --- the text form ------------------------------------------------------------------------------

// What is being read: it belongs to a memory context, so that the frames own nothing.
struct Reading {
  Collector collector{};
  std::vector<double> scores;
  std::vector<double> weights;
  std::vector<std::int64_t> counts;
  Sketch::State sketch{};
  std::map<std::int64_t, Sketch::Level> levels;
};

constexpr std::size_t kPollPeriod = 1 << 14;  // in numbers

void append_array(StringInfo out, std::span<const double> values) {
  const char* separator = "[";
  std::size_t appended = 0;
  for (const double value : values) {
    appendStringInfoString(out, separator);
    append_double(out, value);
    separator = ", ";
    if (++appended % kPollPeriod == 0) CHECK_FOR_INTERRUPTS();
  }
  appendStringInfoString(out, values.empty() ? "[]" : "]");
}

void append_exact(StringInfo out, const char* key, const ExactSum& sum) {
  char buffer[ExactSum::kMaxText];
  const std::string_view text = sum.text(buffer);
  appendStringInfo(out, "\"%s\": \"%.*s\", ", key, static_cast<int>(text.size()), text.data());
}

void append_points(StringInfo out, const ScoreGroup& group) {
  const PointsView& points = group.points;
  std::int64_t counted = 0;
  for (std::size_t i = 0; i < points.size(); ++i) counted += points.count_of(i);
  if (points.weight.empty() && points.count.empty() && counted == group.rows) {
    append_array(out, points.score);
    return;
  }
  appendStringInfoString(out, "{\"scores\": ");
  append_array(out, points.score);
  if (!points.weight.empty()) {
    appendStringInfoString(out, ", \"weights\": ");
    append_array(out, points.weight);
  }
  if (!points.count.empty()) {
    const char* separator = ", \"counts\": [";
    for (const std::int64_t n : points.count) {
      appendStringInfo(out, "%s" INT64_FORMAT, separator, n);
      separator = ", ";
    }
    appendStringInfoChar(out, ']');
  }
  if (counted != group.rows) appendStringInfo(out, ", \"rows\": " INT64_FORMAT, group.rows);
  appendStringInfoChar(out, '}');
}

// The points of a level as two lists, in memory of the server.
struct LevelLists {
  std::span<double> scores;
  std::span<double> weights;  // empty when all are 2^exponent
};
LevelLists lists_of(const Sketch::Level& level) {
  const std::size_t size = level.points.size();
  auto* const numbers = static_cast<double*>(palloc(2 * size * sizeof(double)));
  bool weighted = false;
  for (std::size_t i = 0; i < size; ++i) {
    numbers[i] = level.points[i].score;
    numbers[size + i] = level.points[i].weight;
    weighted = weighted || !level.plain(level.points[i]);
  }
  return {{numbers, size}, {numbers + size, weighted ? size : 0}};
}

void append_sketch(StringInfo out, const ScoreGroup& group) {
  const Sketch::State& sketch = keep_in(CurrentMemoryContext, group.sketch->state());
  appendStringInfo(out, "{\"sketch\": {\"rows\": " INT64_FORMAT ", \"minimum\": ", group.rows);
  append_double(out, sketch.minimum);
  appendStringInfoString(out, ", \"maximum\": ");
  append_double(out, sketch.maximum);
  appendStringInfoString(out, ", \"error_scale\": ");
  append_double(out, sketch.error_scale);
  appendStringInfo(out, ", \"compactions\": \"%016llx\", \"content\": \"%016llx\", ",
                   static_cast<unsigned long long>(sketch.compactions),
                   static_cast<unsigned long long>(sketch.content));
  append_exact(out, "weight", sketch.weight);
  append_exact(out, "squares", sketch.squares);
  const char* separator = "\"levels\": {";
  for (const Sketch::Level& level : sketch.levels) {
    appendStringInfo(out, "%s\"%d\": ", separator, level.exponent);
    separator = ", ";
    const LevelLists lists = lists_of(level);
    if (lists.weights.empty()) {
      append_array(out, lists.scores);
      continue;
    }
    appendStringInfoString(out, "{\"scores\": ");
    append_array(out, lists.scores);
    appendStringInfoString(out, ", \"weights\": ");
    append_array(out, lists.weights);
    appendStringInfoChar(out, '}');
  }
  appendStringInfoString(out, "}}}");
}

[[noreturn]] void bad_group() {
  bad_text(kType,
           "a group is neither an array of scores nor an object with \"scores\" and, of the same "
           "length, \"weights\" or \"counts\"");
}

void read_array(const JsonbValue& value, std::vector<double>& numbers) {
  if (!is_array(value)) bad_group();
  numbers.clear();
  each_element(value.val.binary.data, [&](const JsonbValue& number) {
    if (numbers.size() % kPollPeriod == 0) CHECK_FOR_INTERRUPTS();
    numbers.push_back(number_of(number, kType));
  });
}

// "scores" and "weights" of an object, or the scores alone as an array. Returns false for another
// key.
bool read_list(Reading& reading, std::string_view key, const JsonbValue& value) {
  if (key == "scores") {
    read_array(value, reading.scores);
  } else if (key == "weights") {
    read_array(value, reading.weights);
  } else {
    return false;
  }
  return true;
}

ExactSum exact_of(const JsonbValue& value) {
  if (value.type == jbvString) {
    const auto sum =
        ExactSum::parse({value.val.string.val, static_cast<std::size_t>(value.val.string.len)});
    if (sum) return *sum;
  }
  bad_text(kType, "a sum of weights is not a hexadecimal number in quotes");
}

std::uint64_t hexadecimal_of(const JsonbValue& value) {
  std::uint64_t number = 0;
  if (value.type != jbvString || value.val.string.len != 16) {
    bad_text(kType, "a salt of a sketch is not a text of 16 hexadecimal digits");
  }
  for (const char c : std::string_view(value.val.string.val, 16)) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && (c < 'a' || c > 'f')) {
      bad_text(kType, "a salt of a sketch is not a text of 16 hexadecimal digits");
    }
    number = number << 4 | static_cast<std::uint64_t>(digit ? c - '0' : c - 'a' + 10);
  }
  return number;
}

// Keys of an object are in no order by number: levels are sorted when all are read.
void read_level(Reading& reading, std::string_view key, const JsonbValue& value) {
  int exponent = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), exponent);
  if (error != std::errc() || end != key.data() + key.size()) {
    bad_text(kType, "a level of a sketch is no whole number");
  }
  reading.weights.clear();
  if (is_object(value)) {
    reading.scores.clear();
    each_member(value.val.binary.data, [&](std::string_view list, const JsonbValue& numbers) {
      if (!read_list(reading, list, numbers)) bad_group();
    });
    if (reading.weights.size() != reading.scores.size()) bad_group();
  } else {
    read_array(value, reading.scores);
  }
  if (reading.levels.count(exponent) > 0) bad_text(kType, "a level of a sketch stands twice");
  reading.levels.emplace(exponent, Sketch::level(exponent, reading.scores, reading.weights));
}

void read_sketch(Reading& reading, std::string_view label, const JsonbValue& value) {
  if (!is_object(value)) bad_text(kType, "a sketch is not an object");
  reading.sketch = Sketch::State{};
  reading.levels.clear();
  std::int64_t rows = 0;
  each_member(value.val.binary.data, [&](std::string_view key, const JsonbValue& part) {
    if (key == "rows") {
      rows = count_of(part, kType);
    } else if (key == "minimum") {
      reading.sketch.minimum = number_of(part, kType);
    } else if (key == "maximum") {
      reading.sketch.maximum = number_of(part, kType);
    } else if (key == "error_scale") {
      reading.sketch.error_scale = number_of(part, kType);
    } else if (key == "compactions") {
      reading.sketch.compactions = hexadecimal_of(part);
    } else if (key == "content") {
      reading.sketch.content = hexadecimal_of(part);
    } else if (key == "weight") {
      reading.sketch.weight = exact_of(part);
    } else if (key == "squares") {
      reading.sketch.squares = exact_of(part);
    } else if (key == "levels" && is_object(part)) {
      each_member(part.val.binary.data, [&](std::string_view level, const JsonbValue& points) {
        read_level(reading, level, points);
      });
    } else {
      bad_text(kType, "a sketch has an unknown key, or \"levels\" is no object");
    }
  });
  for (auto& [exponent, level] : reading.levels) {
    reading.sketch.levels.push_back(std::move(level));
  }
  reading.collector.add_sketch(label, rows, std::move(reading.sketch));
}

void read_group(Reading& reading, std::string_view label, const JsonbValue& value) {
  reading.weights.clear();
  reading.counts.clear();
  reading.scores.clear();
  std::optional<std::int64_t> rows;
  const JsonbValue* sketch = nullptr;
  JsonbValue kept;
  int other_keys = 0;
  if (is_object(value)) {
    each_member(value.val.binary.data, [&](std::string_view key, const JsonbValue& part) {
      ++other_keys;
      if (read_list(reading, key, part)) return;
      if (key == "rows") {
        rows = count_of(part, kType);
      } else if (key == "counts" && is_array(part)) {
        each_element(part.val.binary.data, [&](const JsonbValue& count) {
          if (reading.counts.size() % kPollPeriod == 0) CHECK_FOR_INTERRUPTS();
          reading.counts.push_back(count_of(count, kType));
        });
      } else if (key == "sketch") {
        --other_keys;
        kept = part;
        sketch = &kept;
      } else {
        bad_group();
      }
    });
  } else {
    read_array(value, reading.scores);
  }
  if (sketch == nullptr) {
    reading.collector.add_list(label, {reading.scores, reading.weights, reading.counts}, rows);
  } else if (other_keys == 0) {
    read_sketch(reading, label, *sketch);
  } else {
    bad_text(kType, "a group has both a sketch and points");
  }
}

// What comes in must be what can be read again.
Datum readable_value(Collector& collector) {
  const Datum value = distribution_value(collector);
  Distribution::open(backend([&] { return value_bytes(value); }));
  return value;
}

}  // namespace

FAIRDB_FUNCTION(distribution_in) {
  const char* const text = PG_GETARG_CSTRING(0);
  Reading& reading = keep_in(CurrentMemoryContext, Reading{});
  return from_text([&] {
    each_member(parse_object(text, kType), [&](std::string_view key, const JsonbValue& value) {
      if (key == "unknown_groups") {
        reading.collector.count_unknown({count_of(value, kType), 0, 0});
      } else if (key == "unknown_scores") {
        reading.collector.count_unknown({0, count_of(value, kType), 0});
      } else if (key == "unknown_weights") {
        reading.collector.count_unknown({0, 0, count_of(value, kType)});
      } else if (key == "groups" && is_object(value)) {
        each_member(value.val.binary.data, [&](std::string_view label, const JsonbValue& group) {
          read_group(reading, label, group);
        });
      } else {
        bad_text(kType,
                 "expected the keys \"groups\" (an object), \"unknown_groups\", "
                 "\"unknown_scores\" and \"unknown_weights\"");
      }
    });
    return readable_value(reading.collector);
  });
}

FAIRDB_FUNCTION(distribution_out) {
  const Distribution& distribution = distribution_argument(fcinfo, 0);
  StringInfoData out;
  initStringInfo(&out);
  appendStringInfoString(&out, "{\"groups\": {");
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    const ScoreGroup& group = distribution.group(g);
    if (g > 0) appendStringInfoString(&out, ", ");
    append_json_string(&out, group.label);
    appendStringInfoString(&out, ": ");
    if (group.sketch) {
      append_sketch(&out, group);
    } else {
      append_points(&out, group);
    }
  }
  const UnknownRows& unknown = distribution.unknown();
  appendStringInfo(&out,
                   "}, \"unknown_groups\": " INT64_FORMAT ", \"unknown_scores\": " INT64_FORMAT,
                   unknown.group, unknown.score);
  if (unknown.weight != 0) {
    appendStringInfo(&out, ", \"unknown_weights\": " INT64_FORMAT, unknown.weight);
  }
  appendStringInfoChar(&out, '}');
  PG_RETURN_CSTRING(out.data);
}

// --- the binary form
// ------------------------------------------------------------------------------
//
// version (1 byte), rows of unknown group, score, weight (8 each), groups (4); then for each group:
// the label (4 bytes length, bytes), rows (8), form (1 byte: 0 exact, 1 sketch).
//   exact    lists: points (8), flags (1 byte: 1 weights, 2 counts), scores, weights, counts (8
//   each) sketch   minimum, maximum, error scale (8 each), content (8), compactions (8), weight and
//   squares
//            (32 bytes each, the lowest limb first), levels (4); for each: exponent (4), lists
namespace {

void send_lists(StringInfo out,
                std::span<const double> scores,
                std::span<const double> weights,
                std::span<const std::int64_t> counts) {
  pq_sendint64(out, scores.size());
  pq_sendbyte(out, static_cast<std::uint8_t>((weights.empty() ? 0 : 1) + (counts.empty() ? 0 : 2)));
  for (const double score : scores) pq_sendfloat8(out, score);
  for (const double weight : weights) pq_sendfloat8(out, weight);
  for (const std::int64_t n : counts) pq_sendint64(out, static_cast<std::uint64_t>(n));
}

void receive_lists(StringInfo in, Reading& reading) {
  const std::int64_t size = pq_getmsgint64(in);
  const int flags = pq_getmsgbyte(in);
  if (size < 0 || size > (in->len - in->cursor) / 8 || flags > 3) bad_binary(kType);
  reading.scores.clear();
  reading.weights.clear();
  reading.counts.clear();
  for (std::int64_t i = 0; i < size; ++i) reading.scores.push_back(pq_getmsgfloat8(in));
  for (std::int64_t i = 0; i < size && (flags & 1) != 0; ++i) {
    reading.weights.push_back(pq_getmsgfloat8(in));
  }
  for (std::int64_t i = 0; i < size && (flags & 2) != 0; ++i) {
    reading.counts.push_back(pq_getmsgint64(in));
  }
}

void send_sketch(StringInfo out, const Sketch::State& sketch) {
  pq_sendfloat8(out, sketch.minimum);
  pq_sendfloat8(out, sketch.maximum);
  pq_sendfloat8(out, sketch.error_scale);
  pq_sendint64(out, sketch.content);
  pq_sendint64(out, sketch.compactions);
  for (const ExactSum* sum : {&sketch.weight, &sketch.squares}) {
    for (const std::uint64_t limb : sum->limb) pq_sendint64(out, limb);
  }
  pq_sendint32(out, static_cast<std::uint32_t>(sketch.levels.size()));
  for (const Sketch::Level& level : sketch.levels) {
    pq_sendint32(out, static_cast<std::uint32_t>(level.exponent));
    const LevelLists lists = lists_of(level);
    send_lists(out, lists.scores, lists.weights, {});
  }
}

void receive_sketch(StringInfo in, Reading& reading) {
  Sketch::State& sketch = reading.sketch;
  sketch = Sketch::State{};
  sketch.minimum = pq_getmsgfloat8(in);
  sketch.maximum = pq_getmsgfloat8(in);
  sketch.error_scale = pq_getmsgfloat8(in);
  sketch.content = static_cast<std::uint64_t>(pq_getmsgint64(in));
  sketch.compactions = static_cast<std::uint64_t>(pq_getmsgint64(in));
  for (ExactSum* sum : {&sketch.weight, &sketch.squares}) {
    for (std::uint64_t& limb : sum->limb) limb = static_cast<std::uint64_t>(pq_getmsgint64(in));
  }
  const auto levels = static_cast<std::int32_t>(pq_getmsgint(in, 4));
  for (std::int32_t k = 0; k < levels; ++k) {
    const auto exponent = static_cast<std::int32_t>(pq_getmsgint(in, 4));
    receive_lists(in, reading);
    if (!reading.counts.empty()) bad_binary(kType);
    sketch.levels.push_back(Sketch::level(exponent, reading.scores, reading.weights));
  }
}

}  // namespace

FAIRDB_FUNCTION(distribution_send) {
  const Distribution& distribution = distribution_argument(fcinfo, 0);
  StringInfoData out;
  pq_begintypsend(&out);
  pq_sendbyte(&out, 1);
  pq_sendint64(&out, static_cast<std::uint64_t>(distribution.unknown().group));
  pq_sendint64(&out, static_cast<std::uint64_t>(distribution.unknown().score));
  pq_sendint64(&out, static_cast<std::uint64_t>(distribution.unknown().weight));
  pq_sendint32(&out, static_cast<std::uint32_t>(distribution.groups()));
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    const ScoreGroup& group = distribution.group(g);
    send_text(&out, group.label);
    pq_sendint64(&out, static_cast<std::uint64_t>(group.rows));
    pq_sendbyte(&out, group.sketch ? 1 : 0);
    if (group.sketch) {
      send_sketch(&out, keep_in(CurrentMemoryContext, group.sketch->state()));
    } else {
      send_lists(&out, group.points.score, group.points.weight, group.points.count);
    }
  }
  PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

FAIRDB_FUNCTION(distribution_recv) {
  auto* const in = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  if (pq_getmsgbyte(in) != 1) bad_binary(kType);
  Reading& reading = keep_in(CurrentMemoryContext, Reading{});
  Collector& collector = reading.collector;
  const std::int64_t unknown_groups = pq_getmsgint64(in);
  const std::int64_t unknown_scores = pq_getmsgint64(in);
  collector.count_unknown({unknown_groups, unknown_scores, pq_getmsgint64(in)});
  const auto groups = static_cast<std::int32_t>(pq_getmsgint(in, 4));
  if (groups < 0) bad_binary(kType);
  for (std::int32_t g = 0; g < groups; ++g) {
    const std::string_view label = receive_text(in, kType);
    if (collector.find(label) >= 0) bad_binary(kType);
    const std::int64_t rows = pq_getmsgint64(in);
    const int form = pq_getmsgbyte(in);
    if (form == 0) {
      receive_lists(in, reading);
      collector.add_list(label, {reading.scores, reading.weights, reading.counts}, rows);
    } else if (form == 1) {
      receive_sketch(in, reading);
      collector.add_sketch(label, rows, std::move(reading.sketch));
    } else {
      bad_binary(kType);
    }
  }
  pq_getmsgend(in);
  return readable_value(collector);
}

// --- equality -----------------------------------------------------------------------------------

namespace {

// What follows the length word: its digest comes first.
std::span<const std::byte> content(FunctionCallInfo fcinfo, int argument) {
  return std::span<const std::byte>(value_bytes(PG_GETARG_DATUM(argument))).subspan(VARHDRSZ);
}

bool equal(FunctionCallInfo fcinfo) {
  const auto a = content(fcinfo, 0);
  const auto b = content(fcinfo, 1);
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace

FAIRDB_FUNCTION(distribution_eq) {
  PG_RETURN_BOOL(equal(fcinfo));
}

FAIRDB_FUNCTION(distribution_ne) {
  PG_RETURN_BOOL(!equal(fcinfo));
}

FAIRDB_FUNCTION(distribution_hash) {
  PG_RETURN_INT32(static_cast<std::int32_t>(digest(content(fcinfo, 0))));
}

// The server asks that this be the hash above when the seed is 0.
FAIRDB_FUNCTION(distribution_hash_extended) {
  const auto seed = static_cast<std::uint64_t>(PG_GETARG_INT64(1));
  const std::uint64_t plain = digest(content(fcinfo, 0));
  PG_RETURN_INT64(static_cast<std::int64_t>(seed == 0 ? plain : hash_combine64(plain, seed)));
}

// --- aggregates ---------------------------------------------------------------------------------

FAIRDB_FUNCTION(score_count_text) {
  State& state = aggregate_state<State>(fcinfo);
  return count(fcinfo, state, text_label(fcinfo, 2));
}

FAIRDB_FUNCTION(score_count_any) {
  State& state = aggregate_state<State>(fcinfo);
  return count(fcinfo, state, any_label(fcinfo, 2));
}

// rollup: (state, distribution)
FAIRDB_FUNCTION(distribution_merge) {
  State& state = aggregate_state<State>(fcinfo);
  if (!PG_ARGISNULL(1)) state.collector.merge(distribution_argument(fcinfo, 1));
  PG_RETURN_POINTER(&state);
}

FAIRDB_FUNCTION(distribution_combine) {
  if (PG_ARGISNULL(1)) {
    if (PG_ARGISNULL(0)) PG_RETURN_NULL();
    PG_RETURN_DATUM(PG_GETARG_DATUM(0));
  }
  State& other = *reinterpret_cast<State*>(PG_GETARG_POINTER(1));
  if (PG_ARGISNULL(0)) {
    State& state = aggregate_state<State>(fcinfo);
    state.collector = std::move(other.collector);
    PG_RETURN_POINTER(&state);
  }
  State& state = aggregate_state<State>(fcinfo);
  BackendMonitor monitor;
  for (const ScoreGroup& group : other.collector.sorted(monitor)) state.collector.merge(group);
  state.collector.count_unknown(other.collector.unknown());
  PG_RETURN_POINTER(&state);
}

FAIRDB_FUNCTION(distribution_serialize) {
  return distribution_value(aggregate_state<State>(fcinfo).collector);
}

FAIRDB_FUNCTION(distribution_deserialize) {
  require_aggregate(fcinfo);
  State& state = keep_in(CurrentMemoryContext, State{});
  state.collector.merge(distribution_argument(fcinfo, 0));
  PG_RETURN_POINTER(&state);
}

FAIRDB_FUNCTION(distribution_final) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  return distribution_value(aggregate_state<State>(fcinfo).collector);
}

FAIRDB_FUNCTION(distribution_plus) {
  Collector& collector = keep_in(CurrentMemoryContext, bounded_collector());
  collector.merge(distribution_argument(fcinfo, 0));
  collector.merge(distribution_argument(fcinfo, 1));
  return distribution_value(collector);
}

// --- the largest distances of any two groups ----------------------------------------------------

FAIRDB_FUNCTION(ks_distance) {
  return largest(fcinfo, &Distances::ks, distribution_argument(fcinfo, 0));
}
FAIRDB_FUNCTION(ks_distance_final) {
  return largest_of_state(fcinfo, &Distances::ks);
}
FAIRDB_FUNCTION(wasserstein_distance) {
  return largest(fcinfo, &Distances::wasserstein, distribution_argument(fcinfo, 0));
}
FAIRDB_FUNCTION(wasserstein_distance_final) {
  return largest_of_state(fcinfo, &Distances::wasserstein);
}
FAIRDB_FUNCTION(wasserstein2_distance) {
  return largest(fcinfo, &Distances::wasserstein2, distribution_argument(fcinfo, 0));
}
FAIRDB_FUNCTION(wasserstein2_distance_final) {
  return largest_of_state(fcinfo, &Distances::wasserstein2);
}
FAIRDB_FUNCTION(quantile_gap) {
  return largest(fcinfo, &Distances::quantile_gap, distribution_argument(fcinfo, 0));
}
FAIRDB_FUNCTION(quantile_gap_final) {
  return largest_of_state(fcinfo, &Distances::quantile_gap);
}

}  // namespace fairdb::pg
