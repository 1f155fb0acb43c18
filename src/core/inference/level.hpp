// The level of intervals and tests.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/inference/proportion.hpp"

namespace fairdb {

// Errors: InvalidArgument unless between 0 and 1.
void check_level(double level);

// What a reader must know who compares an interval with a p-value; empty when they agree at this
// level, or when there is no interval or no test. parity: the value of equal groups. The interval
// is of the largest gap between any two groups, the test asks whether all are equal: small groups
// beside large ones widen the former and hardly weaken the latter. compared: how many groups.
[[nodiscard]] std::string_view note_on(const std::optional<Interval>& interval,
                                       double parity,
                                       const std::optional<double>& p_value,
                                       double level,
                                       std::int64_t compared) noexcept;

}  // namespace fairdb
