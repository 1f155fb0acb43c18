#include <cmath>

#include "core/distribution/barycenter.hpp"
#include "core/distribution/distances.hpp"
#include "core/distribution/labelled.hpp"
#include "core/distribution/sample.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

using test::Random;
struct Row {
  double score;
  std::string group;
};

std::vector<std::byte> open_form(const std::vector<Row>& rows) {
  OpenDistribution::Capacity capacity{{64, 4096}, static_cast<std::int64_t>(rows.size()) + 3};
  std::vector<std::byte> bytes(OpenDistribution::bytes_needed(capacity));
  OpenDistribution open = OpenDistribution::create(bytes.data(), capacity);
  for (const Row& row : rows) {
    std::int32_t group = open.find(row.group);
    if (group < 0) group = open.add_group(row.group);
    open.add_score(group, row.score);
  }
  return bytes;
}

std::vector<std::byte> sorted_form(std::vector<std::byte> open_bytes) {
  const OpenDistribution open = OpenDistribution::open(open_bytes);
  std::vector<std::byte> bytes(open.sorted_bytes());
  Monitor quiet;
  open.sort_into(bytes.data(), quiet);
  return bytes;
}

std::vector<Row> random_rows(std::uint64_t seed, int n, int groups, bool ties) {
  Random random(seed);
  std::vector<Row> rows;
  for (int i = 0; i < n; ++i) {
    const int g = random.below(groups);
    const double score = random.normal() * (1 + g) + g;
    rows.push_back({ties ? std::round(score * 2) / 2 : score, "g" + std::to_string(g)});
  }
  return rows;
}

TEST(Distribution, HasOneSortedFormForAnyOrder) {
  auto rows = random_rows(1, 500, 5, true);
  auto reversed = rows;
  std::reverse(reversed.begin(), reversed.end());
  EXPECT_EQ(sorted_form(open_form(rows)), sorted_form(open_form(reversed)));
}

TEST(Distribution, MergingEqualsAddingAllRows) {
  const auto rows = random_rows(2, 600, 4, true);
  auto left = open_form({rows.begin(), rows.begin() + 200});
  auto right = open_form({rows.begin() + 200, rows.end()});
  auto right_sorted = sorted_form(right);
  const OpenDistribution from = OpenDistribution::open(right);
  const Distribution from_sorted = Distribution::open(right_sorted);
  OpenDistribution into = OpenDistribution::open(left);
  for (const bool sorted : {false, true}) {
    const auto capacity = into.grown_by(sorted ? into.missing(from_sorted) : into.missing(from));
    std::vector<std::byte> bytes(OpenDistribution::bytes_needed(capacity));
    OpenDistribution merged = OpenDistribution::create(bytes.data(), capacity);
    into.copy_into(merged);
    sorted ? merged.append(from_sorted) : merged.append(from);
    EXPECT_EQ(sorted_form(bytes), sorted_form(open_form(rows)));
  }
}

TEST(Distribution, RefusesDamagedBytes) {
  auto open = open_form(random_rows(3, 20, 3, false));
  auto sorted = sorted_form(open);
  EXPECT_GT(test::refused_mutations(sorted, 4,
                                    [](std::span<std::byte> value) {
                                      const Distribution law = Distribution::open(value);
                                      Monitor quiet;
                                      (void)ks_distance(law, quiet);
                                      for (std::int32_t g = 0; g < law.groups(); ++g) {
                                        if (!law.scores(g).empty()) (void)adjust(law, 0.5, g, 0);
                                      }
                                    }),
            19000);  // the digest finds nearly all
  EXPECT_GT(test::refused_mutations(open, 5,
                                    [](std::span<std::byte> value) {
                                      (void)sorted_form({value.begin(), value.end()});
                                    }),
            static_cast<int>(open.size()));
}

// #{scores <= t} / n at every score, by counting.
double ks_by_counting(const Distribution& law) {
  double worst = 0;
  for (std::int32_t g = 0; g < law.groups(); ++g) {
    for (std::int32_t h = 0; h < law.groups(); ++h) {
      for (const double t : law.scores(g)) {
        const auto f = [&](std::int32_t k) {
          const auto s = law.scores(k);
          return static_cast<double>(
                     std::count_if(s.begin(), s.end(), [&](double x) { return x <= t; })) /
                 static_cast<double>(s.size());
        };
        worst = std::max(worst, std::abs(f(g) - f(h)));
      }
    }
  }
  return worst;
}

