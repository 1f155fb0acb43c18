// The best decisions of each group under a constraint between the groups.
//
// A group's decisions are a point (fp, tp): the weights of its false and true positives, on or
// below the upper hull of its ROC curve. The objective is linear in the points. A constraint asks
// that a rate of the groups be the same, up to a tolerance; of the points that agree with it the
// one of the largest objective is found, exactly but for rounding. Hardt, Price, Srebro, "Equality
// of opportunity in supervised learning", NeurIPS 2016, section 4, is the case without tolerance.
#pragma once

#include <optional>

#include "core/base/fairness.hpp"
#include "core/decision/roc.hpp"

namespace fairdb {

// What rates and sums that mean the same may differ by, relative to 1 or to the whole.
inline constexpr double kRoundedRate = 1e-12;

// What a unit of tp earns and one of fp costs; both above 0.
struct Stakes {
  double tp;
  double fp;
  double earned(double false_positives, double true_positives) const noexcept {
    return tp * true_positives - fp * false_positives;
  }
};

struct GroupPoint {
  double fp;
  double tp;
};

// What a constraint compares: the share of the selected among the weights that count for it.
struct ComparedRate {
  double fp;  // 1 where rows with label false count, else 0
  double tp;
  double whole;
  double of(const GroupPoint& point) const noexcept {
    return (fp * point.fp + tp * point.tp) / whole;
  }
};
// parity: not None and not EqualizedOdds.
[[nodiscard]] ComparedRate compared_rate(const RocHull& hull, Fairness fairness) noexcept;

// One point for each group. tolerance: 0 to 1. Errors: InvalidData, naming the group, where a rate
// that is compared does not exist.
[[nodiscard]] std::vector<GroupPoint> best_points(const std::vector<RocHull>& hulls,
                                                  Fairness fairness,
                                                  double tolerance,
                                                  const Stakes& stakes,
                                                  Monitor& monitor);

// The same with so much weight selected in all, and the most true positives that allows.
[[nodiscard]] std::vector<GroupPoint> best_points_of_size(const std::vector<RocHull>& hulls,
                                                          Fairness fairness,
                                                          double tolerance,
                                                          double selected,
                                                          Monitor& monitor);

// How far apart the compared rates of the groups are: of equalized odds the larger of the two.
[[nodiscard]] double parity_gap(const std::vector<RocHull>& hulls,
                                Fairness fairness,
                                const std::vector<GroupPoint>& points) noexcept;

}  // namespace fairdb
