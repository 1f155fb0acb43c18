// transform_rows: the representations of all rows of a source, beside their ids.
#include "core/model/representation_model.hpp"

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/bridge/source.hpp"
#include "pg/bridge/value.hpp"
#include "pg/models/model_value.hpp"

namespace fairdb::pg {
namespace {

// The rows of a query, of the function's columns. Needs SPI. Plain.
void put_rows(FunctionCallInfo fcinfo, const char* query, Oid model_type, Datum model) {
  constexpr long kAtOnce = 1000;
  const ResultRows result = begin_rows(fcinfo);
  Oid types[1] = {model_type};
  Datum values[1] = {model};
  Portal const cursor =
      SPI_cursor_open_with_args(nullptr, query, 1, types, values, nullptr, true, 0);
  for (;;) {
    SPI_cursor_fetch(cursor, true, kAtOnce);
    if (SPI_processed == 0) break;
    for (std::uint64_t i = 0; i < SPI_processed; ++i) {
      CHECK_FOR_INTERRUPTS();
      Datum columns[2];
      bool nulls[2];
      heap_deform_tuple(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, columns, nulls);
      tuplestore_putvalues(result.store, result.desc, columns, nulls);
    }
    SPI_freetuptable(SPI_tuptable);
  }
  SPI_cursor_close(cursor);
}

// The source is read, and transform() called, as any query of the caller would.
Datum transformed_rows(FunctionCallInfo fcinfo) {
  const Arguments arguments(fcinfo);
  const Datum model = arguments.datum("model");
  const std::string text = arguments.text("source");
  const std::string id = arguments.text("id");
  (void)body_of<RepresentationModel>(model_argument(fcinfo, 2), "transform_rows");
  SpiSession session;
  {
    const Source source(text);
    const Oid type = backend([&] {
      TupleDesc desc = nullptr;
      get_call_result_type(fcinfo, nullptr, &desc);
      return TupleDescAttr(desc, 0)->atttypid;
    });
    const std::string query = "SELECT " + id_expression(source.column(id, "id"), type) +
                              ", fairdb.transform($1, fairdb_source.*) FROM (SELECT * FROM " +
                              source.from() + ") AS fairdb_source";
    const Oid model_type = type_of_fairdb("model");
    backend([&] { put_rows(fcinfo, query.c_str(), model_type, model); });
  }
  session.finish();
  PG_RETURN_NULL();
}

}  // namespace

FAIRDB_FUNCTION(transform_rows) {
  return transformed_rows(fcinfo);
}

// The same with an id of another type.
FAIRDB_FUNCTION(transform_rows_typed) {
  return transformed_rows(fcinfo);
}

}  // namespace fairdb::pg
