// Values of type moments: the length word, and the bytes of core/linear/moments_value.hpp.
#pragma once

#include "core/linear/moments_value.hpp"
#include "pg/bridge/value.hpp"

namespace fairdb::pg {

Datum moments_datum(std::span<const std::byte> content);
// Plain.
std::span<const std::byte> moments_content(Datum value);
// Errors: CorruptValue.
MomentsValue moments_argument(FunctionCallInfo fcinfo, int number);

}  // namespace fairdb::pg
