// Rows in an order of their own, which does not depend on how they were read.
#pragma once

#include <vector>

#include "core/base/monitor.hpp"
#include "core/objective/rows.hpp"
#include "core/objective/summary.hpp"

namespace fairdb {

// The names of the groups of each attribute, ascending, with the codes of the rows changed to
// theirs.
GroupNames sort_groups(const GroupNames& names,
                       std::initializer_list<std::vector<RowBlock>*> parts);

// Orders the rows, over all blocks, by their digests and where these agree by their groups. In
// place: a row is moved once, and beside the rows 16 bytes of each are used. Every block has
// digests.
void order_by_digest(std::vector<RowBlock>& blocks, Monitor& monitor);

// The same rows in blocks of one size but for the last, for sums over rows are rounded block by
// block: of so many that `width` numbers of each take 2 MB. Beside the rows one block is used.
void cut_evenly(std::vector<RowBlock>& blocks, Index width, Monitor& monitor);

}  // namespace fairdb
