#include "core/base/hash.hpp"
#include "core/base/row_label.hpp"

#include "pg/bridge/column_types.hpp"
#include "pg/bridge/labels.hpp"
#include "pg/bridge/owned.hpp"

extern "C" {
#include <access/xact.h>
#include <common/shortest_dec.h>
#include <utils/datetime.h>
#include <utils/guc.h>
}

namespace fairdb::pg {
namespace {

// A value that takes more bytes than this is no name of a group, whatever its text form.
constexpr std::size_t kMaxImageBytes = 8 * kMaxLabelBytes;

// Settings on which the text of values depends, and what they are while a group is named.
constexpr std::pair<const char*, const char*> kFixedSettings[] = {{"DateStyle", "ISO, YMD"},
                                                                  {"IntervalStyle", "postgres"},
                                                                  {"TimeZone", "UTC"},
                                                                  {"bytea_output", "hex"},
                                                                  {"extra_float_digits", "1"}};

}  // namespace

std::int32_t* BytesMap::find_or_add(std::string_view bytes, MemoryContext memory) {
  if (2U * static_cast<std::uint32_t>(size_) >= capacity_) grow(memory);
  const std::uint64_t wanted = digest(bytes);
  const std::uint32_t mask = capacity_ - 1;
  for (auto i = static_cast<std::uint32_t>(wanted) & mask;; i = (i + 1) & mask) {
    Slot& slot = slots_[i];
    if (slot.bytes == nullptr) {
      char* const copy = static_cast<char*>(MemoryContextAlloc(memory, bytes.size() + 1));
      std::memcpy(copy, bytes.data(), bytes.size());
      copy[bytes.size()] = '\0';
      slot = {copy, static_cast<std::uint32_t>(bytes.size()), kNew, wanted};
      ++size_;
      return &slot.value;
    }
    if (slot.digest == wanted && slot.length == bytes.size() &&
        std::memcmp(slot.bytes, bytes.data(), bytes.size()) == 0) {
      return &slot.value;
    }
  }
}

void BytesMap::grow(MemoryContext memory) {
  const std::uint32_t capacity = std::max<std::uint32_t>(16, 2 * capacity_);
  auto* const slots = static_cast<Slot*>(MemoryContextAllocZero(memory, capacity * sizeof(Slot)));
  for (std::uint32_t k = 0; k < capacity_; ++k) {
    if (slots_[k].bytes == nullptr) continue;
    auto i = static_cast<std::uint32_t>(slots_[k].digest) & (capacity - 1);
    while (slots[i].bytes != nullptr) i = (i + 1) & (capacity - 1);
    slots[i] = slots_[k];
  }
  if (slots_ != nullptr) pfree(slots_);
  slots_ = slots;
  capacity_ = capacity;
}

LabelReader* LabelReader::create(Oid type, MemoryContext parent) {
  MemoryContext const memory = AllocSetContextCreate(parent, "fairdb labels", ALLOCSET_SMALL_SIZES);
  auto* const reader =
      static_cast<LabelReader*>(MemoryContextAllocZero(parent, sizeof(LabelReader)));
  reader->memory_ = memory;
  reader->base_type_ = getBaseType(type);
  const Oid base = reader->base_type_;
  reader->is_text_ = base == TEXTOID || base == VARCHAROID;
  // A literal in a call of a function that takes any type is its text.
  if (base != UNKNOWNOID && !OidIsValid(get_element_type(base)) && !type_is_rowtype(base)) {
    const TypeCacheEntry* const entry = lookup_type_cache(base, TYPECACHE_HASH_PROC);
    if (!OidIsValid(entry->hash_proc)) {
      ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                      errmsg("values of type %s cannot name groups", format_type_be(type)),
                      errhint("Use a column of a type with equality, or cast it: column::text.")));
    }
  }
  get_typlenbyval(base, &reader->length_, &reader->by_value_);
  Oid output = InvalidOid;
  bool is_varlena = false;
  getTypeOutputInfo(base, &output, &is_varlena);
  fmgr_info_cxt(output, &reader->output_, parent);
  return reader;
}

