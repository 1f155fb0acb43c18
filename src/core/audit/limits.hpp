// Whether the gaps of successive windows keep within a limit.
//
// Who looks every week at an interval of 95 % sees it beyond a limit that is kept in most years. So
// a limit has a rule that bounds the probability of a false alarm over all its looks, the budget,
// and four answers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/audit/gaps.hpp"
#include "core/base/monitor.hpp"
#include "core/inference/gap.hpp"

namespace fairdb {

enum class LimitRule : std::uint8_t {
  // The bound of the gap towards parity is beyond the limit in two windows running, each at an
  // error of
  // sqrt(budget / looks): of independent windows, at most `budget` of false alarms in so many.
  TwoWindows,
  // In one window, at an error of budget / looks: also of windows that are not independent.
  Spending,
  // The evidence of all windows, core/inference/evidence.hpp: at most `budget` for ever. Of shares
  // only.
  Anytime,
};
template <>
struct NameTable<LimitRule> {
  static constexpr std::string_view kWhat = "rule";
  static constexpr std::pair<LimitRule, std::string_view> kNames[] = {
      {LimitRule::TwoWindows, "two_windows"},
      {LimitRule::Spending, "spending"},
      {LimitRule::Anytime, "anytime"}};
};

enum class Verdict : std::uint8_t {
  Within,        // the gap is within the limit, with an error of at most `budget`
  Above,         // beyond it, by the rule
  Undecided,     // the rows tell neither
  Insufficient,  // there are too few rows or labels to ask
};
template <>
struct NameTable<Verdict> {
  static constexpr std::string_view kWhat = "verdict";
  static constexpr std::pair<Verdict, std::string_view> kNames[] = {
      {Verdict::Within, "within"},
      {Verdict::Above, "above"},
      {Verdict::Undecided, "undecided"},
      {Verdict::Insufficient, "insufficient"}};
};

// A gap that can be limited: a difference, which is at most the bound, or a ratio, which is at
// least that. Of several rates the worst.
struct LimitedGap {
  std::vector<Rate> rates;
  Contrast contrast;
  bool needs_label;
};
// By the catalogue's name or another tool's: <rate>_difference, <rate>_ratio,
// demographic_parity_..., equal_opportunity_..., equalized_odds_... Errors: InvalidArgument for
// another one.
[[nodiscard]] LimitedGap limited_gap(std::string_view metric);

struct Limit {
  LimitedGap gap;
  double bound = 0;  // 0 to 1
  LimitRule rule = LimitRule::TwoWindows;
  double budget = 0.05;     // above 0, at most 1/4
  std::int64_t looks = 52;  // above 1; not of Anytime
  double min_coverage = 0;  // of labels; 0 to 1
  std::int64_t min_n = 30;  // rows that a rate of a group needs, above 0
};
// Errors: InvalidArgument, naming the number; for Anytime of a rate that is no share; for a
// coverage of labels where the gap needs none.
void check_limit(const Limit& limit);

struct Judged {
  std::optional<double> value;
  // What decides: the bound towards parity at the rule's error, and the one away from it at the
  // budget's; one that ends at the limit decides nothing. lower <= upper for both contrasts.
  std::optional<double> lower;
  std::optional<double> upper;
  Verdict verdict = Verdict::Insufficient;
  // After this window: opened by a window above, closed by two within running. Windows that are
  // insufficient change nothing.
  bool alert = false;
  std::string
      reason;  // of an insufficient one why, of others the groups that are too small to take part
};

// The windows oldest first; nullopt for one without rows. A group takes part in a window where it
// has min_n rows; one that had them in half of the last eight windows and has them no longer, or
// rows but no decisions, makes the window insufficient. Errors: as check_limit.
[[nodiscard]] std::vector<Judged> judge(std::span<const std::optional<Confusion>> windows,
                                        const Limit& limit,
                                        Monitor& monitor);

}  // namespace fairdb
