// Arguments that functions of metrics share.
#pragma once

#include "core/audit/rates.hpp"
#include "core/inference/level.hpp"
#include "pg/bridge/arguments.hpp"

namespace fairdb::pg {

// The argument "level": of an interval. Errors: InvalidArgument unless between 0 and 1.
double level_argument(const Arguments& arguments);

// The larger of min_group, where the function has it, and the setting. Errors: InvalidArgument.
std::int64_t min_group_argument(const Arguments& arguments);

// The argument "metric": a rate of by_group. Errors: InvalidArgument, listing them.
Rate rate_argument(const Arguments& arguments);

inline std::optional<std::string_view> view(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}
inline std::optional<std::string_view> not_empty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace fairdb::pg