// The bytes that tell a value from another one of the type. `value` is replaced by what holds them.
std::string_view LabelReader::image(Datum& value) const {
  if (by_value_) return {reinterpret_cast<const char*>(&value), sizeof(Datum)};
  if (length_ > 0) return {DatumGetPointer(value), static_cast<std::size_t>(length_)};
  if (length_ == -2) return DatumGetCString(value);
  value = PointerGetDatum(PG_DETOAST_DATUM_PACKED(value));
  const auto* const raw = reinterpret_cast<const struct varlena*>(DatumGetPointer(value));
  return {VARDATA_ANY(raw), static_cast<std::size_t>(VARSIZE_ANY_EXHDR(raw))};
}

namespace {

std::string_view trimmed(const char* text) {
  std::string_view view(text);
  while (!view.empty() && view.back() == ' ') view.remove_suffix(1);
  return view;
}

// The text of a value that is neither a row nor an array, or of one inside another.
std::string_view scalar_text(Datum value, Oid base_type, FmgrInfo* output) {
  switch (base_type) {
    case NUMERICOID:
      return numeric_normalize(DatumGetNumeric(value));
    case FLOAT8OID: {
      char* const buffer = static_cast<char*>(palloc(DOUBLE_SHORTEST_DECIMAL_LEN));
      double_to_shortest_decimal_buf(DatumGetFloat8(value) + 0.0, buffer);
      return buffer;
    }
    case FLOAT4OID: {
      char* const buffer = static_cast<char*>(palloc(FLOAT_SHORTEST_DECIMAL_LEN));
      float_to_shortest_decimal_buf(DatumGetFloat4(value) + 0.0F, buffer);
      return buffer;
    }
    case DATEOID:
    case TIMESTAMPOID:
    case TIMESTAMPTZOID: {
      constexpr int kUtc = 0;
      char* const buffer = static_cast<char*>(palloc(MAXDATELEN + 1));
      return JsonEncodeDateTime(buffer, value, base_type,
                                base_type == TIMESTAMPTZOID ? &kUtc : nullptr);
    }
    case BPCHAROID:
      return trimmed(OutputFunctionCall(output, value));
    default:
      return OutputFunctionCall(output, value);
  }
}

// A text that is longer than a label may be: what follows in it does not matter, but for a NULL.
bool too_long(const StringInfoData* text) {
  return static_cast<std::size_t>(text->len) > kMaxLabelBytes;
}

// Appends a part of a row or an array, quoted as the server quotes the fields of a row.
void append_part(StringInfo out, std::string_view text) {
  const bool quote = needs_quotes(text);
  if (quote) appendStringInfoChar(out, '"');
  for (const char c : text) {
    if (too_long(out)) return;
    if (c == '"' || c == '\\') appendStringInfoChar(out, c);
    appendStringInfoChar(out, c);
  }
  if (quote) appendStringInfoChar(out, '"');
}

bool append_row(StringInfo out, Datum value);
bool append_array(StringInfo out, Datum value);

bool is_array(Oid base_type) {
  return OidIsValid(get_element_type(base_type));
}

// Appends a value of any type, nested as deep as the stack allows, as a part of another; false when
// there is a NULL inside. Each level would double the quotes of the one inside, so a text that is
// too long is no longer appended to.
bool append_value(StringInfo out, Datum value, Oid type) {
  check_stack_depth();
  const Oid base_type = getBaseType(type);
  const bool row = type_is_rowtype(base_type);
  if (row || is_array(base_type)) {
    StringInfoData inner;
    initStringInfo(&inner);
    const bool known = row ? append_row(&inner, value) : append_array(&inner, value);
    if (known) append_part(out, {inner.data, static_cast<std::size_t>(inner.len)});
    pfree(inner.data);
    return known;
  }
  if (too_long(out)) return true;
  Oid output = InvalidOid;
  bool is_varlena = false;
  getTypeOutputInfo(base_type, &output, &is_varlena);
  FmgrInfo info;
  fmgr_info(output, &info);
  append_part(out, scalar_text(value, base_type, &info));
  return true;
}

bool append_row(StringInfo out, Datum value) {
  HeapTupleHeader const header = DatumGetHeapTupleHeader(value);
  TupleDesc const desc = lookup_rowtype_tupdesc_copy(HeapTupleHeaderGetTypeId(header),
                                                     HeapTupleHeaderGetTypMod(header));
  HeapTupleData tuple;
  tuple.t_len = HeapTupleHeaderGetDatumLength(header);
  ItemPointerSetInvalid(&tuple.t_self);
  tuple.t_tableOid = InvalidOid;
  tuple.t_data = header;
  auto* const fields =
      static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<std::size_t>(desc->natts)));
  auto* const nulls = static_cast<bool*>(palloc(static_cast<std::size_t>(desc->natts)));
  // The server's function, not its macros: newer minor releases refuse a row whose type was
  // altered.
  heap_deform_tuple(&tuple, desc, fields, nulls);
  appendStringInfoChar(out, '(');
  bool known = true;
  const char* separator = "";
  for (int i = 0; i < desc->natts && known; ++i) {
    if (TupleDescAttr(desc, i)->attisdropped) continue;
    appendStringInfoString(out, separator);
    separator = ",";
    known = !nulls[i] && append_value(out, fields[i], TupleDescAttr(desc, i)->atttypid);
  }
  appendStringInfoChar(out, ')');
  pfree(fields);
  pfree(nulls);
  FreeTupleDesc(desc);
  return known;
}

