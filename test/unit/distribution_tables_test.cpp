// What stands behind the tables of scores: histograms, pairs of groups, ties, gaps of labelled
// scores.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/distribution/collector.hpp"
#include "core/distribution/compact.hpp"
#include "core/distribution/histogram.hpp"
#include "core/distribution/pairs.hpp"
#include "core/distribution/score_gaps.hpp"
#include "core/distribution/ties.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

// A distribution with the memory that it reads.
struct Made {
  explicit Made(const std::vector<std::pair<std::string, std::vector<double>>>& groups)
      : bytes(value_of(groups)), distribution(Distribution::open(bytes)) {}

  static std::vector<std::byte> value_of(
      const std::vector<std::pair<std::string, std::vector<double>>>& groups) {
    Collector collector;
    for (const auto& [label, scores] : groups) {
      const std::int32_t group = collector.group(label);
      for (const double score : scores) collector.add(score, group, 1);
    }
    Monitor quiet;
    const std::vector<ScoreGroup> sorted = collector.sorted(quiet);
    std::vector<std::byte> value(Distribution::bytes_needed(sorted));
    Distribution::write(sorted, collector.unknown(), value);
    return value;
  }

  std::vector<std::byte> bytes;
  Distribution distribution;
};

TEST(Histogram, SharesAddUpToOne) {
  Random random(1);
  std::vector<double> a, b;
  for (int i = 0; i < 500; ++i) a.push_back(random.normal());
  for (int i = 0; i < 300; ++i) b.push_back(random.normal() + 1);
  const Made made({{"a", a}, {"b", b}});
  const Histogram result(made.distribution, {false, false}, 7, 0);
  ASSERT_EQ(result.edges().size(), 8U);
  EXPECT_TRUE(std::is_sorted(result.edges().begin(), result.edges().end()));
  EXPECT_EQ(result.edges().front(),
            std::min(*std::min_element(a.begin(), a.end()), *std::min_element(b.begin(), b.end())));
  for (const std::int32_t g : {0, 1}) {
    const auto& scores = g == 0 ? a : b;
    const std::vector<HistogramBin> bins = result.bins_of(g);
    double share = 0;
    for (std::size_t k = 0; k < 7; ++k) {
      const HistogramBin& bin = bins[k];
      const auto inside = std::count_if(scores.begin(), scores.end(), [&](double z) {
        return z >= result.edges()[k] && (z < result.edges()[k + 1] || k == 6);
      });
      EXPECT_EQ(*bin.weight, static_cast<double>(inside));
      share += *bin.share;
    }
    EXPECT_NEAR(share, 1, 1e-12);
  }
}

TEST(Histogram, TellsNothingOfHiddenGroupsAndSmallBins) {
  const Made made({{"a", {0, 0, 0, 0, 1}}, {"b", {-9, 9}}});
  const Histogram result(made.distribution, {false, true}, 3, 2);
  EXPECT_EQ(result.edges().front(), 0);
  EXPECT_EQ(result.edges().back(), 1);
  EXPECT_TRUE(result.bins_of(1)[0].suppressed);
  EXPECT_TRUE(result.bins_of(0)[2].suppressed);  // one row
  EXPECT_FALSE(result.bins_of(0)[2].weight);
  EXPECT_THROW(Histogram(made.distribution, {false, false}, 0, 0), Error);
}

TEST(PairDistances, AdjustForTheirNumber) {
  Random random(3);
  std::vector<std::pair<std::string, std::vector<double>>> groups;
  for (int g = 0; g < 4; ++g) {
    groups.emplace_back("g" + std::to_string(g), std::vector<double>());
    for (int i = 0; i < 60; ++i) groups.back().second.push_back(random.normal() + (g == 3 ? 1 : 0));
  }
  groups.emplace_back("h", std::vector<double>{1, 2});
  const Made made(groups);
  const std::vector<ScoreLaw> laws = laws_of(made.distribution);
  Monitor quiet;
  const auto pairs = pair_distances(laws, {false, false, false, false, true}, quiet);
  ASSERT_EQ(pairs.size(), 10U);
  int tested = 0;
  for (const PairDistances& pair : pairs) {
    EXPECT_EQ(pair.distances.has_value(), pair.b != 4);
    if (!pair.distances) continue;
    ++tested;
    EXPECT_EQ(pair.distances->ks, distances(laws[pair.a], laws[pair.b], quiet).ks);
    EXPECT_GE(pair.p_adjusted, pair.test.p_value);
    EXPECT_LE(pair.p_adjusted, std::min(1.0, 6 * pair.test.p_value) + 1e-12);
    EXPECT_EQ(pair.p_adjusted < 0.05, pair.b == 3);
  }
  EXPECT_EQ(tested, 6);
}

