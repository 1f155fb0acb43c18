// predict, classify and probability: the scores of one row under a linear model.
#include <cmath>

#include "core/linear/model.hpp"

#include "pg/bridge/column_types.hpp"
#include "pg/bridge/labels.hpp"
#include "pg/bridge/value.hpp"
#include "pg/linear.hpp"

namespace fairdb::pg {
namespace {

// Where a column of the model stands in the row type.
struct Field {
  int number = 0;  // from 0
  Oid type = InvalidOid;
  LabelReader* labels = nullptr;  // of a category
  std::vector<Index> level_of_code;
};

// What prediction keeps from row to row. Owned by the memory context of the function's call, which
// deletes it; so no C++ object is on the stack while the server is called.
class Predictor {
 public:
  static Predictor& of(FunctionCallInfo fcinfo);

  // nullopt: the prediction is NULL by the model's on_null or on_unseen.
  std::optional<double> score(HeapTupleHeader row);
  std::optional<double> score(ArrayType* features);

  const LinearModel& model() const noexcept { return model_; }

 private:
  explicit Predictor(MemoryContext memory) : memory_(memory) {}
  void load(Datum value);
  void learn_row_type(Oid type, std::int32_t typmod);
  std::optional<double> category(Field& field,
                                 const FeatureColumn& column,
                                 Index feature,
                                 Datum value);
  std::optional<double> unseen(const FeatureColumn& column, std::string_view level) const;
  static double checked(double score);
  bool impute(Index feature, Index width, const std::string& name, double& score) const;

