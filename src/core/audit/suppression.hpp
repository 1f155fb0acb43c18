// Hiding small groups so that they cannot be computed from what remains.
//
// A row of fewer than k people is hidden. Because totals are known, further rows are hidden until
// no hidden row is determined by the visible ones (complementary suppression), and until the rows
// that are hidden in one table have k people together. What is protected is the exact size of a
// hidden row; bounds on it can still follow from the other rows.
#pragma once

#include <cstdint>
#include <vector>

#include "core/audit/confusion.hpp"
#include "core/base/monitor.hpp"

namespace fairdb {

inline constexpr std::int64_t kLargestMinGroup = 1000000;

// Errors: InvalidArgument unless 0 <= k <= kLargestMinGroup. 0 hides nothing.
void check_min_group(std::int64_t k);

// For each group of a confusion, the unknown one included, whether it is hidden; the total of all
// rows counts as known. O(groups log groups).
[[nodiscard]] std::vector<bool> hidden_groups(const Confusion& confusion, std::int64_t k);

// A row of a publication of several tables: which of the smallest parts it sums up.
struct PublishedRow {
  std::int32_t table;               // rows of one table share no part
  std::int64_t people;              // at least 1
  std::vector<std::int32_t> parts;  // numbers of parts, ascending
};

// For each row whether it is hidden. The total over all parts counts as known. A hidden row is
// never a linear combination of the visible rows and the total.
// Errors: TooLarge for more than 2000 rows.
[[nodiscard]] std::vector<bool> hidden_rows(const std::vector<PublishedRow>& rows,
                                            std::int32_t parts,
                                            std::int64_t k,
                                            Monitor& monitor);

}  // namespace fairdb
