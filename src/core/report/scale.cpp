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
    for (double i = first; i <= last; ++i) ticks.at.push_back(i == 0 ? 0 : i * ticks.step);
  }
  return ticks;
}

Range rounded_range(Range range, int wanted) {
  if (!(range.span() > 0)) {
    const double around = range.from == 0 ? 1 : std::abs(range.from) / 10;
    range = {range.from - around, range.to + around};
  }
  const double step = step_of(range.span(), wanted, false);
  return {std::floor(range.from / step + kSlack) * step,
          std::ceil(range.to / step - kSlack) * step};
}

}  // namespace fairdb
