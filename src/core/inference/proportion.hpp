// Intervals for a proportion, and for the difference and the ratio of two independent ones.
//
// z is the two-sided normal quantile of the level. Sizes are numbers of rows, or effective sizes.
#pragma once

#include <cstdint>
#include <optional>

namespace fairdb {

struct Interval {
  double lower;
  double upper;
};

struct Proportion {
  double value;  // 0 to 1
  double size;   // above 0

  double successes() const noexcept { return value * size; }
};

// Wilson's score interval (Wilson 1927; Newcombe 1998a, method 3).
[[nodiscard]] Interval wilson(const Proportion& p, double z) noexcept;

// Of a - b: Newcombe's hybrid score interval (Newcombe 1998b, method 10).
[[nodiscard]] Interval newcombe(const Proportion& a, const Proportion& b, double z) noexcept;

// Of a / b: the score interval of Koopman (1984). The upper limit is infinite when b is 0; nullopt
// when both are 0.
[[nodiscard]] std::optional<Interval> koopman(const Proportion& a,
                                              const Proportion& b,
                                              double z) noexcept;

// The two-proportion z of a - b with the pooled variance: the "number of standard deviations".
// nullopt when both are 0 or both are 1.
[[nodiscard]] std::optional<double> two_proportion_z(const Proportion& a,
                                                     const Proportion& b) noexcept;

}  // namespace fairdb
