// Hiding small groups of a list whose total is known, so that they cannot be computed from what
// remains: of a list of numbers of people. What tables show beside them is in
// core/audit/disclosure.hpp.
#pragma once

#include <cstdint>
#include <vector>

namespace fairdb {

inline constexpr std::int64_t kLargestMinGroup = 1000000;

// Errors: InvalidArgument unless 0 <= k <= kLargestMinGroup. 0 hides nothing.
void check_min_group(std::int64_t k);

// Whether so few people may not be told; that there are none may.
constexpr bool too_few(std::int64_t people, std::int64_t k) noexcept {
  return people > 0 && people < k;
}

// For each group, given how many people it has, whether it is hidden: those of fewer than k people,
// and the smallest others until two at least are hidden that together have k people more than one
// each, so that "each has somebody in it" does not give them away. O(groups log groups).
[[nodiscard]] std::vector<bool> hidden_groups(const std::vector<std::int64_t>& people,
                                              std::int64_t k);

// The same of the parts of a whole, such as bins: of those that are empty everybody may know.
[[nodiscard]] std::vector<bool> hidden_parts(const std::vector<std::int64_t>& people,
                                             std::int64_t k);

}  // namespace fairdb
