// Values of type model, for the doors that make and use them.
#pragma once

#include "core/model/fair_model.hpp"
#include "pg/bridge/guard.hpp"

namespace fairdb::pg {

// A model as the server holds it:
//   0   4  length word        4  1  version, 2       5  3  zero
//   8   8  content_identity() of what follows 24
//   16  8  the seconds that training took, a double: equal models may differ in it
//   24 .. the bytes of core/model/model.hpp
Datum model_value(const Model& model, MemoryContext memory);

// Checks bytes from anywhere (with the length word). Errors: CorruptValue.
Model open_model(std::span<const std::byte> value);
Model model_argument(FunctionCallInfo fcinfo, int number);

}  // namespace fairdb::pg
