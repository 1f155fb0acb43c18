// Vectors as SQL has them.
#pragma once

#include "pg/bridge/guard.hpp"

namespace fairdb::pg {

// A real[] of the numbers. Plain.
inline Datum real_array(std::span<const float> numbers) {
  const std::size_t bytes = ARR_OVERHEAD_NONULLS(1) + numbers.size() * sizeof(float4);
  auto* const array = static_cast<ArrayType*>(palloc0(bytes));
  SET_VARSIZE(array, bytes);
  array->ndim = 1;
  array->elemtype = FLOAT4OID;
  ARR_DIMS(array)[0] = static_cast<int>(numbers.size());
  ARR_LBOUND(array)[0] = 1;
  std::memcpy(ARR_DATA_PTR(array), numbers.data(), numbers.size() * sizeof(float4));
  return PointerGetDatum(array);
}

}  // namespace fairdb::pg
