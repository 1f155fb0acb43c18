// predict, classify and probability: the scores of one row under a model; explain: their parts.
#include <cmath>

#include "core/model/model.hpp"

#include "pg/bridge/column_types.hpp"
#include "pg/bridge/labels.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/bridge/value.hpp"
#include "pg/model.hpp"

extern "C" {
#include <access/xact.h>
#include <storage/proc.h>
#include <utils/snapmgr.h>
}

namespace fairdb::pg {
namespace {

// Tells one snapshot of a session from another: under the same one a table has the same rows.
struct SnapshotMark {
  TransactionId xmin = InvalidTransactionId;
  TransactionId xmax = InvalidTransactionId;
  std::uint32_t running = 0;
  CommandId command = InvalidCommandId;
  SubTransactionId subtransaction = InvalidSubTransactionId;  // one that was rolled back is over
  std::uint64_t transaction = 0;
  Oid user = InvalidOid;

  static SnapshotMark current() {
    const SnapshotData* const snapshot = GetActiveSnapshot();
    return {snapshot->xmin,
            snapshot->xmax,
            snapshot->xcnt,
            snapshot->curcid,
            GetCurrentSubTransactionId(),
            transaction_number(),
            GetUserId()};
  }
  bool operator==(const SnapshotMark&) const = default;

 private:
  static std::uint64_t transaction_number() {
#if PG_VERSION_NUM >= 170000
    return MyProc->vxid.lxid;
#else
    return MyProc->lxid;
#endif
  }
};

// Where a column of the model stands in the row type.
struct Field {
  int number = 0;  // from 0
  Oid type = InvalidOid;
  ArrayAccess array;
  LabelReader* labels = nullptr;  // of a category
  std::vector<Index> level_of_code;
};

// What prediction keeps from row to row. Owned by the memory context of the function's call, which
// deletes it; so no C++ object is on the stack while the server is called.
class Predictor {
 public:
  // The predictor of the model in the first argument, or of the registered model that it names.
  static Predictor& of(FunctionCallInfo fcinfo);
  static Predictor& of_name(FunctionCallInfo fcinfo);

  // nullopt: the prediction is NULL by the model's on_null or on_unseen.
  std::optional<double> score(HeapTupleHeader row);
  std::optional<double> score(ArrayType* features);
  // Encodes a row into features(), in the units of the table; false when its prediction is NULL.
  bool encode(HeapTupleHeader row);
  const Vector& features() const noexcept { return features_; }

  const Model& model() const noexcept { return model_; }

 private:
  explicit Predictor(MemoryContext memory) : memory_(memory) {}
  static Predictor& create(FunctionCallInfo fcinfo);
  void load(Datum value);
  void load_named(const text* name);
  void learn_row_type(Oid type, std::int32_t typmod);
  void deform(HeapTupleHeader row);
  double linear_score(HeapTupleHeader row, bool* null);
  // The place of a level; -1 when it is unseen and ignored, -2 when the prediction is NULL.
  Index level(Field& field, const FeatureColumn& column, Datum value);
  Index unseen(const FeatureColumn& column, std::string_view level) const;
  // Inline, for they run for every number of every row.
  static double checked(double score) {
    if (!std::isfinite(score)) raise_out_of_range();
    return score;
  }
  static double finite(double number, const std::string& name) {
    if (!std::isfinite(number)) raise_not_finite(name);
    return number;
  }
  [[noreturn]] static void raise_out_of_range();
  [[noreturn]] static void raise_not_finite(const std::string& name);
  bool impute(Index feature, Index width, const std::string& name, double* values) const;

