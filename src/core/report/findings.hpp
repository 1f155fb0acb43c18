// What the counts of an audit say, as a report needs it: the groups that may be shown, and their
// gaps.
//
// A gap tells the rates of the groups that make it. So groups of which a rate is withheld take no
// part in its gaps.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/audit/disclosure.hpp"
#include "core/audit/limits.hpp"
#include "core/audit/uncertainty.hpp"
#include "core/report/figure.hpp"
#include "core/report/wording.hpp"

namespace fairdb {

// The groups by some attributes.
struct AttributeGroups {
  AttributeNames attributes = {};
  Confusion confusion = {};
  std::vector<Withheld> withheld = {};    // of each group
  std::vector<std::int32_t> fields = {};  // which attributes of the confusion these are, from 1

  std::string by() const { return attributes.by(); }
  std::string name_of(const GroupCells& group, const Wording& wording) const {
    return wording.name_of(group.label.value_or(""), attributes);
  }
};

struct ShownRate {
  std::string label;  // as the confusion has it
  std::string name;
  double value;
  Range interval;     // Wilson's
  std::int64_t rows;  // among which it is counted; of all weights
};
// The rates that exist and may be shown, in the order of the groups; hidden: how many are withheld.
struct ShownRates {
  std::vector<ShownRate> groups;
  std::int64_t hidden = 0;
  std::optional<double> overall;  // of the groups that are shown together
  std::int64_t rows = 0;
};
[[nodiscard]] ShownRates shown_rates(const AttributeGroups& groups,
                                     Rate rate,
                                     const Wording& wording);

// Whether the label of any row is known.
[[nodiscard]] bool has_labels(const Confusion& confusion) noexcept;

// A gap between the groups that may be shown.
struct Finding {
  std::string metric;  // of the catalogue
  Contrast contrast = Contrast::Difference;
  std::optional<double> value;
  std::optional<Range> interval;
  std::optional<double> p_value;
  // The groups that make it, by their names as shown, and their rates; empty without a gap. labels:
  // as the confusion has them.
  std::string low = {};
  std::string high = {};
  std::string low_label = {};
  std::string high_label = {};
  double low_rate = 0;
  double high_rate = 0;
  std::int64_t hidden = 0;  // groups that take no part
  std::int64_t groups = 0;  // that do

  bool labels = true;  // whether there are those that it needs
  // Of several groups the two that are surely apart, by the largest amount: the interval of their
  // difference, at a level that allows for all pairs, leaves 0 out. Empty when there are none.
  struct Sure {
    std::string low;
    std::string high;
    double low_rate;
    double high_rate;
  };
  std::optional<Sure> sure = {};

  // The test asks whether all groups are alike, the interval how far the two that make the gap are
  // apart. Of many groups the first may be answered while the second is not.
  enum class Certainty : std::uint8_t { Chance, NotAllAlike, Apart };
  Certainty certainty(double level) const noexcept;
  // Whether the two that make the gap are surely apart, at a level that allows for all pairs.
  bool pair_apart = true;
  // Whether the gap is: by its interval and by the test.
  bool apart(double level) const noexcept;
};
// metric: that of a limit. Errors: of limited_gap().
[[nodiscard]] Finding find_gap(const AttributeGroups& groups,
                               std::string_view metric,
                               const Wording& wording,
                               Monitor& monitor);

}  // namespace fairdb
