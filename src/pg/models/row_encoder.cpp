#include "pg/models/row_encoder.hpp"

#include "core/base/error.hpp"

namespace fairdb::pg {

RowEncoder::RowEncoder(const FeatureInput& input, MemoryContext memory) : input_(input) {
  row_memory_ =
      backend([&] { return AllocSetContextCreate(memory, "fairdb row", ALLOCSET_SMALL_SIZES); });
  features_.resize(total_width(input.columns));
}

void RowEncoder::learn_row_type(Oid type, std::int32_t typmod) {
  row_type_ = InvalidOid;
  fields_.clear();
  desc_ = backend([&] {
    MemoryContextReset(row_memory_);
    MemoryContext const previous = MemoryContextSwitchTo(row_memory_);
    TupleDesc const desc = lookup_rowtype_tupdesc_copy(type, typmod);
    MemoryContextSwitchTo(previous);
    return desc;
  });
  for (const FeatureColumn& column : input_.columns) {
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

bool RowEncoder::nulls_give_null() const noexcept {
  return leniency_.on_null ? *leniency_.on_null == OnNullRow::Null : input_.on_null == OnNull::Skip;
}

bool RowEncoder::impute(Index feature, Index width, const std::string& name, double* values) {
  if (nulls_give_null()) return false;
  if (!leniency_.on_null && input_.on_null == OnNull::Impute) {
    std::copy_n(input_.impute.data() + feature, width, values);
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
bool RowEncoder::another_column_gives_null() {
  for (std::size_t c = 0; c < fields_.size(); ++c) {
    Field& field = fields_[c];
    const FeatureColumn& column = input_.columns[c];
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
bool RowEncoder::null_beside_infinite(double number, const FeatureColumn& column) {
  if (another_column_gives_null()) return false;
  const char* const is = column.kind == FeatureKind::Array ? "has a number that is NaN or infinite"
                         : std::isnan(number)              ? "is NaN, expected a finite number"
                         : number > 0                      ? "is Infinity, expected a finite number"
                                      : "is -Infinity, expected a finite number";
  throw Error(ErrorKind::OutOfRange, "column \"" + column.name + "\" " + is);
}

// The place of a level, or -1 for one that the model does not know.
Index RowEncoder::level_of(Field& field, const FeatureColumn& column, Datum value) {
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

OnUnseen RowEncoder::on_unseen() const noexcept {
  return leniency_.on_unseen.value_or(input_.on_unseen);
}

Index RowEncoder::level(Field& field, const FeatureColumn& column, Datum value) {
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

void RowEncoder::deform(HeapTupleHeader row) {
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

bool RowEncoder::encode(HeapTupleHeader row) {
  deform(row);
  double* place = features_.data();
  for (std::size_t c = 0; c < fields_.size(); ++c) {
    Field& field = fields_[c];
    const FeatureColumn& column = input_.columns[c];
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

bool RowEncoder::encode(ArrayType* features) {
  Datum* elements = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  deconstruct_array(features, FLOAT8OID, sizeof(double), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
                    &elements, &nulls, &count);
  if (count != features_.size()) {
    throw Error(ErrorKind::InvalidArgument,
                "the array has " + std::to_string(count) + " numbers, the model has " +
                    std::to_string(features_.size()) + " features",
                "Their order is that of coefficients(model), without the intercept.");
  }
  for (Index j = 0; j < count; ++j) {
    if (nulls[j]) {
      if (!impute(j, 1, "features[" + std::to_string(j + 1) + "]", &features_(j))) return false;
      continue;
    }
    features_(j) = DatumGetFloat8(elements[j]);
    if (!std::isfinite(features_(j))) {
      throw Error(ErrorKind::OutOfRange,
                  "number " + std::to_string(j + 1) + " of the array is not finite");
    }
  }
  return true;
}

}  // namespace fairdb::pg
