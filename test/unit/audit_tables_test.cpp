// What stands behind the tables of audits: several classes, errors of numbers, divergences, hidden
// groups.
#include <cmath>
#include <deque>

#include "core/audit/divergence.hpp"
#include "core/audit/multiclass.hpp"
#include "core/audit/regression.hpp"
#include "core/base/suppression.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

TEST(RegressionErrors, OfPartsAreThoseOfAllRows) {
  Random random(1);
  RegressionErrors joined;
  double absolute = 0, squared = 0, sum = 0, y_sum = 0, p_sum = 0;
  std::vector<double> ys;
  for (int part = 0; part < 5; ++part) {
    ErrorSums sums;
    std::vector<double> y;
    for (int i = 0; i < 3 + 7 * part; ++i) {
      const double target = 1e6 + random.normal();
      const double prediction = target + 0.5 * random.normal() + 0.1;
      const double error = prediction - target;
      sums.absolute += std::abs(error);
      sums.squared += error * error;
      sums.signed_errors += error;
      sums.mean_predicted += prediction;
      y.push_back(target);
      p_sum += prediction;
    }
    sums.n = static_cast<std::int64_t>(y.size());
    sums.rows = sums.n + part;  // with some unknown
    sums.mean_predicted /= static_cast<double>(sums.n);
    for (const double v : y) sums.mean_true += v / static_cast<double>(sums.n);
    for (const double v : y) {
      sums.variance_true +=
          (v - sums.mean_true) * (v - sums.mean_true) / static_cast<double>(sums.n);
    }
    absolute += sums.absolute;
    squared += sums.squared;
    sum += sums.signed_errors;
    ys.insert(ys.end(), y.begin(), y.end());
    joined.add(sums);
  }
  const auto n = static_cast<double>(ys.size());
  for (const double v : ys) y_sum += v;
  double scatter = 0;
  for (const double v : ys) scatter += (v - y_sum / n) * (v - y_sum / n);
  EXPECT_EQ(joined.known(), static_cast<std::int64_t>(ys.size()));
  EXPECT_EQ(joined.unknown(), 0 + 1 + 2 + 3 + 4);
  EXPECT_NEAR(joined.mean_absolute_error(), absolute / n, 1e-12);
  EXPECT_NEAR(joined.root_mean_squared_error(), std::sqrt(squared / n), 1e-12);
  EXPECT_NEAR(joined.bias(), sum / n, 1e-12);
  EXPECT_NEAR(joined.mean_true(), y_sum / n, 1e-7);
  EXPECT_NEAR(joined.mean_predicted(), p_sum / n, 1e-7);
  EXPECT_NEAR(*joined.r_squared(), 1 - squared / scatter, 1e-9);
  EXPECT_TRUE(joined.finite());
}

TEST(RegressionErrors, HaveNoShareOfWhatDoesNotVary) {
  RegressionErrors errors;
  errors.add({.rows = 2, .n = 2, .absolute = 1, .squared = 1, .mean_true = 3});
  EXPECT_FALSE(errors.r_squared());
  errors.add({.rows = 4});
  EXPECT_EQ(errors.unknown(), 4);
  errors.add({.rows = 1, .n = 1, .squared = std::numeric_limits<double>::infinity()});
  EXPECT_FALSE(errors.finite());
}

TEST(Divergences, AreTheirFormulas) {
  const std::vector<double> g = {2, 6, 2};
  const std::vector<double> r = {5, 3, 2};
  const Divergences d = *divergences(g, r);
  const double p[3] = {0.2, 0.6, 0.2}, q[3] = {0.5, 0.3, 0.2};
  double kl = 0, js = 0, squares = 0;
  for (int k = 0; k < 3; ++k) {
    const double m = (p[k] + q[k]) / 2;
    kl += q[k] * std::log(q[k] / p[k]);
    js += (p[k] * std::log(p[k] / m) + q[k] * std::log(q[k] / m)) / 2;
    squares += (p[k] - q[k]) * (p[k] - q[k]);
  }
  EXPECT_NEAR(d.kl, kl, 1e-12);
  EXPECT_NEAR(d.js, js, 1e-12);
  EXPECT_NEAR(d.lp, std::sqrt(squares), 1e-12);
  EXPECT_NEAR(d.tvd, 0.3, 1e-12);
  EXPECT_NEAR(d.ks, 0.3, 1e-12);
  EXPECT_TRUE(std::isinf(divergences(std::vector<double>{1, 0}, std::vector<double>{1, 1})->kl));
  EXPECT_FALSE(divergences(std::vector<double>{0, 0}, std::vector<double>{1, 1}));
}

