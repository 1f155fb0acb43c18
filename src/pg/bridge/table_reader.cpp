#include "pg/bridge/table_reader.hpp"

#include <cmath>

#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "pg/bridge/column_types.hpp"

namespace fairdb::pg {
namespace {

// About 2 MB of numbers a block: large enough for the matrix products, small enough for a cache.
Index rows_per_block(Index number_columns) {
  return std::clamp<Index>(262144 / std::max<Index>(1, number_columns), 64, 4096);
}

}  // namespace

// What the executor sees. Its functions run between C frames: they are plain.
struct TableReader::Receiver {
  DestReceiver base;
  TableReader* reader;

  static bool receive(TupleTableSlot* slot, DestReceiver* self) {
    reinterpret_cast<Receiver*>(self)->reader->receive(slot);
    return true;
  }
  static void startup(DestReceiver* /*self*/, int /*operation*/, TupleDesc /*desc*/) {}
  static void shutdown(DestReceiver* /*self*/) {}
  static void destroy(DestReceiver* /*self*/) {}
};

TableReader::TableReader(const Source& source,
                         std::vector<ReadColumn> columns,
                         Tuplestorestate* keep)
    : columns_(std::move(columns)),
      keep_(keep),
      receiver_(std::make_unique<Receiver>()),
      nulls_(columns_.size()) {
  receiver_->base = {Receiver::receive, Receiver::startup, Receiver::shutdown, Receiver::destroy,
                     DestNone};
  receiver_->reader = this;
  backend([&] {
    memory_ = AllocSetContextCreate(CurrentMemoryContext, "fairdb block", ALLOCSET_DEFAULT_SIZES);
  });
  std::vector<Output> outputs;
  for (const ReadColumn& column : columns_) outputs.push_back({column.expression, column.type});
  portal_ = source.open(outputs);  // first: what follows asks for types that are known to be there
  for (const ReadColumn& column : columns_) {
    base_types_.push_back(backend([&] { return getBaseType(column.type); }));
    label_readers_.push_back(nullptr);
    arrays_.emplace_back();
    if (column.as == ReadAs::Number) {
      ++number_columns_;
      if (!is_scalar_feature(base_types_.back())) {
        throw Error(ErrorKind::WrongType, "column \"" + column.name + "\" has type " + backend([&] {
                                            return format_type_be(column.type);
                                          }) + ", expected a number or a boolean");
      }
    } else if (column.as == ReadAs::Numbers) {
      number_columns_ += column.elements;
      arrays_.back() =
          backend([&] { return array_access(base_types_.back(), CurrentMemoryContext); });
    } else if (column.as == ReadAs::Hash) {
      ++number_columns_;
    } else if (column.as == ReadAs::Label) {
      ++label_columns_;
      label_readers_.back() =
          backend([&] { return LabelReader::create(column.type, CurrentMemoryContext); });
    }
  }
  block_rows_ = rows_per_block(number_columns_);
  numbers_.resize(static_cast<std::size_t>(block_rows_ * number_columns_));
  codes_.resize(static_cast<std::size_t>(block_rows_ * label_columns_));
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (columns_[c].as != ReadAs::Keep) continue;
    backend([&] {
      keep_desc_ = CreateTemplateTupleDesc(1);
      TupleDescCopyEntry(keep_desc_, 1, portal_->tupDesc, static_cast<AttrNumber>(c + 1));
    });
  }
}

TableReader::~TableReader() = default;

// Writes the elements of one array; returns the place behind them. Plain.
double* TableReader::receive_array(std::size_t c, Datum value, bool null, double* number) {
  const ReadColumn& column = columns_[c];
  double* const end = number + column.elements;
  const int count =
      null ? kNullArray : read_array(value, arrays_[c], static_cast<int>(column.elements), number);
  if (count == kNullArray) {
    ++nulls_[c];
    std::fill(number, end, kUnknown);
    return end;
  }
  if (count != column.elements) {
    ereport(ERROR, (errcode(ERRCODE_ARRAY_ELEMENT_ERROR),
                    errmsg("column \"%s\" has an array of %d numbers, others have %d",
                           column.name.c_str(), count, static_cast<int>(column.elements)),
                    errhint("The arrays of a column are one feature for each element, in the same "
                            "order in every row.")));
  }
  bool unknown = false;
  for (; number < end; ++number) {
    unknown = unknown || std::isnan(*number);
    if (std::isinf(*number)) {
      ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                      errmsg("column \"%s\" has a value that is not finite", column.name.c_str()),
                      errhint("Leave NaN and infinite values out of the source.")));
    }
  }
  nulls_[c] += unknown ? 1 : 0;
  return end;
}

