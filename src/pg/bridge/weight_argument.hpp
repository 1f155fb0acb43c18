// The weight of an aggregate, its last argument.
#pragma once

#include "pg/bridge/postgres.hpp"

namespace fairdb::pg {

// Refuses an integer that became a weight by the server's silent cast: `f(y_true, y_pred, sex)`, in
// other tools' order of arguments, would otherwise weigh the rows by a group. A real number, a cast
// that is written down, a constant and a parameter are weights. Where the same query computes the
// column with a written cast too, as in GROUP BY w::float8, the server makes one expression of
// both, and the integer passes. To be called by a transition function with its first row of a
// group; argument: the number of the weight among its arguments, the state included. Errors:
// WrongType.
void require_weight(FunctionCallInfo fcinfo, int argument);

}  // namespace fairdb::pg
