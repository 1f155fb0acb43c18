#include "pg/models/predictor.hpp"

#include <cmath>
#include <utility>

#include "pg/bridge/source.hpp"

extern "C" {
#include <access/xact.h>
#include <storage/proc.h>
#include <utils/snapmgr.h>
}

namespace fairdb::pg {
namespace {

std::uint64_t transaction_number() {
#if PG_VERSION_NUM >= 170000
  return MyProc->vxid.lxid;
#else
  return MyProc->lxid;
#endif
}

}  // namespace

SnapshotMark SnapshotMark::current() {
  const SnapshotData* const snapshot = GetActiveSnapshot();
  return {
      snapshot->xmin, snapshot->xmax,
      // In recovery all that run stand among the subtransactions.
      static_cast<std::uint64_t>(snapshot->xcnt) + static_cast<std::uint64_t>(snapshot->subxcnt),
      snapshot->curcid, GetCurrentSubTransactionId(), transaction_number(), GetUserId()};
}

namespace {

// A level is a few bytes of the value, and an object of its own when it is decoded.
std::size_t objects_of(const FairModel& model) noexcept {
  std::size_t bytes = 0;
  for (const FeatureColumn& column : model.columns) {
    bytes += sizeof(FeatureColumn) + sizeof(Field) + column.levels.size() * sizeof(std::string);
  }
  return bytes + 3 * sizeof(double) * static_cast<std::size_t>(model.features());
}

}  // namespace

DecodedModel::DecodedModel(Datum datum)
    : whole(open_model(backend([&] { return value_bytes(datum); }))),
      model(&body_of<FairModel>(whole, "a prediction")),
      size(backend([&] { return toast_raw_datum_size(datum); }) + objects_of(*model)) {
  if (model->is_linear()) raw = raw_coefficients(*model);
}

Predictor::Predictor(std::shared_ptr<const DecodedModel> decoded, MemoryContext memory)
    : decoded_(std::move(decoded)), model_(decoded_->model), raw_(decoded_->raw) {
  row_memory_ =
      backend([&] { return AllocSetContextCreate(memory, "fairdb row", ALLOCSET_SMALL_SIZES); });
  features_.resize(model_->features());
  additive_ = model_->is_linear() &&
              std::none_of(model_->columns.begin(), model_->columns.end(),
                           [](const auto& c) { return c.kind == FeatureKind::Array; });
}

namespace {

using Predictors = KeptByValue<Predictor>;

Predictor& predictor_of(Predictors& predictors, Datum value) {
  return predictors.of(value, [&] {
    return std::make_unique<Predictor>(
        session_value<DecodedModel>(value, "",
                                    [&] { return std::make_shared<DecodedModel>(value); }),
        predictors.memory());
  });
}

// The forms of a call: (model or name, row), (name, row, owner), (model, row, on_null, on_unseen)
// and (name, row, on_null, on_unseen, owner).
constexpr int kOnlyOwner = 3;

Leniency leniency_argument(FunctionCallInfo fcinfo) {
  constexpr int kOnNull = 2;
  constexpr int kOnUnseen = 3;
  Leniency leniency;
  if (PG_NARGS() <= kOnlyOwner) return leniency;
  if (!PG_ARGISNULL(kOnNull)) {
    try {
      leniency.on_null = named<OnNullRow>(text_bytes(PG_GETARG_DATUM(kOnNull)));
    } catch (const Error& error) {  // of a model by name, somebody may have meant its owner
      if (PG_NARGS() <= kOnlyOwner + 1) throw;
      throw Error(error.kind(), error.what(), "An owner is named: owner => '...'.", {},
                  error.place());
    }
  }
  if (!PG_ARGISNULL(kOnUnseen)) {
    leniency.on_unseen = named<OnUnseen>(text_bytes(PG_GETARG_DATUM(kOnUnseen)));
  }
  return leniency;
}

// Whose model of a name; nullptr when the caller does not say.
Name owner_argument(FunctionCallInfo fcinfo) {
  const int place = PG_NARGS() - 1;
  const bool has_owner = PG_NARGS() == kOnlyOwner || PG_NARGS() == kOnlyOwner + 2;
  return has_owner && !PG_ARGISNULL(place) ? PG_GETARG_NAME(place) : nullptr;
}

// The active version of the model, read through SPI, as the caller. In the current context.
Datum registered_model(const text* name, Name owner) {
  MemoryContext const memory = CurrentMemoryContext;
  const Oid model_type = type_of_fairdb("model");
  const Datum value = backend([&]() -> Datum {
    SPI_connect();
    Oid types[2] = {TEXTOID, NAMEOID};
    Datum values[2] = {PointerGetDatum(name), NameGetDatum(owner)};
    const char nulls[3] = {' ', owner == nullptr ? 'n' : ' ', '\0'};
    const int result = SPI_execute_with_args(
        "SELECT model FROM fairdb.models WHERE owner OPERATOR(pg_catalog.=) "
        "fairdb.model_owner($1, $2) AND name OPERATOR(pg_catalog.=) $1 AND active",
        2, types, values, nulls, true, 1);
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
  if (value != 0) return value;
  throw Error(
      ErrorKind::InvalidArgument,
      "there is no active model \"" + std::string(text_bytes(PointerGetDatum(name))) + "\"" +
          (owner == nullptr ? "" : " of owner \"" + std::string(NameStr(*owner)) + "\"") +
          " that you may use",
      "select name, version, owner, active from fairdb.models lists those that you may; another "
      "owner's is named by predict(name, row, owner => '...'). "
      "The functions of a view run as its reader: the owner of the model lets the reader "
      "use it by grant_model(name, role).");
}

// What a call keeps of the models that it meets by their names.
struct NamedPredictors : Predictors {
  using Predictors::Predictors;
  struct Known {
    Predictor* predictor;
    SnapshotMark snapshot;  // under which the name meant it
  };
  std::unordered_map<std::string, Known> names;
};

}  // namespace

void Predictor::check_options(FunctionCallInfo fcinfo) {
  (void)leniency_argument(fcinfo);
}

Predictor& Predictor::of(FunctionCallInfo fcinfo) {
  Predictor& predictor = predictor_of(cache_of<Predictors>(fcinfo), PG_GETARG_DATUM(0));
  predictor.be(leniency_argument(fcinfo));
  return predictor;
}

// A name is looked up again only under another snapshot.
Predictor& Predictor::of_name(FunctionCallInfo fcinfo) {
  auto& cache = cache_of<NamedPredictors>(fcinfo);
  const text* const name = PG_GETARG_TEXT_PP(0);
  const SnapshotMark now = SnapshotMark::current();
  Name const owner = owner_argument(fcinfo);
  std::string wanted(text_bytes(PointerGetDatum(name)));
  if (owner != nullptr) wanted.append(1, '\0').append(NameStr(*owner));  // no text holds a zero
  const auto found = cache.names.find(wanted);
  if (found != cache.names.end() && found->second.snapshot == now) {
    found->second.predictor->be(leniency_argument(fcinfo));
    return *found->second.predictor;
  }
  const Datum value = registered_model(name, owner);
  if (cache.find(value) == nullptr) {
    // What is kept may have to go to make room, also when the new model cannot be read.
    auto names = std::exchange(cache.names, {});
    const std::uint64_t before = cache.generation();
    predictor_of(cache, value);
    if (cache.generation() == before) cache.names = std::move(names);
  }
  constexpr std::size_t kMostNames = 64;
  if (cache.names.size() >= kMostNames) cache.names.clear();
  Predictor& predictor = *cache.find(value);
  predictor.be(leniency_argument(fcinfo));
  cache.names[wanted] = {&predictor, now};
  return predictor;
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
  for (const FeatureColumn& column : model_->columns) {
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

bool Predictor::nulls_give_null() const noexcept {
  return leniency_.on_null ? *leniency_.on_null == OnNullRow::Null
                           : model_->on_null == OnNull::Skip;
}

// Writes the values that stand in for a NULL; false when the prediction is NULL instead.
bool Predictor::impute(Index feature, Index width, const std::string& name, double* values) {
  if (nulls_give_null()) return false;
  if (!leniency_.on_null && model_->on_null == OnNull::Impute) {
    std::copy_n(model_->impute.data() + feature, width, values);
    return true;
  }
  if (another_column_gives_null()) return false;
  throw Error(
      ErrorKind::InvalidData, "column \"" + name + "\" is NULL",
      "After the row, on_null => 'null' makes the result NULL for such a row; a model that was "
      "trained with on_null => 'impute' uses the column's mean.");
}

// Whether the row has what makes its prediction NULL: then nothing else in it is an error, in
// whatever order the columns stand.
bool Predictor::another_column_gives_null() {
  for (std::size_t c = 0; c < fields_.size(); ++c) {
    Field& field = fields_[c];
    const FeatureColumn& column = model_->columns[c];
    const Datum value = values_[static_cast<std::size_t>(field.number)];
    if (nulls_[static_cast<std::size_t>(field.number)]) {
      if (nulls_give_null()) return true;
    } else if (column.kind == FeatureKind::Category) {
      if (on_unseen() == OnUnseen::Null && level_of(field, column, value) < 0) return true;
    } else if (column.kind == FeatureKind::Array && nulls_give_null()) {
      double* const array = features_.data();  // of no use any more: this row has no score
      const auto width = static_cast<int>(column.width());
      const int count = read_array(value, field.array, width, array);
      const auto null = [](double number) { return std::isnan(number); };
      if (count == kNullArray || (count == width && std::any_of(array, array + width, null))) {
        return true;
      }
    }
  }
  return false;
}

// A number that is none is an error, unless the prediction is NULL anyway.
bool Predictor::null_beside_infinite(double number, const FeatureColumn& column) {
  if (another_column_gives_null()) return false;
  const char* const is = column.kind == FeatureKind::Array ? "has a number that is NaN or infinite"
                         : std::isnan(number)              ? "is NaN, expected a finite number"
                         : number > 0                      ? "is Infinity, expected a finite number"
                                      : "is -Infinity, expected a finite number";
  throw Error(ErrorKind::OutOfRange, "column \"" + column.name + "\" " + is);
}

// The place of a level, or -1 for one that the model does not know.
Index Predictor::level_of(Field& field, const FeatureColumn& column, Datum value) {
  constexpr std::int32_t kRemembered = 2000;
  if (field.labels->forget_stale(kRemembered)) field.level_of_code.clear();
  const std::int32_t code = field.labels->code(value, kRemembered + 2);
  if (code < 0) return -1;  // longer than any level
  while (static_cast<std::int32_t>(field.level_of_code.size()) < field.labels->size()) {
    const auto next = static_cast<std::int32_t>(field.level_of_code.size());
    field.level_of_code.push_back(column.find(field.labels->label(next)));
  }
  return field.level_of_code[static_cast<std::size_t>(code)];
}

OnUnseen Predictor::on_unseen() const noexcept {
  return leniency_.on_unseen.value_or(model_->on_unseen);
}

Index Predictor::level(Field& field, const FeatureColumn& column, Datum value) {
  const Index found = level_of(field, column, value);
  if (found >= 0 || on_unseen() == OnUnseen::Ignore) return found;
  if (on_unseen() == OnUnseen::Null || another_column_gives_null()) return -2;
  const std::int32_t code = field.labels->code(value, 0);
  throw Error(
      ErrorKind::UnknownGroup,
      "column \"" + column.name + "\" has the level \"" +
          std::string(code < 0 ? "..." : field.labels->label(code)) +
          "\", which training has not seen",
      "After the row, on_null => NULL, on_unseen => 'null' makes the result NULL for such a row, "
      "'ignore' leaves the column out; at training, on_unseen says what the model does.");
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
    const FeatureColumn& column = model_->columns[c];
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
        if (another_column_gives_null()) return false;
        throw Error(ErrorKind::InvalidData,
                    "column \"" + column.name + "\" has an array of " + std::to_string(count) +
                        " numbers, the model needs " + std::to_string(width));
      }
      for (Index k = 0; k < width; ++k) {
        if (std::isnan(place[k])) {
          if (!impute(feature + k, 1, column.name, place + k)) return false;
        }
        if (!usable(place[k], column)) return false;
      }
    } else {
      *place = number_from(value, field.type);
      if (!usable(*place, column)) return false;
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
    const FeatureColumn& column = model_->columns[c];
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
      const double number = number_from(value, field.type);
      if (!usable(number, column)) {
        *null = true;
        return 0;
      }
      score += raw_.coefficients(feature) * number;
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
  return checked(fairdb::score(*model_, features_));
}

std::optional<double> Predictor::score(ArrayType* features) {
  Datum* elements = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  deconstruct_array(features, FLOAT8OID, sizeof(double), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
                    &elements, &nulls, &count);
  if (count != model_->features()) {
    throw Error(ErrorKind::InvalidArgument,
                "the array has " + std::to_string(count) + " numbers, the model has " +
                    std::to_string(model_->features()) + " features",
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
  if (model_->is_linear()) return checked(raw_.constant + raw_.coefficients.dot(features_));
  return checked(fairdb::score(*model_, features_));
}

}  // namespace fairdb::pg
