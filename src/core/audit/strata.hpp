// A gap conditional on strata: whether groups differ among people who are alike otherwise, and
// whether the difference that all strata together show is of the other sign (Simpson's paradox).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/audit/gaps.hpp"
#include "core/inference/proportion.hpp"
#include "core/inference/tables.hpp"

namespace fairdb {

struct Stratified {
  std::int64_t strata = 0;           // with rows of the group or the reference
  std::int64_t informative = 0;      // with rows of both, and with both outcomes
  std::optional<double> difference;  // of the rate, group minus reference, all strata together
  std::optional<double> conditional_difference;  // Mantel-Haenszel mean of the strata's differences
  // The group's share of those without the outcome minus its share of those with it (Clarify's DD):
  // in all strata together, and as the mean of the strata weighted by their rows (CDD). Strata in
  // which all have one outcome have no disparity and no weight.
  std::optional<double> disparity;
  std::optional<double> conditional_disparity;
  bool reversed = false;  // the two disparities have different signs
  // Odds of the outcome in the group over those in the reference.
  std::optional<double> odds_ratio;                  // all strata together
  std::optional<double> mantel_haenszel;             // conditional on the stratum
  std::optional<Interval> mantel_haenszel_interval;  // Robins, Breslow and Greenland 1986
  // Cochran-Mantel-Haenszel test that the conditional odds ratio is 1, with continuity correction
  // and without.
  std::optional<TestResult> cmh;
  std::optional<TestResult> cmh_uncorrected;
  // Breslow-Day test, with Tarone's correction, that the strata's odds ratios are the same: where
  // it rejects, one conditional number does not tell the whole story.
  std::optional<TestResult> homogeneity;
};

// outcome: a rate that is a share of rows, such as SelectionRate, BaseRate, TruePositiveRate.
// A group not named consists of all known groups but the other one.
// Errors: InvalidArgument for BalancedAccuracy and F1, or when neither group is named;
// UnknownGroup when a named group is in no stratum.
[[nodiscard]] Stratified stratify(const std::vector<Confusion>& strata,
                                  Rate outcome,
                                  const std::optional<std::string_view>& group,
                                  const std::optional<std::string_view>& reference,
                                  double level,
                                  Monitor& monitor);

}  // namespace fairdb
