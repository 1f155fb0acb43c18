#include "core/audit/rates.hpp"

namespace fairdb {
namespace {

struct Shape {
  std::string_view name;
  CellSet part;
  CellSet whole;
};

// In the order of Rate; BalancedAccuracy is no share.
constexpr std::array<Shape, 13> kShapes = {{
    {"base_rate", cells_with_label(Truth::Positive), kKnownLabel},
    {"selection_rate", cells_with_prediction(Truth::Positive), kKnownPrediction},
    {"true_positive_rate", kTp, kTp | kFn},
    {"false_positive_rate", kFp, kFp | kTn},
    {"true_negative_rate", kTn, kFp | kTn},
    {"false_negative_rate", kFn, kTp | kFn},
    {"precision", kTp, kTp | kFp},
    {"negative_predictive_value", kTn, kTn | kFn},
    {"false_discovery_rate", kFp, kTp | kFp},
    {"false_omission_rate", kFn, kTn | kFn},
    {"accuracy", kTp | kTn, kTp | kFp | kFn | kTn},
    {"balanced_accuracy", 0, 0},
    {"f1", kTp, kTp | kFp | kFn},
}};

struct OtherName {
  std::string_view name;
  Rate rate;
};
constexpr std::array<OtherName, 13> kOtherNames = {{
    {"demographic_parity", Rate::SelectionRate},
    {"equal_opportunity", Rate::TruePositiveRate},
    {"recall", Rate::TruePositiveRate},
    {"tpr", Rate::TruePositiveRate},
    {"fpr", Rate::FalsePositiveRate},
    {"tnr", Rate::TrueNegativeRate},
    {"fnr", Rate::FalseNegativeRate},
    {"ppv", Rate::Precision},
    {"npv", Rate::NegativePredictiveValue},
    {"fdr", Rate::FalseDiscoveryRate},
    {"for", Rate::FalseOmissionRate},
    {"specificity", Rate::TrueNegativeRate},
    {"prevalence", Rate::BaseRate},
}};

double sum(const std::array<double, kCells>& values, unsigned cells) noexcept {
  double result = 0;
  for (std::size_t i = 0; i < kCells; ++i) {
    if ((cells >> i & 1U) != 0) result += values[i];
  }
  return result;
}

Share share_of(const Masses& masses, unsigned part, unsigned whole) noexcept {
  return {sum(masses.mass, part), sum(masses.mass, whole), sum(masses.square, whole)};
}

std::int64_t count(const Cells& cells, unsigned which) noexcept {
  std::int64_t result = 0;
  for (std::size_t i = 0; i < kCells; ++i) {
    if ((which >> i & 1U) != 0) result += cells.count[i];
  }
  return result;
}

}  // namespace

std::string_view name(Rate rate) noexcept {
  return kShapes[static_cast<std::size_t>(rate)].name;
}

RateCells cells_of(Rate rate) noexcept {
  const Shape& shape = kShapes[static_cast<std::size_t>(rate)];
  return {shape.part, shape.whole};
}

std::optional<Rate> rate_named(std::string_view wanted) noexcept {
  for (const Rate rate : kRates) {
    if (name(rate) == wanted) return rate;
  }
  for (const OtherName& other : kOtherNames) {
    if (other.name == wanted) return other.rate;
  }
  return std::nullopt;
}

std::optional<Share> share(const Masses& masses, Rate rate) noexcept {
  if (rate == Rate::BalancedAccuracy) return std::nullopt;
  const Shape& shape = kShapes[static_cast<std::size_t>(rate)];
  return share_of(masses, shape.part, shape.whole);
}

std::optional<double> rate(const Masses& masses, Rate which) noexcept {
  if (which == Rate::BalancedAccuracy) {
    const auto sensitivity = rate(masses, Rate::TruePositiveRate);
    const auto specificity = rate(masses, Rate::TrueNegativeRate);
    if (!sensitivity || !specificity) return std::nullopt;
    return (*sensitivity + *specificity) / 2;
  }
  const Share s = *share(masses, which);
  if (!s.exists()) return std::nullopt;
  // As scikit-learn has it, without a detour over the share: one rounding.
  if (which == Rate::F1) return 2 * s.part / (s.part + s.whole);
  return s.value();
}

Counts counts(const Cells& cells) noexcept {
  return {.n = count(cells, kAllCells),
          .n_positive = count(cells, cells_with_label(Truth::Positive)),
          .n_selected = count(cells, cells_with_prediction(Truth::Positive)),
          .unknown_label = count(cells, cells_with_label(Truth::Unknown)),
          .unknown_prediction = count(cells, cells_with_prediction(Truth::Unknown))};
}

Share everything(const Masses& masses) noexcept {
  return share_of(masses, 0, kAllCells);
}

}  // namespace fairdb
