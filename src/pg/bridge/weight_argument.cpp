#include "core/base/error.hpp"

#include "pg/bridge/guard.hpp"
#include "pg/bridge/weight_argument.hpp"

extern "C" {
#include <catalog/pg_aggregate.h>
#include <nodes/execnodes.h>
#include <nodes/nodeFuncs.h>
#include <optimizer/optimizer.h>
#include <utils/syscache.h>
}

namespace fairdb::pg {
namespace {

// An aggregate as it is called: its function and arguments.
struct Call {
  Oid aggregate;
  List* arguments;  // of TargetEntry, or of expressions
};

// The type that the server has cast to the argument's without being told; InvalidOid when it has
// not.
Oid silent_cast_from(const Call& call, int argument) {
  if (argument >= list_length(call.arguments)) return InvalidOid;
  Node* node = static_cast<Node*>(list_nth(call.arguments, argument));
  if (IsA(node, TargetEntry)) node = reinterpret_cast<Node*>(castNode(TargetEntry, node)->expr);
  if (!IsA(node, FuncExpr)) return InvalidOid;
  const auto* const cast = castNode(FuncExpr, node);
  if (cast->funcformat != COERCE_IMPLICIT_CAST || list_length(cast->args) < 1) return InvalidOid;
  Node* const from = static_cast<Node*>(linitial(cast->args));
  // A parameter is no column, whether the plan knows its value or not.
  if (!contain_var_clause(from)) return InvalidOid;
  return getBaseType(exprType(from));
}

// Whether this transition function is the aggregate's own, so that their arguments correspond.
bool counts_with(Oid aggregate, Oid function) {
  HeapTuple const tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(aggregate));
  if (!HeapTupleIsValid(tuple)) return false;
  const auto* const form = reinterpret_cast<Form_pg_aggregate>(GETSTRUCT(tuple));
  const bool own = form->aggtransfn == function || form->aggmtransfn == function;
  ReleaseSysCache(tuple);
  return own;
}

bool is_integer(Oid type) {
  return type == INT2OID || type == INT4OID || type == INT8OID;
}

}  // namespace

void require_weight(FunctionCallInfo fcinfo, int argument) {
  const char* signature = nullptr;
  const char* type = nullptr;
  backend([&] {
    const auto check = [&](const Call& call) {
      const Oid from = silent_cast_from(call, argument - 1);
      if (!is_integer(from) || !counts_with(call.aggregate, fcinfo->flinfo->fn_oid)) return;
      signature = format_procedure(call.aggregate);
      type = format_type_be(from);
    };
    if (const Aggref* const aggregate = AggGetAggref(fcinfo)) {
      check({aggregate->aggfnoid, aggregate->args});
    } else if (fcinfo->context != nullptr && IsA(fcinfo->context, WindowAggState)) {
      const auto* const state = castNode(WindowAggState, fcinfo->context);
      for (int i = 0; i < list_length(state->funcs); ++i) {
        const auto* const function = static_cast<WindowFuncExprState*>(list_nth(state->funcs, i));
        check({function->wfunc->winfnoid, function->wfunc->args});
      }
    }
  });
  if (signature == nullptr) return;
  throw Error(
      ErrorKind::WrongType,
      std::string("the last argument of ") + signature + " weighs the rows, but it is of type " +
          type,
      "If it is a group, leave out an argument: equal_opportunity_difference(y_true, y_pred, "
      "sensitive), but demographic_parity_difference(y_pred, sensitive), ks_distance(score, "
      "sensitive). If it is a weight, say so: weight::float8. If it says how many rows there are, "
      "use confusion_from_counts(y_true, y_pred, sensitive, n).");
}

}  // namespace fairdb::pg