// Writes one row into the block. Plain.
void TableReader::receive(TupleTableSlot* slot) {
  slot_getallattrs(slot);
  MemoryContext const previous = MemoryContextSwitchTo(memory_);
  double* number = numbers_.data() + rows_ * number_columns_;
  std::int32_t* code = codes_.data() + rows_ * label_columns_;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    const Datum value = slot->tts_values[c];
    const bool null = slot->tts_isnull[c];
    switch (columns_[c].as) {
      case ReadAs::Number:
        *number = null ? kUnknown : number_from(value, base_types_[c]);
        if (null) {
          ++nulls_[c];
        } else if (!std::isfinite(*number)) {
          ereport(ERROR,
                  (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
                   errmsg("column \"%s\" has a value that is not finite", columns_[c].name.c_str()),
                   errhint("Leave NaN and infinite values out of the source.")));
        }
        ++number;
        break;
      case ReadAs::Hash:
        *number++ = null ? kUnknown : hash_fraction(text_bytes(value));
        nulls_[c] += null ? 1 : 0;
        break;
      case ReadAs::Numbers:
        number = receive_array(c, value, null, number);
        break;
      case ReadAs::Label:
        *code = null ? -1 : label_readers_[c]->code(value, columns_[c].label_limit);
        if (*code == LabelReader::kTooLong) {
          ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                          errmsg("column \"%s\" has a value of more than %zu bytes",
                                 columns_[c].name.c_str(), kMaxLabelBytes),
                          errhint("Groups and categories have short names.")));
        }
        if (*code == LabelReader::kTooMany) {
          ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                          errmsg("column \"%s\" has more than %d distinct values",
                                 columns_[c].name.c_str(), columns_[c].label_limit),
                          errhint("Is it an identifier or free text? Groups and categories have "
                                  "few values.")));
        }
        nulls_[c] += *code < 0 ? 1 : 0;
        ++code;
        break;
      case ReadAs::Keep: {
        tuplestore_putvalues(keep_, keep_desc_, &slot->tts_values[c], &slot->tts_isnull[c]);
        break;
      }
    }
  }
  ++rows_;
  MemoryContextSwitchTo(previous);
}

bool TableReader::next() {
  rows_ = 0;
  nulls_before_ = total_nulls();
  backend([&] {
    MemoryContextReset(memory_);
    PortalRunFetch(portal_, FETCH_FORWARD, block_rows_, &receiver_->base);
  });
  total_rows_ += rows_;
  if (keeps_fingerprints_) add_fingerprints();
  if (rows_ == 0) backend([&] { SPI_cursor_close(portal_); });
  return rows_ > 0;
}

void TableReader::keep_fingerprints() {
  keeps_fingerprints_ = true;
  fingerprints_.resize(static_cast<std::size_t>(number_columns_));
  label_digests_.resize(static_cast<std::size_t>(label_columns_));
}

// The digest of a label, computed when it is first met.
std::uint64_t TableReader::label_digest(Index k, std::int32_t code) {
  if (code < 0) return 1;
  auto& digests = label_digests_[static_cast<std::size_t>(k)];
  if (static_cast<std::size_t>(code) >= digests.size()) {
    const std::vector<std::string_view> known = labels(k);
    for (std::size_t c = digests.size(); c < known.size(); ++c) digests.push_back(digest(known[c]));
  }
  return digests[static_cast<std::size_t>(code)];
}

// fingerprints_[j] sums, over the rows, a number made of a row's columns 0 to j: the sum does not
// depend on the order of the rows, and the number does on what stands together in a row.
void TableReader::add_fingerprints() {
  for (Index i = 0; i < rows_; ++i) {
    std::uint64_t row = 0;
    for (Index k = 0; k < label_columns_; ++k) {
      const std::int32_t code = codes_[static_cast<std::size_t>(i * label_columns_ + k)];
      row = (row ^ label_digest(k, code)) * kGoldenRatio;
    }
    const std::uint64_t labels = row;
    row = 0;
    for (Index j = 0; j < number_columns_; ++j) {
      std::uint64_t bits = 0;
      std::memcpy(&bits, &numbers_[static_cast<std::size_t>(i * number_columns_ + j)], 8);
      row = (row ^ bits) * kGoldenRatio;
      row ^= row >> 32;
      fingerprints_[static_cast<std::size_t>(j)] += row;
    }
    fingerprint_ += (row ^ labels) * 0xBF58476D1CE4E5B9ULL;
  }
}

void TableReader::require_same_rows(const TableReader& other) const {
  const std::size_t common = std::min(fingerprints_.size(), other.fingerprints_.size());
  const bool same_columns = columns_.size() == other.columns_.size();
  if (total_rows_ == other.total_rows_ &&
      (common == 0 || fingerprints_[common - 1] == other.fingerprints_[common - 1]) &&
      (!same_columns || fingerprint_ == other.fingerprint_)) {
    return;
  }
  other_rows();
}

std::int64_t TableReader::total_nulls() const noexcept {
  std::int64_t sum = 0;
  for (const std::int64_t n : nulls_) sum += n;
  return sum;
}

const LabelReader* TableReader::label_reader(Index k) const noexcept {
  const auto is_kth = [&](const LabelReader* reader) { return reader != nullptr && k-- == 0; };
  return *std::find_if(label_readers_.begin(), label_readers_.end(), is_kth);
}

std::vector<std::string_view> TableReader::labels(Index k) const {
  std::vector<std::string_view> result;
  const LabelReader& reader = *label_reader(k);
  result.reserve(static_cast<std::size_t>(reader.size()));
  for (std::int32_t code = 0; code < reader.size(); ++code) result.push_back(reader.label(code));
  return result;
}

std::optional<Index> array_elements(const Source& source,
                                    const std::string& column,
                                    const char* argument) {
  const Oid base = source.column(column, argument).base_type;
  const ArrayAccess access = backend([&] { return array_access(base, CurrentMemoryContext); });
  std::string array = quoted(column);
  if (OidIsValid(access.cast.fn_oid)) {
    array += access.element == FLOAT8OID ? "::pg_catalog.float8[]" : "::pg_catalog.float4[]";
  }
  const SPITupleTable* const rows =
      source.fetch({{"pg_catalog.cardinality(" + array + ")", INT4OID}},
                   " WHERE " + array + " IS NOT NULL LIMIT 1");
  bool null = true;
  const Datum count = backend([&]() -> Datum {
    return rows->numvals == 0 ? 0 : SPI_getbinval(rows->vals[0], rows->tupdesc, 1, &null);
  });
  if (null) return std::nullopt;
  return DatumGetInt32(count);
}

}  // namespace fairdb::pg
