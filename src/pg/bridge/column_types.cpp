#include "pg/bridge/guard.hpp"

#include "pg/bridge/column_types.hpp"

#include <cmath>
#include <limits>

extern "C" {
#include <catalog/pg_proc.h>
#include <catalog/pg_type.h>
#include <utils/acl.h>
#include <utils/date.h>
#include <utils/syscache.h>
#include <utils/timestamp.h>
}

namespace fairdb::pg {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kMicrosecondsOfDay = 86400e6;

double days_of(Timestamp timestamp) {
  if (TIMESTAMP_IS_NOBEGIN(timestamp)) return -kInfinity;
  if (TIMESTAMP_IS_NOEND(timestamp)) return kInfinity;
  return static_cast<double>(timestamp) / kMicrosecondsOfDay;
}

}  // namespace

double time_from(Datum value, Oid base_type) {
  switch (base_type) {
    case DATEOID: {
      const DateADT date = DatumGetDateADT(value);
      if (DATE_IS_NOBEGIN(date)) return -kInfinity;
      if (DATE_IS_NOEND(date)) return kInfinity;
      return date;
    }
    case TIMESTAMPOID:
    case TIMESTAMPTZOID:
      return days_of(DatumGetTimestamp(value));
    case TIMEOID:
      return static_cast<double>(DatumGetTimeADT(value)) / kMicrosecondsOfDay;
    case INTERVALOID: {
      const auto* const interval = reinterpret_cast<const ::Interval*>(DatumGetPointer(value));
#if PG_VERSION_NUM >= 170000
      if (INTERVAL_IS_NOBEGIN(interval)) return -kInfinity;
      if (INTERVAL_IS_NOEND(interval)) return kInfinity;
#endif
      return 30.0 * interval->month + interval->day +
             static_cast<double>(interval->time) / kMicrosecondsOfDay;
    }
    default:
      elog(ERROR, "type %u is no feature", base_type);
  }
}

namespace {

// The right to call a function, which the server asks for in expressions. Plain.
void check_execute(Oid function) {
#if PG_VERSION_NUM >= 160000
  const AclResult result = object_aclcheck(ProcedureRelationId, function, GetUserId(), ACL_EXECUTE);
#else
  const AclResult result = pg_proc_aclcheck(function, GetUserId(), ACL_EXECUTE);
#endif
  if (result != ACLCHECK_OK) aclcheck_error(result, OBJECT_FUNCTION, get_func_name(function));
}

// An explicit cast by a function, which must still be there. Plain.
Datum cast_value(FmgrInfo& cast, Datum value, bool* null) {
  if (!SearchSysCacheExists1(PROCOID, ObjectIdGetDatum(cast.fn_oid))) {
    ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                    errmsg("the cast that reads a column as an array was dropped meanwhile")));
  }
  // The value, and if the function takes them a type modifier and whether the cast is explicit.
  LOCAL_FCINFO(fcinfo, 3);
  InitFunctionCallInfoData(*fcinfo, &cast, cast.fn_nargs, InvalidOid, nullptr, nullptr);
  fcinfo->args[0] = {value, false};
  fcinfo->args[1] = {Int32GetDatum(-1), false};
  fcinfo->args[2] = {BoolGetDatum(true), false};
  const Datum result = FunctionCallInvoke(fcinfo);
  *null = fcinfo->isnull;
  return result;
}

}  // namespace

ArrayAccess array_access(Oid base_type, MemoryContext memory) {
  const Oid element = get_element_type(base_type);
  if (OidIsValid(element)) {
    const Oid base = getBaseType(element);
    return {is_number(base) && base != BOOLOID ? base : InvalidOid, element, {}};
  }
  for (const auto& [array, of] :
       {std::pair(FLOAT8ARRAYOID, FLOAT8OID), std::pair(FLOAT4ARRAYOID, FLOAT4OID)}) {
    Oid function = InvalidOid;
    if (find_coercion_pathway(static_cast<Oid>(array), base_type, COERCION_EXPLICIT, &function) ==
            COERCION_PATH_FUNC &&
        OidIsValid(function)) {
      check_execute(function);
      ArrayAccess access{static_cast<Oid>(of), static_cast<Oid>(of), {}};
      fmgr_info_cxt(function, &access.cast, memory);
      return access;
    }
  }
  return {};
}

int read_array(Datum value, ArrayAccess& access, int expected, double* out) {
  if (OidIsValid(access.cast.fn_oid)) {
    bool null = false;
    value = cast_value(access.cast, value, &null);
    if (null) return kNullArray;
  }
  ArrayType* const array = DatumGetArrayTypeP(value);
  if (ARR_ELEMTYPE(array) != access.declared) {
    ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                    errmsg("an array has elements of type %s, expected %s",
                           format_type_be(ARR_ELEMTYPE(array)), format_type_be(access.declared))));
  }
  std::int16_t length = 0;
  bool by_value = false;
  char alignment = 0;
  get_typlenbyvalalign(access.element, &length, &by_value, &alignment);
  Datum* elements = nullptr;
  bool* nulls = nullptr;
  int count = 0;
  deconstruct_array(array, access.element, length, by_value, alignment, &elements, &nulls, &count);
  if (count != expected) return count;
  for (int i = 0; i < count; ++i) {
    const double number = nulls[i] ? 0 : number_from(elements[i], access.element);
    out[i] = nulls[i]             ? std::numeric_limits<double>::quiet_NaN()
             : std::isnan(number) ? kInfinity
                                  : number;
  }
  return count;
}

}  // namespace fairdb::pg
