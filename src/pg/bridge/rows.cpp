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

}  // namespace fairdb::pg
