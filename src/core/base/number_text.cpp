#include "core/base/number_text.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace fairdb {

std::string shortest_text(double value) {
  // std::to_chars of a double needs GCC 11. Whatever has at most 15 digits survives %.15g; of the
  // numbers below the normal ones few digits tell all.
  const bool normal = value == 0 || std::abs(value) >= std::numeric_limits<double>::min();
  char digits[32];
  for (int precision = normal ? 15 : 1; precision <= 17; ++precision) {
    std::snprintf(digits, sizeof digits, "%.*g", precision, value);
    if (std::strtod(digits, nullptr) == value) break;
  }
  return digits;
}

std::optional<double> parse_number(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || end != text.c_str() + text.size()) return std::nullopt;
  return value;
}

}  // namespace fairdb
