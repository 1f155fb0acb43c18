// The largest value of a concave function of one variable that is given by its values and slopes:
// the cutting planes of Kelley ("The cutting-plane method for solving convex programs", 1960), in
// one dimension. Of a function that is linear in pieces it ends at a corner, exactly but for
// rounding, after a number of steps that does not grow with the number of pieces.
#pragma once

#include <algorithm>
#include <cmath>

namespace fairdb {

// sample(x) returns something with members `value` and `slope`, any slope that supports the
// function at x.
template <class Sample>
struct Summit {
  double x;
  Sample at;
  // The last samples on either side, whose slopes rise (or are 0) and fall: of the summit itself
  // when it is an end of the interval.
  Sample left;
  Sample right;
};

// Over [low, high], low <= high.
template <class F>
auto concave_maximum(F sample, double low, double high) {
  using Sample = decltype(sample(low));
  Sample left = sample(low);
  if (low == high) return Summit<Sample>{low, left, left, left};
  Sample right = sample(high);
  // A slope that is nothing but rounding does not make an end the summit.
  if (!(left.slope > 0) && left.value >= right.value) return Summit<Sample>{low, left, left, left};
  if (!(right.slope < 0) && right.value >= left.value) {
    return Summit<Sample>{high, right, right, right};
  }
  Summit<Sample> best{left.value >= right.value ? low : high,
                      left.value >= right.value ? left : right, left, right};
  // Where the lines of both sides meet nothing is higher. A step that leaves more than half of the
  // interval is followed by one into its middle.
  constexpr int kMostSteps = 400;
  constexpr double kRounding = 1e-16;
  bool halve = false;
  for (int step = 0; step < kMostSteps && low < high; ++step) {
    const double meet =
        low + (right.value - left.value - right.slope * (high - low)) / (left.slope - right.slope);
    const double roof = left.value + left.slope * (meet - low);
    const bool lines_meet = left.slope > 0 && right.slope < 0;
    if (lines_meet && roof - best.at.value <= kRounding * std::abs(best.at.value)) break;
    const double x = halve || !lines_meet ? low + (high - low) / 2 : std::clamp(meet, low, high);
    if (x == low || x == high) break;
    const Sample here = sample(x);
    if (here.value > best.at.value) {
      best.x = x;
      best.at = here;
    }
    const double width = high - low;
    if (here.slope > 0) {
      left = here;
      low = x;
    } else {
      right = here;
      high = x;
    }
    if (here.slope == 0 && here.value == best.at.value) {
      best = {x, here, here, here};
      break;
    }
    halve = !halve && high - low > width / 2;
  }
  if (best.at.slope != 0) {
    best.left = left;
    best.right = right;
  }
  return best;
}

}  // namespace fairdb
