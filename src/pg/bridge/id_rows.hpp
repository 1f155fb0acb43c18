// Rows that come out with the ids of the source's rows: the ids wait in a tuplestore, in any type,
// while the numbers are computed, and are joined back in the order in which they were read.
//
//   IdRows out(fcinfo);
//   reads.push_back(out.id_column(source, "id"));
//   TableReader reader(source, reads, out.kept());
//   while (reader.next()) ...
//   out.start(reader);
//   out.put(n, [&](std::size_t i, Datum* values, bool* nulls) { ... });   // behind the id
//   out.finish();
#pragma once

#include "core/base/views.hpp"

#include "pg/bridge/rows.hpp"
#include "pg/bridge/table_reader.hpp"

namespace fairdb::pg {

class IdRows {
 public:
  // The first column of the function's result is the id; so many others follow. Needs an open
  // SpiSession.
  explicit IdRows(FunctionCallInfo fcinfo)
      : result_(backend([&] { return begin_rows(fcinfo); })),
        ids_(backend([] { return tuplestore_begin_heap(false, false, work_mem); })) {}
  IdRows(const IdRows&) = delete;
  IdRows& operator=(const IdRows&) = delete;
  ~IdRows() = default;  // an error's transaction frees the tuplestore

  // How the id is read, as the type that the function's result has for it. Errors: UnknownColumn,
  // WrongType.
  ReadColumn id_column(const Source& source, const std::string& id) const {
    const Oid type = TupleDescAttr(result_.desc, 0)->atttypid;
    return {id_expression(source.column(id, "id"), type), id, type, ReadAs::Keep, 0, 1};
  }
  // Where the reader keeps the ids.
  Tuplestorestate* kept() const noexcept { return ids_; }

  // To be called before the first put(), when the reader exists.
  void start(const TableReader& reader) {
    slot_ =
        backend([&] { return MakeSingleTupleTableSlot(reader.keep_desc(), &TTSOpsMinimalTuple); });
  }

  // Writes the next n rows. fill(i, values, nulls) gives the columns of row i behind its id; it is
  // plain, and what it allocates is freed.
  template <class Fill>
  void put(std::size_t n, const Fill& fill) {
    backend([&] {
      const auto columns = static_cast<std::size_t>(result_.desc->natts);
      auto* const values = static_cast<Datum*>(palloc0(sizeof(Datum) * columns));
      auto* const nulls = static_cast<bool*>(palloc0(columns));
      MemoryContext const memory =
          AllocSetContextCreate(CurrentMemoryContext, "fairdb rows", ALLOCSET_SMALL_SIZES);
      for (std::size_t i = 0; i < n; ++i) {
        CHECK_FOR_INTERRUPTS();
        // Here, where the slot lives, and not in memory that is reset before it lets go of the row.
        if (!tuplestore_gettupleslot(ids_, true, false, slot_)) elog(ERROR, "an id is missing");
        values[0] = slot_getattr(slot_, 1, &nulls[0]);
        MemoryContext const previous = MemoryContextSwitchTo(memory);
        fill(i, values + 1, nulls + 1);
        tuplestore_putvalues(result_.store, result_.desc, values, nulls);
        MemoryContextSwitchTo(previous);
        if (i % kReset == kReset - 1) MemoryContextReset(memory);
      }
      MemoryContextDelete(memory);
      pfree(values);
      pfree(nulls);
    });
  }

  void finish() {
    backend([&] {
      if (slot_ != nullptr) ExecDropSingleTupleTableSlot(slot_);
      tuplestore_end(ids_);
    });
  }

 private:
  static constexpr std::size_t kReset = 64;
  ResultRows result_;
  Tuplestorestate* ids_;
  TupleTableSlot* slot_ = nullptr;
};

}  // namespace fairdb::pg