// Elements in the order of storage, the last dimension fastest; braces open and close with it.
bool append_array(StringInfo out, Datum value) {
  ArrayType* const array = DatumGetArrayTypeP(value);
  if (array_contains_nulls(array)) return false;
  const Oid type = ARR_ELEMTYPE(array);
  std::int16_t length = 0;
  bool by_value = false;
  char alignment = 0;
  get_typlenbyvalalign(type, &length, &by_value, &alignment);
  Datum* elements = nullptr;
  int count = 0;
  deconstruct_array(array, type, length, by_value, alignment, &elements, nullptr, &count);
  if (count == 0) appendStringInfoString(out, "{}");
  bool known = true;
  for (int i = 0; i < count && known; ++i) {
    if (i > 0) appendStringInfoChar(out, ',');
    int block = 1;
    for (int d = ARR_NDIM(array) - 1; d >= 0; --d) {
      block *= ARR_DIMS(array)[d];
      if (i % block == 0) appendStringInfoChar(out, '{');
    }
    known = append_value(out, elements[i], type);
    block = 1;
    for (int d = ARR_NDIM(array) - 1; d >= 0; --d) {
      block *= ARR_DIMS(array)[d];
      if ((i + 1) % block == 0) appendStringInfoChar(out, '}');
    }
  }
  pfree(elements);
  return known;
}

// The text of a value of any type, cut where it is too long for a label; nullopt when there is a
// NULL inside.
std::optional<std::string_view> text_of(Datum value, Oid base_type, FmgrInfo* output) {
  const bool row = type_is_rowtype(base_type);
  if (!row && !is_array(base_type)) return scalar_text(value, base_type, output);
  StringInfoData out;
  initStringInfo(&out);
  const bool known = row ? append_row(&out, value) : append_array(&out, value);
  if (!known) return std::nullopt;
  return std::string_view(out.data, static_cast<std::size_t>(out.len));
}

}  // namespace

