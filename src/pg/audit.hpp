// What the doors of the audit chapter share.
#pragma once

#include "core/audit/confusion.hpp"
#include "pg/bridge/guard.hpp"

namespace fairdb::pg {

// New memory for a confusion. Errors: TooLarge.
std::byte* new_confusion(std::size_t bytes);
// A new value in the canonical form.
Datum canonical_confusion(const ConfusionValue& value);
// A checked argument. Errors: CorruptValue.
ConfusionValue confusion_argument(FunctionCallInfo fcinfo, int argument);

// The setting fairdb.min_group: groups of fewer rows are hidden; 0 when none are.
std::int64_t min_group() noexcept;

}  // namespace fairdb::pg
