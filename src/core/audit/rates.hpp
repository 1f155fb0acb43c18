// The rates of one group.
//
// A rate with denominator 0 does not exist: nullopt, never 0. A row takes part in a rate when what
// the rate needs of it is known (label, prediction or both), with its weight. Definitions as in
// fairlearn's and scikit-learn's documentation of the same names.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
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

// Every rate in the order in which by_group shows them, and its name there.
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
[[nodiscard]] std::string_view name(Rate rate) noexcept;
// Also understands demographic_parity, equal_opportunity and the short names of scikit-learn (tpr,
// fpr, ...). nullopt for another name.
[[nodiscard]] std::optional<Rate> rate_named(std::string_view name) noexcept;

// Cells of a confusion, by bits.
using CellSet = std::uint16_t;
constexpr CellSet cells_of(Truth label, Truth prediction) {
  return static_cast<CellSet>(1U << cell(label, prediction));
}
constexpr CellSet cells_with_label(Truth label) {
  return cells_of(label, Truth::Negative) | cells_of(label, Truth::Positive) |
         cells_of(label, Truth::Unknown);
}
constexpr CellSet cells_with_prediction(Truth prediction) {
  return cells_of(Truth::Negative, prediction) | cells_of(Truth::Positive, prediction) |
         cells_of(Truth::Unknown, prediction);
}
inline constexpr CellSet kAllCells = (1U << kCells) - 1;
inline constexpr CellSet kTp = cells_of(Truth::Positive, Truth::Positive);
inline constexpr CellSet kFp = cells_of(Truth::Negative, Truth::Positive);
inline constexpr CellSet kFn = cells_of(Truth::Positive, Truth::Negative);
inline constexpr CellSet kTn = cells_of(Truth::Negative, Truth::Negative);
inline constexpr CellSet kKnownLabel =
    cells_with_label(Truth::Positive) | cells_with_label(Truth::Negative);
inline constexpr CellSet kKnownPrediction =
    cells_with_prediction(Truth::Positive) | cells_with_prediction(Truth::Negative);

// The rows that a rate counts, and those that it counts them among; none for BalancedAccuracy.
struct RateCells {
  CellSet part;
  CellSet whole;
};
[[nodiscard]] RateCells cells_of(Rate rate) noexcept;

// What a share is taken of: sums of weights, and the sum of squared weights of the whole.
struct Share {
  double part;
  double whole;
  double squares;

  bool exists() const noexcept { return whole > 0; }
  double value() const noexcept { return part / whole; }
  // Kish: so many rows of equal weight tell as much about the share. Without weights the rows.
  double effective_size() const noexcept { return squares > 0 ? whole * whole / squares : 0; }
};

// The share that a rate is, or is a function of: tp / (tp + fp + fn) for F1. BalancedAccuracy is no
// share: nullopt.
[[nodiscard]] std::optional<Share> share(const Masses& masses, Rate rate) noexcept;

// The value of a rate, between 0 and 1; nullopt when its denominator is 0.
[[nodiscard]] std::optional<double> rate(const Masses& masses, Rate which) noexcept;

struct Counts {
  std::int64_t n;                   // all rows
  std::int64_t n_positive;          // rows with label true
  std::int64_t n_selected;          // rows with prediction true
  std::int64_t unknown_label;       // rows without label
  std::int64_t unknown_prediction;  // rows without prediction
};
[[nodiscard]] Counts counts(const Cells& cells) noexcept;

// All weights of a group, and how many rows of equal weight they are worth.
[[nodiscard]] Share everything(const Masses& masses) noexcept;

}  // namespace fairdb