  MemoryContext memory_;
  ValueFingerprint fingerprint_;
  std::string name_;
  SnapshotMark snapshot_;
  MemoryContext fingerprint_memory_ = nullptr;
  MemoryContext row_memory_ = nullptr;  // of what is known of the row type
  Model model_;
  RawCoefficients raw_;
  bool additive_ = false;  // linear_score() serves
  Vector features_;
  Oid row_type_ = InvalidOid;
  std::int32_t row_typmod_ = -1;
  std::uint64_t row_version_ = 0;
  TupleDesc desc_ = nullptr;
  std::vector<Field> fields_;
  std::vector<Datum> values_;
  std::unique_ptr<bool[]> nulls_;
};

Predictor& Predictor::create(FunctionCallInfo fcinfo) {
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
  return *static_cast<Predictor*>(info->fn_extra);
}

Predictor& Predictor::of(FunctionCallInfo fcinfo) {
  Predictor& predictor = create(fcinfo);
  const Datum value = PG_GETARG_DATUM(0);
  if (!predictor.fingerprint_.matches(value)) predictor.load(value);
  return predictor;
}

Predictor& Predictor::of_name(FunctionCallInfo fcinfo) {
  Predictor& predictor = create(fcinfo);
  predictor.load_named(PG_GETARG_TEXT_PP(0));
  return predictor;
}

void Predictor::load(Datum value) {
  fingerprint_ = ValueFingerprint{};
  row_type_ = InvalidOid;
  model_ = open_model(backend([&] { return value_bytes(value); }));
  if (model_.is_linear()) raw_ = raw_coefficients(model_);
  features_.resize(model_.features());
  additive_ = model_.is_linear() &&
              std::none_of(model_.columns.begin(), model_.columns.end(),
                           [](const auto& c) { return c.kind == FeatureKind::Array; });
  backend([&] {
    MemoryContextReset(fingerprint_memory_);
    fingerprint_.remember(value, fingerprint_memory_);
  });
}

// Reads the active version through SPI, as the caller; again only under another snapshot.
void Predictor::load_named(const text* name) {
  const std::string_view wanted(VARDATA_ANY(name),
                                static_cast<std::size_t>(VARSIZE_ANY_EXHDR(name)));
  const SnapshotMark now = SnapshotMark::current();
  if (wanted == name_ && now == snapshot_) return;
  name_.clear();
  MemoryContext const memory = CurrentMemoryContext;
  const Oid model_type = type_of_fairdb("model");
  const Datum value = backend([&]() -> Datum {
    SPI_connect();
    Oid types[1] = {TEXTOID};
    Datum values[1] = {PointerGetDatum(name)};
    const int result = SPI_execute_with_args(
        "SELECT model FROM fairdb.models WHERE owner OPERATOR(pg_catalog.=) fairdb.model_owner($1) "
        "AND name OPERATOR(pg_catalog.=) $1 AND active",
        1, types, values, nullptr, true, 1);
    if (result != SPI_OK_SELECT) elog(ERROR, "SPI_execute failed");
    if (SPI_gettypeid(SPI_tuptable->tupdesc, 1) != model_type) {
      ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                      errmsg("column \"model\" of fairdb.models is not of type fairdb.model")));
    }
    Datum copy = 0;
    if (SPI_processed == 1) {
      bool null = false;
      const Datum found = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null);
      MemoryContext const inner = MemoryContextSwitchTo(memory);
      copy = PointerGetDatum(PG_DETOAST_DATUM_COPY(found));
      MemoryContextSwitchTo(inner);
    }
    SPI_finish();
    return copy;
  });
  if (value == 0) {
    throw Error(ErrorKind::InvalidArgument,
                "there is no active model \"" + std::string(wanted) + "\" that you may use",
                "select name, version, owner, active from fairdb.models lists those that you may.");
  }
  if (!fingerprint_.matches(value)) load(value);
  name_ = wanted;
  snapshot_ = now;
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
    const bool fits = backend([&] {
      switch (column.kind) {
        case FeatureKind::Category:
          return is_category(field.type);
        case FeatureKind::Time:
          return is_time(field.type);
        case FeatureKind::Interval:
          return is_interval(field.type);
        case FeatureKind::Array:
          field.array = array_access(field.type, row_memory_);
          return OidIsValid(field.array.element);
        case FeatureKind::Number:
        case FeatureKind::Boolean:
          break;
      }
      return is_number(field.type);
    });
    if (!fits) {
      throw Error(ErrorKind::WrongType, "column \"" + column.name + "\" of the row has type " +
                                            backend([&] { return format_type_be(declared); }) +
                                            ", the model needs " +
                                            std::string(description(column.kind)));
    }
    if (column.kind == FeatureKind::Category) {
      field.labels = backend([&] { return LabelReader::create(declared, row_memory_); });
    }
    fields_.push_back(std::move(field));
  }
  values_.resize(static_cast<std::size_t>(desc_->natts));
  nulls_ = std::make_unique<bool[]>(static_cast<std::size_t>(desc_->natts));
  row_type_ = type;
  row_typmod_ = typmod;
}

