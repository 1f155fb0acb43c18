// The law of the score in one group, as its distribution function and quantiles are read from it.
//
// Scores stand in ascending order on a line of ranks from 0 to the total weight, each over as much
// of it as it weighs. Two ways to read them:
//
//   steps     F(t) = weight of the scores up to t / total; its inverse is the score at a rank
//   mid-rank  each row stands in the middle of its part of the line, linear in between, constant
//             beyond the first and the last row. A score's rank is the middle of all rows that have
//             it. Q is the quantile function of Hazen (1914), number 5 of Hyndman and Fan (1996).
//
// Distances are of the steps. Fair scores and quantiles are mid-rank: they depend on ties in no
// arbitrary way, and the rank of a score has that score as its quantile.
#pragma once

#include <algorithm>
#include <optional>

#include "core/distribution/distribution.hpp"

namespace fairdb {

// Where to search in an ascending list: a table of equal cells between its ends.
class SearchGuide {
 public:
  SearchGuide() = default;
  // roomy: twice as many cells as elements in place of an eighth.
  explicit SearchGuide(std::span<const double> ascending, bool roomy = false);

  bool empty() const noexcept { return first_.empty(); }
  // A place in the list near t; of a guide that is not empty.
  std::size_t guess(double t) const noexcept { return first_[cell_of(t)]; }
  // Of a guide that is not empty: the first element that may be at or above t, and the first that
  // is above it for certain.
  struct Range {
    std::size_t begin;
    std::size_t end;
  };
  Range range(double t) const noexcept {
    const std::size_t k = cell_of(t);
    return {first_[k], first_[k + 1]};
  }
  // The first element of the list at or above t, or its size: as std::lower_bound.
  std::size_t lower_bound(std::span<const double> ascending, double t) const noexcept;

 private:
  std::size_t cell_of(double t) const noexcept {
    const auto last = static_cast<double>(first_.size() - 2);
    return static_cast<std::size_t>(std::clamp((t - origin_) * scale_, 0.0, last));
  }
  double origin_ = 0;
  double scale_ = 0;
  std::vector<std::uint32_t> first_;  // of each cell, the first element that is in it
};

// The first element of a range of a list for which `before` does not hold: it holds for those in
// front of it and for no other, beyond the range neither.
template <class T, class Before>
[[gnu::always_inline]] inline std::size_t first_not(std::span<const T> list,
                                                    SearchGuide::Range within,
                                                    Before before) noexcept {
  // Without branches on what is compared: they cannot be foretold. Nor can be whether a cell has
  // one element or none, so that the next one is looked at in either case.
  const T* place = list.data() + within.begin;
  std::size_t size = within.end - within.begin;
  if (size <= 1 && within.begin < list.size()) {
    return within.begin + static_cast<std::size_t>(before(*place));
  }
  while (size > 0) {
    const std::size_t half = (size + 1) / 2;
    place += half * static_cast<std::size_t>(before(place[half - 1]));
    size -= half;
  }
  return static_cast<std::size_t>(place - list.data());
}

inline std::size_t SearchGuide::lower_bound(std::span<const double> ascending,
                                            double t) const noexcept {
  const Range within = first_.empty() ? Range{0, ascending.size()} : range(t);
  return first_not(ascending, within, [t](double element) { return element < t; });
}

class ScoreLaw {
 public:
  ScoreLaw() = default;  // without scores
  // A view of the group's scores where it is exact and without weights: the distribution's
  // bytes must outlive it. Errors: none; a group without scores has an empty law.
  explicit ScoreLaw(const ScoreGroup& group);
  // points: ascending.
  explicit ScoreLaw(const std::vector<CountedPoint>& points);
  ScoreLaw(ScoreLaw&&) = default;  // the scores may be its own
  ScoreLaw& operator=(ScoreLaw&&) = default;

