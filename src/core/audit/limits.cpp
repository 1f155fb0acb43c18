#include "core/audit/limits.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <set>
#include <tuple>

#include "core/audit/catalog.hpp"
#include "core/audit/uncertainty.hpp"
#include "core/base/number_text.hpp"
#include "core/inference/evidence.hpp"
#include "core/inference/pair_bounds.hpp"
#include "core/inference/range.hpp"

namespace fairdb {
namespace {

constexpr std::size_t kMaxGroups = 200;

std::int64_t sum_of(const Cells& counts, CellSet cells) noexcept {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < kCells; ++i) {
    if ((cells >> i & 1U) != 0) sum += counts.count[i];
  }
  return sum;
}

// The rows of a group that a rate is taken of; the fewer of two.
std::int64_t rows_of(const Cells& counts, Rate rate) noexcept {
  if (rate == Rate::BalancedAccuracy) {
    return std::min(rows_of(counts, Rate::TruePositiveRate),
                    rows_of(counts, Rate::TrueNegativeRate));
  }
  return sum_of(counts, cells_of(rate).whole);
}

std::int64_t rows_of(const Cells& counts, const std::vector<Rate>& rates) noexcept {
  std::int64_t fewest = kMaxCount;
  for (const Rate rate : rates) fewest = std::min(fewest, rows_of(counts, rate));
  return fewest;
}

std::string in_percent(double share) {
  return shortest_text(std::floor(share * 1000) / 10) + " %";
}

std::string quoted_label(std::string_view label) {
  return "\"" + std::string(label) + "\"";
}

// Those of one window that take part.
struct Participants {
  std::vector<const GroupCells*> groups;
  std::string too_small;  // the others
  std::string missing;    // why the window is insufficient; empty when it is not
};

// The evidence of all ordered pairs of groups, for each rate. The pairs that the first window knows
// share half of the weight, and those that come later the other half, the k-th of them 1 / (k (k +
// 1)) of it: a mean with weights that do not depend on the outcomes is evidence of the same kind.
class PairedEvidence {
 public:
  explicit PairedEvidence(const LimitedGap& gap) : gap_(&gap) {}

  void look(const std::vector<const GroupCells*>& groups, Monitor& monitor) {
    const bool first = pairs_.empty();
    for (std::size_t r = 0; r < gap_->rates.size(); ++r) {
      for (const GroupCells* const a : groups) {
        monitor.poll();
        const auto pa = proportion(a->masses, gap_->rates[r]);
        for (const GroupCells* const b : groups) {
          const auto pb = proportion(b->masses, gap_->rates[r]);
          if (a == b || !pa || !pb) continue;
          const auto [pair, added] = pairs_.try_emplace(
              {r, std::string(*a->label), std::string(*b->label)}, gap_->contrast);
          if (added && !first) pair->second.late = ++late_;
          pair->second.evidence.look(*pa, *pb);
        }
      }
    }
    if (first) early_ = static_cast<double>(pairs_.size());
  }

  [[nodiscard]] double value(double threshold) const {
    double sum = 0;
    for (const auto& [key, pair] : pairs_) {
      const double weight = pair.late == 0 ? 1 / early_ : 1 / (pair.late * (pair.late + 1));
      sum += weight / 2 * pair.evidence.value(threshold);
    }
    return sum;
  }

  // The threshold farthest from parity at which the evidence reaches `enough`; parity where none
  // does.
  [[nodiscard]] double bound(double enough, Monitor& monitor) const {
    const bool difference = gap_->contrast == Contrast::Difference;
    double reached = difference ? 0 : 1;
    double not_reached = difference ? 1 : 0;
    if (value(reached) < enough) return reached;
    for (int i = 0; i < 40; ++i) {
      monitor.poll();
      const double middle = (reached + not_reached) / 2;
      (value(middle) >= enough ? reached : not_reached) = middle;
    }
    return reached;
  }