// Whoever knows the total and what is visible cannot tell a hidden size: at least two are hidden,
// and their sum leaves k + 1 possibilities to each.
TEST(HiddenGroups, DoNotFollowFromTheTotal) {
  Random random(2);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::int64_t> people(2 + random.below(std::size_t{8}));
    for (std::int64_t& n : people) n = 1 + random.below(30);
    const std::int64_t k = 2 + random.below(15);
    const std::vector<bool> hidden = hidden_groups(people, k);
    std::int64_t together = 0, count = 0, small = 0, visible = 0;
    for (std::size_t g = 0; g < people.size(); ++g) {
      if (people[g] < k) {
        EXPECT_TRUE(hidden[g]);
        ++small;
      }
      visible += hidden[g] ? 0 : 1;
      if (!hidden[g]) continue;
      ++count;
      together += people[g];
    }
    if (small == 0) {
      EXPECT_EQ(count, 0);
    } else if (visible > 0) {
      EXPECT_GE(count, 2);
      EXPECT_GE(together, count + k);  // each may have from 1 to k + 1 of them
    }
  }
}

TEST(HiddenGroups, HideNothingAtZero) {
  EXPECT_EQ(hidden_groups({1, 2, 3}, 0), std::vector<bool>(3, false));
  EXPECT_FALSE(too_few(0, 5));
  EXPECT_TRUE(too_few(4, 5));
  EXPECT_FALSE(too_few(5, 5));
  EXPECT_THROW(check_min_group(-1), Error);
  EXPECT_THROW(check_min_group(kLargestMinGroup + 1), Error);
}

const std::vector<ClassCount> kCounts = {
    {"x", "red", "red", 12},          {"x", "red", "blue", 3},        {"x", "blue", "blue", 9},
    {"y", "green", "red", 2},         {"y", "red", "red", 20},        {"x", "red", "red", 1},
    {std::nullopt, "red", "blue", 4}, {"y", std::nullopt, "green", 5}};

TEST(Multiclass, JoinsAndSortsItsCounts) {
  const auto sorted = sorted_counts(kCounts);
  ASSERT_EQ(sorted.size(), 7U);
  EXPECT_EQ(*sorted[0].group, "x");
  EXPECT_EQ(*sorted[0].y_true, "blue");
  EXPECT_EQ(sorted[2].n, 13);
  EXPECT_FALSE(sorted.back().group);
  EXPECT_EQ(classes_of(sorted), (std::vector<std::string_view>{"blue", "green", "red"}));
}

TEST(Multiclass, OneClassAgainstTheRestCountsEveryRow) {
  static std::deque<std::vector<std::uint64_t>> memory;
  const auto allocate = [](std::size_t bytes) {
    return reinterpret_cast<std::byte*>(memory.emplace_back((bytes + 7) / 8).data());
  };
  Monitor quiet;
  const ConfusionState state = one_against_rest(sorted_counts(kCounts), "red", allocate, quiet);
  const Confusion confusion = decode(state.value().canonical_copy(allocate));
  ASSERT_EQ(confusion.groups.size(), 3U);
  const Cells& x = confusion.groups[0].counts;
  EXPECT_EQ(x.at(Truth::Positive, Truth::Positive), 13);
  EXPECT_EQ(x.at(Truth::Positive, Truth::Negative), 3);
  EXPECT_EQ(x.at(Truth::Negative, Truth::Negative), 9);
  const Cells& y = confusion.groups[1].counts;
  EXPECT_EQ(y.at(Truth::Negative, Truth::Positive), 2);
  EXPECT_EQ(y.at(Truth::Unknown, Truth::Negative), 5);
}

TEST(Multiclass, HidesSmallCountsAndGroups) {
  const auto shown = shown_counts(sorted_counts(kCounts), 0);
  double share = 0;
  for (const ShownCount& row : shown) {
    EXPECT_FALSE(row.suppressed);
    if (row.group == Label("x")) share += *row.share;
  }
  EXPECT_NEAR(share, 1, 1e-12);
  for (const ShownCount& row : shown_counts(sorted_counts(kCounts), 10)) {
    if (row.n) {
      EXPECT_GE(*row.n, 10);
    }
    EXPECT_EQ(row.suppressed, !row.n);
  }
}

TEST(Multiclass, ComparesTheLabelsOfTwoSides) {
  const auto counts = sorted_counts(kCounts);
  const LabelDivergences d = label_divergences(counts, "x", "y", 0);
  EXPECT_EQ(d.classes, 3);
  EXPECT_EQ(d.of_group, 25);
  EXPECT_EQ(d.of_reference, 22);
  EXPECT_NEAR(d.distances->tvd, std::abs(16 / 25.0 - 20 / 22.0) / 2 + (9 / 25.0 + 2 / 22.0) / 2,
              1e-12);
  EXPECT_TRUE(label_divergences(counts, "x", std::nullopt, 23).suppressed);
  EXPECT_THROW((void)label_divergences(counts, "z", "y", 0), Error);
}

}  // namespace
}  // namespace fairdb