  bool empty() const noexcept { return score_.empty(); }
  // Distinct scores, ascending, and the weight below each; below(size()) is the total.
  std::size_t size() const noexcept { return score_.size(); }
  double score(std::size_t i) const noexcept { return score_[i]; }
  std::span<const double> scores() const noexcept { return score_; }
  double below(std::size_t i) const noexcept {
    return below_.empty() ? static_cast<double>(i) : below_[i];
  }
  double weight(std::size_t i) const noexcept { return below(i + 1) - below(i); }
  double total() const noexcept { return below(size()); }
  // The share of the score that most rows have, if more than one has it; 0 without ties.
  double largest_tie() const noexcept;
  // Rows of equal weight that would tell as much (Kish).
  double effective_rows() const noexcept { return effective_rows_; }
  // What a sketch adds to the error of a rank, as a share of the total: it is exceeded with a
  // probability of at most 1 %. 0 of an exact group.
  double rank_error() const noexcept { return rank_error_; }
  // Whether every row counts 1 and none is summarised: ranks are whole numbers of rows.
  bool counts_rows() const noexcept { return counts_rows_; }

  // The first score at or above t, or size().
  std::size_t lower_bound(double t) const noexcept { return score_guide_.lower_bound(score_, t); }

  // Where a score stands: its mid-rank, the number of the first score at or above it (or size()),
  // and whether that is the score itself. The law is not empty. `spread`, in [0, 1), places a row
  // among those that have the same score instead of in their middle.
  struct Place {
    double rank;
    std::size_t next;
    bool met;
  };
  Place place_of(double t, std::optional<double> spread = {}) const noexcept;
  // The mid-rank quantile at a score's own place: the score itself, if the law has it, else one
  // between its neighbours.
  double at_place(const Place& place) const noexcept;
  // The mid-rank quantile at a rank from 0 to total().
  double at_rank(double rank) const noexcept;

  // The weight of the scores up to t; from t on.
  double up_to(double t) const noexcept;
  double from(double t) const noexcept { return empty() ? 0 : total() - below(lower_bound(t)); }
  // The score at a rank: the first whose scores up to it weigh at least so much (steps).
  double step_at_rank(double rank) const noexcept;

  // The rank of a score to within a few rows, without reading the scores, where that is prepared
  // and each score is one row; and a hint to the processor that scores near a rank are read next. A
  // law of many scores is in no cache: its groups' scores had better come at the same time.
  bool knows_places() const noexcept { return below_.empty() && !score_guide_.empty(); }
  double place_near(double t) const noexcept { return static_cast<double>(score_guide_.guess(t)); }
  void fetch(double rank) const noexcept {
    const double place = std::min(rank, static_cast<double>(score_.size() - 1));
    __builtin_prefetch(&score_[static_cast<std::size_t>(place)]);
  }

  // Builds what makes many searches faster, and changes no answer. Its memory is a sixteenth of the
  // scores'; if roomy, up to six times theirs, which pays while all of it is in a cache.
  void prepare(bool roomy = false);

 private:
  template <class At>
  void adopt(std::size_t points, At at);
  double first_weight(std::size_t i) const noexcept { return first_.empty() ? 1.0 : first_[i]; }
  double last_weight(std::size_t i) const noexcept { return last_.empty() ? 1.0 : last_[i]; }
  double low(std::size_t i) const noexcept { return below(i) + first_weight(i) / 2; }
  double high(std::size_t i) const noexcept { return below(i + 1) - last_weight(i) / 2; }
  double middle(std::size_t i) const noexcept { return (below(i) + below(i + 1)) / 2; }
  double between(std::size_t i, double rank) const noexcept;

  // What a search reads of a score, beside each other, so that it is in the cache at once.
  struct Step {
    double score, low, high, middle;
  };
  double fast_at_rank(double rank) const noexcept;
  double between(const Step& step, double rank) const noexcept;
  std::size_t step_at(double score) const noexcept;

  std::vector<Step> steps_;  // of a law with weights or ties that was prepared to be roomy
  std::span<const double> score_;
  std::vector<double> own_score_;
  std::vector<double> below_;  // empty when each score is one row
  // Of the first and the last row that has the score; empty when all are 1.
  std::vector<double> first_;
  std::vector<double> last_;
  double effective_rows_ = 0;
  double rank_error_ = 0;
  bool counts_rows_ = true;
  SearchGuide score_guide_;
  SearchGuide below_guide_;  // of low() where there are steps
};

// The points of a group, ascending; those of a sketch are taken for rows.
std::vector<CountedPoint> points_of(const ScoreGroup& group);

// The laws of all groups, in their order.
std::vector<ScoreLaw> laws_of(const Distribution& distribution);

}  // namespace fairdb
