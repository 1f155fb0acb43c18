// A thresholds value as the server holds it.
#pragma once

#include "core/decision/thresholds.hpp"

#include "pg/bridge/value_type.hpp"

namespace fairdb::pg {

Datum thresholds_datum(const Thresholds& value);
// Of a value's bytes. Errors: CorruptValue.
Thresholds open_thresholds(std::span<const std::byte> value);
Thresholds thresholds_argument(FunctionCallInfo fcinfo, int number);

// For each group whether fairdb.min_group hides it.
std::vector<bool> hidden_groups_of(const Thresholds& value);

// Those and the groups whose rates tell of a count of people that fairdb.min_group withholds.
std::vector<bool> hidden_rates_of(const Thresholds& value);

}  // namespace fairdb::pg
