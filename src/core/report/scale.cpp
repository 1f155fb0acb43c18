#include "core/report/scale.hpp"

#include <algorithm>
#include <cmath>

namespace fairdb {
namespace {

double step_of(double span, int wanted, bool quarters) {
  const double rough = span / std::max(wanted, 1);
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, quarters ? 2.5 : 2.0, 5.0}) {
    if (factor * power >= rough * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

// What rounding may take from a whole number of steps.
constexpr double kSlack = 1e-6;

}  // namespace

Ticks ticks_of(Range range, int wanted, bool quarters) {
  Ticks ticks{{}, step_of(range.span(), wanted, quarters)};
  // Where the wanted number of steps does not fit, smaller ones: one tick is no axis.
  for (int tries = 0; tries < 4 && ticks.at.size() < 2; ++tries) {
    if (tries > 0) ticks.step = step_of(range.span(), wanted << tries, quarters);
    ticks.at.clear();
    const double first = std::ceil(range.from / ticks.step - kSlack);
    const double last = std::floor(range.to / ticks.step + kSlack);
    constexpr int kMost = 100;  // where a step is lost in the digits of a number
    for (int n = 0; n < kMost && first + n <= last; ++n) {
      const double i = first + n;
      ticks.at.push_back(i == 0 ? 0 : i * ticks.step);
    }
  }
  return ticks;
}

bool drawable(Range range) noexcept {
  constexpr double kMost = 1e15;
  constexpr double kLeast = 1e-9;
  const double size = std::max(std::abs(range.from), std::abs(range.to));
  return size <= kMost && (size == 0 || size >= kLeast);
}

Range rounded_range(Range range, int wanted) {
  // Numbers that are as good as one are shown around it.
  constexpr double kLeastSpan = 1e-7;
  const double size = std::max(std::abs(range.from), std::abs(range.to));
  if (!(range.span() > kLeastSpan * size)) {
    const double around = size == 0 ? 1 : size / 10;
    range = {range.from - around, range.to + around};
  }
  const double step = step_of(range.span(), wanted, false);
  return {std::floor(range.from / step + kSlack) * step,
          std::ceil(range.to / step - kSlack) * step};
}

}  // namespace fairdb