// nullopt: the value is no group.
std::optional<std::string_view> LabelReader::text_form(Datum value) {
  if (is_text_ || is_number(base_type_)) return text_of(value, base_type_, &output_);
  // An error on the way takes the settings back at the end of the transaction.
  const int level = NewGUCNestLevel();
  for (const auto& [name, fixed] : kFixedSettings) {
    set_config_option(name, fixed, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
  }
  const std::optional<std::string_view> text = text_of(value, base_type_, &output_);
  AtEOXact_GUC(true, level);
  return text;
}

std::int32_t LabelReader::code_of_label(std::string_view label, std::int32_t limit) {
  if (label.size() > kMaxLabelBytes) return kTooLong;
  std::int32_t* const code = codes_.find_or_add(label, memory_);
  if (*code != BytesMap::kNew) return *code;
  if (size_ >= limit) return *code = kTooMany;
  if (size_ == capacity_) {
    const std::int32_t capacity = std::max(16, 2 * capacity_);
    auto* const labels = static_cast<Label*>(
        MemoryContextAlloc(memory_, sizeof(Label) * static_cast<std::size_t>(capacity)));
    if (size_ > 0) std::memcpy(labels, labels_, sizeof(Label) * static_cast<std::size_t>(size_));
    labels_ = labels;
    capacity_ = capacity;
  }
  char* const copy = static_cast<char*>(MemoryContextAlloc(memory_, label.size() + 1));
  std::memcpy(copy, label.data(), label.size());
  copy[label.size()] = '\0';
  labels_[size_] = {copy, static_cast<std::int32_t>(label.size())};
  *code = size_;
  return size_++;
}

std::int32_t LabelReader::code(Datum value, std::int32_t limit) {
  const std::string_view bytes = image(value);
  if (is_text_) return code_of_label(bytes, limit);
  if (bytes.size() > kMaxImageBytes) return kTooLong;
  std::int32_t* const code = images_.find_or_add(bytes, memory_);
  if (*code == BytesMap::kNew) {
    *code = -1;  // stays when the text form turns out to be none
    const std::optional<std::string_view> label = text_form(value);
    if (label) *code = code_of_label(*label, limit);
  }
  return *code;
}

bool LabelReader::forget_stale(std::int32_t entries) {
  const CommandId now = GetCurrentCommandId(false);
  const bool same = now == command_;
  command_ = now;
  if (same && images_.size() <= entries && codes_.size() <= entries) return false;
  MemoryContextReset(memory_);
  images_.reset();
  codes_.reset();
  labels_ = nullptr;
  size_ = 0;
  capacity_ = 0;
  return true;
}

namespace {

// InvalidOid for a polymorphic argument.
Oid declared_type(Oid function, int argument) {
  Oid* types = nullptr;
  int count = 0;
  get_func_signature(function, &types, &count);
  return argument < count && !IsPolymorphicType(types[argument]) ? types[argument] : InvalidOid;
}

// Appends the label of a row of texts.
void append_key(StringInfo out, ArrayType* array) {
  Datum* elements = nullptr;
  int count = 0;
  deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, nullptr, &count);
  appendStringInfoChar(out, '(');
  for (int i = 0; i < count; ++i) {
    if (i > 0) appendStringInfoChar(out, ',');
    append_part(out, text_bytes(elements[i]));
  }
  appendStringInfoChar(out, ')');
}

}  // namespace

// key: the label that row(...) of texts has, as a text. Plain.
extern "C" {
PG_FUNCTION_INFO_V1(fairdb_key);
PGDLLEXPORT Datum fairdb_key(PG_FUNCTION_ARGS) {
  ArrayType* const array = PG_GETARG_ARRAYTYPE_P(0);
  if (array_contains_nulls(array)) PG_RETURN_NULL();
  StringInfoData out;
  initStringInfo(&out);
  append_key(&out, array);
  if (static_cast<std::size_t>(out.len) > kMaxLabelBytes) {
    ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                    errmsg("the names of a group have more than %d bytes together",
                           static_cast<int>(kMaxLabelBytes))));
  }
  PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}
}

std::optional<std::string_view> any_label(FunctionCallInfo fcinfo,
                                          int argument,
                                          LabelReader** reader) {
  constexpr std::int32_t kRemembered = 10000;
  if (*reader == nullptr) {
    Oid type = get_fn_expr_argtype(fcinfo->flinfo, argument);
    // A call without an expression, as from another extension: what the function declares.
    if (!OidIsValid(type)) type = declared_type(fcinfo->flinfo->fn_oid, argument);
    if (!OidIsValid(type)) {
      ereport(ERROR,
              (errcode(ERRCODE_INDETERMINATE_DATATYPE),
               errmsg("could not determine the type of an argument"), errhint("Cast it to text.")));
    }
    *reader = LabelReader::create(type, fcinfo->flinfo->fn_mcxt);
  }
  if (PG_ARGISNULL(argument)) return std::nullopt;
  (*reader)->forget_stale(kRemembered);
  const std::int32_t code = (*reader)->code(PG_GETARG_DATUM(argument), kRemembered + 2);
  if (code == LabelReader::kTooLong) label_too_long();
  if (code < 0) return std::nullopt;
  return (*reader)->label(code);
}

namespace {

struct LabelCache {
  explicit LabelCache(MemoryContext /*memory*/) {}
  LabelReader* reader = nullptr;
};

}  // namespace

std::optional<std::string_view> any_label(FunctionCallInfo fcinfo, int argument) {
  return any_label(fcinfo, argument, &cache_of<LabelCache>(fcinfo).reader);
}

}  // namespace fairdb::pg
