#include "pg/bridge/json_writer.hpp"

#include <cmath>

#include "pg/bridge/json.hpp"

namespace fairdb::pg {

JsonWriter& JsonWriter::text(std::string_view value) {
  const char* const quoted = backend([&] {
    StringInfoData out;
    initStringInfo(&out);
    append_json_string(&out, value);
    return out.data;
  });
  return raw(quoted);
}

JsonWriter& JsonWriter::number(std::optional<double> value) {
  if (!value || !std::isfinite(*value)) return null();
  return raw(backend([&] { return float8out_internal(*value); }));
}

JsonWriter& JsonWriter::texts(const std::vector<std::string>& values) {
  open('[');
  for (const std::string& value : values) text(value);
  return close(']');
}

Datum JsonWriter::jsonb() const {
  const char* const text = text_.c_str();
  return backend([&] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(text)); });
}

}  // namespace fairdb::pg
