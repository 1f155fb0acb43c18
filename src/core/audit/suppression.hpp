// Hiding small groups so that they cannot be computed from what remains.
//
// A row of fewer than k people is hidden. Because totals are known, further rows are hidden
// (complementary suppression) until
//   - no hidden row is a linear combination of the visible ones and the total, and
//   - wherever a visible row, or the total, leaves only hidden rows over, these have at least k
//     people more than there are rows, so that "each row has somebody in it" does not give them
//     away, and no hidden row is pinned to fewer than k possible values by such bounds.
// What is protected is one publication. Who compares several of them, or who sees the values from
// which they were made, can learn more.
#pragma once

#include <cstdint>
#include <vector>

#include "core/audit/confusion.hpp"
#include "core/base/monitor.hpp"

namespace fairdb {

inline constexpr std::int64_t kLargestMinGroup = 1000000;

// Errors: InvalidArgument unless 0 <= k <= kLargestMinGroup. 0 hides nothing.
void check_min_group(std::int64_t k);

// For each group, given how many people it has, whether it is hidden; of a confusion, for each of
// its groups, the unknown one included, by its rows. The total counts as known. O(groups log
// groups).
[[nodiscard]] std::vector<bool> hidden_groups(const std::vector<std::int64_t>& people,
                                              std::int64_t k);
[[nodiscard]] std::vector<bool> hidden_groups(const Confusion& confusion, std::int64_t k);

// A row of a publication of several tables: which of the smallest parts it sums up.
struct PublishedRow {
  std::int32_t table;               // rows of one table share no part
  std::int64_t people;              // at least 1
  std::vector<std::int32_t> parts;  // numbers of parts, ascending
};

// For each row whether it is hidden. The total over all parts counts as known. A hidden row is
// never a linear combination of the visible rows and the total.
// Errors: TooLarge for more than 1000 rows or parts.
[[nodiscard]] std::vector<bool> hidden_rows(const std::vector<PublishedRow>& rows,
                                            std::int32_t parts,
                                            std::int64_t k,
                                            Monitor& monitor);

}  // namespace fairdb