 private:
  struct Pair {
    explicit Pair(Contrast contrast) noexcept : evidence(contrast) {}
    Evidence evidence;
    double late = 0;  // 0: known from the first window on
  };
  const LimitedGap* gap_;
  std::map<std::tuple<std::size_t, std::string, std::string>, Pair>
      pairs_;  // of a rate and two groups
  double early_ = 0;
  double late_ = 0;
};

class Judge {
 public:
  Judge(const Limit& limit, Monitor& monitor)
      : limit_(limit),
        error_(limit.rule == LimitRule::Spending
                   ? limit.budget / static_cast<double>(limit.looks)
                   : std::sqrt(limit.budget / static_cast<double>(limit.looks))),
        monitor_(monitor),
        evidence_(limit.gap) {}

  Judged look(const std::optional<Confusion>& window) {
    Judged judged;
    if (!window || window->groups.empty()) {
      judged.reason = "no rows";
    } else {
      const Participants participants = participants_of(*window);
      judged.reason = participants.missing.empty() ? participants.too_small : participants.missing;
      if (participants.missing.empty()) decide(participants.groups, judged);
    }
    follow(judged);
    judged.alert = alert_;
    return judged;
  }

 private:
  // In half of the last windows or more.
  std::set<std::string, std::less<>> regulars() const {
    std::map<std::string, std::size_t, std::less<>> windows;
    for (const auto& labels : participants_) {
      for (const std::string& label : labels) ++windows[label];
    }
    std::set<std::string, std::less<>> result;
    for (const auto& [label, count] : windows) {
      if (2 * count >= participants_.size()) result.insert(label);
    }
    return result;
  }

  Participants participants_of(const Confusion& window) {
    constexpr std::size_t kRemembered = 8;
    constexpr std::size_t kShown = 300;
    const std::set<std::string, std::less<>> regular = regulars();
    Participants result;
    std::set<std::string, std::less<>> taking_part;
    std::set<std::string, std::less<>> present;
    for (const GroupCells& group : window.groups) {
      if (!group.label) continue;
      const std::int64_t n = rows_of(group.counts, limit_.gap.rates);
      present.emplace(*group.label);
      if (n >= limit_.min_n) {
        result.groups.push_back(&group);
        taking_part.emplace(*group.label);
        if (result.missing.empty()) result.missing = coverage_lacking(group);
        continue;
      }
      const std::string told = quoted_label(*group.label) + " has " + std::to_string(n) +
                               " of the rows that the metric is about, " +
                               std::to_string(limit_.min_n) + " are needed";
      const std::int64_t rows = sum_of(group.counts, kAllCells);
      const std::int64_t decided = sum_of(group.counts, kKnownPrediction);
      if (rows >= limit_.min_n && decided < limit_.min_n && asks_predictions()) {
        if (result.missing.empty()) {
          result.missing = "group " + quoted_label(*group.label) + " has decisions for " +
                           std::to_string(decided) + " of its " + std::to_string(rows) + " rows";
        }
      } else if (regular.contains(*group.label)) {
        if (result.missing.empty()) result.missing = "group " + told;
      } else if (result.too_small.size() < kShown) {
        result.too_small += (result.too_small.empty() ? "left out: " : ", ") + told;
      }
    }
    for (const std::string& label : regular) {
      if (result.missing.empty() && !present.contains(label)) {
        result.missing = "group " + quoted_label(label) + " has no rows";
      }
    }
    participants_.push_back(std::move(taking_part));
    if (participants_.size() > kRemembered) participants_.pop_front();
    if (result.missing.empty() && result.groups.size() < 2) {
      result.missing = (result.groups.empty() ? "no group" : "one group only") +
                       std::string(" with ") + std::to_string(limit_.min_n) +
                       " of the rows that the metric is about" +
                       (result.too_small.empty() ? "" : "; " + result.too_small);
    }
    if (result.missing.empty() && result.groups.size() > kMaxGroups) {
      result.missing = "more than " + std::to_string(kMaxGroups) + " groups";
    }
    return result;
  }

