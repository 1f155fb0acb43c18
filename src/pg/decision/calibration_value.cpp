#include "pg/decision/calibration_value.hpp"

#include "core/base/suppression.hpp"

#include "pg/settings.hpp"

namespace fairdb::pg {

Datum calibration_datum(const CalibrationMap& value) {
  return coded_value(encode(value), "a calibration");
}

CalibrationMap open_calibration(std::span<const std::byte> value) {
  return decode_value("calibration", [&] { return decode_calibration(coded_content(value)); });
}

CalibrationMap calibration_argument(FunctionCallInfo fcinfo, int number) {
  return open_calibration(backend([&] { return value_bytes(PG_GETARG_DATUM(number)); }));
}

namespace {

Datum received_calibration(std::span<const std::byte> content) {
  const CalibrationMap value = decode_calibration(content);
  std::vector<std::string_view> names;
  for (const GroupCalibration& group : value.groups) names.push_back(group.group);
  check_encoding(names);
  return coded_value(content, "a calibration");
}

constexpr OpaqueType kCalibrationType = {"calibration", sent_coded_content, received_calibration};

void describe_calibration_argument(FunctionCallInfo fcinfo, JsonWriter& json) {
  const CalibrationMap map = calibration_argument(fcinfo, 0);
  std::vector<std::int64_t> rows;
  rows.reserve(map.groups.size());
  for (const GroupCalibration& group : map.groups) rows.push_back(group.rows);
  const std::vector<bool> hidden = hidden_groups(rows, min_group());
  json.open('{').key("method").text(name(map.method)).key("groups").open('[');
  for (std::size_t g = 0; g < map.groups.size(); ++g) {
    const GroupCalibration& group = map.groups[g];
    json.open('{').key("group").text(group.group);
    if (hidden[g]) {
      json.key("suppressed").boolean(true).close('}');
      continue;
    }
    json.key("rows").integer(group.rows);
    if (map.method == CalibrationMethod::Platt) {
      const double slope = group.slope / group.scale;
      json.key("slope")
          .number(slope)
          .key("intercept")
          .number(group.intercept - slope * group.centre);
    } else {
      json.key("knots").integer(static_cast<std::int64_t>(group.knots.size()));
      json.key("lowest").number(group.knots.front().probability);
      json.key("highest").number(group.knots.back().probability);
    }
    json.close('}');
  }
  json.close(']').close('}');
}

}  // namespace

FAIRDB_OPAQUE_TYPE(calibration, kCalibrationType)
FAIRDB_EQUALITY(calibration, sent_coded_content)
FAIRDB_DESCRIBE(describe_calibration, describe_calibration_argument)

}  // namespace fairdb::pg
