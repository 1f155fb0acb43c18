// The text form of a distribution: JSON.
//
//   {"groups": {"a": [0.1, 0.2], "b": {"scores": [1, 2], "counts": [3, 4]},
//               "c": {"sketch": {"rows": 2000000, ..., "levels": {"3": [0.5, 0.7]}}}},
//    "unknown_groups": 0, "unknown_scores": 0}
#include <charconv>

#include "pg/bridge/json.hpp"
#include "pg/distribution/distribution_forms.hpp"

namespace fairdb::pg {
namespace {

using Reading = DistributionReading;

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

void append_sketch(StringInfo out, const ScoreGroup& group) {
  // By its address: a reference would look to GCC like one to the temporary that is moved from.
  const Sketch::State* const kept = &keep_in(CurrentMemoryContext, group.sketch->state());
  const Sketch::State& sketch = *kept;
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
  appendStringInfoString(out, ", ");
  append_exact(out, "squares", sketch.squares);
  const char* separator = ", \"levels\": {";
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
  bad_text(kDistributionName,
           "a group is neither an array of scores nor an object with \"scores\" and, of the same "
           "length, \"weights\" or \"counts\"");
}

void read_array(const JsonbValue& value, std::vector<double>& numbers) {
  if (!is_array(value)) bad_group();
  numbers.clear();
  each_element(value.val.binary.data, [&](const JsonbValue& number) {
    if (numbers.size() % kPollPeriod == 0) CHECK_FOR_INTERRUPTS();
    numbers.push_back(number_of(number, kDistributionName));
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

std::uint64_t hexadecimal_of(const JsonbValue& value) {
  std::uint64_t number = 0;
  if (value.type != jbvString || value.val.string.len != 16) {
    bad_text(kDistributionName, "a salt of a sketch is not a text of 16 hexadecimal digits");
  }
  for (const char c : std::string_view(value.val.string.val, 16)) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && (c < 'a' || c > 'f')) {
      bad_text(kDistributionName, "a salt of a sketch is not a text of 16 hexadecimal digits");
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
    bad_text(kDistributionName, "a level of a sketch is no whole number");
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
  if (reading.levels.count(exponent) > 0) {
    bad_text(kDistributionName, "a level of a sketch stands twice");
  }
  reading.levels.emplace(exponent, Sketch::level(exponent, reading.scores, reading.weights));
}

void read_sketch(Reading& reading, std::string_view label, const JsonbValue& value) {
  if (!is_object(value)) bad_text(kDistributionName, "a sketch is not an object");
  reading.sketch = Sketch::State{};
  reading.levels.clear();
  std::int64_t rows = 0;
  each_member(value.val.binary.data, [&](std::string_view key, const JsonbValue& part) {
    if (key == "rows") {
      rows = count_of(part, kDistributionName);
    } else if (key == "minimum") {
      reading.sketch.minimum = number_of(part, kDistributionName);
    } else if (key == "maximum") {
      reading.sketch.maximum = number_of(part, kDistributionName);
    } else if (key == "error_scale") {
      reading.sketch.error_scale = number_of(part, kDistributionName);
    } else if (key == "compactions") {
      reading.sketch.compactions = hexadecimal_of(part);
    } else if (key == "content") {
      reading.sketch.content = hexadecimal_of(part);
    } else if (key == "weight") {
      reading.sketch.weight = exact_of(part, kDistributionName);
    } else if (key == "squares") {
      reading.sketch.squares = exact_of(part, kDistributionName);
    } else if (key == "levels" && is_object(part)) {
      each_member(part.val.binary.data, [&](std::string_view level, const JsonbValue& points) {
        read_level(reading, level, points);
      });
    } else {
      bad_text(kDistributionName, "a sketch has an unknown key, or \"levels\" is no object");
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
        rows = count_of(part, kDistributionName);
      } else if (key == "counts" && is_array(part)) {
        each_element(part.val.binary.data, [&](const JsonbValue& count) {
          if (reading.counts.size() % kPollPeriod == 0) CHECK_FOR_INTERRUPTS();
          reading.counts.push_back(count_of(count, kDistributionName));
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
    bad_text(kDistributionName, "a group has both a sketch and points");
  }
}

}  // namespace

FAIRDB_FUNCTION(distribution_in) {
  const char* const text = PG_GETARG_CSTRING(0);
  Reading& reading = keep_in(CurrentMemoryContext, Reading{});
  return from_text([&] {
    each_member(parse_object(text, kDistributionName), [&](std::string_view key,
                                                           const JsonbValue& value) {
      if (key == "unknown_groups") {
        reading.collector.count_unknown({count_of(value, kDistributionName), 0, 0});
      } else if (key == "unknown_scores") {
        reading.collector.count_unknown({0, count_of(value, kDistributionName), 0});
      } else if (key == "unknown_weights") {
        reading.collector.count_unknown({0, 0, count_of(value, kDistributionName)});
      } else if (key == "groups" && is_object(value)) {
        each_member(value.val.binary.data, [&](std::string_view label, const JsonbValue& group) {
          read_group(reading, label, group);
        });
      } else {
        bad_text(kDistributionName,
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

}  // namespace fairdb::pg
