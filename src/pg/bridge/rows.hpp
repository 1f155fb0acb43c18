// Returning a set of rows: they go into a tuplestore that the server may spill to disk.
#pragma once

#include "pg/bridge/guard.hpp"

namespace fairdb::pg {

struct ResultRows {
  Tuplestorestate* store;
  TupleDesc desc;
};

// Prepares the result of a set-returning function. Plain: calls the server directly.
ResultRows begin_rows(FunctionCallInfo fcinfo);

}  // namespace fairdb::pg
