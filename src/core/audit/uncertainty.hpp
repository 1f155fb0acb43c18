// Intervals and tests for rates and gaps of a confusion, from its counts.
//
// Rows are taken for independent, and the groups' sizes for given. With weights, counts are
// replaced by effective sizes (Kish), as in survey statistics: approximate, and without the exact
// tests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/audit/gaps.hpp"
#include "core/base/monitor.hpp"
#include "core/inference/level.hpp"
#include "core/inference/range.hpp"

namespace fairdb {

// A rate with the size that its interval goes by: rows in the denominator, or the effective size.
// BalancedAccuracy and F1 are no proportions; theirs is the size at which a proportion of this
// value would have their variance (of F1 by the delta method). nullopt when the rate does not
// exist.
[[nodiscard]] std::optional<Proportion> proportion(const Masses& masses, Rate rate) noexcept;

// A test, and the p-value of the hypothesis that the rate is the same in all groups.
struct Tested {
  std::string_view test;  // empty when there is none
  std::optional<double> p_value;
};
// Of two groups the two-proportion z, of more Pearson's chi-square; Fisher's mid-p or a permutation
// test when a cell of the table expects fewer than five rows; Wald's chi-square for
// BalancedAccuracy.
[[nodiscard]] Tested test_equality(const std::vector<const GroupCells*>& groups,
                                   bool weighted,
                                   Rate rate,
                                   Monitor& monitor);

// One group against another.
struct Comparison {
  std::string_view group;
  std::string_view reference;
  std::optional<double> rate;
  std::optional<double> reference_rate;
  std::optional<double> difference;             // group minus reference
  std::optional<Interval> difference_interval;  // Newcombe
  std::optional<double> ratio;                  // group / reference
  std::optional<Interval> ratio_interval;       // Koopman
  Tested tested;
  std::optional<double> p_adjusted;  // Holm's, over all comparisons of the list
};
// All groups against the reference, or each pair of groups when there is none.
// Errors: UnknownGroup; TooLarge for more than 10000 comparisons.
[[nodiscard]] std::vector<Comparison> compare(const Confusion& confusion,
                                              Rate rate,
                                              const std::optional<std::string_view>& reference,
                                              double level,
                                              Monitor& monitor);

struct Measured {
  std::string metric;
  std::optional<double> value;
  std::optional<Interval> interval;
  Tested tested;
  Estimable estimable;
  std::string_view note;
  std::optional<Extremes> groups;  // that make the gap; of equalized odds, the larger part of it
};
// Every gap over all groups with its interval and test; with a reference also the signed metrics of
// all other groups together against it. only: nothing else is computed. Errors: InvalidArgument for
// a name in it that is none of these.
[[nodiscard]] std::vector<Measured> measure(const Confusion& confusion,
                                            const std::optional<std::string_view>& reference,
                                            double level,
                                            const std::optional<std::vector<std::string>>& only,
                                            Monitor& monitor);

}  // namespace fairdb