TEST(Ties, PrevailWhereGroupsCannotComeNearer) {
  Monitor quiet;
  std::vector<double> smooth(100), shifted(100), coarse(100), one(100, 0.5);
  std::iota(smooth.begin(), smooth.end(), 0);
  for (std::size_t i = 0; i < 100; ++i) shifted[i] = smooth[i] + 30.5;
  for (std::size_t i = 0; i < 100; ++i) coarse[i] = std::floor(smooth[i] / 20);
  EXPECT_FALSE(ties_prevail(Made({{"a", smooth}, {"b", shifted}}).distribution, quiet));
  EXPECT_TRUE(ties_prevail(Made({{"a", smooth}, {"b", coarse}}).distribution, quiet));
  EXPECT_FALSE(ties_prevail(Made({{"a", one}}).distribution, quiet));  // nobody to be apart from
  // Few ties, and groups that are not farther apart than those.
  std::vector<double> tied = smooth;
  for (std::size_t i = 0; i < 4; ++i) tied[i] = 3;
  EXPECT_TRUE(ties_prevail(Made({{"a", smooth}, {"b", tied}}).distribution, quiet));
}

TEST(ScoreGaps, AreLargestMinusSmallest) {
  Random random(4);
  std::vector<std::pair<std::string, std::vector<double>>> groups;
  for (const char* label : {"(x,f)", "(x,t)", "(y,f)", "(y,t)"}) {
    groups.emplace_back(label, std::vector<double>());
    for (int i = 0; i < 200; ++i) {
      const double lift = label[3] == 't' ? (label[1] == 'x' ? 0.4 : 0.1) : 0;
      groups.back().second.push_back(std::min(1.0, 0.5 * random.uniform() + lift));
    }
  }
  const Made made(groups);
  const auto labelled = labelled_scores(made.distribution);
  Monitor quiet;
  const auto gaps = score_gaps(labelled, 10, 0.95, quiet);
  ASSERT_EQ(gaps.size(), 3U);
  const double x = auc(labelled[0], quiet)->value;
  const double y = auc(labelled[1], quiet)->value;
  EXPECT_NEAR(*gaps[0].value, x - y, 1e-12);
  EXPECT_LE(gaps[0].interval->lower, x - y);
  EXPECT_GE(gaps[0].interval->upper, x - y);
  EXPECT_LT(*gaps[0].p_value, 1e-6);
  EXPECT_EQ(gaps[2].interval, std::nullopt);
  EXPECT_EQ(gaps[2].estimable, 2);
  // Of so few rows nothing is told.
  EXPECT_EQ(hidden_groups(labelled, 201), (std::vector<bool>{true, true}));
  EXPECT_EQ(hidden_groups(labelled, 10), (std::vector<bool>{false, false}));
  const auto bins = calibration(labelled[0], 4);
  EXPECT_EQ(hidden_bins(bins, 0), std::vector<bool>(4, false));
  for (const bool hidden : hidden_bins(bins, 1000)) EXPECT_TRUE(hidden);
}

// Of a chosen size: ranks move by no more than the value says, and hardly at the ends.
TEST(Compact, KeepsRanksWithinWhatItSays) {
  Monitor quiet;
  for (const bool sketched : {false, true}) {
    Random random(3);
    std::vector<double> scores;
    for (int i = 0; i < (sketched ? 1200000 : 100000); ++i) scores.push_back(random.normal());
    const Made made({{"a", scores}});
    ASSERT_EQ(made.distribution.group(0).sketch != nullptr, sketched);
    Collector collector;
    collect_compact(made.distribution, 400, collector, quiet);
    const std::vector<ScoreGroup> groups = collector.sorted(quiet);
    std::vector<std::byte> value(Distribution::bytes_needed(groups));
    Distribution::write(groups, {}, value);
    const Distribution small = Distribution::open(value);
    EXPECT_EQ(small.group(0).rows, made.distribution.group(0).rows);
    const ScoreLaw law(small.group(0));
    EXPECT_LE(law.size(), 402U);
    std::sort(scores.begin(), scores.end());
    const auto n = static_cast<double>(scores.size());
    EXPECT_EQ(law.score(0), scores.front());
    EXPECT_EQ(law.score(law.size() - 1), scores.back());
    for (double p = 0.001; p < 1; p += 0.001) {
      const double at = law.at_rank(p * law.total());
      const auto below = std::lower_bound(scores.begin(), scores.end(), at) - scores.begin();
      EXPECT_NEAR(static_cast<double>(below) / n, p, law.rank_error() + 1e-6) << p;
      // The error at an end is a share of what lies beyond.
      const double beyond = std::min(p, 1 - p);
      EXPECT_NEAR(static_cast<double>(below) / n, p, beyond / 4 + 1e-3) << p;
    }
  }
}

// The tails of a sketch are finer than its middle.
TEST(Sketch, TailsAreNearlyExact) {
  std::vector<double> errors;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Random random(seed);
    std::vector<double> scores;
    for (int i = 0; i < 1500000; ++i) scores.push_back(random.uniform());
    const Made made({{"a", scores}});
    ASSERT_NE(made.distribution.group(0).sketch, nullptr);
    const ScoreLaw law(made.distribution.group(0));
    for (const double tail : {1e-5, 1e-4, 1e-3}) {
      // Uniform scores: the share beyond a score is its distance from the end, but for chance.
      std::vector<double> sorted = scores;
      std::nth_element(sorted.begin(), sorted.begin() + static_cast<int>(tail * 1.5e6),
                       sorted.end());
      const double at = sorted[static_cast<std::size_t>(tail * 1.5e6)];
      errors.push_back(std::abs(law.up_to(at) / law.total() - tail) / tail);
    }
  }
  EXPECT_LT(*std::max_element(errors.begin(), errors.end()), 0.12);
}

}  // namespace
}  // namespace fairdb