  MemoryContext memory_;
  ValueFingerprint fingerprint_;
  MemoryContext fingerprint_memory_ = nullptr;
  MemoryContext row_memory_ = nullptr;  // of what is known of the row type
  LinearModel model_;
  RawCoefficients raw_;
  Oid row_type_ = InvalidOid;
  std::int32_t row_typmod_ = -1;
  std::uint64_t row_version_ = 0;
  TupleDesc desc_ = nullptr;
  std::vector<Field> fields_;
  std::vector<Datum> values_;
  std::unique_ptr<bool[]> nulls_;
};

Predictor& Predictor::of(FunctionCallInfo fcinfo) {
  FmgrInfo* const info = fcinfo->flinfo;
  if (info->fn_extra == nullptr) {
    auto owner = std::unique_ptr<Predictor>(new Predictor(info->fn_mcxt));
    backend([&] {
      auto* const callback = static_cast<MemoryContextCallback*>(
          MemoryContextAllocZero(info->fn_mcxt, sizeof(MemoryContextCallback)));
      callback->func = [](void* predictor) { delete static_cast<Predictor*>(predictor); };
      callback->arg = owner.get();
      owner->fingerprint_memory_ =
          AllocSetContextCreate(info->fn_mcxt, "fairdb model", ALLOCSET_SMALL_SIZES);
      owner->row_memory_ = AllocSetContextCreate(info->fn_mcxt, "fairdb row", ALLOCSET_SMALL_SIZES);
      MemoryContextRegisterResetCallback(info->fn_mcxt, callback);
    });
    info->fn_extra = owner.release();
  }
  auto& predictor = *static_cast<Predictor*>(info->fn_extra);
  const Datum value = PG_GETARG_DATUM(0);
  if (!predictor.fingerprint_.matches(value)) predictor.load(value);
  return predictor;
}

void Predictor::load(Datum value) {
  fingerprint_ = ValueFingerprint{};
  row_type_ = InvalidOid;
  model_ = open_model(backend([&] { return value_bytes(value); }));
  raw_ = raw_coefficients(model_);
  backend([&] {
    MemoryContextReset(fingerprint_memory_);
    fingerprint_.remember(value, fingerprint_memory_);
  });
}

void Predictor::learn_row_type(Oid type, std::int32_t typmod) {
  row_type_ = InvalidOid;
  fields_.clear();
  desc_ = backend([&] {
    MemoryContextReset(row_memory_);
    MemoryContext const previous = MemoryContextSwitchTo(row_memory_);
    TupleDesc const desc = lookup_rowtype_tupdesc_copy(type, typmod);
    MemoryContextSwitchTo(previous);
    return desc;
  });
  for (const FeatureColumn& column : model_.columns) {
    Field field;
    while (field.number < desc_->natts &&
           (TupleDescAttr(desc_, field.number)->attisdropped ||
            column.name != NameStr(TupleDescAttr(desc_, field.number)->attname))) {
      ++field.number;
    }
    if (field.number == desc_->natts) {
      throw Error(ErrorKind::UnknownColumn,
                  "the row has no column \"" + column.name + "\", which the model needs",
                  "Pass the row of a table or subquery that has the model's columns: "
                  "predict(model, t) from t.");
    }
    const Oid declared = TupleDescAttr(desc_, field.number)->atttypid;
    field.type = backend([&] { return getBaseType(declared); });
    const bool category = column.kind == FeatureKind::Category;
    if (!(category ? backend([&] { return is_category(field.type); }) : is_number(field.type))) {
      throw Error(ErrorKind::WrongType,
                  "column \"" + column.name + "\" of the row has type " +
                      backend([&] { return format_type_be(declared); }) + ", the model needs " +
                      (category ? "a text or an enum" : "a number or a boolean"));
    }
    if (category) {
      field.labels = backend([&] { return LabelReader::create(declared, row_memory_); });
    }
    fields_.push_back(std::move(field));
  }
  values_.resize(static_cast<std::size_t>(desc_->natts));
  nulls_ = std::make_unique<bool[]>(static_cast<std::size_t>(desc_->natts));
  row_type_ = type;
  row_typmod_ = typmod;
}

// Adds the imputed value of a column that is NULL; false when the prediction is NULL instead.
bool Predictor::impute(Index feature, Index width, const std::string& name, double& score) const {
  switch (model_.on_null) {
    case OnNull::Skip:
      return false;
    case OnNull::Impute:
      for (Index j = feature; j < feature + width; ++j) {
        score += raw_.coefficients(j) * model_.impute(j);
      }
      return true;
    case OnNull::Error:
      break;
  }
  throw Error(ErrorKind::InvalidData, "column \"" + name + "\" is NULL",
              "The model was trained with on_null => 'error'; 'skip' predicts NULL for such a row, "
              "'impute' uses the column's mean.");
}

// The coefficient of a level; nullopt when it is unseen and the prediction is NULL.
std::optional<double> Predictor::category(Field& field,
                                          const FeatureColumn& column,
                                          Index feature,
                                          Datum value) {
  constexpr std::int32_t kRemembered = 2000;
  if (field.labels->size() > kRemembered) {
    field.labels->forget_above(kRemembered);
    field.level_of_code.clear();
  }
  const std::int32_t code = field.labels->code(value, kRemembered + 2);
  if (code < 0) return unseen(column, "...");  // longer than any level
  while (static_cast<std::int32_t>(field.level_of_code.size()) < field.labels->size()) {
    const auto next = static_cast<std::int32_t>(field.level_of_code.size());
    field.level_of_code.push_back(column.find(field.labels->label(next)));
  }
  const Index level = field.level_of_code[static_cast<std::size_t>(code)];
  if (level >= 0) return raw_.coefficients(feature + level);
  return unseen(column, field.labels->label(code));
}

// A level that training has not seen: nullopt, or an error.
std::optional<double> Predictor::unseen(const FeatureColumn& column, std::string_view level) const {
  if (model_.on_unseen == OnUnseen::Null) return std::nullopt;
  throw Error(ErrorKind::UnknownGroup,
              "column \"" + column.name + "\" has the level \"" + std::string(level) +
                  "\", which training has not seen",
              "on_unseen => 'null' at training predicts NULL for such a row.");
}

// The score is finite, or the row's numbers are too large for it.
double Predictor::checked(double score) {
  if (std::isfinite(score)) return score;
  throw Error(ErrorKind::OutOfRange, "the prediction exceeds the range of double precision");
}

std::optional<double> Predictor::score(HeapTupleHeader row) {
  const Oid type = HeapTupleHeaderGetTypeId(row);
  const std::int32_t typmod = HeapTupleHeaderGetTypMod(row);
  // The number changes when ALTER TABLE changes the type.
  const std::uint64_t version = assign_record_type_identifier(type, typmod);
  if (type != row_type_ || typmod != row_typmod_ || version != row_version_) {
    learn_row_type(type, typmod);
    row_version_ = version;
  }
  HeapTupleData tuple;
  tuple.t_len = HeapTupleHeaderGetDatumLength(row);
  ItemPointerSetInvalid(&tuple.t_self);
  tuple.t_tableOid = InvalidOid;
  tuple.t_data = row;
  heap_deform_tuple(&tuple, desc_, values_.data(), nulls_.get());
  double score = raw_.constant;
  Index feature = 0;
  for (std::size_t c = 0; c < fields_.size(); ++c) {
    Field& field = fields_[c];
    const FeatureColumn& column = model_.columns[c];
    const Index width = column.width();
    const Datum value = values_[static_cast<std::size_t>(field.number)];
    if (nulls_[static_cast<std::size_t>(field.number)]) {
      if (!impute(feature, width, column.name, score)) return std::nullopt;
    } else if (column.kind == FeatureKind::Category) {
      const std::optional<double> part = category(field, column, feature, value);
      if (!part) return std::nullopt;
      score += *part;
    } else {
      const double number = number_from(value, field.type);
      if (!std::isfinite(number)) {
        throw Error(ErrorKind::InvalidData, "column \"" + column.name + "\" is not finite");
      }
      score += raw_.coefficients(feature) * number;
    }
    feature += width;
  }
  return checked(score);
}

std::optional<double> Predictor::score(ArrayType* features) {
  Datum* elements = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  deconstruct_array(features, FLOAT8OID, sizeof(double), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
                    &elements, &nulls, &count);
  if (count != model_.features()) {
    throw Error(ErrorKind::InvalidArgument,
                "the array has " + std::to_string(count) + " numbers, the model has " +
                    std::to_string(model_.features()) + " features",
                "Their order is that of coefficients(model), without the intercept.");
  }
  double score = raw_.constant;
  for (Index j = 0; j < count; ++j) {
    if (nulls[j]) {
      if (!impute(j, 1, "features[" + std::to_string(j + 1) + "]", score)) return std::nullopt;
      continue;
    }
    const double number = DatumGetFloat8(elements[j]);
    if (!std::isfinite(number)) {
      throw Error(ErrorKind::InvalidData,
                  "number " + std::to_string(j + 1) + " of the array is not finite");
    }
    score += raw_.coefficients(j) * number;
  }
  return checked(score);
}

void require_classes(const LinearModel& model) {
  if (model.options.binary) return;
  throw Error(ErrorKind::InvalidArgument, "the model estimates a number, not a class",
              "Use predict(model, row), and compare it with a threshold.");
}

Datum predicted(std::optional<double> score, FunctionCallInfo fcinfo) {
  if (!score) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*score);
}

Datum classified(const Predictor& predictor, std::optional<double> score, FunctionCallInfo fcinfo) {
  require_classes(predictor.model());
  if (!score) PG_RETURN_NULL();
  PG_RETURN_BOOL(*score >= 0);
}

Datum probable(const Predictor& predictor, std::optional<double> score, FunctionCallInfo fcinfo) {
  if (!std::holds_alternative<Logistic>(predictor.model().options.loss)) {
    throw Error(ErrorKind::InvalidArgument,
                "only models of the logistic loss estimate probabilities",
                "Use predict(model, row) for the score or classify(model, row) for the class.");
  }
  if (!score) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(1.0 / (1.0 + std::exp(-*score)));
}

}  // namespace

FAIRDB_FUNCTION(predict_row) {
  Predictor& predictor = Predictor::of(fcinfo);
  return predicted(predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

FAIRDB_FUNCTION(predict_array) {
  Predictor& predictor = Predictor::of(fcinfo);
  return predicted(predictor.score(PG_GETARG_ARRAYTYPE_P(1)), fcinfo);
}

FAIRDB_FUNCTION(classify_row) {
  Predictor& predictor = Predictor::of(fcinfo);
  return classified(predictor, predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

FAIRDB_FUNCTION(classify_array) {
  Predictor& predictor = Predictor::of(fcinfo);
  return classified(predictor, predictor.score(PG_GETARG_ARRAYTYPE_P(1)), fcinfo);
}

FAIRDB_FUNCTION(probability_row) {
  Predictor& predictor = Predictor::of(fcinfo);
  return probable(predictor, predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

FAIRDB_FUNCTION(probability_array) {
  Predictor& predictor = Predictor::of(fcinfo);
  return probable(predictor, predictor.score(PG_GETARG_ARRAYTYPE_P(1)), fcinfo);
}

}  // namespace fairdb::pg
