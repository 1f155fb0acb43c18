// What a threshold on the score reaches in one group: the weights of its false and its true
// positives, from the highest threshold, which selects nobody, to the lowest, which selects all.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "core/base/monitor.hpp"
#include "core/distribution/labelled.hpp"

namespace fairdb {

inline constexpr double kSelectsNobody = std::numeric_limits<double>::infinity();

// Rows whose score is at least the threshold are selected.
struct RocPoint {
  double threshold;  // a score of the group, or kSelectsNobody
  double fp;         // weight of the selected rows with label false
  double tp;
};

// f(point) for kSelectsNobody and then each distinct score, descending. O(points).
template <class F>
void each_roc_point(const LabelledScores& scores, Monitor& monitor, F f) {
  constexpr std::size_t kPollPeriod = 1 << 16;
  const ScoreLaw& no = scores.negative;
  const ScoreLaw& yes = scores.positive;
  f(RocPoint{kSelectsNobody, 0, 0});
  std::size_t i = no.size();
  std::size_t j = yes.size();
  for (std::size_t step = 1; i > 0 || j > 0; ++step) {
    if (step % kPollPeriod == 0) monitor.poll();
    const double score = i == 0                               ? yes.score(j - 1)
                         : j == 0                             ? no.score(i - 1)
                         : no.score(i - 1) > yes.score(j - 1) ? no.score(i - 1)
                                                              : yes.score(j - 1);
    if (i > 0 && no.score(i - 1) == score) --i;
    if (j > 0 && yes.score(j - 1) == score) --j;
    f(RocPoint{score, no.total() - no.below(i), yes.total() - yes.below(j)});
  }
}

// The group of this name in a list that ascends by name, or nullptr. O(log groups).
template <class Group>
const Group* group_named(const std::vector<Group>& groups, std::string_view name) noexcept {
  const auto found = std::lower_bound(
      groups.begin(), groups.end(), name,
      [](const Group& group, std::string_view wanted) { return group.group < wanted; });
  return found == groups.end() || found->group != name ? nullptr : &*found;
}

// A group and the rows with scores and labels that it was judged by.
struct JudgedGroup {
  std::string group;
  std::int64_t negative_rows = 0;
  std::int64_t positive_rows = 0;
  double negatives = 0;  // weights
  double positives = 0;
  double effective_negatives = 0;  // rows of equal weight that would tell as much (Kish)
  double effective_positives = 0;

  double weight() const noexcept { return negatives + positives; }
  // Of both labels; 0 without rows.
  double effective_rows() const noexcept;
};

// The thresholds whose mixtures reach everything that mixtures of thresholds reach: the upper
// convex hull of the curve, its ends included, and the thresholds that lie on it.
struct RocHull : JudgedGroup {
  std::vector<RocPoint> points;  // of ascending fp and tp, descending threshold
};
[[nodiscard]] RocHull roc_hull(const LabelledScores& scores, Monitor& monitor);

// Which points of a curve may be shown together, so that no difference of two tells of few people:
// between two of them, and before and behind them, are no rows of a label or k at least.
class RocSteps {
 public:
  RocSteps(const LabelledScores& scores, std::int64_t k) noexcept : scores_(&scores), k_(k) {}
  // Of a point whose threshold is below that of those asked for before.
  bool admits(const RocPoint& point) noexcept;

 private:
  bool few(bool label, double from, double below) const noexcept;
  const LabelledScores* scores_;
  std::int64_t k_;
  double last_ = kSelectsNobody;  // threshold
};

// All points of the curve that RocSteps admits.
[[nodiscard]] std::vector<RocPoint> roc_curve(const LabelledScores& scores,
                                              std::int64_t k,
                                              Monitor& monitor);

// All groups as one.
[[nodiscard]] LabelledScores pooled(const Distribution& distribution, Monitor& monitor);

}  // namespace fairdb
