// Which columns can be features: numbers, booleans and categories.
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

// Whether values of a base type can be the levels of a category. Plain: looks at the catalog.
inline bool is_category(Oid base_type) {
  return base_type == TEXTOID || base_type == VARCHAROID || base_type == BPCHAROID ||
         base_type == NAMEOID || type_is_enum(base_type);
}

// The number of a value whose type is_number(). Plain: a numeric beyond double raises 22003.
inline double number_from(Datum value, Oid base_type) {
  switch (base_type) {
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
      return DatumGetFloat8(value);
  }
}

}  // namespace fairdb::pg
