// Values of fairdb's types as the server holds them: varlenas whose first four bytes are the
// server's length word.
#pragma once

#include "core/base/error.hpp"
#include "pg/bridge/guard.hpp"

namespace fairdb::pg {

// The bytes of a value, its length word included, decompressed and aligned for doubles: a bytea, as
// the states of parallel workers are sent, may stand at any multiple of 4. May allocate in the
// current context. Calls the server: for plain bodies, or inside backend().
inline std::span<std::byte> value_bytes(Datum datum) {
  auto* value = reinterpret_cast<struct varlena*>(DatumGetPointer(datum));
  if (VARATT_IS_EXTENDED(value)) value = PG_DETOAST_DATUM(datum);
  if (reinterpret_cast<std::uintptr_t>(value) % alignof(double) != 0) {
    value = PG_DETOAST_DATUM_COPY(datum);
  }
  return {reinterpret_cast<std::byte*>(value), VARSIZE(value)};
}

// The type of this name in fairdb's schema. Errors: of the server, when there is none.
Oid type_of_fairdb(const char* name);

// Runs the input function of a type: what its validator finds wrong is then wrong with a text.
template <class F>
Datum from_text(F f) {
  try {
    return f();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::CorruptValue) throw;
    throw Error(ErrorKind::InvalidText, error.what(), error.hint(), error.detail(), error.place());
  }
}

// Runs f, which decodes a value: what it finds wrong then names the type. Errors: CorruptValue.
template <class F>
auto decode_value(const char* type, F f) {
  try {
    return f();
  } catch (const Error& error) {
    throw Error(ErrorKind::CorruptValue,
                std::string("invalid value of type ") + type + ": " + error.what(), error.hint(),
                error.detail(), error.place());
  }
}

// What content is: the first eight bytes of its SHA-256 (with several MiB, of its length and the
// SHA-256 of each). A session's cache of decoded values trusts it: two contents of one identity are
// not met by chance, and whoever makes a pair, which takes some 2^32 hashes, can only have a
// session that uses both take one for the other. Errors: of the server.
std::uint64_t content_identity(std::span<const std::byte> content);

// A new value of `bytes` bytes in the current context, its length word set.
// Errors: TooLarge above the server's limit of 1 GB.
std::byte* new_value(std::size_t bytes, const char* what);

// Whether a function is called by an aggregate or window node; the others must not change a state.
void require_aggregate(FunctionCallInfo fcinfo);

// Texts in a type's binary form: length (4 bytes), then the bytes in the client's encoding. Plain.
[[noreturn]] void bad_binary(const char* type);
void send_text(StringInfo out, std::string_view text);
std::string_view receive_text(StringInfo in, const char* type);

// Tells whether a function meets a value that it decoded for a row before, by what is cheap: the
// address of a value stored out of line, all bytes of a compressed one, else the first 24 bytes,
// which hold the length and the identity of the content (distribution, model and their kin).
class ValueFingerprint {
 public:
  static constexpr std::size_t kFront = 24;

  // Those bytes, as the datum has them; empty when nothing tells it.
  static std::string_view image(Datum datum) noexcept {
    const auto* const raw = reinterpret_cast<const struct varlena*>(DatumGetPointer(datum));
    return {reinterpret_cast<const char*>(raw), compared(raw)};
  }

 private:
  static std::size_t compared(const struct varlena* raw) noexcept;
};

}  // namespace fairdb::pg
