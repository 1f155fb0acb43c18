// Reads the rows of a source into blocks of numbers for Eigen, without copying tuples: the executor
// hands each row to a receiver of ours that writes the block.
#pragma once

#include "core/base/views.hpp"
#include "pg/bridge/column_types.hpp"
#include "pg/bridge/labels.hpp"
#include "pg/bridge/source.hpp"

namespace fairdb::pg {

// How many elements the first array of a column has, named by the argument; nullopt when all are
// NULL. Needs an open SpiSession. Errors: UnknownColumn; of the server for other columns.
std::optional<Index> array_elements(const Source& source,
                                    const std::string& column,
                                    const char* argument);

// Number: a column of numbers, booleans or times as double. Numbers: a column of arrays, as so many
// doubles. Hash: a text as a number in [0, 1) that its digest gives. Label: any type with equality,
// as codes. Keep: the value itself, stored into a tuplestore of one column, row by row.
enum class ReadAs : std::uint8_t { Number, Numbers, Hash, Label, Keep };

struct ReadColumn {
  std::string expression;  // SQL
  std::string name;        // for errors
  Oid type;
  ReadAs as;
  std::int32_t label_limit = 0;  // of a Label
  Index elements = 1;            // of Numbers
};

class TableReader {
 public:
  // keep: receives the Keep column, if there is one.
  // Errors: WrongType for a Number column of another type, naming the column; Changed.
  TableReader(const Source& source,
              std::vector<ReadColumn> columns,
              Tuplestorestate* keep = nullptr);
  TableReader(const TableReader&) = delete;
  TableReader& operator=(const TableReader&) = delete;
  ~TableReader();

  // Reads the next block; false when there are no more rows. Errors: of the server, among them a
  // cancel; 22003 for a number that is not finite, naming the column.
  bool next();

  Index rows() const noexcept { return rows_; }
  // rows x numbers; NaN for NULL. Valid until the next call of next().
  MatrixView numbers() const noexcept {
    return {Eigen::Map<const RowMatrix, 0, Eigen::OuterStride<>>(
        numbers_.data(), rows_, number_columns_, Eigen::OuterStride<>(number_columns_))};
  }
  // rows x label columns; -1 for NULL.
  std::span<const std::int32_t> codes() const noexcept {
    return {codes_.data(), static_cast<std::size_t>(rows_ * label_columns_)};
  }
  Index label_columns() const noexcept { return label_columns_; }
  // Whether the block has a NULL (or a value that is no group) among numbers and labels.
  bool block_has_nulls() const noexcept { return nulls_before_ != total_nulls(); }

  std::int64_t total_rows() const noexcept { return total_rows_; }
  std::int64_t total_nulls() const noexcept;
  // By column, in the order of the constructor's list.
  const std::vector<std::int64_t>& nulls() const noexcept { return nulls_; }
  const std::vector<ReadColumn>& columns() const noexcept { return columns_; }

  // For a source that is read more than once. keep_fingerprints() before the first row of each
  // reading; after the last one require_same_rows() throws InvalidData unless both have read the
  // same rows, in whatever order: numbers and labels when they read the same columns, else as far
  // as the number columns tell that both begin with.
  void keep_fingerprints();
  void require_same_rows(const TableReader& other) const;

  // The row type of the tuplestore that keeps the Keep column.
  TupleDesc keep_desc() const noexcept { return keep_desc_; }

  // A digest of all rows read, numbers and labels, in whatever order. keep_fingerprints() first.
  std::uint64_t fingerprint() const noexcept { return fingerprint_; }

  // The labels of the k-th label column met so far, in the order of their codes; how many; one.
  std::vector<std::string_view> labels(Index k) const;
  std::int32_t label_count(Index k) const noexcept { return label_reader(k)->size(); }
  std::string_view label(Index k, std::int32_t code) const noexcept {
    return label_reader(k)->label(code);
  }

 private:
  struct Receiver;
  void receive(TupleTableSlot* slot);
  double* receive_array(std::size_t column, Datum value, bool null, double* number);
  void add_fingerprints();
  std::uint64_t label_digest(Index k, std::int32_t code);
  const LabelReader* label_reader(Index k) const noexcept;

  std::vector<ReadColumn> columns_;
  Tuplestorestate* keep_;
  TupleDesc keep_desc_ = nullptr;
  Portal portal_ = nullptr;
  MemoryContext memory_ = nullptr;  // of one block
  std::unique_ptr<Receiver> receiver_;
  std::vector<Oid> base_types_;
  std::vector<ArrayAccess> arrays_;
  std::vector<LabelReader*> label_readers_;
  Index number_columns_ = 0;  // numbers of a row
  Index label_columns_ = 0;
  Index block_rows_ = 0;
  Index rows_ = 0;
  std::int64_t total_rows_ = 0;
  std::int64_t nulls_before_ = 0;
  std::vector<double> numbers_;
  std::vector<std::uint64_t> fingerprints_;  // by number; empty when not kept
  bool keeps_fingerprints_ = false;
  std::uint64_t fingerprint_ = 0;
  std::vector<std::vector<std::uint64_t>> label_digests_;
  std::vector<std::int32_t> codes_;
  std::vector<std::int64_t> nulls_;
};

}  // namespace fairdb::pg
