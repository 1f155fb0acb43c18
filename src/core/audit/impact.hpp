// Impact ratios: each group's selection rate against that of the most selected group, with the
// checks that go with the four-fifths rule (29 CFR 1607.4(D) and the agencies' questions and
// answers). Numbers only: what they mean for a decision is not computed.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/audit/gaps.hpp"
#include "core/base/monitor.hpp"
#include "core/inference/proportion.hpp"

namespace fairdb {

struct Impact {
  std::optional<std::string_view> group;  // nullopt: rows whose group is unknown
  std::int64_t n;                         // rows with a prediction
  std::int64_t selected;
  std::int64_t unknown_prediction;  // rows without one
  std::optional<double> selection_rate;
  bool excluded;   // unknown, or a smaller share of the rows than min_share: not compared
  bool reference;  // the most selected of the compared groups
  std::optional<double> impact_ratio;
  std::optional<Interval> interval;  // Koopman
  std::optional<bool> below_four_fifths;
  // Difference to the reference in standard deviations (pooled two-proportion z), its two-sided
  // p-value, and that of Fisher's exact test.
  std::optional<double> standard_deviations;
  std::optional<double> p_value;
  std::optional<double> p_fisher;
  // Selections that the group lacks at the rate of the group and the reference together.
  std::optional<double> shortfall;
  // The ratio to the then most selected group if one different person had been selected: one more
  // of the group, one fewer of the reference; and whether that lifts it to four fifths.
  std::optional<double> ratio_one_person;
  std::optional<bool> one_person_flips;
};
// min_share: 0 <= min_share < 1. Errors: InvalidArgument.
// Fisher's test and the one-person check need counts: they are left out when rows have weights.
// withheld: for each group whether its selections are not to be told; it is not compared then, for
// the most selected group of all would tell something of every other. Empty: none.
[[nodiscard]] std::vector<Impact> impact_ratios(const Confusion& confusion,
                                                double min_share,
                                                double level,
                                                Monitor& monitor,
                                                const std::vector<bool>& withheld = {});

}  // namespace fairdb
