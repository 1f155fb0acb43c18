// The group of a row, or the class of a label: its text, or nothing where it is unknown. What is
// unknown comes last.
#pragma once

#include <optional>
#include <string_view>

namespace fairdb {

using Label = std::optional<std::string_view>;

struct UnknownLast {
  bool operator()(const Label& a, const Label& b) const noexcept { return a && (!b || *a < *b); }
};

}  // namespace fairdb
