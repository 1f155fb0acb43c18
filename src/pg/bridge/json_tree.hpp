// A value of jsonb as plain data of C++.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pg/bridge/guard.hpp"

namespace fairdb::pg {

struct JsonTree {
  enum class Kind : std::uint8_t { Null, Boolean, Number, Text, Array, Object };
  Kind kind = Kind::Null;
  bool boolean = false;
  double number = 0;
  std::string text = {};
  std::vector<std::pair<std::string, JsonTree>> members = {};  // of an array without names

  // A member of an object that is not null, or nullptr.
  const JsonTree* find(std::string_view name) const noexcept;
};

// Errors: TooLarge.
JsonTree json_tree(Datum jsonb);

}  // namespace fairdb::pg
