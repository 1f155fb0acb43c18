#include "pg/decision/thresholds_value.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/suppression.hpp"
#include "core/distribution/score_gaps.hpp"

#include "pg/settings.hpp"

namespace fairdb::pg {
namespace {

// Whether the rates of a group tell of a count of people that fairdb.min_group withholds.
bool tells_of_few(const GroupThresholds& group) {
  const auto few = [](double part, double whole, std::int64_t rows) {
    const std::int64_t n = whole > 0 ? std::llround(part / whole * static_cast<double>(rows)) : 0;
    return too_few(n, min_group()) || too_few(rows - n, min_group());
  };
  return few(group.expected.tp, group.positives, group.positive_rows) ||
         few(group.expected.fp, group.negatives, group.negative_rows);
}

}  // namespace

Datum thresholds_datum(const Thresholds& value) {
  return coded_value(encode(value), "thresholds");
}

Thresholds open_thresholds(std::span<const std::byte> value) {
  return decode_value("thresholds", [&] { return decode_thresholds(coded_content(value)); });
}

Thresholds thresholds_argument(FunctionCallInfo fcinfo, int number) {
  return open_thresholds(backend([&] { return value_bytes(PG_GETARG_DATUM(number)); }));
}

std::vector<bool> hidden_groups_of(const Thresholds& value) {
  std::vector<LabelledRows> rows;
  rows.reserve(value.groups.size());
  for (const GroupThresholds& group : value.groups) {
    rows.push_back({group.negative_rows, group.positive_rows});
  }
  return hidden_groups(rows, min_group());
}

std::vector<bool> hidden_rates_of(const Thresholds& value) {
  std::vector<bool> hidden = hidden_groups_of(value);
  for (std::size_t g = 0; g < hidden.size(); ++g) {
    if (tells_of_few(value.groups[g])) hidden[g] = true;
  }
  return hidden;
}

namespace {

Datum received_thresholds(std::span<const std::byte> content) {
  const Thresholds value = decode_thresholds(content);
  std::vector<std::string_view> names;
  for (const GroupThresholds& group : value.groups) names.push_back(group.group);
  check_encoding(names);
  return coded_value(content, "thresholds");
}

constexpr OpaqueType kThresholdsType = {"thresholds", sent_coded_content, received_thresholds};

// Without a constraint there is nothing whose gap it could be.
void put_worth(JsonWriter& json,
               std::string_view key,
               const RuleWorth& worth,
               const ThresholdOptions& options) {
  json.key(key).open('{').key("objective").number(worth.objective);
  if (options.fairness != Fairness::None) json.key("gap").number(worth.gap);
  json.close('}');
}

void describe_thresholds_argument(FunctionCallInfo fcinfo, JsonWriter& json) {
  const Thresholds value = thresholds_argument(fcinfo, 0);
  const ThresholdOptions& options = value.options;
  json.open('{').key("fairness").text(name(options.fairness));
  json.key("tolerance").number(options.tolerance);
  json.key("objective").text(name(options.objective));
  if (options.objective == Objective::Cost) {
    json.key("false_positive_cost").number(options.false_positive_cost);
    json.key("false_negative_cost").number(options.false_negative_cost);
  }
  if (options.selection_rate) json.key("selection_rate").number(*options.selection_rate);
  if (options.places) json.key("places").number(*options.places);
  json.key("randomised").boolean(options.randomised);
  const std::vector<bool> hidden = hidden_rates_of(value);
  // What is of all the groups would tell, less the groups that are shown, of those that are not.
  if (std::find(hidden.begin(), hidden.end(), true) != hidden.end()) {
    json.key("suppressed").boolean(true);
  } else {
    json.key("share_by_chance").number(value.share_by_chance());
    json.key("selected").number(value.selected());
    put_worth(json, "reached", value.reached, options);
    if (!options.randomised) put_worth(json, "with_chance", value.mixed, options);
    put_worth(json, "without_fairness", value.unconstrained, options);
  }
  json.key("groups").open('[');
  for (std::size_t g = 0; g < value.groups.size(); ++g) {
    const GroupThresholds& group = value.groups[g];
    json.open('{').key("group").text(group.group);
    if (hidden[g]) {
      json.key("suppressed").boolean(true).close('}');
      continue;
    }
    json.key("rows").integer(group.negative_rows + group.positive_rows);
    json.key("share_by_chance").number(group.by_chance).key("bands").open('[');
    for (const Band& band : group.bands) {
      json.open('{').key("threshold").number(band.threshold).key("share").number(band.share);
      json.close('}');
    }
    json.close(']').close('}');
  }
  json.close(']').close('}');
}

}  // namespace

FAIRDB_OPAQUE_TYPE(thresholds, kThresholdsType)
FAIRDB_EQUALITY(thresholds, sent_coded_content)
FAIRDB_DESCRIBE(describe_thresholds, describe_thresholds_argument)

}  // namespace fairdb::pg
