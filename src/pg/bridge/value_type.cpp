#include "core/base/hash.hpp"

#include "pg/bridge/value_type.hpp"

extern "C" {
#include <common/hashfn.h>
#include <libpq/pqformat.h>
}

namespace fairdb::pg {
namespace {

// \x and hex digits. Errors: InvalidText, naming the type.
std::vector<std::byte> bytes_of_hex(std::string_view text, const std::string& type) {
  const auto bad = [&] {
    return Error(ErrorKind::InvalidText,
                 "invalid input for type " + type + ": expected \\x and hex digits");
  };
  if (text.size() < 2 || text.substr(0, 2) != "\\x" || text.size() % 2 != 0) throw bad();
  const auto digit = [&](char c) -> unsigned {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
    throw bad();
  };
  std::vector<std::byte> content;
  content.reserve(text.size() / 2);
  for (std::size_t i = 2; i < text.size(); i += 2) {
    content.push_back(static_cast<std::byte>(16 * digit(text[i]) + digit(text[i + 1])));
  }
  return content;
}

std::span<const std::byte> content_argument(FunctionCallInfo fcinfo,
                                            int number,
                                            ContentOf content) {
  return backend([&] { return content(PG_GETARG_DATUM(number)); });
}

}  // namespace

Datum coded_value(std::span<const std::byte> content, const char* what) {
  std::byte* const value = new_value(kCodedHeader + content.size(), what);
  std::memset(value + VARHDRSZ, 0, kCodedHeader - VARHDRSZ);
  value[VARHDRSZ] = std::byte{1};
  const std::uint64_t identity = content_identity(content);
  std::memcpy(value + 8, &identity, sizeof identity);
  std::memcpy(value + kCodedHeader, content.data(), content.size());
  return PointerGetDatum(value);
}

std::span<const std::byte> sent_coded_content(Datum value) {
  return std::span<const std::byte>(value_bytes(value)).subspan(kCodedHeader);
}

std::span<const std::byte> coded_content(std::span<const std::byte> value) {
  if (value.size() < kCodedHeader || value[VARHDRSZ] != std::byte{1}) {
    throw Error(ErrorKind::CorruptValue, "its version is unknown");
  }
  return value.subspan(kCodedHeader);
}

Datum opaque_in(FunctionCallInfo fcinfo, const OpaqueType& type) {
  const std::string_view text = PG_GETARG_CSTRING(0);
  const std::vector<std::byte> bytes = bytes_of_hex(text, type.name);
  return from_text([&] { return decode_value(type.name, [&] { return type.receive(bytes); }); });
}

Datum opaque_out(FunctionCallInfo fcinfo, const OpaqueType& type) {
  const std::span<const std::byte> content = content_argument(fcinfo, 0, type.content);
  char* const text = backend([&] { return static_cast<char*>(palloc(2 * content.size() + 3)); });
  char* end = text;
  *end++ = '\\';
  *end++ = 'x';
  for (const std::byte byte : content) {
    *end++ = "0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4];
    *end++ = "0123456789abcdef"[std::to_integer<unsigned>(byte) & 15];
  }
  *end = '\0';
  return CStringGetDatum(text);
}

Datum opaque_send(FunctionCallInfo fcinfo, const OpaqueType& type) {
  const std::span<const std::byte> content = content_argument(fcinfo, 0, type.content);
  return backend([&] {
    StringInfoData out;
    pq_begintypsend(&out);
    pq_sendbytes(&out, reinterpret_cast<const char*>(content.data()),
                 static_cast<int>(content.size()));
    return PointerGetDatum(pq_endtypsend(&out));
  });
}

Datum opaque_recv(FunctionCallInfo fcinfo, const OpaqueType& type) {
  auto* const in = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
  const auto size = static_cast<std::size_t>(in->len - in->cursor);
  const char* const bytes = backend([&] { return pq_getmsgbytes(in, static_cast<int>(size)); });
  return decode_value(type.name,
                      [&] { return type.receive(std::as_bytes(std::span(bytes, size))); });
}

bool equal_arguments(FunctionCallInfo fcinfo, ContentOf content) {
  const auto a = content_argument(fcinfo, 0, content);
  const auto b = content_argument(fcinfo, 1, content);
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

std::uint64_t hash_argument(FunctionCallInfo fcinfo, ContentOf content) {
  return digest(content_argument(fcinfo, 0, content));
}

std::uint64_t hash_argument(FunctionCallInfo fcinfo, ContentOf content, std::uint64_t seed) {
  const std::uint64_t plain = hash_argument(fcinfo, content);
  return seed == 0 ? plain : hash_combine64(plain, seed);
}

Datum jsonb_of(const JsonWriter& json) {
  const char* const text = json.json().c_str();
  return backend([&] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(text)); });
}

void check_encoding(std::span<const std::string_view> texts) {
  backend([&] {
    for (const std::string_view text : texts) {
      pg_verifymbstr(text.data(), static_cast<int>(text.size()), false);
    }
  });
}

}  // namespace fairdb::pg