TEST(KsDistance, EqualsTheDefinitionOnRandomRows) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    auto bytes = sorted_form(
        open_form(random_rows(seed, 60, 2 + static_cast<int>(seed % 4), seed % 2 == 0)));
    const Distribution law = Distribution::open(bytes);
    Monitor quiet;
    EXPECT_DOUBLE_EQ(*ks_distance(law, quiet), ks_by_counting(law));
  }
}

TEST(Adjust, LeavesTheScoresOfOneGroupUnchangedToTheBit) {
  for (const bool ties : {false, true}) {
    auto bytes = sorted_form(open_form(random_rows(7, 1000, 1, ties)));
    const Distribution law = Distribution::open(bytes);
    for (const double z : law.scores(0)) EXPECT_EQ(adjust(law, z, 0, 0), z);
  }
}

TEST(Adjust, GivesTheShareWeightedMeanOfEqualRanks) {
  std::vector<Row> rows;
  for (int k = 0; k < 31; ++k) {
    rows.push_back({std::exp(0.1 * k), "a"});
    rows.push_back({100.0 + k * k, "b"});
  }
  auto bytes = sorted_form(open_form(rows));
  const Distribution law = Distribution::open(bytes);
  for (std::size_t k = 0; k < 31; ++k) {
    const double expected = 0.5 * law.scores(0)[k] + 0.5 * law.scores(1)[k];
    EXPECT_NEAR(adjust(law, law.scores(0)[k], 0, 0), expected, 1e-12 * expected);
    EXPECT_NEAR(adjust(law, law.scores(1)[k], 1, 0), expected, 1e-12 * expected);
  }
}

TEST(Adjust, KeepsTheOrderWithinAGroup) {
  auto bytes = sorted_form(open_form(random_rows(8, 400, 3, true)));
  const Distribution law = Distribution::open(bytes);
  for (std::int32_t g = 0; g < 3; ++g) {
    double before = -1e300;
    for (double z = -12; z < 12; z += 0.003) {
      const double f = adjust(law, z, g, 0);
      EXPECT_GE(f, before - 1e-12);
      before = f;
    }
  }
}

// Groups N(m_g, s_g^2): the barycenter map is affine, m + s (z - m_g) / s_g with m, s the
// share-weighted means (Chzhen et al. 2020, closed form of location-scale families).
TEST(Adjust, IsAffineBetweenLocationScaleGroups) {
  std::vector<Row> rows;
  for (int k = 1; k < 2000; ++k) {
    const double u = k / 2000.0;
    const double q = std::log(u / (1 - u));  // logistic quantiles
    rows.push_back({q, "a"});
    rows.push_back({5 + 3 * q, "b"});
    rows.push_back({5 + 3 * q, "b"});
  }
  auto bytes = sorted_form(open_form(rows));
  const Distribution law = Distribution::open(bytes);
  const double m = 5.0 * 2 / 3;
  const double s = (1 + 2 * 3.0) / 3;
  for (const double z : {-2.0, -0.5, 0.0, 1.0, 2.5}) {
    EXPECT_NEAR(adjust(law, z, 0, 0), m + s * z, 0.02);
    EXPECT_NEAR(adjust(law, 5 + 3 * z, 1, 0), m + s * z, 0.02);
  }
}

// Distances to the barycenter shrink by sqrt(alpha), their squares by alpha (Chzhen, Schreuder).
TEST(Adjust, KeepsTheShareAlphaOfTheSquaredShift) {
  auto bytes = sorted_form(open_form(random_rows(9, 300, 2, false)));
  const Distribution law = Distribution::open(bytes);
  for (const double z : law.scores(0)) {
    const double fair = adjust(law, z, 0, 0);
    EXPECT_NEAR(std::pow(adjust(law, z, 0, 0.3) - fair, 2), 0.3 * std::pow(z - fair, 2), 1e-12);
    EXPECT_EQ(adjust(law, z, 0, 1), z);
  }
  EXPECT_THROW(check_alpha(-0.1), Error);
  EXPECT_THROW(check_alpha(std::nan("")), Error);
}

