// Inequality of what decisions give to people: generalized entropy (Speicher et al. 2018, "A
// unified approach to quantifying algorithmic unfairness").
//
// A row's benefit is prediction - label + 1: 0 for a false negative, 1 for a right prediction, 2
// for a false positive. Only rows with both known count.
#pragma once

#include <optional>

#include "core/audit/confusion.hpp"

namespace fairdb {

// GE(alpha) over all rows; alpha 1 is Theil's index, alpha 0 the mean logarithmic deviation.
// nullopt without such rows or when all benefits are 0. Infinite for alpha <= 0 when a benefit is
// 0.
[[nodiscard]] std::optional<double> generalized_entropy(const Confusion& confusion,
                                                        double alpha) noexcept;

// The part between groups: every row has its group's mean benefit. Rows of unknown group are left
// out.
[[nodiscard]] std::optional<double> between_group_entropy(const Confusion& confusion, double alpha);

}  // namespace fairdb
