// The rates of one group, and the gaps between the groups.
//
// A rate with denominator 0 does not exist: nullopt, never 0. A row takes part in a rate when what
// the rate needs of it is known (label, prediction or both). Definitions as in fairlearn's and
// scikit-learn's documentation of the same names.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/audit/confusion.hpp"

namespace fairdb {

enum class Rate : std::uint8_t {
  BaseRate,                 // P(y = 1)
  SelectionRate,            // P(prediction = 1)
  TruePositiveRate,         // tp / (tp + fn)
  FalsePositiveRate,        // fp / (fp + tn)
  TrueNegativeRate,         // tn / (fp + tn)
  FalseNegativeRate,        // fn / (tp + fn)
  Precision,                // tp / (tp + fp)
  NegativePredictiveValue,  // tn / (tn + fn)
  FalseDiscoveryRate,       // fp / (tp + fp)
  FalseOmissionRate,        // fn / (tn + fn)
  Accuracy,                 // (tp + tn) / (tp + fp + fn + tn)
  BalancedAccuracy,         // (true positive rate + true negative rate) / 2
  F1,                       // 2 tp / (2 tp + fp + fn)
};

// Every rate in the order in which by_group shows them.
inline constexpr std::array<Rate, 13> kRates = {Rate::BaseRate,
                                                Rate::SelectionRate,
                                                Rate::TruePositiveRate,
                                                Rate::FalsePositiveRate,
                                                Rate::TrueNegativeRate,
                                                Rate::FalseNegativeRate,
                                                Rate::Precision,
                                                Rate::NegativePredictiveValue,
                                                Rate::FalseDiscoveryRate,
                                                Rate::FalseOmissionRate,
                                                Rate::Accuracy,
                                                Rate::BalancedAccuracy,
                                                Rate::F1};

[[nodiscard]] std::optional<double> rate(const Cells& cells, Rate which) noexcept;

struct Counts {
  std::int64_t n;                   // all rows
  std::int64_t n_positive;          // rows with label true
  std::int64_t n_selected;          // rows with prediction true
  std::int64_t unknown_label;       // rows without label
  std::int64_t unknown_prediction;  // rows without prediction
};
[[nodiscard]] Counts counts(const Cells& cells) noexcept;

// Smallest and largest value of a rate over the groups that are known and have it.
struct Spread {
  std::int32_t estimable = 0;
  double smallest = 0;
  double largest = 0;
};
[[nodiscard]] Spread spread(const ConfusionGroups& groups, Rate which) noexcept;

// fairlearn's definitions over any number of groups: largest minus smallest rate, and smallest
// divided by largest. nullopt with fewer than two estimable groups, and for the ratio when the
// largest rate is 0.
[[nodiscard]] std::optional<double> difference(const ConfusionGroups& groups, Rate which) noexcept;
[[nodiscard]] std::optional<double> ratio(const ConfusionGroups& groups, Rate which) noexcept;

// The six named gaps. Equalized odds is the worse of true and false positive rate, and nullopt when
// either is.
enum class Gap : std::uint8_t {
  DemographicParityDifference,
  DemographicParityRatio,
  EqualOpportunityDifference,
  EqualOpportunityRatio,
  EqualizedOddsDifference,
  EqualizedOddsRatio,
};
[[nodiscard]] std::optional<double> gap(const ConfusionGroups& groups, Gap which) noexcept;

}  // namespace fairdb
