// What the server asks of every value type, from one place: text and binary forms, equality,
// hashes, a description. ARCHITECTURE.md, "To add a value type", lists the files of a new one.
//
//   FAIRDB_OPAQUE_TYPE(model, kModelType)       _in _out _send _recv: bytes, hex digits as text
//   FAIRDB_EQUALITY(model, model_identity)      _eq _ne _hash _hash_extended
//   FAIRDB_DESCRIBE(describe, describe_model)   jsonb
//
// A type that people write by hand has text and binary forms of its own
// (pg/audit/confusion_text.cpp) and takes the rest from here.
#pragma once

#include "core/base/json_writer.hpp"
#include "pg/bridge/value.hpp"

namespace fairdb::pg {

// The bytes that stand for a value where it is sent or compared. Calls the server: inside
// backend(), or in a plain body.
using ContentOf = std::span<const std::byte> (*)(Datum value);

// A value made of an encoded content: a version, content_identity() in the bytes 8 to 15, the
// content.
inline constexpr std::size_t kCodedHeader = 16;
Datum coded_value(std::span<const std::byte> content, const char* what);
// What of a coded value is sent and compared. Calls the server: a ContentOf.
std::span<const std::byte> sent_coded_content(Datum value);
// Errors: CorruptValue unless value_bytes() of a coded value.
std::span<const std::byte> coded_content(std::span<const std::byte> value);

// A type whose text form shows its bytes.
struct OpaqueType {
  const char* name;
  ContentOf content;
  // Makes a value of bytes from anywhere. Errors: CorruptValue unless they decode; of the server
  // for texts that are in no valid encoding.
  Datum (*receive)(std::span<const std::byte> content);
};

Datum opaque_in(FunctionCallInfo fcinfo, const OpaqueType& type);
Datum opaque_out(FunctionCallInfo fcinfo, const OpaqueType& type);
Datum opaque_send(FunctionCallInfo fcinfo, const OpaqueType& type);
Datum opaque_recv(FunctionCallInfo fcinfo, const OpaqueType& type);

#define FAIRDB_OPAQUE_TYPE(name, type) \
  FAIRDB_FUNCTION(name##_in) {         \
    return opaque_in(fcinfo, type);    \
  }                                    \
  FAIRDB_FUNCTION(name##_out) {        \
    return opaque_out(fcinfo, type);   \
  }                                    \
  FAIRDB_FUNCTION(name##_send) {       \
    return opaque_send(fcinfo, type);  \
  }                                    \
  FAIRDB_FUNCTION(name##_recv) {       \
    return opaque_recv(fcinfo, type);  \
  }

// Of values that are equal when their bytes are.
bool equal_arguments(FunctionCallInfo fcinfo, ContentOf content);
std::uint64_t hash_argument(FunctionCallInfo fcinfo, ContentOf content);
// The server asks that this be the plain hash when the seed is 0.
std::uint64_t hash_argument(FunctionCallInfo fcinfo, ContentOf content, std::uint64_t seed);

#define FAIRDB_EQUALITY(name, content)                                                \
  FAIRDB_FUNCTION(name##_eq) {                                                        \
    PG_RETURN_BOOL(equal_arguments(fcinfo, content));                                 \
  }                                                                                   \
  FAIRDB_FUNCTION(name##_ne) {                                                        \
    PG_RETURN_BOOL(!equal_arguments(fcinfo, content));                                \
  }                                                                                   \
  FAIRDB_FUNCTION(name##_hash) {                                                      \
    PG_RETURN_INT32(static_cast<std::int32_t>(hash_argument(fcinfo, content)));       \
  }                                                                                   \
  FAIRDB_FUNCTION(name##_hash_extended) {                                             \
    const auto seed = static_cast<std::uint64_t>(PG_GETARG_INT64(1));                 \
    PG_RETURN_INT64(static_cast<std::int64_t>(hash_argument(fcinfo, content, seed))); \
  }

// The value as jsonb. Errors: of the server's parser.
Datum jsonb_of(const JsonWriter& json);

#define FAIRDB_DESCRIBE(name, describe_argument) \
  FAIRDB_FUNCTION(name) {                        \
    JsonWriter json;                             \
    describe_argument(fcinfo, json);             \
    return jsonb_of(json);                       \
  }

// Texts from outside must be valid in the database's encoding before they reach a result.
// Errors: of the server.
void check_encoding(std::span<const std::string_view> texts);

}  // namespace fairdb::pg
