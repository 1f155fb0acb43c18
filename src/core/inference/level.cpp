#include "core/inference/level.hpp"

#include <string>

#include "core/base/error.hpp"

namespace fairdb {

void check_level(double level) {
  if (level > 0 && level < 1) return;
  throw Error(ErrorKind::InvalidArgument,
              "level is " + std::to_string(level) + ", expected a number between 0 and 1",
              "Use 0.95 for intervals that contain the true value 95 times in 100.");
}

std::string_view note_on(const std::optional<Interval>& interval,
                         double parity,
                         const std::optional<double>& p_value,
                         double level,
                         std::int64_t compared) noexcept {
  if (!interval || !p_value) return {};
  const bool contained = interval->lower <= parity && parity <= interval->upper;
  const bool rejected = *p_value <= 1 - level;
  if (contained != rejected) return {};
  if (compared == 2) {
    return "at the border: of two approximations, p_value and the interval, one excludes parity";
  }
  return rejected
             ? "p_value: not all groups are equal; the interval: the largest gap between two of "
               "them may still be chance, for some are small"
             : "the interval: some two groups differ, if not by as much as the value; p_value: all "
               "groups together do not show it";
}

}  // namespace fairdb
