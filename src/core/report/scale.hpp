// From numbers to pixels.
#pragma once

#include <vector>

namespace fairdb {

struct Range {
  double from;
  double to;
  double span() const noexcept { return to - from; }
};

// Linear: numbers.from is at pixels.from, numbers.to at pixels.to.
class LinearScale {
 public:
  LinearScale(Range numbers, Range pixels) noexcept : numbers_(numbers), pixels_(pixels) {}
  double operator()(double number) const noexcept {
    return pixels_.from + (number - numbers_.from) / numbers_.span() * pixels_.span();
  }
  const Range& numbers() const noexcept { return numbers_; }
  const Range& pixels() const noexcept { return pixels_; }

 private:
  Range numbers_;
  Range pixels_;
};

// Marks of an axis: the multiples of 1, 2 or 5 (also of 2.5 with `quarters`) times a power of ten
// within the range, about `wanted` of them, two at least.
struct Ticks {
  std::vector<double> at;
  double step;
};
[[nodiscard]] Ticks ticks_of(Range range, int wanted, bool quarters = false);

// The smallest range whose ends are ticks and that holds this one; of a range without width, one
// around it.
[[nodiscard]] Range rounded_range(Range range, int wanted);

// Whether numbers are of a size that an axis can show: finite, and neither lost in the digits of
// others nor without end in their own.
[[nodiscard]] bool drawable(Range range) noexcept;

}  // namespace fairdb
