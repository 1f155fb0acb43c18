// One threshold for each group, without chance.
#pragma once

#include "core/decision/parity.hpp"

namespace fairdb {

// Whether best_single_thresholds() finds the best of a constraint: of one rate, with a tolerance.
// Without one only few thresholds agree to the bit, often those alone that select nobody or all.
[[nodiscard]] constexpr bool has_best_single_thresholds(Fairness fairness,
                                                        double tolerance) noexcept {
  return tolerance > 0 && fairness != Fairness::None && fairness != Fairness::EqualizedOdds;
}

// The thresholds that earn most of those under which the compared rates of the groups differ by the
// tolerance at most: for every least rate that a group can have, the best threshold of each group
// between it and the tolerance above. hulls: of the same groups, for their totals.
// O(groups x points) for the points of all groups, and 40 bytes for each.
[[nodiscard]] std::vector<RocPoint> best_single_thresholds(
    const std::vector<const LabelledScores*>& scores,
    const std::vector<RocHull>& hulls,
    Fairness fairness,
    double tolerance,
    const Stakes& stakes,
    Monitor& monitor);

// The thresholds of a number of rows to select: those whose rates come nearest to a common one,
// which rises until a threshold does not fit; then those that fit and whose rate is not above that
// of another group. fairness: of one rate, or None: then the thresholds of the hulls, by the share
// of label true among the rows that a threshold adds. They select `most_selected` at most.
// O(points log points) for the points of all groups, and 40 bytes for each.
[[nodiscard]] std::vector<RocPoint> level_thresholds(
    const std::vector<const LabelledScores*>& scores,
    const std::vector<RocHull>& hulls,
    Fairness fairness,
    double most_selected,
    Monitor& monitor);

// Of each group the one threshold that comes nearest to a point in the rates that are compared and
// selects no more than so much; of equally near ones the one that earns most.
[[nodiscard]] RocPoint nearest_threshold(const LabelledScores& scores,
                                         const RocHull& hull,
                                         Fairness fairness,
                                         const Stakes& stakes,
                                         const GroupPoint& wanted,
                                         double most_selected,
                                         Monitor& monitor);

}  // namespace fairdb
