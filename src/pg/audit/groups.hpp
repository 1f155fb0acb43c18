// The counts and rates of groups, as by_group and audit show them.
#pragma once

#include "core/audit/confusion.hpp"
#include "core/audit/disclosure.hpp"
#include "core/inference/proportion.hpp"
#include "pg/bridge/rows.hpp"

namespace fairdb::pg {

// The columns of a group in by_group and audit; what is withheld is NULL.
void put_group(RowWriter& rows, const GroupCells& group, const Withheld& withheld);

// The two columns of an interval, NULL when there is none.
RowWriter& put_interval(RowWriter& rows, const std::optional<Interval>& interval);

}  // namespace fairdb::pg
