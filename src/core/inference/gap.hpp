// The gap between the largest and the smallest of several proportions.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/inference/proportion.hpp"

namespace fairdb {

enum class Contrast : std::uint8_t {
  Difference,  // largest minus smallest, 0 at parity
  Ratio,       // smallest divided by largest, 1 at parity
};

// One family of proportions, or several whose worst gap counts (equalized odds: true and false
// positive rates). Each family has at least two proportions of independent groups.
using Families = std::vector<std::vector<Proportion>>;

// Of one family, and the worst of several; not a number for a ratio of proportions that are all 0.
[[nodiscard]] double gap_of(const std::vector<Proportion>& family, Contrast contrast) noexcept;
[[nodiscard]] double worst_gap(const Families& families, Contrast contrast) noexcept;

// Whether gap a is farther from parity than b.
[[nodiscard]] inline bool farther(double a, double b, Contrast contrast) noexcept {
  return contrast == Contrast::Difference ? a > b : a < b;
}

// A count of 0 stands for a quarter of a row in a ratio: 0 of 10 and 0 of 1000 are not the same,
// and the ratio itself is 0 for both.
inline constexpr double kRatioFloor = 0.25;
// As a proportion of so many rows.
[[nodiscard]] inline double ratio_floor(double size) noexcept {
  return kRatioFloor / std::max(1.0, std::round(size));
}

}  // namespace fairdb
