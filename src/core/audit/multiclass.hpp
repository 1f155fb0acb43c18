// Predictions of several classes: counts by group, label and prediction, each class against all
// others, and how far the labels' distributions of two groups are apart.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/audit/confusion_state.hpp"
#include "core/audit/divergence.hpp"
#include "core/audit/label_order.hpp"
#include "core/base/monitor.hpp"

namespace fairdb {

inline constexpr std::size_t kMaxClasses = 1000;

struct ClassCount {
  Label group;
  Label y_true;
  Label y_pred;
  std::int64_t n = 0;
};

// Counts of the same group, label and prediction joined, in the order of the three.
std::vector<ClassCount> sorted_counts(std::vector<ClassCount> counts);

// The row of a table of such counts. A hidden group has one row, without classes: those of a single
// person would be that person's. Of a visible one, counts of fewer than k rows are hidden, and with
// them those that would tell them: the shares tell the group's size.
struct ShownCount {
  Label group;
  Label y_true;
  Label y_pred;
  std::optional<std::int64_t> n;
  std::optional<double> share;  // of the group's rows
  bool suppressed = false;
};
// counts: as sorted_counts() gives them.
std::vector<ShownCount> shown_counts(std::span<const ClassCount> counts, std::int64_t k);

// The classes that occur as a label or as a prediction, sorted. Errors: TooLarge above kMaxClasses.
std::vector<std::string_view> classes_of(std::span<const ClassCount> counts);

// The confusion of one class, positive, against all others.
ConfusionState one_against_rest(std::span<const ClassCount> counts,
                                std::string_view positive,
                                ConfusionState::Allocate allocate,
                                Monitor& monitor);

// The distributions of the labels in a group and in a reference; one that is not named is all other
// known groups. y_pred is not looked at; unknown labels and groups take no part.
struct LabelDivergences {
  std::int64_t classes = 0;
  std::int64_t of_group = 0;
  std::int64_t of_reference = 0;
  std::optional<Divergences> distances;
  bool suppressed =
      false;  // fewer than k rows on a side, or of a class: nothing else is to be told
};
// Errors: InvalidArgument, UnknownGroup, as of sides().
LabelDivergences label_divergences(std::span<const ClassCount> counts,
                                   Label group,
                                   Label reference,
                                   std::int64_t k);

}  // namespace fairdb
