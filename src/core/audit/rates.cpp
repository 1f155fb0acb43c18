#include "core/audit/rates.hpp"

#include <algorithm>

namespace fairdb {
namespace {

std::optional<double> fraction(std::int64_t part, std::int64_t whole) noexcept {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

template <class Worse>
std::optional<double> worse(std::optional<double> a, std::optional<double> b, Worse pick) noexcept {
  if (!a || !b) return std::nullopt;
  return pick(*a, *b);
}

}  // namespace

std::optional<double> rate(const Cells& cells, Rate which) noexcept {
  const std::int64_t tp = cells.at(Truth::Positive, Truth::Positive);
  const std::int64_t fp = cells.at(Truth::Negative, Truth::Positive);
  const std::int64_t fn = cells.at(Truth::Positive, Truth::Negative);
  const std::int64_t tn = cells.at(Truth::Negative, Truth::Negative);
  const Counts all = counts(cells);
  switch (which) {
    case Rate::BaseRate:
      return fraction(all.n_positive, all.n - all.unknown_label);
    case Rate::SelectionRate:
      return fraction(all.n_selected, all.n - all.unknown_prediction);
    case Rate::TruePositiveRate:
      return fraction(tp, tp + fn);
    case Rate::FalsePositiveRate:
      return fraction(fp, fp + tn);
    case Rate::TrueNegativeRate:
      return fraction(tn, fp + tn);
    case Rate::FalseNegativeRate:
      return fraction(fn, tp + fn);
    case Rate::Precision:
      return fraction(tp, tp + fp);
    case Rate::NegativePredictiveValue:
      return fraction(tn, tn + fn);
    case Rate::FalseDiscoveryRate:
      return fraction(fp, tp + fp);
    case Rate::FalseOmissionRate:
      return fraction(fn, tn + fn);
    case Rate::Accuracy:
      return fraction(tp + tn, tp + fp + fn + tn);
    case Rate::BalancedAccuracy: {
      const auto sensitivity = fraction(tp, tp + fn);
      const auto specificity = fraction(tn, fp + tn);
      if (!sensitivity || !specificity) return std::nullopt;
      return (*sensitivity + *specificity) / 2;
    }
    case Rate::F1:
      return fraction(2 * tp, 2 * tp + fp + fn);
  }
  return std::nullopt;
}

Counts counts(const Cells& cells) noexcept {
  const auto row = [&](Truth label) {
    return cells.at(label, Truth::Negative) + cells.at(label, Truth::Positive) +
           cells.at(label, Truth::Unknown);
  };
  const auto column = [&](Truth prediction) {
    return cells.at(Truth::Negative, prediction) + cells.at(Truth::Positive, prediction) +
           cells.at(Truth::Unknown, prediction);
  };
  return {.n = row(Truth::Negative) + row(Truth::Positive) + row(Truth::Unknown),
          .n_positive = row(Truth::Positive),
          .n_selected = column(Truth::Positive),
          .unknown_label = row(Truth::Unknown),
          .unknown_prediction = column(Truth::Unknown)};
}

Spread spread(const ConfusionGroups& groups, Rate which) noexcept {
  Spread result;
  for (std::int32_t i = 0; i < groups.groups(); ++i) {
    const auto value = groups.label(i) ? rate(groups.payload(i), which) : std::nullopt;
    if (!value) continue;
    result.smallest = result.estimable == 0 ? *value : std::min(result.smallest, *value);
    result.largest = result.estimable == 0 ? *value : std::max(result.largest, *value);
    ++result.estimable;
  }
  return result;
}

std::optional<double> difference(const ConfusionGroups& groups, Rate which) noexcept {
  const Spread s = spread(groups, which);
  if (s.estimable < 2) return std::nullopt;
  return s.largest - s.smallest;
}

std::optional<double> ratio(const ConfusionGroups& groups, Rate which) noexcept {
  const Spread s = spread(groups, which);
  if (s.estimable < 2 || s.largest == 0) return std::nullopt;
  return s.smallest / s.largest;
}

std::optional<double> gap(const ConfusionGroups& groups, Gap which) noexcept {
  const auto larger = [](double a, double b) { return std::max(a, b); };
  const auto smaller = [](double a, double b) { return std::min(a, b); };
  switch (which) {
    case Gap::DemographicParityDifference:
      return difference(groups, Rate::SelectionRate);
    case Gap::DemographicParityRatio:
      return ratio(groups, Rate::SelectionRate);
    case Gap::EqualOpportunityDifference:
      return difference(groups, Rate::TruePositiveRate);
    case Gap::EqualOpportunityRatio:
      return ratio(groups, Rate::TruePositiveRate);
    case Gap::EqualizedOddsDifference:
      return worse(difference(groups, Rate::TruePositiveRate),
                   difference(groups, Rate::FalsePositiveRate), larger);
    case Gap::EqualizedOddsRatio:
      return worse(ratio(groups, Rate::TruePositiveRate), ratio(groups, Rate::FalsePositiveRate),
                   smaller);
  }
  return std::nullopt;
}

}  // namespace fairdb
