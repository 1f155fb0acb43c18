// Limits of gaps over successive windows: bounds by pairs, evidence, verdicts, and how often each
// rule gives a false alarm.
#include "core/audit/limits.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "core/inference/evidence.hpp"
#include "core/inference/pair_bounds.hpp"
#include "core/inference/tails.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

// Groups "a", "b", ... of so many rows, of which so many are selected; without labels.
struct Selected {
  std::int64_t n;
  std::int64_t selected;
};
const char* const kLabels[] = {"a", "b", "c", "d", "e", "f"};

Confusion window_of(const std::vector<Selected>& groups) {
  Confusion confusion;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    Cells cells{};
    cells.at(Truth::Unknown, Truth::Positive) = groups[g].selected;
    cells.at(Truth::Unknown, Truth::Negative) = groups[g].n - groups[g].selected;
    if (groups[g].n > 0) confusion.groups.push_back(group_of(kLabels[g], cells));
  }
  return confusion;
}

Limit limit_of(std::string_view metric, double bound, LimitRule rule = LimitRule::TwoWindows) {
  Limit limit;
  limit.gap = limited_gap(metric);
  limit.bound = bound;
  limit.rule = rule;
  return limit;
}

std::string verdicts(const std::vector<std::optional<Confusion>>& windows, const Limit& limit) {
  Monitor monitor;
  std::string text;
  for (const Judged& judged : judge(windows, limit, monitor)) {
    text +=
        (text.empty() ? "" : " ") + std::string(name(judged.verdict)) + (judged.alert ? "!" : "");
  }
  return text;
}

double nearest(const Families& families, Contrast contrast, double threshold, double error) {
  Monitor monitor;
  return near_bounds(families, contrast, threshold, error, monitor).front().bound;
}
double farthest(const Families& families, Contrast contrast, double error) {
  Monitor monitor;
  return far_bounds(families, contrast, error, monitor).front().bound;
}

TEST(PairBounds, OfTwoGroupsFarFromParityAreNewcombesLimits) {
  const Families families{{{0.3, 200}, {0.6, 300}}};
  const double z = normal_two_sided_quantile(0.9);
  const Interval expected = newcombe({0.6, 300}, {0.3, 200}, z);
  EXPECT_NEAR(nearest(families, Contrast::Difference, 0.25, 0.05), expected.lower, 1e-9);
  EXPECT_NEAR(farthest(families, Contrast::Difference, 0.05), expected.upper, 1e-12);
}

TEST(PairBounds, AtParityBothDirectionsShareTheError) {
  const Families families{{{0.5, 200}, {0.6, 300}}};
  EXPECT_NEAR(nearest(families, Contrast::Difference, 0, 0.05),
              newcombe({0.6, 300}, {0.5, 200}, normal_two_sided_quantile(0.95)).lower, 1e-9);
  EXPECT_NEAR(nearest(families, Contrast::Ratio, 1, 0.05),
              koopman({0.5, 200}, {0.6, 300}, normal_two_sided_quantile(0.95))->upper, 1e-9);
}

TEST(PairBounds, PairsShareTheErrorAndTheWorstFamilyCounts) {
  const Families three{{{0.3, 200}, {0.6, 300}, {0.5, 100}}};
  EXPECT_NEAR(nearest(three, Contrast::Difference, 0.25, 0.03),
              newcombe({0.6, 300}, {0.3, 200}, normal_two_sided_quantile(1 - 0.02)).lower, 1e-6);
  const Families odds{{{0.5, 200}, {0.5, 300}}, {{0.3, 200}, {0.6, 300}}};
  EXPECT_NEAR(farthest(odds, Contrast::Difference, 0.05),
              farthest({odds[1]}, Contrast::Difference, 0.05), 1e-12);
  // Of 0 and 0 a ratio may be anything.
  EXPECT_EQ(farthest({{{0, 50}, {0, 50}}}, Contrast::Ratio, 0.05), 0);
}

TEST(Evidence, IsTheMixtureOfItsExponentials) {
  Evidence evidence(Contrast::Difference);
  evidence.look({0.5, 100}, {0.3, 150});
  evidence.look({0.6, 80}, {0.35, 60});
  const double w1 = 100.0 * 150 / 250;
  const double w2 = 80.0 * 60 / 140;
  const double s = w1 * (0.2 - 0.1) + w2 * (0.25 - 0.1);
  const double v = (w1 + w2) / 4;
  const double r = 4 * w1 / 4;
  // The half-normal mixture by the trapezoidal rule.
  double sum = 0;
  const double step = 1e-4;
  for (int i = 0; i < 200000; ++i) {
    const double x = i * step;
    const double density = 2 * std::sqrt(r / (2 * 3.14159265358979)) * std::exp(-r * x * x / 2);
    sum += (i == 0 ? 0.5 : 1) * step * density * std::exp(x * s - x * x * v / 2);
  }
  EXPECT_NEAR(evidence.value(0.1), sum, 1e-6 * sum);
  EXPECT_EQ(Evidence(Contrast::Ratio).value(0.8), 1);
}

