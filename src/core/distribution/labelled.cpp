#include "core/distribution/labelled.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/base/error.hpp"

namespace fairdb {
namespace {

[[noreturn]] void not_labelled(std::string_view label) {
  throw Error(ErrorKind::InvalidArgument,
              "group \"" + std::string(label) +
                  "\" of the distribution is not a pair of a group "
                  "and a boolean label",
              "Make the distribution with distribution_agg(score, row(sensitive, y_true)), where "
              "y_true is a boolean.");
}

// What the text of a field of a row stands for, without its quotes.
std::string unquoted(std::string_view field) {
  if (field.size() < 2 || field.front() != '"') return std::string(field);
  std::string text;
  for (std::size_t i = 1; i + 1 < field.size(); ++i) {
    // Quotes and backslashes are doubled.
    if ((field[i] == '"' || field[i] == '\\') && i + 2 < field.size()) ++i;
    text += field[i];
  }
  return text;
}

// The fields of a row's text; commas inside quotes belong to their field.
std::vector<std::string_view> fields_of(std::string_view row) {
  std::vector<std::string_view> fields;
  bool quoted = false;
  std::size_t start = 1;
  for (std::size_t i = 1; i < row.size(); ++i) {
    if (row[i] == '"') quoted = !quoted;
    if (!quoted && (row[i] == ',' || i + 1 == row.size())) {
      fields.push_back(row.substr(start, i - start));
      start = i + 1;
    }
  }
  return fields;
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

// f(score, below, equal) for each score of `of`: how many scores of `among` are below, how many
// equal. Both ascend.
template <class F>
void each_place(std::span<const double> of, std::span<const double> among, Monitor& monitor, F f) {
  constexpr std::size_t kPollPeriod = 1 << 20;
  std::size_t below = 0;
  std::size_t up_to = 0;
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (i % kPollPeriod == 0) monitor.poll();
    while (below < among.size() && among[below] < of[i]) ++below;
    up_to = std::max(up_to, below);
    while (up_to < among.size() && among[up_to] <= of[i]) ++up_to;
    f(below, up_to - below);
  }
}

struct Moments {
  double n = 0, mean = 0, squares = 0;
  void add(double x) noexcept {
    n += 1;
    const double d = x - mean;
    mean += d / n;
    squares += d * (x - mean);
  }
};

}  // namespace

std::vector<LabelledScores> labelled_scores(const Distribution& law) {
  std::map<std::string, LabelledScores> groups;
  for (std::int32_t g = 0; g < law.groups(); ++g) {
    const Pair pair = split(law.label(g));
    LabelledScores& scores = groups[pair.group];
    scores.group = pair.group;
    (pair.label ? scores.positive : scores.negative) = law.scores(g);
  }
  std::vector<LabelledScores> list;
  list.reserve(groups.size());
  for (auto& [name, scores] : groups) list.push_back(std::move(scores));
  return list;
}

std::optional<Auc> auc(const LabelledScores& scores, Monitor& monitor) {
  const auto m = static_cast<double>(scores.positive.size());
  const auto n = static_cast<double>(scores.negative.size());
  if (m == 0 || n == 0) return std::nullopt;
  Moments of_positive;  // the share of negative rows that a positive row beats
  Moments of_negative;  // the share of positive rows that beat a negative row
  each_place(scores.positive, scores.negative, monitor, [&](std::size_t below, std::size_t equal) {
    of_positive.add((static_cast<double>(below) + static_cast<double>(equal) / 2) / n);
  });
  each_place(scores.negative, scores.positive, monitor, [&](std::size_t below, std::size_t equal) {
    of_negative.add(1 - (static_cast<double>(below) + static_cast<double>(equal) / 2) / m);
  });
  Auc result{of_positive.mean, std::nullopt};
  if (m > 1 && n > 1) {
    result.variance = of_positive.squares / (m - 1) / m + of_negative.squares / (n - 1) / n;
  }
  return result;
}

std::optional<Proportion> as_proportion(const Auc& area, const LabelledScores& scores) noexcept {
  if (area.variance && !(*area.variance > 0)) {
    return Proportion{
        area.value, static_cast<double>(std::min(scores.positive.size(), scores.negative.size()))};
  }
  return as_proportion(area.value, area.variance);
}

std::vector<CalibrationBin> calibration(const LabelledScores& scores, int bins) {
  constexpr int kMaxBins = 1000;
  if (bins < 1 || bins > kMaxBins) {
    throw Error(ErrorKind::InvalidArgument,
                "bins is " + std::to_string(bins) + ", expected 1 to " + std::to_string(kMaxBins));
  }
  std::vector<double> sums(static_cast<std::size_t>(bins), 0.0);
  std::vector<std::int64_t> rows(sums.size(), 0), positive(sums.size(), 0);
  for (const bool label : {false, true}) {
    for (const double score : label ? scores.positive : scores.negative) {
      if (!(score >= 0 && score <= 1)) {
        throw Error(ErrorKind::InvalidData,
                    "group \"" + scores.group + "\" has a score of " + std::to_string(score) +
                        ", which is no probability",
                    "Calibration needs scores from 0 to 1. auc_by_group takes any scores.");
      }
      const auto bin = std::min(static_cast<std::size_t>(score * bins), sums.size() - 1);
      sums[bin] += score;
      ++rows[bin];
      if (label) ++positive[bin];
    }
  }
  std::vector<CalibrationBin> result;
  for (std::size_t b = 0; b < sums.size(); ++b) {
    const auto n = static_cast<double>(rows[b]);
    const double none = std::numeric_limits<double>::quiet_NaN();
    result.push_back({static_cast<double>(b) / bins, static_cast<double>(b + 1) / bins, rows[b],
                      rows[b] > 0 ? sums[b] / n : none,
                      rows[b] > 0 ? static_cast<double>(positive[b]) / n : none});
  }
  return result;
}

std::optional<double> calibration_error(const std::vector<CalibrationBin>& bins) {
  double n = 0;
  double sum = 0;
  for (const CalibrationBin& bin : bins) {
    if (bin.n == 0) continue;
    n += static_cast<double>(bin.n);
    sum += static_cast<double>(bin.n) * std::abs(bin.mean_score - bin.observed_rate);
  }
  return n > 0 ? std::optional(sum / n) : std::nullopt;
}

std::optional<Brier> brier(const LabelledScores& scores) noexcept {
  Moments errors;
  for (const double s : scores.negative) errors.add(s * s);
  for (const double s : scores.positive) errors.add((s - 1) * (s - 1));
  if (errors.n == 0) return std::nullopt;
  return Brier{errors.mean, errors.n > 1 ? errors.squares / (errors.n - 1) / errors.n : 0};
}

std::optional<Proportion> as_proportion(double value,
                                        const std::optional<double>& variance) noexcept {
  if (!variance || !(*variance > 0) || !(value > 0) || !(value < 1)) return std::nullopt;
  return Proportion{value, value * (1 - value) / *variance};
}

}  // namespace fairdb
