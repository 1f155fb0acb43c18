#include "core/distribution/labelled.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/base/error.hpp"
#include "core/base/row_label.hpp"

namespace fairdb {
namespace {

[[noreturn]] void not_labelled(std::string_view label) {
  throw Error(
      ErrorKind::InvalidArgument,
      "group \"" + std::string(label) +
          "\" of the distribution is not a pair of a group "
          "and a boolean label",
      "Make the distribution with distribution_agg(score, row(sensitive, y_true)): the label "
      "comes last and is a boolean, of a number y_true = 1.");
}

struct Pair {
  std::string group;
  bool label;
};

Pair split(std::string_view label) {
  if (label.size() < 4 || label.front() != '(' || label.back() != ')') not_labelled(label);
  const std::vector<std::string_view> fields = fields_of(label);
  if (fields.size() < 2 || (fields.back() != "t" && fields.back() != "f")) not_labelled(label);
  const bool positive = fields.back() == "t";
  if (fields.size() == 2) return {unquoted(fields[0]), positive};
  // Without ",t)".
  return {std::string(label.substr(0, label.size() - 3)) + ")", positive};
}

// f(weight, below, equal) for each score of `of`: its weight, and that of the scores of `among`
// below it and equal to it.
template <class F>
void each_place(const ScoreLaw& of, const ScoreLaw& among, Monitor& monitor, F f) {
  constexpr std::size_t kPollPeriod = 1 << 20;
  std::size_t next = 0;
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (i % kPollPeriod == 0) monitor.poll();
    while (next < among.size() && among.score(next) < of.score(i)) ++next;
    const bool equal = next < among.size() && among.score(next) == of.score(i);
    f(of.weight(i), among.below(next), equal ? among.weight(next) : 0);
  }
}

struct WeightedMoments {
  double weight = 0, mean = 0, squares = 0;
  void add(double w, double x) noexcept {
    weight += w;
    const double d = x - mean;
    mean += d * (w / weight);
    squares += w * d * (x - mean);
  }
  // Of the mean, of so many rows.
  double variance_of_mean(double rows) const noexcept { return squares / weight / (rows - 1); }
};

// The bin k with k / bins <= score < (k + 1) / bins; 1 is in the last.
std::size_t bin_of(double score, int bins) noexcept {
  int k = std::min(static_cast<int>(score * bins), bins - 1);
  if (k + 1 < bins && score >= static_cast<double>(k + 1) / bins) ++k;
  if (score < static_cast<double>(k) / bins) --k;
  return static_cast<std::size_t>(k);
}

}  // namespace

double LabelledScores::effective_rows() const noexcept {
  double squares = 0;
  for (const ScoreLaw* law : {&negative, &positive}) {
    if (!law->empty()) squares += law->total() / law->effective_rows() * law->total();
  }
  return squares > 0 ? weight() / squares * weight() : 0;
}

std::int64_t LabelledScores::rows_from(bool label, double t) const noexcept {
  const ScoreLaw& law = label ? positive : negative;
  const std::vector<std::int64_t>& from = label ? positive_rows_from : negative_rows_from;
  if (law.empty()) return 0;
  if (law.counts_rows()) return std::llround(law.from(t));
  if (!from.empty()) {
    const std::size_t first = law.lower_bound(t);
    return first < from.size() ? from[first] : 0;
  }
  const auto rows = static_cast<double>(label ? positive_rows : negative_rows);
  return std::llround(law.from(t) / law.total() * rows);
}

namespace {

// By the distinct scores of weighted points.
std::vector<std::int64_t> rows_from_each(const PointsView& points) {
  std::vector<std::int64_t> from;
  if (points.weight.empty()) return from;
  from.reserve(points.size());
  std::int64_t rows = 0;
  for (std::size_t i = points.size(); i-- > 0;) {
    rows += points.count_of(i);
    if (i > 0 && points.score[i - 1] == points.score[i]) continue;
    from.push_back(rows);
  }
  std::reverse(from.begin(), from.end());
  return from;
}

}  // namespace

std::vector<LabelledScores> labelled_scores(const Distribution& distribution) {
  std::map<std::string, LabelledScores> groups;
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    const ScoreGroup& group = distribution.group(g);
    const Pair pair = split(group.label);
    LabelledScores& scores = groups[pair.group];
    scores.group = pair.group;
    if (!(pair.label ? scores.positive : scores.negative).empty()) not_labelled(group.label);
    (pair.label ? scores.positive : scores.negative) = ScoreLaw(group);
    (pair.label ? scores.positive_rows : scores.negative_rows) = group.rows;
    (pair.label ? scores.positive_rows_from : scores.negative_rows_from) =
        rows_from_each(group.points);
  }
  std::vector<LabelledScores> list;
  list.reserve(groups.size());
  for (auto& [name, scores] : groups) list.push_back(std::move(scores));
  return list;
}

