// Tails of the normal and the chi-square distribution. With whole degrees of freedom the latter is
// a finite sum of terms of <cmath>, so no library of special functions is needed.
#pragma once

#include <cstdint>

namespace fairdb {

// P(Z <= z) of a standard normal Z.
[[nodiscard]] double normal_cdf(double z) noexcept;

// P(|Z| > |z|).
[[nodiscard]] double normal_two_sided(double z) noexcept;

// The z with P(|Z| <= z) = level: 1.96 for 0.95. 0 < level < 1.
[[nodiscard]] double normal_two_sided_quantile(double level) noexcept;

// P(X > x) of a chi-square X with df >= 1 degrees of freedom (Abramowitz and Stegun 26.4.4-5).
[[nodiscard]] double chi_square_upper(double x, std::int64_t df) noexcept;

}  // namespace fairdb
