// Gaps: how far a rate is apart between groups.
//
// Groups that are unknown, or whose rate does not exist, take no part. A gap of fewer than two
// groups does not exist: nullopt.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/audit/rates.hpp"
#include "core/base/names.hpp"

namespace fairdb {

// How a rate is made one number (fairlearn's MetricFrame has the same five):
enum class Aggregate : std::uint8_t {
  Difference,           // largest minus smallest
  Ratio,                // smallest divided by largest; nullopt when the largest is 0
  DifferenceToOverall,  // the largest distance from the rate of all rows of known group
  RatioToOverall,       // the smallest of r and 1/r, r = a group's rate / that of all rows
  GroupMin,
  GroupMax,
};
// What a gap compares a group with.
enum class ComparedWith : std::uint8_t { Groups, Overall };
template <>
struct NameTable<ComparedWith> {
  static constexpr std::string_view kWhat = "method";
  static constexpr std::pair<ComparedWith, std::string_view> kNames[] = {
      {ComparedWith::Groups, "between_groups"}, {ComparedWith::Overall, "to_overall"}};
};
[[nodiscard]] std::optional<double> aggregate(const Confusion& confusion,
                                              Rate rate,
                                              Aggregate how) noexcept;

// The known groups with the smallest and the largest rate, the first by name of several; nullopt
// with fewer than two that have one.
struct Extremes {
  std::string_view low;
  std::string_view high;
  double low_rate;
  double high_rate;
};
[[nodiscard]] std::optional<Extremes> extremes(const Confusion& confusion, Rate rate) noexcept;

// Groups that are known, and those of them that have a rate.
struct Estimable {
  std::int64_t groups;
  std::int64_t estimable;
};
[[nodiscard]] Estimable estimable(const Confusion& confusion, Rate rate) noexcept;

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
[[nodiscard]] std::optional<double> gap(const Confusion& confusion, Gap which) noexcept;

// The rows of known group together.
[[nodiscard]] GroupCells known_total(const Confusion& confusion) noexcept;

// A group by its label, or nullptr.
[[nodiscard]] const GroupCells* find_group(const Confusion& confusion,
                                           std::string_view label) noexcept;
// Errors: UnknownGroup, naming `argument`, the label and the groups there are.
[[nodiscard]] const GroupCells& named_group(const Confusion& confusion,
                                            std::string_view label,
                                            const char* argument);

// Two sides of a comparison: a group (or all others together) against a reference.
struct Sides {
  GroupCells group;
  GroupCells reference;
};
// A side that is not named consists of all known groups but the other side.
// Errors: UnknownGroup; InvalidArgument when neither or twice the same is named.
// group_argument: what the user calls the group.
[[nodiscard]] Sides sides(const Confusion& confusion,
                          const std::optional<std::string_view>& group,
                          const std::optional<std::string_view>& reference,
                          const char* group_argument = "sensitive");

}  // namespace fairdb
