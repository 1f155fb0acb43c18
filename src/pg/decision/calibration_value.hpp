// A calibration value as the server holds it.
#pragma once

#include "core/decision/calibration.hpp"

#include "pg/bridge/value_type.hpp"

namespace fairdb::pg {

Datum calibration_datum(const CalibrationMap& value);
// Of a value's bytes. Errors: CorruptValue.
CalibrationMap open_calibration(std::span<const std::byte> value);
CalibrationMap calibration_argument(FunctionCallInfo fcinfo, int number);

}  // namespace fairdb::pg