  bool asks_predictions() const noexcept {
    return std::any_of(limit_.gap.rates.begin(), limit_.gap.rates.end(),
                       [](Rate rate) { return rate != Rate::BaseRate; });
  }

  std::string coverage_lacking(const GroupCells& group) const {
    if (limit_.min_coverage <= 0) return {};
    const double known = static_cast<double>(sum_of(group.counts, kKnownLabel));
    const double share = known / static_cast<double>(sum_of(group.counts, kAllCells));
    if (share >= limit_.min_coverage) return {};
    return "group " + quoted_label(*group.label) + " has labels for " + in_percent(share) +
           " of its rows, " + in_percent(limit_.min_coverage) + " are needed";
  }

  void decide(const std::vector<const GroupCells*>& groups, Judged& judged) {
    const Contrast contrast = limit_.gap.contrast;
    Families families;
    for (const Rate rate : limit_.gap.rates) {
      std::vector<Proportion>& family = families.emplace_back();
      for (const GroupCells* const group : groups) {
        if (const auto p = proportion(group->masses, rate)) family.push_back(*p);
      }
      if (family.size() < 2) {
        judged.reason = "fewer than two groups have the rate \"" + std::string(name(rate)) + "\"";
        return;
      }
    }
    const double value = worst_gap(families, contrast);
    if (std::isnan(value)) {
      judged.reason = "the rate is 0 in every group";
      return;
    }
    if (limit_.rule == LimitRule::Anytime) evidence_.look(groups, monitor_);
    double near = limit_.rule == LimitRule::Anytime ? evidence_.bound(1 / limit_.budget, monitor_)
                                                    : near_limit(families, contrast);
    const double far = far_limit(families, contrast);
    // No gap is beyond the end of the scale.
    const double end = contrast == Contrast::Difference ? 1 : 0;
    const bool within = farther(limit_.bound, far, contrast) || limit_.bound == end;
    const bool beyond = farther(near, limit_.bound, contrast);
    if (within && farther(near, far, contrast)) near = far;
    judged.value = value;
    judged.lower = contrast == Contrast::Difference ? std::max(0.0, near) : far;
    judged.upper = contrast == Contrast::Difference ? far : std::min(1.0, near);
    // Evidence of earlier windows does not speak against what this one tells.
    if (within) {
      beyond_ = 0;
      judged.verdict = Verdict::Within;
    } else {
      beyond_ = beyond ? beyond_ + 1 : 0;
      const int needed = limit_.rule == LimitRule::TwoWindows ? 2 : 1;
      judged.verdict = beyond_ >= needed ? Verdict::Above : Verdict::Undecided;
    }
  }

  // The bounds of single pairs are approximations, too bold where rates are small and sizes
  // unequal. One that would decide must have the law of its own gap on its side; otherwise it ends
  // at the limit.
  static constexpr std::size_t kAsked = 100;
  double near_limit(const Families& families, Contrast contrast) const {
    const std::vector<PairBound> pairs =
        near_bounds(families, contrast, limit_.bound, error_, monitor_);
    const double error = error_of_pair(families, error_);
    for (std::size_t i = 0; i < std::min(pairs.size(), kAsked); ++i) {
      if (!farther(pairs[i].bound, limit_.bound, contrast)) return pairs[i].bound;
      monitor_.poll();
      if (gap_tails({{pairs[i].smaller, pairs[i].larger}}, contrast, limit_.bound).farther <=
          error) {
        return pairs[i].bound;
      }
    }
    return limit_.bound;
  }
  double far_limit(const Families& families, Contrast contrast) const {
    const std::vector<PairBound> pairs = far_bounds(families, contrast, limit_.budget, monitor_);
    if (!farther(limit_.bound, pairs.front().bound, contrast)) return pairs.front().bound;
    for (std::size_t i = 0; i < std::min(pairs.size(), kAsked); ++i) {
      monitor_.poll();
      if (gap_tails({{pairs[i].smaller, pairs[i].larger}}, contrast, limit_.bound).nearer >
          limit_.budget) {
        return limit_.bound;
      }
    }
    return pairs.front().bound;
  }

