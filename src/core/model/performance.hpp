// What a model makes of a set of rows, as a reader of it and the search for settings judge it: by
// group and as a whole, with the gaps of its decisions.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/audit/gaps.hpp"
#include "core/linear/train.hpp"
#include "core/objective/rows.hpp"
#include "core/objective/summary.hpp"

namespace fairdb {

// A group in a set of rows. Of a binary target also its rows and their weight by label (first
// index, 0 negative) and prediction, and by label the mean of sign(f) - f, where sign(0) = 1.
struct GroupPerformance {
  std::string label;
  std::uint32_t attribute = 0;
  std::int64_t rows = 0;
  double weight = 0;
  double mean_score = 0;
  std::array<std::int64_t, 4> count{};  // 2 label + prediction
  std::array<double, 4> mass{};
  std::array<double, 2> deviation{};

  // Whether the rows' decisions are known.
  bool counted() const noexcept { return count[0] + count[1] + count[2] + count[3] == rows; }
};

// What a model makes of a set of rows. All means are weighted.
struct Performance {
  std::vector<GroupPerformance> groups;  // by attribute and label
  std::int64_t rows = 0;
  double squared_error = 0;  // mean of (f - y)^2, y in -1 / +1 for a binary target
  double brier = kUnknown;   // mean of (probability - label)^2, of scores that are log-odds
  double variance = 0;       // of the target
  std::array<std::int64_t, 4> count{};
  std::array<double, 4> mass{};
};

// Share of the weight with label and prediction equal; nullopt for a number as target.
std::optional<double> accuracy(const Performance& performance, bool binary);
// Share of the weight with f >= 0; nullopt for a number.
std::optional<double> selection_rate(const Performance& performance, bool binary);
// Of the predictions f >= 0: the largest over the attributes; nullopt for a number or where
// undefined.
std::optional<double> decision_gap(const Performance& performance, bool binary, Gap gap);
// The largest difference of the groups' false positive rates, over the attributes.
std::optional<double> false_positive_gap(const Performance& performance);
// The largest difference of the groups' mean scores, over the attributes.
std::optional<double> mean_score_gap(const Performance& performance);

// How much the difference of decision rates may exceed that of mean scores: hat Delta, with
//   |rate_g - rate_h| <= 1/2 |mean score_g - mean score_h| + hat Delta,
// over the classes that the fairness compares. nullopt for a number, DemographicParity or None, and
// where the rows' decisions are not known.
// Source: Donini et al. 2018, section 4, proposition on the linear relaxation.
std::optional<double> relaxation_error(const Performance& performance,
                                       Fairness fairness,
                                       bool binary);

// Gathers performance row by row.
class Evaluation {
 public:
  // log_odds: whether the scores are those of classes.
  Evaluation(bool binary, bool log_odds, Index attributes);
  void add(const RowBlock& block, const VectorView& scores);
  Performance finish(const GroupNames& names) const;

 private:
  bool binary_;
  bool log_odds_;
  std::vector<std::vector<GroupPerformance>> groups_;  // by attribute and code + 1
  Performance total_;
  double weight_ = 0;
  double squared_errors_ = 0;
  double brier_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

// The same for a number as target, from what one pass has gathered: the rows by group, their mean
// scores, and the error.
Performance performance_of_numbers(const Summary& summary,
                                   const GroupNames& names,
                                   const LinearFit& fit,
                                   double c);

}  // namespace fairdb
