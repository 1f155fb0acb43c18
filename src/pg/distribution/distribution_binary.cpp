// The binary form of a distribution.
//
// Version (1 byte), rows of unknown group, score, weight (8 each), groups (4); then for each group:
// the label (4 bytes length, bytes), rows (8), form (1 byte: 0 exact, 1 sketch).
//   exact    lists: points (8), flags (1 byte: 1 weights, 2 counts), scores, weights, counts
//            (8 each)
//   sketch   minimum, maximum, error scale (8 each), content (8), compactions (8), weight and
//            squares (32 bytes each, the lowest limb first), levels (4); for each: exponent (4),
//            lists
#include "pg/distribution/distribution_forms.hpp"

extern "C" {
#include <libpq/pqformat.h>
}

namespace fairdb::pg {
namespace {

using Reading = DistributionReading;

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
  if (size < 0 || size > (in->len - in->cursor) / 8 || flags > 3) bad_binary(kDistributionName);
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
    if (!reading.counts.empty()) bad_binary(kDistributionName);
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
  if (pq_getmsgbyte(in) != 1) bad_binary(kDistributionName);
  Reading& reading = keep_in(CurrentMemoryContext, Reading{});
  Collector& collector = reading.collector;
  const std::int64_t unknown_groups = pq_getmsgint64(in);
  const std::int64_t unknown_scores = pq_getmsgint64(in);
  collector.count_unknown({unknown_groups, unknown_scores, pq_getmsgint64(in)});
  const auto groups = static_cast<std::int32_t>(pq_getmsgint(in, 4));
  if (groups < 0) bad_binary(kDistributionName);
  for (std::int32_t g = 0; g < groups; ++g) {
    const std::string_view label = receive_text(in, kDistributionName);
    if (collector.find(label) >= 0) bad_binary(kDistributionName);
    const std::int64_t rows = pq_getmsgint64(in);
    const int form = pq_getmsgbyte(in);
    if (form == 0) {
      receive_lists(in, reading);
      collector.add_list(label, {reading.scores, reading.weights, reading.counts}, rows);
    } else if (form == 1) {
      receive_sketch(in, reading);
      collector.add_sketch(label, rows, std::move(reading.sketch));
    } else {
      bad_binary(kDistributionName);
    }
  }
  pq_getmsgend(in);
  return readable_value(collector);
}

}  // namespace fairdb::pg
