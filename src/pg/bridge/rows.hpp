// Returning a set of rows: they go into a tuplestore that the server may spill to disk.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "pg/bridge/guard.hpp"

namespace fairdb::pg {

struct ResultRows {
  Tuplestorestate* store;
  TupleDesc desc;
};

// Prepares the result of a set-returning function. Plain: calls the server directly.
ResultRows begin_rows(FunctionCallInfo fcinfo);

// Collects rows from C++ code, column by column, and hands them to the server in batches.
//
//   RowWriter rows(fcinfo);
//   rows.text("a").integer(3).number(0.5).end_row();
//   rows.finish();
class RowWriter {
 public:
  explicit RowWriter(FunctionCallInfo fcinfo);

  RowWriter& text(std::optional<std::string_view> value);  // copied
  RowWriter& integer(std::optional<std::int64_t> value);   // bigint
  RowWriter& number(std::optional<double> value);          // float8
  RowWriter& boolean(std::optional<bool> value);
  RowWriter& datum(std::optional<Datum> value);  // of the column's type, alive until finish()

  // Errors: Internal when the row has not as many columns as the function's result.
  void end_row();
  void finish() { flush(); }

 private:
  enum class Kind : std::uint8_t { Null, Text, Integer, Number, Boolean, Value };
  struct Field {
    Kind kind;
    std::int64_t integer;
    double number;
    Datum datum;
    std::string_view text;
  };
  RowWriter& put(const Field& field);
  void flush();

  ResultRows rows_;
  std::size_t columns_;
  std::vector<Field> fields_;
  std::deque<std::string> texts_;
};

}  // namespace fairdb::pg
