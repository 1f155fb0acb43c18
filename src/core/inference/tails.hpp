// Tails of the normal, the chi-square and Student's distribution. With whole degrees of freedom the
// second is a finite sum of terms of <cmath>, and the third a continued fraction, so no library of
// special functions is needed.
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

// P(|T| > |t|) of Student's T with df > 0 degrees of freedom, to about 1e-12 of itself (1e-8 for a
// million): the incomplete beta function I_x(df / 2, 1 / 2) at x = df / (df + t^2) (DLMF 8.17.22).
[[nodiscard]] double student_two_sided(double t, double df) noexcept;

// The t with P(|T| <= t) = level. 0 < level < 1, df >= 1.
[[nodiscard]] double student_two_sided_quantile(double level, double df) noexcept;

}  // namespace fairdb
