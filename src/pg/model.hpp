// Values of type model, for the doors that make and use them.
#pragma once

#include "core/model/model.hpp"
#include "pg/bridge/guard.hpp"

namespace fairdb::pg {

// A model as the server holds it:
//   0   4  length word        4  1  version, 1       5  3  zero
//   8   8  digest of the rest 16 .. the bytes of core/model/codec.cpp
Datum model_value(const Model& model, MemoryContext memory);

// Checks bytes from anywhere (with the header). Errors: CorruptValue.
Model open_model(std::span<const std::byte> value);
Model model_argument(FunctionCallInfo fcinfo, int number);

}  // namespace fairdb::pg
