// Thresholds by group: the rule that decides each row by its score and its group, as a value.
#pragma once

#include "core/base/json_writer.hpp"
#include "core/decision/bands.hpp"

namespace fairdb {

// What the thresholds are best in, of all rows together.
enum class Objective : std::uint8_t { Accuracy, BalancedAccuracy, Cost };
template <>
struct NameTable<Objective> {
  static constexpr std::string_view kWhat = "objective";
  static constexpr std::pair<Objective, std::string_view> kNames[] = {
      {Objective::Accuracy, "accuracy"},
      {Objective::BalancedAccuracy, "balanced_accuracy"},
      {Objective::Cost, "cost"}};
};

struct ThresholdOptions {
  Fairness fairness = Fairness::EqualOpportunity;
  Objective objective = Objective::Accuracy;
  double tolerance = 0;
  bool randomised = true;
  double false_positive_cost = 1;  // of Objective::Cost
  double false_negative_cost = 1;
  // So much of the weight is selected, or so many rows; then the objective is the true positives
  // among them.
  std::optional<double> selection_rate = {};
  std::optional<double> places = {};
};
// Errors: InvalidArgument, naming the option.
void validate(const ThresholdOptions& options);

// What a rule reaches over the rows that it was made from.
struct RuleWorth {
  double objective = 0;  // accuracy, balanced accuracy, or the mean cost of a row
  double gap = 0;        // of the constraint
};

struct GroupThresholds : JudgedGroup {
  std::vector<Band> bands;
  GroupPoint expected;  // what they reach

  // The share of the group's weight that is decided by chance, and the part of it that is selected.
  double by_chance = 0;
  double selected_by_chance = 0;

  // The share of those decided by chance that is selected; nullopt when none are.
  std::optional<double> share_between() const noexcept;
};

struct Thresholds {
  ThresholdOptions options;
  RuleWorth reached;
  RuleWorth unconstrained;  // of the best rule for each group by itself, or of that size
  RuleWorth mixed;          // of the rule with chance, beside one without it
  std::vector<GroupThresholds> groups;  // ascending by name

  // The group of this name, or nullptr. O(log groups).
  const GroupThresholds* find(std::string_view group) const noexcept;
  // Whether any row is decided by chance.
  bool randomised() const noexcept;
  // Of all rows that made the rule: their weight, what is expected to be selected of it, and the
  // share that is decided by chance.
  double weight() const noexcept;
  double selected() const noexcept;
  double share_by_chance() const noexcept;
};

// The best thresholds of labelled scores. With randomised false each group takes one threshold: of
// a constraint of one rate with a tolerance, the best thresholds that keep it. Of a selection rate
// or places level_thresholds(), or with a tolerance those nearest to the rule with chance where
// they are better. Else the nearest, in the rates that the constraint compares (without one,
// nothing is left to chance anyway but the last of so many places). Errors: those of validate();
// InvalidData where a rate that is compared does not exist, or without rows; TooLarge when more
// places are asked for than there are rows.
[[nodiscard]] Thresholds find_thresholds(const std::vector<LabelledScores>& groups,
                                         const ThresholdOptions& options,
                                         Monitor& monitor);

// The one threshold, for rows of any group, that is best; kSelectsNobody when nobody should be. Of
// a selection rate or places the lowest one that does not exceed them. Errors: as above.
[[nodiscard]] double best_threshold(const LabelledScores& scores,
                                    const ThresholdOptions& options,
                                    Monitor& monitor);

// Their bytes: little-endian, versioned, self-contained. Errors of reading: CorruptValue.
[[nodiscard]] std::vector<std::byte> encode(const Thresholds& thresholds);
[[nodiscard]] Thresholds decode_thresholds(std::span<const std::byte> bytes);

}  // namespace fairdb