TEST(Evidence, StaysANumber) {
  Evidence evidence(Contrast::Ratio);
  for (int i = 0; i < 100; ++i) evidence.look({0.01, 1e6}, {0.9, 1e6});
  EXPECT_GT(evidence.value(1), 1e299);
  EXPECT_LE(evidence.value(1), 1e300);
  EXPECT_LT(evidence.value(0.001), 1e-2);
  EXPECT_GE(evidence.value(0.001), 0);
}

TEST(Limits, TwoWindowsRunningOpenOneAlertAndTwoWithinCloseIt) {
  const Confusion far = window_of({{500, 250}, {500, 100}});
  const Confusion alike = window_of({{5000, 1500}, {5000, 1500}});
  const Confusion unclear = window_of({{100, 30}, {100, 38}});
  const std::vector<std::optional<Confusion>> windows = {
      alike, far,     unclear, far,          far,   far,  unclear,
      alike, unclear, alike,   std::nullopt, alike, alike};
  EXPECT_EQ(verdicts(windows, limit_of("demographic_parity_difference", 0.1)),
            "within undecided undecided undecided above! above! undecided! within! undecided! "
            "within! insufficient! within within");
  EXPECT_EQ(verdicts(windows, limit_of("demographic_parity_difference", 0.1, LimitRule::Spending)),
            "within above! undecided! above! above! above! undecided! within! undecided! within! "
            "insufficient! within within");
}

TEST(Limits, ARatioIsLimitedFromBelow) {
  const Confusion far = window_of({{500, 250}, {500, 100}});
  const Confusion alike = window_of({{5000, 1500}, {5000, 1500}});
  EXPECT_EQ(verdicts({alike, far, far}, limit_of("demographic_parity_ratio", 0.8)),
            "within undecided above!");
  EXPECT_EQ(verdicts({far, far}, limit_of("demographic_parity_ratio", 0.8, LimitRule::Anytime)),
            "above! above!");
}

TEST(Limits, EvidenceOfAllWindowsNeedsNoWindowOfItsOwn) {
  // No window by itself is beyond the limit.
  const std::vector<std::optional<Confusion>> windows(12, window_of({{100, 50}, {100, 30}}));
  EXPECT_EQ(verdicts(windows, limit_of("demographic_parity_difference", 0.1, LimitRule::Spending))
                .find("above"),
            std::string::npos);
  EXPECT_NE(verdicts(windows, limit_of("demographic_parity_difference", 0.1, LimitRule::Anytime))
                .find("above!"),
            std::string::npos);
}

std::string reason_of_last(const std::vector<std::optional<Confusion>>& windows,
                           const Limit& limit) {
  Monitor monitor;
  const Judged last = judge(windows, limit, monitor).back();
  return std::string(name(last.verdict)) + ": " + last.reason;
}

TEST(Limits, WhatIsMissingIsToldAndNeverWithin) {
  const Limit limit = limit_of("demographic_parity_difference", 0.1);
  const Confusion both = window_of({{5000, 1500}, {5000, 1500}});
  EXPECT_EQ(reason_of_last({std::nullopt}, limit), "insufficient: no rows");
  EXPECT_EQ(reason_of_last({window_of({{5000, 1500}})}, limit),
            "insufficient: one group only with 30 of the rows that the metric is about");
  EXPECT_EQ(reason_of_last({both, window_of({{5000, 1500}, {29, 9}})}, limit),
            "insufficient: group \"b\" has 29 of the rows that the metric is about, 30 are needed");
  EXPECT_EQ(reason_of_last({both, window_of({{5000, 1500}, {0, 0}, {5000, 1500}})}, limit),
            "insufficient: group \"b\" has no rows");
  EXPECT_EQ(reason_of_last({window_of({{5000, 1500}, {5000, 1500}, {29, 0}})}, limit),
            "within: left out: \"c\" has 29 of the rows that the metric is about, 30 are needed");
}

