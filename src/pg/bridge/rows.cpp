#include "core/base/error.hpp"

#include "pg/bridge/rows.hpp"

namespace fairdb::pg {

ResultRows begin_rows(FunctionCallInfo fcinfo) {
  auto* const info = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  if (info == nullptr || !IsA(info, ReturnSetInfo) ||
      (info->allowedModes & SFRM_Materialize) == 0) {
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("this function returns rows and cannot be used here"),
                    errhint("Call it in the FROM clause.")));
  }
  MemoryContext const previous = MemoryContextSwitchTo(info->econtext->ecxt_per_query_memory);
  TupleDesc desc = nullptr;
  if (get_call_result_type(fcinfo, nullptr, &desc) != TYPEFUNC_COMPOSITE) {
    elog(ERROR, "the result of a set-returning function is not a row");
  }
  const bool random = (info->allowedModes & SFRM_Materialize_Random) != 0;
  const ResultRows rows{tuplestore_begin_heap(random, false, work_mem), CreateTupleDescCopy(desc)};
  info->returnMode = SFRM_Materialize;
  info->setResult = rows.store;
  info->setDesc = rows.desc;
  MemoryContextSwitchTo(previous);
  return rows;
}

RowWriter::RowWriter(FunctionCallInfo fcinfo)
    : rows_(backend([&] { return begin_rows(fcinfo); })),
      columns_(static_cast<std::size_t>(rows_.desc->natts)) {}

RowWriter& RowWriter::put(const Field& field) {
  fields_.push_back(field);
  return *this;
}

RowWriter& RowWriter::text(std::optional<std::string_view> value) {
  if (!value) return put({Kind::Null, 0, 0, 0, {}});
  return put({Kind::Text, 0, 0, 0, texts_.emplace_back(*value)});
}
RowWriter& RowWriter::integer(std::optional<std::int64_t> value) {
  return put({value ? Kind::Integer : Kind::Null, value.value_or(0), 0, 0, {}});
}
RowWriter& RowWriter::number(std::optional<double> value) {
  return put({value ? Kind::Number : Kind::Null, 0, value.value_or(0), 0, {}});
}
RowWriter& RowWriter::boolean(std::optional<bool> value) {
  return put({value ? Kind::Boolean : Kind::Null, value.value_or(false) ? 1 : 0, 0, 0, {}});
}
RowWriter& RowWriter::datum(std::optional<Datum> value) {
  return put({value ? Kind::Value : Kind::Null, 0, 0, value.value_or(0), {}});
}

void RowWriter::end_row() {
  constexpr std::size_t kBatch = 10000;  // fields
  FAIRDB_ASSERT(fields_.size() % columns_ == 0);
  if (fields_.size() >= kBatch) flush();
}

void RowWriter::flush() {
  backend([&] {
    auto* const values = static_cast<Datum*>(palloc(sizeof(Datum) * columns_));
    auto* const nulls = static_cast<bool*>(palloc(sizeof(bool) * columns_));
    MemoryContext const memory =
        AllocSetContextCreate(CurrentMemoryContext, "fairdb rows", ALLOCSET_SMALL_SIZES);
    MemoryContext const previous = MemoryContextSwitchTo(memory);
    for (std::size_t i = 0; i < fields_.size(); i += columns_) {
      CHECK_FOR_INTERRUPTS();
      for (std::size_t c = 0; c < columns_; ++c) {
        const Field& field = fields_[i + c];
        nulls[c] = field.kind == Kind::Null;
        switch (field.kind) {
          case Kind::Null:
            values[c] = 0;
            break;
          case Kind::Text:
            values[c] = PointerGetDatum(
                cstring_to_text_with_len(field.text.data(), static_cast<int>(field.text.size())));
            break;
          case Kind::Integer:
            values[c] = Int64GetDatum(field.integer);
            break;
          case Kind::Number:
            values[c] = Float8GetDatum(field.number);
            break;
          case Kind::Boolean:
            values[c] = BoolGetDatum(field.integer != 0);
            break;
          case Kind::Value:
            values[c] = field.datum;
            break;
        }
      }
      tuplestore_putvalues(rows_.store, rows_.desc, values, nulls);
      MemoryContextReset(memory);
    }
    MemoryContextSwitchTo(previous);
    MemoryContextDelete(memory);
  });
  fields_.clear();
  texts_.clear();
}

}  // namespace fairdb::pg