  // Whether an alert is open.
  void follow(const Judged& judged) {
    if (judged.verdict == Verdict::Insufficient) return;
    within_ = judged.verdict == Verdict::Within ? within_ + 1 : 0;
    if (judged.verdict == Verdict::Above) alert_ = true;
    if (alert_ && within_ >= 2) {
      alert_ = false;
      evidence_ = PairedEvidence(limit_.gap);
    }
  }

  const Limit& limit_;
  double error_;
  Monitor& monitor_;
  PairedEvidence evidence_;
  // The groups that had min_n rows, in each of the last windows.
  std::deque<std::set<std::string, std::less<>>> participants_;
  int beyond_ = 0;
  int within_ = 0;
  bool alert_ = false;
};

}  // namespace

LimitedGap limited_gap(std::string_view metric) {
  const std::string own = own_metric_name(metric);
  for (const Contrast contrast : {Contrast::Difference, Contrast::Ratio}) {
    const std::string_view suffix = contrast == Contrast::Difference ? "_difference" : "_ratio";
    if (!own.ends_with(suffix)) continue;
    const std::string_view rate = std::string_view(own).substr(0, own.size() - suffix.size());
    if (rate == "equalized_odds")
      return {{Rate::TruePositiveRate, Rate::FalsePositiveRate}, contrast, true};
    const auto known = rate_named(rate);
    if (known) return {{*known}, contrast, *known != Rate::SelectionRate};
  }
  const auto& catalog = metric_catalog();
  const bool listed = std::any_of(catalog.begin(), catalog.end(),
                                  [&](const MetricInfo& info) { return info.name == own; });
  throw Error(
      ErrorKind::InvalidArgument,
      listed ? "metric \"" + std::string(metric) + "\" cannot be limited"
             : "metric \"" + std::string(metric) + "\" does not exist",
      "Differences and ratios between groups can: demographic_parity_, equal_opportunity_, "
      "equalized_odds_ or a rate of "
      "by_group with difference or ratio behind it, such as false_positive_rate_difference.");
}

void check_limit(const Limit& limit) {
  const auto require = [](bool condition, const std::string& message,
                          const std::string& hint = {}) {
    if (!condition) throw Error(ErrorKind::InvalidArgument, message, hint);
  };
  require(limit.bound >= 0 && limit.bound <= 1, "a limit is a number from 0 to 1");
  require(limit.budget > 0 && limit.budget <= 0.25, "budget must be above 0 and at most 0.25",
          "It is the probability of a false alarm: 0.05, or less.");
  require(limit.looks >= 2, "looks must be at least 2",
          "It is the number of windows that share the budget: 52 of a year of weeks.");
  require(limit.min_n >= 1, "min_n must be at least 1");
  require(limit.min_coverage >= 0 && limit.min_coverage <= 1,
          "min_coverage is a share from 0 to 1");
  require(limit.gap.needs_label || limit.min_coverage <= 0,
          "min_coverage asks for labels, which the metric does not need", "Leave it out.");
  if (limit.rule == LimitRule::Anytime) {
    for (const Rate rate : limit.gap.rates) {
      require(rate != Rate::BalancedAccuracy && rate != Rate::F1,
              "rule \"anytime\" is of rates that are shares of rows, and " +
                  std::string(name(rate)) + " is none",
              "Use rule => 'spending' or 'two_windows'.");
    }
  }
}

std::vector<Judged> judge(std::span<const std::optional<Confusion>> windows,
                          const Limit& limit,
                          Monitor& monitor) {
  check_limit(limit);
  Judge judge(limit, monitor);
  std::vector<Judged> judged;
  judged.reserve(windows.size());
  for (const auto& window : windows) {
    monitor.poll();
    judged.push_back(judge.look(window));
  }
  return judged;
}

}  // namespace fairdb
