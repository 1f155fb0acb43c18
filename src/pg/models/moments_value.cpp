#include "pg/models/moments_value.hpp"

#include "pg/bridge/value_type.hpp"

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

Datum received(std::span<const std::byte> content) {
  const MomentsValue value = MomentsValue::decode(content);
  check_encoding(std::vector<std::string_view>(value.names().begin(), value.names().end()));
  return moments_datum(content);
}

constexpr OpaqueType kMomentsType = {"moments", moments_content, received};

void describe_moments_argument(FunctionCallInfo fcinfo, JsonWriter& json) {
  MomentsValue value = moments_argument(fcinfo, 0);
  const Summary& summary = value.summary();
  json.open('{').key("rows").integer(summary.joint().rows());
  json.key("weight").number(summary.joint().weight());
  json.key("rows_skipped").integer(value.skipped());
  json.key("features").integer(value.columns());
  json.key("groups").open('[');
  const GroupSums& sums = summary.attributes()[0];
  for (std::size_t g = 0; g < value.names().size(); ++g) {
    const GroupSums::Cell total = sums.total(static_cast<std::int32_t>(g));
    json.open('{').key("group").text(value.names()[g]);
    json.key("rows").integer(total.rows).key("weight").number(total.weight).close('}');
  }
  json.close(']').close('}');
}

}  // namespace

FAIRDB_OPAQUE_TYPE(moments, kMomentsType)
FAIRDB_EQUALITY(moments, moments_content)
FAIRDB_DESCRIBE(describe_moments, describe_moments_argument)

}  // namespace fairdb::pg