TEST(Adjust, SurvivesTheLargestNumbers) {
  auto bytes = sorted_form(open_form({{-1.7e308, "a"}, {1.7e308, "a"}, {0, "b"}, {1, "b"}}));
  const Distribution law = Distribution::open(bytes);
  for (const double z : {-1.79e308, -1.0, 0.0, 1e308, 1.79e308}) {
    EXPECT_TRUE(std::isfinite(adjust(law, z, 0, 0)));
  }
}

// --- scores with labels --------------------------------------------------------------------------

// The area by its definition over all pairs; turning the scores round turns it round.
TEST(Auc, IsTheShareOfPairsInTheRightOrder) {
  Monitor never;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    std::vector<Row> rows, turned;
    for (int i = 0; i < 120; ++i) {
      const double score = random.below(20) / 10.0;
      const char* const label = random.below(3) == 0 ? "(\"a, b\",t)" : "(\"a, b\",f)";
      rows.push_back({score, label});
      turned.push_back({-score, label});
    }
    auto bytes = sorted_form(open_form(rows));
    const auto groups = labelled_scores(Distribution::open(bytes));
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0].group, "a, b");
    double won = 0;
    for (const double p : groups[0].positive) {
      for (const double n : groups[0].negative) won += p > n ? 1 : p == n ? 0.5 : 0;
    }
    const double pairs = static_cast<double>(groups[0].positive.size() * groups[0].negative.size());
    const Auc area = *auc(groups[0], never);
    EXPECT_NEAR(area.value, won / pairs, 1e-12);
    auto turned_bytes = sorted_form(open_form(turned));
    const auto turned_groups = labelled_scores(Distribution::open(turned_bytes));
    EXPECT_NEAR(auc(turned_groups[0], never)->value, 1 - area.value, 1e-12);
    EXPECT_NEAR(*auc(turned_groups[0], never)->variance, *area.variance, 1e-12);
  }
}

TEST(LabelledScores, ReadRowsOfAnyTextAndRefuseOthers) {
  for (const auto& [label, group] : {std::pair<const char*, const char*>{"(a,t)", "a"},
                                     {"(\"\",f)", ""},
                                     {"(\"a\"\"b\",t)", "a\"b"},
                                     {"(\"a\\\\b\",t)", "a\\b"},
                                     {"(a,\"b,c\",t)", "(a,\"b,c\")"},
                                     {"(\"(x,y)\",f)", "(x,y)"}}) {
    auto bytes = sorted_form(open_form({{0.5, label}}));
    EXPECT_EQ(labelled_scores(Distribution::open(bytes)).at(0).group, group) << label;
  }
  for (const char* label :
       {"", "a", "(a)", "(t)", "(,t", "(a,x)", "(a,t", "a,t)", "(a,\"t\")", "()", "(,)"}) {
    auto bytes = sorted_form(open_form({{0.5, label}}));
    EXPECT_THROW((void)labelled_scores(Distribution::open(bytes)), Error) << label;
  }
}

TEST(Calibration, PutsScoresIntoTheirBins) {
  auto bytes =
      sorted_form(open_form({{0, "(a,f)"}, {0.25, "(a,t)"}, {0.2499, "(a,f)"}, {1, "(a,t)"}}));
  const auto groups = labelled_scores(Distribution::open(bytes));
  const auto bins = calibration(groups[0], 4);
  EXPECT_EQ(bins[0].n, 2);
  EXPECT_EQ(bins[1].n, 1);
  EXPECT_EQ(bins[2].n, 0);
  EXPECT_EQ(bins[3].n, 1);
  EXPECT_NEAR(*calibration_error(bins), (2 * 0.2499 / 2 + 0.75 + 0) / 4, 1e-12);
  EXPECT_NEAR(brier(groups[0])->value, (0.75 * 0.75 + 0.2499 * 0.2499) / 4, 1e-12);
}

}  // namespace
}  // namespace fairdb
