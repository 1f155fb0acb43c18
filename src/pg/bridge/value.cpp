#include "pg/bridge/value.hpp"

extern "C" {
#include <libpq/pqformat.h>
#include <utils/syscache.h>
}

namespace fairdb::pg {

Oid type_of_fairdb(const char* name) {
  return backend([&] {
    const Oid schema = get_namespace_oid("fairdb", false);
    const Oid type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name),
                                     ObjectIdGetDatum(schema));
    if (!OidIsValid(type)) {
      ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
                      errmsg("type \"fairdb.%s\" does not exist", name)));
    }
    return type;
  });
}

std::byte* new_value(std::size_t bytes, const char* what) {
  if (bytes > MaxAllocSize) {
    throw Error(ErrorKind::TooLarge,
                std::string(what) + " of " + std::to_string(bytes >> 20) +
                    " MB exceeds the server's limit of 1 GB for a value",
                "Use fewer rows, for example a sample.");
  }
  // Without MCXT_ALLOC_NO_OOM the server's error would jump over callers that own C++ objects.
  auto* const place = static_cast<std::byte*>(palloc_extended(bytes, MCXT_ALLOC_NO_OOM));
  if (place == nullptr) throw std::bad_alloc();
  SET_VARSIZE(place, bytes);
  return place;
}

namespace {

// The SHA-256 of a part, 32 bytes, in the current context. Plain.
std::span<const std::byte> sha256(std::span<const std::byte> part) {
  auto* const bytes = static_cast<struct varlena*>(palloc(VARHDRSZ + part.size()));
  SET_VARSIZE(bytes, VARHDRSZ + part.size());
  std::memcpy(VARDATA(bytes), part.data(), part.size());
  const struct varlena* const sum =
      DatumGetByteaPP(DirectFunctionCall1(sha256_bytea, PointerGetDatum(bytes)));
  pfree(bytes);
  return {reinterpret_cast<const std::byte*>(VARDATA_ANY(sum)), VARSIZE_ANY_EXHDR(sum)};
}

}  // namespace

std::uint64_t content_identity(std::span<const std::byte> content) {
  constexpr std::size_t kPart = 1U << 20;
  return backend([&] {
    StringInfoData sums;
    initStringInfo(&sums);
    std::span<const std::byte> rest = content;
    for (; rest.size() > kPart; rest = rest.subspan(kPart)) {
      CHECK_FOR_INTERRUPTS();
      const std::span<const std::byte> sum = sha256(rest.first(kPart));
      appendBinaryStringInfo(&sums, reinterpret_cast<const char*>(sum.data()),
                             static_cast<int>(sum.size()));
    }
    std::span<const std::byte> whole = sha256(rest);
    if (sums.len > 0) {
      const std::uint64_t length = content.size();
      appendBinaryStringInfo(&sums, reinterpret_cast<const char*>(&length), sizeof length);
      appendBinaryStringInfo(&sums, reinterpret_cast<const char*>(whole.data()),
                             static_cast<int>(whole.size()));
      whole = sha256(
          {reinterpret_cast<const std::byte*>(sums.data), static_cast<std::size_t>(sums.len)});
    }
    std::uint64_t identity = 0;
    std::memcpy(&identity, whole.data(), sizeof identity);
    pfree(sums.data);
    return identity;
  });
}

void require_aggregate(FunctionCallInfo fcinfo) {
  if (AggCheckCallContext(fcinfo, nullptr) != 0) return;
  ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                  errmsg("this function serves fairdb's aggregates and cannot be called alone"),
                  errhint("Use the aggregate, for example fairdb.confusion_agg.")));
}

void bad_binary(const char* type) {
  ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
                  errmsg("invalid binary input for type %s", type)));
  pg_unreachable();
}

void send_text(StringInfo out, std::string_view text) {
  const int length = static_cast<int>(text.size());
  char* const source = pnstrdup(text.data(), text.size());
  const char* const converted = pg_server_to_client(source, length);
  const int converted_length =
      converted == source ? length : static_cast<int>(std::string_view(converted).size());
  pq_sendint32(out, static_cast<std::uint32_t>(converted_length));
  pq_sendbytes(out, converted, converted_length);
}

std::string_view receive_text(StringInfo in, const char* type) {
  const auto length = static_cast<std::int32_t>(pq_getmsgint(in, 4));
  if (length < 0 || length > in->len - in->cursor) bad_binary(type);
  int converted = 0;
  const char* const text = pq_getmsgtext(in, length, &converted);
  return {text, static_cast<std::size_t>(converted)};
}

// How many leading bytes tell one datum from another; 0 when none do.
std::size_t ValueFingerprint::compared(const struct varlena* raw) noexcept {
  if (VARATT_IS_EXTERNAL(raw)) {
    return VARATT_IS_EXTERNAL_ONDISK(raw) ? VARSIZE_EXTERNAL(raw) : 0;
  }
  if (VARATT_IS_EXTENDED(raw)) return VARSIZE_ANY(raw);
  return std::min<std::size_t>(VARSIZE(raw), kFront);
}

}  // namespace fairdb::pg
