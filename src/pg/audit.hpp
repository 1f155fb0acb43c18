// What the doors of the audit chapter share.
#pragma once

#include "core/audit/confusion.hpp"
#include "core/audit/disclosure.hpp"
#include "core/audit/impact.hpp"
#include "pg/bridge/rows.hpp"

namespace fairdb::pg {

// New memory for a confusion. Errors: TooLarge.
std::byte* new_confusion(std::size_t bytes);
// A new value in the canonical form.
Datum canonical_confusion(const ConfusionValue& value);
// A checked argument. Errors: CorruptValue.
ConfusionValue confusion_argument(FunctionCallInfo fcinfo, int argument);

// The level of an interval. Errors: InvalidArgument unless between 0 and 1.
double level_argument(FunctionCallInfo fcinfo, int argument);

// The setting fairdb.min_group: groups of fewer rows are hidden; 0 when none are.
std::int64_t min_group() noexcept;

// The two columns of an interval, NULL when there is none.
RowWriter& put_interval(RowWriter& rows, const std::optional<Interval>& interval);
// Columns of a group in by_group and audit; of a hidden one they are NULL.
void put_group(RowWriter& rows, const GroupCells& group, const Withheld& withheld);
// Of each group, whether its selections are withheld.
std::vector<bool> without_selections(const std::vector<Withheld>& withheld);
// The columns of impact_ratios, suppressed the last.
void put_impact(RowWriter& rows, const Impact& row, const Withheld& withheld);

}  // namespace fairdb::pg
