#include "pg/models/model_value.hpp"

#include "core/base/hash.hpp"
#include "core/model/archive.hpp"

#include "pg/bridge/value_type.hpp"

namespace fairdb::pg {
namespace {

constexpr std::size_t kSeconds = 16;
constexpr std::size_t kContent = 24;
constexpr std::byte kVersion{2};

Datum wrap(std::span<const std::byte> content, double seconds, MemoryContext memory) {
  MemoryContext const previous = MemoryContextSwitchTo(memory);
  std::byte* const value = new_value(kContent + content.size(), "a model");
  MemoryContextSwitchTo(previous);
  std::memset(value + VARHDRSZ, 0, kContent - VARHDRSZ);
  value[VARHDRSZ] = kVersion;
  const std::uint64_t fingerprint = digest(content);
  std::memcpy(value + 8, &fingerprint, sizeof fingerprint);
  std::memcpy(value + kSeconds, &seconds, sizeof seconds);
  std::memcpy(value + kContent, content.data(), content.size());
  return PointerGetDatum(value);
}

Model decode(std::span<const std::byte> content, double seconds) {
  try {
    Model model = decode_model(content);
    if (!(seconds >= 0 && seconds < 1e12)) corrupt("its time is damaged");
    model.about.seconds = seconds;
    return model;
  } catch (const Error& error) {
    throw Error(ErrorKind::CorruptValue,
                std::string("invalid value of type model: ") + error.what(), error.hint(),
                error.detail());
  }
}

double seconds_of(std::span<const std::byte> bytes) {
  double seconds = 0;
  std::memcpy(&seconds, bytes.data(), sizeof seconds);
  return seconds;
}

// What is sent: the seconds and the content.
std::span<const std::byte> sent_bytes(Datum value) {
  return std::span<const std::byte>(value_bytes(value)).subspan(kSeconds);
}

std::span<const std::byte> model_identity(Datum value) {
  return std::span<const std::byte>(value_bytes(value)).subspan(kContent);
}

Datum received(std::span<const std::byte> sent) {
  if (sent.size() < sizeof(double)) {
    throw Error(ErrorKind::CorruptValue, "invalid value of type model: it ends too early");
  }
  const auto content = sent.subspan(sizeof(double));
  const double seconds = seconds_of(sent);
  check_encoding(texts(decode(content, seconds)));
  return wrap(content, seconds, CurrentMemoryContext);
}

constexpr OpaqueType kModelType = {"model", sent_bytes, received};

}  // namespace

Datum model_value(const Model& model, MemoryContext memory) {
  return wrap(encode(model), model.about.seconds, memory);
}

Model open_model(std::span<const std::byte> value) {
  if (value.size() < kContent || value[VARHDRSZ] != kVersion) {
    throw Error(ErrorKind::CorruptValue, "invalid value of type model: unknown version");
  }
  return decode(value.subspan(kContent), seconds_of(value.subspan(kSeconds)));
}

Model model_argument(FunctionCallInfo fcinfo, int number) {
  return open_model(backend([&] { return value_bytes(PG_GETARG_DATUM(number)); }));
}

FAIRDB_OPAQUE_TYPE(model, kModelType)
FAIRDB_EQUALITY(model, model_identity)

static void describe_model(FunctionCallInfo fcinfo, JsonWriter& json) {
  describe(model_argument(fcinfo, 0), json);
}

FAIRDB_DESCRIBE(describe, describe_model)

}  // namespace fairdb::pg