// Writes the values that stand in for a NULL; false when the prediction is NULL instead.
bool Predictor::impute(Index feature, Index width, const std::string& name, double* values) const {
  switch (model_.on_null) {
    case OnNull::Skip:
      return false;
    case OnNull::Impute:
      std::copy_n(model_.impute.data() + feature, width, values);
      return true;
    case OnNull::Error:
      break;
  }
  throw Error(ErrorKind::InvalidData, "column \"" + name + "\" is NULL",
              "The model was trained with on_null => 'error'; 'skip' predicts NULL for such a row, "
              "'impute' uses the column's mean.");
}

void Predictor::raise_not_finite(const std::string& name) {
  throw Error(ErrorKind::OutOfRange, "column \"" + name + "\" is not finite");
}

Index Predictor::level(Field& field, const FeatureColumn& column, Datum value) {
  constexpr std::int32_t kRemembered = 2000;
  if (field.labels->forget_stale(kRemembered)) field.level_of_code.clear();
  const std::int32_t code = field.labels->code(value, kRemembered + 2);
  if (code < 0) return unseen(column, "...");  // longer than any level
  while (static_cast<std::int32_t>(field.level_of_code.size()) < field.labels->size()) {
    const auto next = static_cast<std::int32_t>(field.level_of_code.size());
    field.level_of_code.push_back(column.find(field.labels->label(next)));
  }
  const Index found = field.level_of_code[static_cast<std::size_t>(code)];
  return found >= 0 ? found : unseen(column, field.labels->label(code));
}

Index Predictor::unseen(const FeatureColumn& column, std::string_view level) const {
  if (model_.on_unseen == OnUnseen::Ignore) return -1;
  if (model_.on_unseen == OnUnseen::Null) return -2;
  throw Error(ErrorKind::UnknownGroup,
              "column \"" + column.name + "\" has the level \"" + std::string(level) +
                  "\", which training has not seen",
              "on_unseen => 'null' at training predicts NULL for such a row, on_unseen => 'ignore' "
              "a score without the column.");
}

// The score is finite, or the row's numbers are too large for it.
void Predictor::raise_out_of_range() {
  throw Error(ErrorKind::OutOfRange, "the prediction exceeds the range of double precision");
}

// Finds the row's fields.
void Predictor::deform(HeapTupleHeader row) {
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
}

bool Predictor::encode(HeapTupleHeader row) {
  deform(row);
  double* place = features_.data();
  for (std::size_t c = 0; c < fields_.size(); ++c) {
    Field& field = fields_[c];
    const FeatureColumn& column = model_.columns[c];
    const Index width = column.width();
    const Index feature = place - features_.data();
    const Datum value = values_[static_cast<std::size_t>(field.number)];
    if (nulls_[static_cast<std::size_t>(field.number)]) {
      if (!impute(feature, width, column.name, place)) return false;
    } else if (column.kind == FeatureKind::Category) {
      const Index found = level(field, column, value);
      if (found == -2) return false;
      std::fill_n(place, width, 0.0);
      if (found >= 0) place[found] = 1;
    } else if (column.kind == FeatureKind::Array) {
      const int count = read_array(value, field.array, static_cast<int>(width), place);
      if (count == kNullArray) {
        if (!impute(feature, width, column.name, place)) return false;
      } else if (count != width) {
        throw Error(ErrorKind::InvalidData,
                    "column \"" + column.name + "\" has an array of " + std::to_string(count) +
                        " numbers, the model needs " + std::to_string(width));
      }
      for (Index k = 0; k < width; ++k) {
        if (std::isnan(place[k])) {
          if (!impute(feature + k, 1, column.name, place + k)) return false;
        }
        finite(place[k], column.name);
      }
    } else {
      *place = finite(number_from(value, field.type), column.name);
    }
    place += width;
  }
  return true;
}

// The score of a row under a linear model of single numbers and categories, without writing its
// features down.
double Predictor::linear_score(HeapTupleHeader row, bool* null) {
  deform(row);
  double score = raw_.constant;
  Index feature = 0;
  *null = false;
  for (std::size_t c = 0; c < fields_.size(); ++c) {
    Field& field = fields_[c];
    const FeatureColumn& column = model_.columns[c];
    const Index width = column.width();
    const Datum value = values_[static_cast<std::size_t>(field.number)];
    if (nulls_[static_cast<std::size_t>(field.number)]) {
      if (!impute(feature, width, column.name, features_.data())) {
        *null = true;
        return 0;
      }
      for (Index k = 0; k < width; ++k) score += raw_.coefficients(feature + k) * features_(k);
    } else if (column.kind == FeatureKind::Category) {
      const Index found = level(field, column, value);
      if (found == -2) {
        *null = true;
        return 0;
      }
      if (found >= 0) score += raw_.coefficients(feature + found);
    } else {
      score += raw_.coefficients(feature) * finite(number_from(value, field.type), column.name);
    }
    feature += width;
  }
  return score;
}

