#include "pg/models/moments_value.hpp"

#include "core/base/suppression.hpp"

#include "pg/bridge/value_type.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {

Datum moments_datum(std::span<const std::byte> content) {
  std::byte* const value = new_value(VARHDRSZ + content.size(), "moments");
  std::memcpy(value + VARHDRSZ, content.data(), content.size());
  return PointerGetDatum(value);
}

std::span<const std::byte> moments_content(Datum value) {
  return std::span<const std::byte>(value_bytes(value)).subspan(VARHDRSZ);
}

MomentsValue moments_argument(FunctionCallInfo fcinfo, int number) {
  const auto content = backend([&] { return moments_content(PG_GETARG_DATUM(number)); });
  return decode_value("moments", [&] { return MomentsValue::decode(content); });
}

namespace {

Datum received_moments(std::span<const std::byte> content) {
  const MomentsValue value = MomentsValue::decode(content);
  check_encoding(std::vector<std::string_view>(value.names().begin(), value.names().end()));
  return moments_datum(content);
}

constexpr OpaqueType kMomentsType = {"moments", moments_content, received_moments};

void describe_moments_argument(FunctionCallInfo fcinfo, JsonWriter& json) {
  MomentsValue value = moments_argument(fcinfo, 0);
  const Summary& summary = value.summary();
  json.open('{').key("rows").integer(summary.joint().rows());
  json.key("weight").number(summary.joint().weight());
  json.key("rows_skipped").integer(value.skipped());
  json.key("features").integer(value.columns());
  json.key("groups").open('[');
  std::vector<GroupSums::Cell> totals;
  std::vector<std::int64_t> people;
  for (std::size_t g = 0; g < value.names().size(); ++g) {
    totals.push_back(summary.attributes()[0].total(static_cast<std::int32_t>(g)));
    people.push_back(totals.back().rows);
  }
  const std::vector<bool> hidden = hidden_groups(people, min_group());
  for (std::size_t g = 0; g < totals.size(); ++g) {
    json.open('{').key("group").text(value.names()[g]);
    if (hidden[g]) {
      json.key("suppressed").boolean(true).close('}');
    } else {
      json.key("rows").integer(totals[g].rows).key("weight").number(totals[g].weight).close('}');
    }
  }
  json.close(']').close('}');
}

}  // namespace

FAIRDB_OPAQUE_TYPE(moments, kMomentsType)
FAIRDB_EQUALITY(moments, moments_content)
FAIRDB_DESCRIBE(describe_moments, describe_moments_argument)

}  // namespace fairdb::pg
