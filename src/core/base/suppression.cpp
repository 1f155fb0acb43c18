#include "core/base/suppression.hpp"

#include <algorithm>
#include <string>

#include "core/base/error.hpp"

namespace fairdb {

void check_min_group(std::int64_t k) {
  if (k >= 0 && k <= kLargestMinGroup) return;
  throw Error(
      ErrorKind::InvalidArgument,
      "the least size of a group that is shown is " + std::to_string(k) + ", expected 0 to 1000000",
      "Authorities that publish statistics commonly use 5, 10 or 11; 0 shows every group.");
}

std::vector<bool> hidden_groups(const std::vector<std::int64_t>& people_of, std::int64_t k) {
  std::vector<std::pair<std::int64_t, std::size_t>> groups;
  for (std::size_t g = 0; g < people_of.size(); ++g) groups.emplace_back(people_of[g], g);
  std::sort(groups.begin(), groups.end());
  std::vector<bool> hidden(groups.size(), false);
  std::int64_t people = 0;
  std::int64_t count = 0;
  for (const auto& [n, group] : groups) {
    const bool enough = count == 0 || (count >= 2 && people >= count + k);
    if (n >= k && enough) break;
    hidden[group] = true;
    people += n;
    ++count;
  }
  return hidden;
}

std::vector<bool> hidden_parts(const std::vector<std::int64_t>& people, std::int64_t k) {
  std::vector<std::int64_t> filled;
  for (const std::int64_t n : people) {
    if (n > 0) filled.push_back(n);
  }
  const std::vector<bool> of_filled = hidden_groups(filled, k);
  std::vector<bool> hidden;
  hidden.reserve(people.size());
  std::size_t next = 0;
  for (const std::int64_t n : people) hidden.push_back(n > 0 && of_filled[next++]);
  return hidden;
}

}  // namespace fairdb
