// Which columns can be features: numbers, booleans, times, arrays of numbers, and categories.
#pragma once

#include "pg/bridge/postgres.hpp"

namespace fairdb::pg {

// Whether values of a base type can be read as numbers.
inline bool is_number(Oid base_type) {
  switch (base_type) {
    case BOOLOID:
    case INT2OID:
    case INT4OID:
    case INT8OID:
    case FLOAT4OID:
    case FLOAT8OID:
    case NUMERICOID:
      return true;
    default:
      return false;
  }
}

// Whether they are points in time, read as days since 2000-01-01, or lengths of time, read as days
// (a month counts 30, as the server compares intervals).
inline bool is_time(Oid base_type) {
  return base_type == DATEOID || base_type == TIMESTAMPOID || base_type == TIMESTAMPTZOID;
}
inline bool is_interval(Oid base_type) {
  return base_type == INTERVALOID || base_type == TIMEOID;
}
inline bool is_scalar_feature(Oid base_type) {
  return is_number(base_type) || is_time(base_type) || is_interval(base_type);
}

// Whether values of a base type can be the levels of a category. Plain: looks at the catalog.
inline bool is_category(Oid base_type) {
  return base_type == TEXTOID || base_type == VARCHAROID || base_type == BPCHAROID ||
         base_type == NAMEOID || type_is_enum(base_type);
}

// The number of a value whose type is_scalar_feature(); infinite dates are infinite numbers.
// Plain: a numeric beyond double raises 22003.
double time_from(Datum value, Oid base_type);
inline double number_from(Datum value, Oid base_type) {
  switch (base_type) {  // inline: it runs for every value
    case FLOAT8OID:
      return DatumGetFloat8(value);
    case BOOLOID:
      return DatumGetBool(value) ? 1.0 : 0.0;
    case INT2OID:
      return DatumGetInt16(value);
    case INT4OID:
      return DatumGetInt32(value);
    case INT8OID:
      return static_cast<double>(DatumGetInt64(value));
    case FLOAT4OID:
      return static_cast<double>(DatumGetFloat4(value));
    case NUMERICOID:
      return DatumGetFloat8(DirectFunctionCall1(numeric_float8, value));
    default:
      return time_from(value, base_type);
  }
}

// How values of a type are read as arrays of numbers: as what they are, or by a cast to float8[] or
// real[] that the type has (the vector of pgvector).
struct ArrayAccess {
  Oid element = InvalidOid;   // base type of the elements; InvalidOid: not readable so
  Oid declared = InvalidOid;  // what the array says of them: a domain, or the same
  FmgrInfo cast{};            // its fn_oid is InvalidOid for an array
};
// memory: lives as long as the access is used. Plain: looks at the catalog. Errors: 42501 when the
// caller may not execute the cast.
ArrayAccess array_access(Oid base_type, MemoryContext memory);

// Writes the elements into `out` if there are `expected` of them, NaN for NULL and infinity for a
// NaN, which is no number either; returns how many there are, kNullArray when the cast gives NULL.
// Plain.
inline constexpr int kNullArray = -1;
int read_array(Datum value, ArrayAccess& access, int expected, double* out);

}  // namespace fairdb::pg
