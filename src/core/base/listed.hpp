// The names that an error offers in place of one that is not there.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

namespace fairdb {

// "a", "b", "c": the first forty in quotes, then "..." where there are more.
inline std::string listed(std::span<const std::string_view> names) {
  constexpr std::size_t kShown = 40;
  std::string list;
  for (const std::string_view name : names.first(std::min(names.size(), kShown))) {
    list += (list.empty() ? "\"" : ", \"") + std::string(name) + "\"";
  }
  return names.size() > kShown ? list + ", ..." : list;
}

}  // namespace fairdb
