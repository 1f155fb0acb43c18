// From rows of a table to the features of a model, row after row.
#pragma once

#include <cmath>
#include "core/features/encoding.hpp"

#include "pg/bridge/column_types.hpp"
#include "pg/bridge/labels.hpp"

namespace fairdb::pg {

// Where a column of the model stands in the row type.
struct Field {
  int number = 0;  // from 0
  Oid type = InvalidOid;
  ArrayAccess array;
  LabelReader* labels = nullptr;  // of a category
  std::vector<Index> level_of_code;
};

// What a row without a value, or with a level that training has not seen, is at prediction: as the
// model says, or as the caller does.
enum class OnNullRow : std::uint8_t { Error, Null };
}  // namespace fairdb::pg

namespace fairdb {
template <>
struct NameTable<pg::OnNullRow> {
  static constexpr std::string_view kWhat = "on_null";
  static constexpr std::pair<pg::OnNullRow, std::string_view> kNames[] = {
      {pg::OnNullRow::Error, "error"}, {pg::OnNullRow::Null, "null"}};
};
}  // namespace fairdb

namespace fairdb::pg {

struct Leniency {
  std::optional<OnNullRow> on_null = {};
  std::optional<OnUnseen> on_unseen = {};
};

// The encoder of rows under one model. Owned by the memory context of the function's call, which
// deletes it; so no C++ object is on the stack while the server is called.
class RowEncoder {
 public:
  // input: of the model; it must outlive this. memory: in which this lives.
  RowEncoder(const FeatureInput& input, MemoryContext memory);

  // In place of what training said.
  void be(const Leniency& leniency) noexcept { leniency_ = leniency; }
  // Encodes a row into features(), in the units of the table; false when its prediction is NULL.
  bool encode(HeapTupleHeader row);
  // The same of an array of features, in the order of the model's.
  bool encode(ArrayType* features);
  const Vector& features() const noexcept { return features_; }

 protected:
  // Finds the row's fields.
  void deform(HeapTupleHeader row);
  // Writes the values that stand in for a NULL; false when the prediction is NULL instead.
  bool impute(Index feature, Index width, const std::string& name, double* values);
  // The place of a level; -1 when it is unseen and ignored, -2 when the prediction is NULL.
  Index level(Field& field, const FeatureColumn& column, Datum value);
  // Inline, for it runs for every number of every row.
  bool usable(double number, const FeatureColumn& column) {
    return std::isfinite(number) || null_beside_infinite(number, column);
  }

  const FeatureInput& input_;
  Vector features_;
  std::vector<Field> fields_;
  std::vector<Datum> values_;
  std::unique_ptr<bool[]> nulls_;

 private:
  void learn_row_type(Oid type, std::int32_t typmod);
  Index level_of(Field& field, const FeatureColumn& column, Datum value);
  OnUnseen on_unseen() const noexcept;
  bool nulls_give_null() const noexcept;
  bool another_column_gives_null();
  bool null_beside_infinite(double number, const FeatureColumn& column);

  Leniency leniency_;
  MemoryContext row_memory_ = nullptr;  // of what is known of the row type
  Oid row_type_ = InvalidOid;
  std::int32_t row_typmod_ = -1;
  std::uint64_t row_version_ = 0;
  TupleDesc desc_ = nullptr;
};

}  // namespace fairdb::pg