std::optional<double> Predictor::score(HeapTupleHeader row) {
  if (additive_) {
    bool null = false;
    const double score = linear_score(row, &null);
    if (null) return std::nullopt;
    return checked(score);
  }
  if (!encode(row)) return std::nullopt;
  return checked(fairdb::score(model_, features_));
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
  for (Index j = 0; j < count; ++j) {
    if (nulls[j]) {
      if (!impute(j, 1, "features[" + std::to_string(j + 1) + "]", &features_(j))) {
        return std::nullopt;
      }
      continue;
    }
    features_(j) = DatumGetFloat8(elements[j]);
    if (!std::isfinite(features_(j))) {
      throw Error(ErrorKind::OutOfRange,
                  "number " + std::to_string(j + 1) + " of the array is not finite");
    }
  }
  if (model_.is_linear()) return checked(raw_.constant + raw_.coefficients.dot(features_));
  return checked(fairdb::score(model_, features_));
}

void require_classes(const Model& model) {
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
  if (score_of(predictor.model().options.loss) != LossScore::LogOdds) {
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

FAIRDB_FUNCTION(predict_named) {
  Predictor& predictor = Predictor::of_name(fcinfo);
  return predicted(predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

FAIRDB_FUNCTION(classify_row) {
  Predictor& predictor = Predictor::of(fcinfo);
  return classified(predictor, predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

FAIRDB_FUNCTION(classify_array) {
  Predictor& predictor = Predictor::of(fcinfo);
  return classified(predictor, predictor.score(PG_GETARG_ARRAYTYPE_P(1)), fcinfo);
}

FAIRDB_FUNCTION(classify_named) {
  Predictor& predictor = Predictor::of_name(fcinfo);
  return classified(predictor, predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

FAIRDB_FUNCTION(probability_row) {
  Predictor& predictor = Predictor::of(fcinfo);
  return probable(predictor, predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

FAIRDB_FUNCTION(probability_array) {
  Predictor& predictor = Predictor::of(fcinfo);
  return probable(predictor, predictor.score(PG_GETARG_ARRAYTYPE_P(1)), fcinfo);
}

FAIRDB_FUNCTION(probability_named) {
  Predictor& predictor = Predictor::of_name(fcinfo);
  return probable(predictor, predictor.score(PG_GETARG_HEAPTUPLEHEADER(1)), fcinfo);
}

// What each column adds to the score: the score minus the score with the column at its training
// mean. Of a linear model these add up, with the score of the mean row, to the score.
FAIRDB_FUNCTION(explain) {
  Predictor& predictor = Predictor::of(fcinfo);
  // Plain: before any C++ object lives in this frame.
  const bool known = predictor.encode(PG_GETARG_HEAPTUPLEHEADER(1));
  RowWriter rows(fcinfo);
  const Model& model = predictor.model();
  if (known) {
    const Vector features = predictor.features();
    const double whole = score(model, features);
    rows.text("(mean row)").text(std::nullopt).number(score(model, model.mean())).end_row();
    Index j = 0;
    for (const FeatureColumn& column : model.columns) {
      const Index width = column.width();
      Vector without = features;
      without.segment(j, width) = model.mean().segment(j, width);
      std::string value;
      if (column.kind == FeatureKind::Category) {
        Index level = 0;
        const double share = width == 0 ? 0 : features.segment(j, width).maxCoeff(&level);
        value = share == 1 ? column.part(level) : share == 0 ? "(unseen)" : "(imputed)";
      } else {
        for (Index k = 0; k < width; ++k) {
          const double number = features(j + k);
          value += (k > 0 ? "," : "");
          value += backend([&] { return float8out_internal(number); });
        }
      }
      rows.text(column.name).text(value).number(whole - score(model, without)).end_row();
      j += width;
    }
  }
  rows.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
