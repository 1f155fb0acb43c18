// The scores of rows under a model, row after row.
#pragma once

#include "core/model/fair_model.hpp"

#include "pg/bridge/column_types.hpp"
#include "pg/bridge/labels.hpp"
#include "pg/bridge/owned.hpp"
#include "pg/bridge/value_cache.hpp"
#include "pg/models/model_value.hpp"

namespace fairdb::pg {

// Tells one snapshot of a session from another: under the same one a table has the same rows.
struct SnapshotMark {
  TransactionId xmin = InvalidTransactionId;
  TransactionId xmax = InvalidTransactionId;
  std::uint64_t running = 0;
  CommandId command = InvalidCommandId;
  SubTransactionId subtransaction = InvalidSubTransactionId;  // one that was rolled back is over
  std::uint64_t transaction = 0;
  Oid user = InvalidOid;

  static SnapshotMark current();

  bool operator==(const SnapshotMark&) const = default;
};

// Where a column of the model stands in the row type.
struct Field {
  int number = 0;  // from 0
  Oid type = InvalidOid;
  ArrayAccess array;
  LabelReader* labels = nullptr;  // of a category
  std::vector<Index> level_of_code;
};

// What the session keeps of a model.
struct DecodedModel final : Decoded {
  explicit DecodedModel(Datum datum);
  std::size_t bytes() const noexcept override { return size; }

  Model whole;
  const FairModel* model;  // its body
  std::size_t size;
  RawCoefficients raw;  // of a linear one
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

// What prediction under one model keeps from row to row. Owned by the memory context of the
// function's call, which deletes it; so no C++ object is on the stack while the server is called.
class Predictor {
 public:
  // The predictor of the model in the first argument, or of the registered model that it names.
  // From the third argument on there may be on_null and on_unseen, and behind a name its owner.
  static Predictor& of(FunctionCallInfo fcinfo);
  static Predictor& of_name(FunctionCallInfo fcinfo);
  // Of a call that needs no predictor: a wrong option is an error whatever the row is.
  static void check_options(FunctionCallInfo fcinfo);

  // nullopt: the prediction is NULL by on_null or on_unseen.
  std::optional<double> score(HeapTupleHeader row);
  std::optional<double> score(ArrayType* features);
  // Encodes a row into features(), in the units of the table; false when its prediction is NULL.
  bool encode(HeapTupleHeader row);
  const Vector& features() const noexcept { return features_; }

  const FairModel& model() const noexcept { return *model_; }
  std::size_t bytes() const noexcept { return decoded_->bytes(); }

  // For KeptByValue, in whose memory it works.
  Predictor(std::shared_ptr<const DecodedModel> decoded, MemoryContext memory);

 private:
  void be(const Leniency& leniency) noexcept { leniency_ = leniency; }
  void learn_row_type(Oid type, std::int32_t typmod);
  void deform(HeapTupleHeader row);
  double linear_score(HeapTupleHeader row, bool* null);
  // The place of a level; -1 when it is unseen and ignored, -2 when the prediction is NULL.
  Index level(Field& field, const FeatureColumn& column, Datum value);
  Index level_of(Field& field, const FeatureColumn& column, Datum value);
  OnUnseen on_unseen() const noexcept;
  bool nulls_give_null() const noexcept;
  bool another_column_gives_null();
  // Inline, for they run for every number of every row.
  static double checked(double score) {
    if (!std::isfinite(score)) raise_out_of_range();
    return score;
  }
  bool usable(double number, const FeatureColumn& column) {
    return std::isfinite(number) || null_beside_infinite(number, column);
  }
  [[noreturn]] static void raise_out_of_range();
  bool null_beside_infinite(double number, const FeatureColumn& column);
  bool impute(Index feature, Index width, const std::string& name, double* values);

  std::shared_ptr<const DecodedModel> decoded_;
  const FairModel* model_;
  const RawCoefficients& raw_;
  Leniency leniency_;
  MemoryContext row_memory_ = nullptr;  // of what is known of the row type
  bool additive_ = false;               // linear_score() serves
  Vector features_;
  Oid row_type_ = InvalidOid;
  std::int32_t row_typmod_ = -1;
  std::uint64_t row_version_ = 0;
  TupleDesc desc_ = nullptr;
  std::vector<Field> fields_;
  std::vector<Datum> values_;
  std::unique_ptr<bool[]> nulls_;
};

}  // namespace fairdb::pg
