// The model type's doors: input and output.
#include "pg/model.hpp"

#include "core/base/bytes.hpp"
#include "pg/bridge/value.hpp"

extern "C" {
#include <libpq/pqformat.h>
}

namespace fairdb::pg {
namespace {

constexpr std::size_t kHeader = 16;
constexpr std::byte kVersion{1};

Datum wrap(std::span<const std::byte> content, MemoryContext memory) {
  MemoryContext const previous = MemoryContextSwitchTo(memory);
  std::byte* const value = new_value(kHeader + content.size(), "a model");
  MemoryContextSwitchTo(previous);
  std::memset(value + 4, 0, kHeader - 4);
  value[4] = kVersion;
  const std::uint64_t fingerprint = digest(content);
  std::memcpy(value + 8, &fingerprint, sizeof(fingerprint));
  std::memcpy(value + kHeader, content.data(), content.size());
  return PointerGetDatum(value);
}

std::span<const std::byte> content_argument(FunctionCallInfo fcinfo, int number) {
  return backend([&] { return value_bytes(PG_GETARG_DATUM(number)); }).subspan(kHeader);
}

Model decode(std::span<const std::byte> content) {
  try {
    return decode_model(content);
  } catch (const Error& error) {
    throw Error(ErrorKind::CorruptValue,
                std::string("invalid value of type model: ") + error.what(), error.hint(),
                error.detail());
  }
}

// Texts from outside must be valid in the database's encoding before they reach a result.
void check_encoding(const Model& model) {
  const auto check = [](const std::string& text) {
    backend([&] { pg_verifymbstr(text.data(), static_cast<int>(text.size()), false); });
  };
  for (const std::string* text : {&model.source, &model.target, &model.positive, &model.weight}) {
    check(*text);
  }
  for (const std::string& name : model.sensitive) check(name);
  for (const std::string& name : model.constant) check(name);
  for (const std::string& name : model.collinear) check(name);
  for (const Facts* facts : {&model.training, &model.held_out}) {
    for (const GroupFacts& group : facts->groups) check(group.label);
  }
  for (const FeatureColumn& column : model.columns) {
    check(column.name);
    for (const std::string& level : column.levels) check(level);
  }
}

// Takes bytes from outside only after they decode.
Datum received(std::span<const std::byte> content) {
  check_encoding(decode(content));
  return wrap(content, CurrentMemoryContext);
}

}  // namespace

Datum model_value(const Model& model, MemoryContext memory) {
  return wrap(encode(model), memory);
}

Model open_model(std::span<const std::byte> value) {
  if (value.size() < kHeader || value[4] != kVersion) {
    throw Error(ErrorKind::CorruptValue, "invalid value of type model: unknown version");
  }
  return decode(value.subspan(kHeader));
}

Model model_argument(FunctionCallInfo fcinfo, int number) {
  return open_model(backend([&] { return value_bytes(PG_GETARG_DATUM(number)); }));
}

FAIRDB_FUNCTION(model_in) {
  const std::string_view text = PG_GETARG_CSTRING(0);
  return from_text([&] { return received(bytes_of_hex(text, "model")); });
}

FAIRDB_FUNCTION(model_out) {
  return hex_of_bytes(content_argument(fcinfo, 0));
}

FAIRDB_FUNCTION(model_send) {
  return send_bytes(content_argument(fcinfo, 0));
}

FAIRDB_FUNCTION(model_recv) {
  auto* const in = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  const auto size = static_cast<std::size_t>(in->len - in->cursor);
  const char* const bytes = backend([&] { return pq_getmsgbytes(in, static_cast<int>(size)); });
  return received(std::as_bytes(std::span(bytes, size)));
}

}  // namespace fairdb::pg