TEST(Limits, OneFullWindowMakesNoRegular) {
  const Limit limit = limit_of("demographic_parity_difference", 0.1);
  const Confusion with = window_of({{5000, 1500}, {5000, 1500}, {31, 9}});
  const Confusion without = window_of({{5000, 1500}, {5000, 1500}, {29, 9}});
  EXPECT_EQ(verdicts({without, without, with, without}, limit), "within within undecided within");
  EXPECT_EQ(verdicts({with, with, with, without, without, without, without, without}, limit),
            "undecided undecided undecided insufficient insufficient insufficient insufficient "
            "within");
}

TEST(Limits, ASmallGroupHidesNoBreachOfLargeOnes) {
  for (const std::int64_t n : {30, 60, 100, 300}) {
    const Confusion window = window_of({{100000, 50000}, {100000, 35000}, {n, 42 * n / 100}});
    EXPECT_EQ(verdicts({window, window}, limit_of("demographic_parity_difference", 0.1)),
              "undecided above!")
        << n;
    EXPECT_EQ(
        verdicts({window}, limit_of("demographic_parity_difference", 0.1, LimitRule::Spending)),
        "above!")
        << n;
  }
  const Confusion many =
      window_of({{1000, 500}, {1000, 200}, {30, 10}, {30, 10}, {30, 10}, {30, 10}});
  EXPECT_EQ(verdicts({many}, limit_of("demographic_parity_difference", 0.1, LimitRule::Spending)),
            "above!");
}

TEST(Limits, AGroupWithoutDecisionsIsNotLeftOut) {
  Confusion window = window_of({{5000, 1500}, {5000, 1500}});
  Cells cells{};
  cells.at(Truth::Positive, Truth::Unknown) = 2000;
  window.groups.push_back(group_of("c", cells));
  EXPECT_EQ(reason_of_last({window}, limit_of("demographic_parity_difference", 0.1)),
            "insufficient: group \"c\" has decisions for 0 of its 2000 rows");
}

TEST(Limits, LabelsAreAskedOfEachGroup) {
  Limit limit = limit_of("equal_opportunity_difference", 0.2);
  limit.min_coverage = 0.8;
  Confusion window;
  for (const char* label : {"a", "b"}) {
    Cells cells{};
    cells.at(Truth::Positive, Truth::Positive) = 500;
    cells.at(Truth::Negative, Truth::Positive) = 200;
    cells.at(Truth::Unknown, Truth::Positive) = *label == 'a' ? 100 : 300;
    window.groups.push_back(group_of(label, cells));
  }
  EXPECT_EQ(reason_of_last({window}, limit),
            "insufficient: group \"b\" has labels for 70 % of its rows, 80 % are needed");
  limit.min_coverage = 0.7;
  EXPECT_EQ(reason_of_last({window}, limit), "within: ");
}

TEST(Limits, RefuseWhatTheyCannotMean) {
  const auto refused = [](const Limit& limit) {
    return test::error_of([&] { check_limit(limit); });
  };
  EXPECT_EQ(test::error_of([] { (void)limited_gap("selection_rate_group_min"); }),
            "metric \"selection_rate_group_min\" cannot be limited");
  EXPECT_EQ(test::error_of([] { (void)limited_gap("nonsense"); }),
            "metric \"nonsense\" does not exist");
  Limit limit = limit_of("demographic_parity_difference", 0.1);
  EXPECT_EQ(refused(limit), "");
  limit.min_coverage = 0.5;
  EXPECT_EQ(refused(limit), "min_coverage asks for labels, which the metric does not need");
  EXPECT_EQ(refused(limit_of("f1_difference", 0.1, LimitRule::Anytime)),
            "rule \"anytime\" is of rates that are shares of rows, and f1 is none");
  EXPECT_EQ(refused(limit_of("f1_difference", 1.5)), "a limit is a number from 0 to 1");
  limit = limit_of("equalized_odds_ratio", 0.8);
  limit.budget = 0;
  EXPECT_EQ(refused(limit), "budget must be above 0 and at most 0.25");
  limit.budget = 0.05;
  limit.looks = 1;
  EXPECT_EQ(refused(limit), "looks must be at least 2");
}

// --- simulated years
// ------------------------------------------------------------------------------

constexpr int kLooks = 52;

// Years in which an alert was opened, and the median number of windows until it is, 0 where most
// years have none.
struct Years {
  double alarms;
  int median;
};

