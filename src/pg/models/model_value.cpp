#include "pg/models/model_value.hpp"

#include "core/base/archive.hpp"

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
  const std::uint64_t identity = content_identity(content);
  std::memcpy(value + 8, &identity, sizeof identity);
  std::memcpy(value + kSeconds, &seconds, sizeof seconds);
  std::memcpy(value + kContent, content.data(), content.size());
  return PointerGetDatum(value);
}

double seconds_of(std::span<const std::byte> bytes) {
  double seconds = 0;
  std::memcpy(&seconds, bytes.data(), sizeof seconds);
  return seconds;
}

// Of what is sent: the seconds and the content.
Model decode_sent(std::span<const std::byte> sent) {
  if (sent.size() < sizeof(double)) corrupt("it ends too early");
  const double seconds = seconds_of(sent);
  if (!(seconds >= 0 && seconds < 1e12)) corrupt("its time is damaged");
  Model model = decode_model(sent.subspan(sizeof(double)));
  model.about.seconds = seconds;
  return model;
}

// The bytes of a value whose front is checked. Errors: CorruptValue.
std::span<const std::byte> checked_bytes(Datum value) {
  const std::span<const std::byte> bytes = value_bytes(value);
  if (bytes.size() < kContent || bytes[VARHDRSZ] != kVersion) (void)open_model(bytes);
  return bytes;
}

std::span<const std::byte> sent_bytes(Datum value) {
  return checked_bytes(value).subspan(kSeconds);
}

std::span<const std::byte> model_identity(Datum value) {
  return checked_bytes(value).subspan(kContent);
}

Datum received_model(std::span<const std::byte> sent) {
  const Model model = decode_sent(sent);
  check_encoding(texts(model));
  return model_value(model, CurrentMemoryContext);
}

constexpr OpaqueType kModelType = {"model", sent_bytes, received_model};

}  // namespace

Datum model_value(const Model& model, MemoryContext memory) {
  return wrap(encode(model), model.about.seconds, memory);
}

Model open_model(std::span<const std::byte> value) {
  return decode_value("model", [&] {
    const std::byte version = value.size() < kContent ? std::byte{0} : value[VARHDRSZ];
    if (version != kVersion) corrupt("its version is unknown");
    return decode_sent(value.subspan(kSeconds));
  });
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

// digest: of what tells models apart, by the server's own SHA-256.
FAIRDB_FUNCTION(digest) {
  return backend([&] {
    const std::span<const std::byte> content = model_identity(PG_GETARG_DATUM(0));
    auto* const bytes = static_cast<struct varlena*>(palloc(VARHDRSZ + content.size()));
    SET_VARSIZE(bytes, VARHDRSZ + content.size());
    std::memcpy(VARDATA(bytes), content.data(), content.size());
    const Datum sum = DirectFunctionCall1(sha256_bytea, PointerGetDatum(bytes));
    return DirectFunctionCall2(binary_encode, sum, CStringGetTextDatum("hex"));
  });
}

}  // namespace fairdb::pg
