// What is to be the same in all groups: the mean score of a model that is trained (core/objective),
// the rate of selection of thresholds (core/decision).
#pragma once

#include <cstdint>

#include "core/base/names.hpp"

namespace fairdb {

// DemographicParity looks at all rows, EqualOpportunity at the positive ones, PredictiveEquality at
// the negative ones, EqualizedOdds at both, each by itself (with a number as target: at each of its
// bins).
enum class Fairness : std::uint8_t {
  None,
  DemographicParity,
  EqualOpportunity,
  PredictiveEquality,
  EqualizedOdds
};

template <>
struct NameTable<Fairness> {
  static constexpr std::string_view kWhat = "fairness";
  static constexpr std::pair<Fairness, std::string_view> kNames[] = {
      {Fairness::DemographicParity, "demographic_parity"},
      {Fairness::EqualOpportunity, "equal_opportunity"},
      {Fairness::PredictiveEquality, "predictive_equality"},
      {Fairness::EqualizedOdds, "equalized_odds"},
      {Fairness::None, "none"}};
};

}  // namespace fairdb