struct Kind {
  std::int64_t n;
  double rate;
};
// Groups of n rows that are selected at their rates. With the seed that is printed.
Years simulate(const Limit& limit, const std::vector<Kind>& groups, int years, std::uint64_t seed) {
  Random random(seed);
  Monitor monitor;
  std::vector<int> opened;
  const auto draw = [&](const Kind& kind) {
    std::int64_t count = 0;
    for (std::int64_t i = 0; i < kind.n; ++i) count += random.uniform() < kind.rate ? 1 : 0;
    return count;
  };
  for (int year = 0; year < years; ++year) {
    std::vector<std::optional<Confusion>> windows;
    windows.reserve(kLooks);
    for (int look = 0; look < kLooks; ++look) {
      std::vector<Selected> drawn;
      drawn.reserve(groups.size());
      for (const Kind& kind : groups) drawn.push_back({kind.n, draw(kind)});
      windows.emplace_back(window_of(drawn));
    }
    int first = kLooks + 1;
    int look = 0;
    for (const Judged& judged : judge(windows, limit, monitor)) {
      ++look;
      if (judged.alert) first = std::min(first, look);
    }
    opened.push_back(first);
  }
  std::sort(opened.begin(), opened.end());
  const auto alarms =
      std::count_if(opened.begin(), opened.end(), [](int look) { return look <= kLooks; });
  const int median = opened[opened.size() / 2];
  return {static_cast<double>(alarms) / years, median <= kLooks ? median : 0};
}

int simulated_years(int usual) {
  const char* const many = std::getenv("FAIRDB_SIMULATED_YEARS");
  return many == nullptr ? usual : std::atoi(many);
}

// The budget, and what chance may add to it in so many years: three standard errors.
double allowed(const Limit& limit, int years) {
  return limit.budget + 3 * std::sqrt(limit.budget * (1 - limit.budget) / years);
}

std::vector<Kind> alternating(int groups, std::int64_t n, double low, double high) {
  std::vector<Kind> kinds;
  kinds.reserve(static_cast<std::size_t>(groups));
  for (int g = 0; g < groups; ++g) kinds.push_back({n, g % 2 == 0 ? low : high});
  return kinds;
}

// At a gap that is the limit itself no rule gives an alarm in more years than its budget.
TEST(Limits, FalseAlarmsKeepToTheBudget) {
  const int years = simulated_years(40);
  constexpr std::uint64_t kSeed = 20261127;
  std::printf(
      "%d years of %d windows, seed %llu: rule, groups, n of each: alarms at the limit; at .12 "
      "beyond it alarms, median window\n",
      years, kLooks, static_cast<unsigned long long>(kSeed));
  for (const LimitRule rule : {LimitRule::TwoWindows, LimitRule::Spending, LimitRule::Anytime}) {
    for (const int groups : {2, 6}) {
      for (const std::int64_t n : {50, 100, 400}) {
        const Limit limit = limit_of("demographic_parity_difference", 0.1, rule);
        const Years kept = simulate(limit, alternating(groups, n, 0.3, 0.4), years,
                                    kSeed + static_cast<std::uint64_t>(n));
        const Years broken =
            simulate(limit, alternating(groups, n, 0.3, 0.52), std::min(years, 500), kSeed + 1);
        std::printf("%-12s %d %4d  %.4f   %.3f %2d\n", std::string(name(rule)).c_str(), groups,
                    static_cast<int>(n), kept.alarms, broken.alarms, broken.median);
        EXPECT_LE(kept.alarms, allowed(limit, years)) << name(rule) << " " << groups << " " << n;
      }
    }
  }
}

// Also where the interval of a single pair is too bold: rare outcomes, a small group beside a large
// one.
TEST(Limits, FalseAlarmsKeepToTheBudgetOfRareOutcomes) {
  const int years = simulated_years(100);
  constexpr std::uint64_t kSeed = 7;
  std::printf(
      "%d years of %d windows, seed %llu: rule, n and rate of two groups: alarms at the limit\n",
      years, kLooks, static_cast<unsigned long long>(kSeed));
  const std::vector<std::pair<Kind, Kind>> pairs = {{{30, 0.06}, {1000, 0.01}},
                                                    {{30, 0.12}, {1000, 0.02}},
                                                    {{100, 0.03}, {1000, 0.01}},
                                                    {{50, 0.06}, {400, 0.01}}};
  for (const LimitRule rule : {LimitRule::TwoWindows, LimitRule::Spending, LimitRule::Anytime}) {
    for (const auto& [small, large] : pairs) {
      const Limit limit = limit_of("demographic_parity_difference", small.rate - large.rate, rule);
      const Years kept = simulate(limit, {small, large}, years, kSeed);
      std::printf("%-12s %3d %.2f %4d %.2f  %.4f\n", std::string(name(rule)).c_str(),
                  static_cast<int>(small.n), small.rate, static_cast<int>(large.n), large.rate,
                  kept.alarms);
      EXPECT_LE(kept.alarms, allowed(limit, years))
          << name(rule) << " " << small.n << " " << small.rate;
    }
  }
}

}  // namespace
}  // namespace fairdb
