#include "core/decision/thresholds.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/archive.hpp"
#include "core/base/number_text.hpp"
#include "core/decision/single_thresholds.hpp"

namespace fairdb {
namespace {

[[noreturn]] void raise_option(const std::string& message, const std::string& hint = {}) {
  throw Error(ErrorKind::InvalidArgument, message, hint);
}

bool of_size(const ThresholdOptions& options) noexcept {
  return options.selection_rate || options.places;
}

struct Totals {
  double negatives = 0;
  double positives = 0;
  double rows() const noexcept { return negatives + positives; }
};

Totals totals_of(const std::vector<RocHull>& hulls) {
  Totals totals;
  for (const RocHull& hull : hulls) {
    totals.negatives += hull.negatives;
    totals.positives += hull.positives;
  }
  if (totals.rows() > 0) return totals;
  throw Error(ErrorKind::InvalidData,
              "the distribution has no rows whose score, group and label are known");
}

// What a selected row of either label is worth beside one that is not.
Stakes stakes_of(const ThresholdOptions& options, const Totals& totals) {
  switch (options.objective) {
    case Objective::Accuracy:
      break;
    case Objective::BalancedAccuracy:
      if (totals.negatives > 0 && totals.positives > 0) {
        return {1 / totals.positives, 1 / totals.negatives};
      }
      throw Error(ErrorKind::InvalidData,
                  "the distribution has rows of one label only, for which there is no balanced "
                  "accuracy",
                  "Use objective => 'accuracy'.");
    case Objective::Cost:
      return {options.false_negative_cost, options.false_positive_cost};
  }
  return {1, 1};
}

// The weight to be selected.
double size_of(const ThresholdOptions& options, const Totals& totals) {
  if (options.selection_rate) return *options.selection_rate * totals.rows();
  if (*options.places <= totals.rows()) return *options.places;
  throw Error(ErrorKind::InvalidArgument, "places is " + shortest_text(*options.places) +
                                              ", but the rows of the distribution weigh " +
                                              shortest_text(totals.rows()));
}

RuleWorth worth_of(const std::vector<RocHull>& hulls,
                   const ThresholdOptions& options,
                   const Totals& totals,
                   const std::vector<GroupPoint>& points) {
  double fp = 0;
  double tp = 0;
  for (const GroupPoint& point : points) {
    fp += point.fp;
    tp += point.tp;
  }
  RuleWorth worth;
  worth.gap = options.fairness == Fairness::None ? 0 : parity_gap(hulls, options.fairness, points);
  switch (options.objective) {
    case Objective::Accuracy:
      worth.objective = (tp + totals.negatives - fp) / totals.rows();
      break;
    case Objective::BalancedAccuracy:
      worth.objective = (tp / totals.positives + (totals.negatives - fp) / totals.negatives) / 2;
      break;
    case Objective::Cost:
      worth.objective = (options.false_negative_cost * (totals.positives - tp) +
                         options.false_positive_cost * fp) /
                        totals.rows();
      break;
  }
  return worth;
}

std::vector<GroupPoint> optimum(const std::vector<RocHull>& hulls,
                                const ThresholdOptions& options,
                                Fairness fairness,
                                const Totals& totals,
                                Monitor& monitor) {
  if (of_size(options)) {
    return best_points_of_size(hulls, fairness, options.tolerance, size_of(options, totals),
                               monitor);
  }
  return best_points(hulls, fairness, options.tolerance, stakes_of(options, totals), monitor);
}

// Of two rules of a number of rows, whether the first is the better one: without a constraint with
// more true positives; within the tolerance with more of them, or nearer to it; without a tolerance
// unless the other one selects more and its groups are no farther apart.
bool nearer(const std::vector<RocPoint>& first,
            const std::vector<RocPoint>& second,
            const std::vector<RocHull>& hulls,
            const ThresholdOptions& options) {
  struct Reached {
    double gap = 0;
    double tp = 0;
    double selected = 0;
  };
  const auto reached = [&](const std::vector<RocPoint>& rule) {
    std::vector<GroupPoint> points;
    points.reserve(rule.size());
    Reached result;
    for (const RocPoint& point : rule) {
      points.push_back({point.fp, point.tp});
      result.tp += point.tp;
      result.selected += point.fp + point.tp;
    }
    if (options.fairness != Fairness::None) {
      result.gap = parity_gap(hulls, options.fairness, points);
    }
    return result;
  };
  const Reached a = reached(first);
  const Reached b = reached(second);
  if (options.fairness == Fairness::None) {
    return a.tp != b.tp ? a.tp > b.tp : a.selected >= b.selected;
  }
  if (options.tolerance == 0) return a.gap < b.gap || a.selected >= b.selected;
  const double most = options.tolerance + kRoundedRate;
  if (a.gap <= most && b.gap <= most) return a.tp >= b.tp;
  return a.gap <= b.gap;
}

// The rule without chance.
std::vector<RocPoint> single_thresholds(const std::vector<const LabelledScores*>& scores,
                                        const std::vector<RocHull>& hulls,
                                        const ThresholdOptions& options,
                                        const Totals& totals,
                                        const std::vector<GroupPoint>& mixed,
                                        Monitor& monitor) {
  const bool sized = of_size(options);
  const Stakes stakes = sized ? Stakes{1, 1} : stakes_of(options, totals);
  if (!sized && has_best_single_thresholds(options.fairness, options.tolerance)) {
    return best_single_thresholds(scores, hulls, options.fairness, options.tolerance, stakes,
                                  monitor);
  }
  // Of so many places none is given twice.
  const double size = sized ? size_of(options, totals) + kRoundedRate * totals.rows() : 0;
  std::vector<RocPoint> nearest;
  nearest.reserve(hulls.size());
  for (std::size_t g = 0; g < hulls.size(); ++g) {
    const double most = sized ? mixed[g].fp + mixed[g].tp + kRoundedRate * totals.rows()
                              : std::numeric_limits<double>::infinity();
    nearest.push_back(
        nearest_threshold(*scores[g], hulls[g], options.fairness, stakes, mixed[g], most, monitor));
  }
  if (!sized || options.fairness == Fairness::EqualizedOdds) return nearest;
  const std::vector<RocPoint> level =
      level_thresholds(scores, hulls, options.fairness, size, monitor);
  return nearer(level, nearest, hulls, options) ? level : nearest;
}

void note_chance(GroupThresholds& group, const LabelledScores& scores) {
  const std::vector<Band>& bands = group.bands;
  const double rows = scores.weight();
  for (std::size_t b = 0; b < bands.size(); ++b) {
    if (bands[b].share == 1) continue;
    const auto within = [&](const ScoreLaw& law) {
      const double behind = b + 1 < bands.size() ? law.from(bands[b + 1].threshold) : 0;
      return law.from(bands[b].threshold) - behind;
    };
    const double share = (within(scores.negative) + within(scores.positive)) / rows;
    group.by_chance += share;
    group.selected_by_chance += share * bands[b].share;
  }
}

template <class Archive, class Value>
void rule_fields(Archive& archive, Value& value) {
  auto& options = value.options;
  archive.choice(options.fairness);
  archive.choice(options.objective);
  archive.number(options.tolerance);
  archive.flag(options.randomised);
  archive.number(options.false_positive_cost);
  archive.number(options.false_negative_cost);
  archive.optional_number(options.selection_rate);
  archive.optional_number(options.places);
  for (auto* worth : {&value.reached, &value.unconstrained, &value.mixed}) {
    archive.number(worth->objective);
    archive.number(worth->gap);
  }
  constexpr std::size_t kGroupBytes = 88;
  constexpr std::size_t kBandBytes = 16;
  archive.list(value.groups, kGroupBytes, [&](auto& group) {
    archive.text(group.group);
    archive.count(group.negative_rows);
    archive.count(group.positive_rows);
    for (auto* number : {&group.negatives, &group.positives, &group.effective_negatives,
                         &group.effective_positives, &group.expected.fp, &group.expected.tp,
                         &group.by_chance, &group.selected_by_chance}) {
      archive.number(*number);
    }
    archive.list(group.bands, kBandBytes, [&](auto& band) {
      archive.number(band.threshold);
      archive.number(band.share);
    });
  });
}

constexpr std::uint8_t kRuleVersion = 1;

void check_rule(const Thresholds& value) {
  constexpr double kRoundedSums = 1e-9;
  const auto not_more = [&](double part, double whole) {
    return part >= 0 && part <= whole * (1 + kRoundedSums);
  };
  for (std::size_t g = 0; g < value.groups.size(); ++g) {
    const GroupThresholds& group = value.groups[g];
    if (g > 0 && !(value.groups[g - 1].group < group.group)) corrupt("its groups are not sorted");
    if (!not_more(group.expected.fp, group.negatives) ||
        !not_more(group.expected.tp, group.positives) || !not_more(group.by_chance, 1) ||
        !not_more(group.selected_by_chance, group.by_chance) ||
        (group.negatives > 0) != (group.effective_negatives > 0) ||
        (group.positives > 0) != (group.effective_positives > 0)) {
      corrupt("a rate is out of range");
    }
    for (std::size_t b = 0; b < group.bands.size(); ++b) {
      const Band& band = group.bands[b];
      if (!(band.share > 0 && band.share <= 1)) corrupt("a share is out of range");
      if (b > 0 && !(group.bands[b - 1].threshold < band.threshold)) {
        corrupt("its thresholds are not sorted");
      }
    }
  }
}

}  // namespace

void validate(const ThresholdOptions& options) {
  if (!(options.tolerance >= 0 && options.tolerance <= 1)) {
    raise_option("tolerance must be between 0 and 1");
  }
  for (const double cost : {options.false_positive_cost, options.false_negative_cost}) {
    constexpr double kLargestCost = 1e12;
    if (!(cost > 0 && cost <= kLargestCost)) {
      raise_option("false_positive_cost and false_negative_cost must be above 0 and at most 1e12");
    }
  }
  if (options.selection_rate && options.places) {
    raise_option("selection_rate and places exclude each other");
  }
  if (options.selection_rate && !(*options.selection_rate >= 0 && *options.selection_rate <= 1)) {
    raise_option("selection_rate must be between 0 and 1");
  }
  if (options.places && !(*options.places >= 0)) raise_option("places must not be negative");
  if (of_size(options) && options.objective != Objective::Accuracy) {
    raise_option("objective is \"" + std::string(name(options.objective)) +
                     "\" beside a number of rows to select",
                 "With selection_rate or places the rule with the most true positives is sought, "
                 "which is the best in every objective: leave objective out.");
  }
}

Thresholds find_thresholds(const std::vector<LabelledScores>& groups,
                           const ThresholdOptions& options,
                           Monitor& monitor) {
  validate(options);
  std::vector<RocHull> hulls;
  std::vector<const LabelledScores*> scores;
  hulls.reserve(groups.size());
  for (const LabelledScores& group : groups) {
    if (group.negative.empty() && group.positive.empty()) continue;
    hulls.push_back(roc_hull(group, monitor));
    scores.push_back(&group);
  }
  const Totals totals = totals_of(hulls);
  const std::vector<GroupPoint> wanted = optimum(hulls, options, options.fairness, totals, monitor);
  Thresholds result;
  result.options = options;
  result.unconstrained =
      worth_of(hulls, options, totals, optimum(hulls, options, Fairness::None, totals, monitor));
  std::vector<RocPoint> single;
  if (!options.randomised) {
    single = single_thresholds(scores, hulls, options, totals, wanted, monitor);
  }
  std::vector<GroupPoint> reached;
  for (std::size_t g = 0; g < hulls.size(); ++g) {
    const RocHull& hull = hulls[g];
    const JudgedGroup& judged = hull;
    GroupThresholds& group = result.groups.emplace_back(GroupThresholds{judged, {}, {}});
    if (options.randomised) {
      group.bands = bands_of(hull, wanted[g]);
    } else if (single[g].threshold != kSelectsNobody) {
      group.bands = {{single[g].threshold, 1}};
    }
    group.expected = reached_by(group.bands, *scores[g]);
    note_chance(group, *scores[g]);
    reached.push_back(group.expected);
  }
  result.mixed = worth_of(hulls, options, totals, wanted);
  result.reached = worth_of(hulls, options, totals, reached);
  return result;
}

double Thresholds::weight() const noexcept {
  double sum = 0;
  for (const GroupThresholds& group : groups) sum += group.weight();
  return sum;
}

double Thresholds::selected() const noexcept {
  double sum = 0;
  for (const GroupThresholds& group : groups) sum += group.expected.fp + group.expected.tp;
  return sum;
}

double Thresholds::share_by_chance() const noexcept {
  double sum = 0;
  for (const GroupThresholds& group : groups) {
    sum += group.by_chance * group.weight();
  }
  return sum / weight();
}

double best_threshold(const LabelledScores& scores,
                      const ThresholdOptions& options,
                      Monitor& monitor) {
  validate(options);
  const Totals totals{scores.negative.total(), scores.positive.total()};
  if (!(totals.rows() > 0)) {
    throw Error(ErrorKind::InvalidData,
                "the distribution has no rows whose score, group and label are known");
  }
  const bool sized = of_size(options);
  const double size = sized ? size_of(options, totals) * (1 + kRoundedRate) : 0;
  const Stakes stakes = sized ? Stakes{1, 1} : stakes_of(options, totals);
  double best = kSelectsNobody;
  double most = 0;
  each_roc_point(scores, monitor, [&](const RocPoint& point) {
    const double worth = sized ? (point.fp + point.tp <= size ? point.fp + point.tp : 0)
                               : stakes.earned(point.fp, point.tp);
    if (worth <= most) return;
    most = worth;
    best = point.threshold;
  });
  return best;
}

const GroupThresholds* Thresholds::find(std::string_view group) const noexcept {
  return group_named(groups, group);
}

std::optional<double> GroupThresholds::share_between() const noexcept {
  return by_chance > 0 ? std::optional(selected_by_chance / by_chance) : std::nullopt;
}

bool Thresholds::randomised() const noexcept {
  return std::any_of(groups.begin(), groups.end(), [](const GroupThresholds& group) {
    return std::any_of(group.bands.begin(), group.bands.end(),
                       [](const Band& band) { return band.share < 1; });
  });
}

std::vector<std::byte> encode(const Thresholds& thresholds) {
  ByteWriter bytes;
  bytes.u8(kRuleVersion);
  WritingArchive archive(bytes, kRuleVersion);
  rule_fields(archive, thresholds);
  return bytes.bytes();
}

Thresholds decode_thresholds(std::span<const std::byte> content) {
  ByteReader bytes(content);
  if (bytes.u8() != kRuleVersion) corrupt("its version is unknown");
  ReadingArchive archive(bytes, kRuleVersion);
  Thresholds value;
  rule_fields(archive, value);
  if (!bytes.at_end()) corrupt("bytes are left over");
  check_rule(value);
  try {
    validate(value.options);
  } catch (const Error&) {
    corrupt("an option is out of range");
  }
  return value;
}

}  // namespace fairdb
