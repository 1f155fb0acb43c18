// The group, or the level of a category, that a value of any type stands for: its text form.
//
// The text form of numbers, dates, timestamps and char(n) does not depend on settings or on how the
// server stores equal values: no insignificant zeros, ISO form, UTC, no padding. It is used inside
// rows and arrays too. Other types have the text that the server prints for them, with fixed
// settings (ISO dates, UTC, intervals in the style of postgres, bytea in hex). A row or an array
// with a NULL inside is no group: who has no known race belongs to no intersection of sex and race.
//
// A LabelReader remembers the values that it has met, so that a row costs one look-up. It is plain
// data in a memory context of its own: it may live in fn_extra and be dropped with it.
#pragma once

#include "core/base/group_table.hpp"

#include "pg/bridge/guard.hpp"

namespace fairdb::pg {

// A map from bytes to small numbers, in a memory context. Plain: calls the server directly.
class BytesMap {
 public:
  void reset() noexcept { *this = BytesMap{}; }
  // The number kept for the bytes; -2 in *value when they are new. Copies new bytes into memory.
  std::int32_t* find_or_add(std::string_view bytes, MemoryContext memory);
  std::int32_t size() const noexcept { return size_; }

  static constexpr std::int32_t kNew = -2;

 private:
  struct Slot {
    const char* bytes;
    std::uint32_t length;
    std::int32_t value;
    std::uint64_t digest;
  };
  void grow(MemoryContext memory);
  Slot* slots_ = nullptr;
  std::uint32_t capacity_ = 0;  // a power of two
  std::int32_t size_ = 0;
};

class LabelReader {
 public:
  // A reader for values of a type, in a new child of `parent`. Errors: 42804 for a type that has no
  // equality by hash (json, point, ...).
  static LabelReader* create(Oid type, MemoryContext parent);

  // The number of the value's label, in the order in which labels were first met; -1 when the value
  // is no group, kTooMany when it would be one more than `limit`, kTooLong when it has more than
  // kMaxLabelBytes.
  static constexpr std::int32_t kTooMany = -3;
  static constexpr std::int32_t kTooLong = -4;
  std::int32_t code(Datum value, std::int32_t limit);
  std::string_view label(std::int32_t code) const noexcept {
    if (code >= size_) return {};
    return {labels_[code].data, static_cast<std::size_t>(labels_[code].length)};
  }
  std::int32_t size() const noexcept { return size_; }

  // For callers that keep a reader from call to call and need no stable numbers: forgets
  // everything, and says so, when more than `entries` values are kept, or when the session has
  // changed anything since the last call, such as the name of an enum's value.
  bool forget_stale(std::int32_t entries);

 private:
  struct Label {
    const char* data;
    std::int32_t length;
  };
  std::string_view image(Datum& value) const;
  std::optional<std::string_view> text_form(Datum value);
  std::int32_t code_of_label(std::string_view label, std::int32_t limit);

  MemoryContext memory_;
  Oid base_type_;
  std::int16_t length_;
  bool by_value_;
  bool is_text_;
  FmgrInfo output_;
  BytesMap images_;
  BytesMap codes_;
  Label* labels_;
  std::int32_t size_;
  std::int32_t capacity_;
  std::uint32_t command_;  // of the transaction, at the last forget_stale()
};

// The label in an argument of any type, of a function that is called row after row and keeps
// nothing but the reader; nullopt when it is no group. Plain.
std::optional<std::string_view> any_label(FunctionCallInfo fcinfo, int argument);
// The same with the reader in a place of the caller's, created at the first call.
std::optional<std::string_view> any_label(FunctionCallInfo fcinfo,
                                          int argument,
                                          LabelReader** reader);

// The bytes of a text. Inline, for it runs for every row. Plain.
inline std::string_view text_bytes(Datum text) {
  const auto* value = reinterpret_cast<const struct varlena*>(DatumGetPointer(text));
  if (VARATT_IS_COMPRESSED(value) || VARATT_IS_EXTERNAL(value)) {
    value = PG_DETOAST_DATUM_PACKED(text);
  }
  return {VARDATA_ANY(value), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(value))};
}

// The label in an argument of type text.
inline std::optional<std::string_view> text_label(FunctionCallInfo fcinfo, int argument) {
  if (PG_ARGISNULL(argument)) return std::nullopt;
  return text_bytes(PG_GETARG_DATUM(argument));
}

}  // namespace fairdb::pg