bool label_of(std::string_view group) {
  return split(group).label;
}

std::optional<Auc> auc(const LabelledScores& scores, Monitor& monitor) {
  if (scores.positive.empty() || scores.negative.empty()) return std::nullopt;
  WeightedMoments of_positive;  // the share of negative rows that a positive row beats
  WeightedMoments of_negative;  // the share of positive rows that beat a negative row
  each_place(scores.positive, scores.negative, monitor, [&](double w, double below, double equal) {
    of_positive.add(w, (below + equal / 2) / scores.negative.total());
  });
  each_place(scores.negative, scores.positive, monitor, [&](double w, double below, double equal) {
    of_negative.add(w, 1 - (below + equal / 2) / scores.positive.total());
  });
  Auc result{of_positive.mean, std::nullopt};
  const double m = scores.positive.effective_rows();
  const double n = scores.negative.effective_rows();
  if (m > 1 && n > 1) {
    result.variance = of_positive.variance_of_mean(m) + of_negative.variance_of_mean(n);
  }
  return result;
}

std::optional<Proportion> as_proportion(const Auc& area, const LabelledScores& scores) noexcept {
  if (area.variance && !(*area.variance > 0)) {
    return Proportion{area.value,
                      std::min(scores.positive.effective_rows(), scores.negative.effective_rows())};
  }
  return as_proportion(area.value, area.variance);
}

std::vector<CalibrationBin> calibration(const LabelledScores& scores, int bins) {
  constexpr int kMaxBins = 1000;
  if (bins < 1 || bins > kMaxBins) {
    throw Error(ErrorKind::InvalidArgument,
                "bins is " + std::to_string(bins) + ", expected 1 to " + std::to_string(kMaxBins));
  }
  struct Sums {
    double weight = 0;
    double score = 0;
    double positive = 0;
  };
  std::vector<Sums> sums(static_cast<std::size_t>(bins));
  double total = 0;
  for (const ScoreLaw* law : {&scores.negative, &scores.positive}) {
    total += law->total();
    for (std::size_t i = 0; i < law->size(); ++i) {
      const double score = law->score(i);
      if (!(score >= 0 && score <= 1)) {
        throw Error(ErrorKind::InvalidData,
                    "group \"" + scores.group + "\" has a score of " + std::to_string(score) +
                        ", which is no probability",
                    "Calibration needs scores from 0 to 1. auc_by_group takes any scores.");
      }
      Sums& bin = sums[bin_of(score, bins)];
      bin.weight += law->weight(i);
      bin.score += law->weight(i) * score;
      if (law == &scores.positive) bin.positive += law->weight(i);
    }
  }
  const double rows = scores.effective_rows();
  std::vector<CalibrationBin> result;
  result.reserve(sums.size());
  for (std::size_t b = 0; b < sums.size(); ++b) {
    const Sums& bin = sums[b];
    const double none = std::numeric_limits<double>::quiet_NaN();
    const bool some = bin.weight > 0;
    const std::int64_t n =
        some ? std::max<std::int64_t>(1, std::llround(bin.weight / total * rows)) : 0;
    result.push_back({static_cast<double>(b) / bins, static_cast<double>(b + 1) / bins, n,
                      bin.weight, some ? bin.score / bin.weight : none,
                      some ? bin.positive / bin.weight : none});
  }
  return result;
}

std::optional<double> calibration_error(const std::vector<CalibrationBin>& bins) {
  double weight = 0;
  double sum = 0;
  for (const CalibrationBin& bin : bins) {
    if (bin.n == 0) continue;
    weight += bin.weight;
    sum += bin.weight * std::abs(bin.mean_score - bin.observed_rate);
  }
  return weight > 0 ? std::optional(sum / weight) : std::nullopt;
}

std::optional<Brier> brier(const LabelledScores& scores) noexcept {
  WeightedMoments errors;
  for (const ScoreLaw* law : {&scores.negative, &scores.positive}) {
    const double label = law == &scores.positive ? 1 : 0;
    for (std::size_t i = 0; i < law->size(); ++i) {
      const double error = law->score(i) - label;
      errors.add(law->weight(i), error * error);
    }
  }
  if (errors.weight == 0) return std::nullopt;
  const double rows = scores.effective_rows();
  return Brier{errors.mean, rows > 1 ? errors.variance_of_mean(rows) : 0};
}

std::optional<Proportion> as_proportion(double value,
                                        const std::optional<double>& variance) noexcept {
  if (!variance || !(*variance > 0) || !(value > 0) || !(value < 1)) return std::nullopt;
  return Proportion{value, value * (1 - value) / *variance};
}

}  // namespace fairdb
