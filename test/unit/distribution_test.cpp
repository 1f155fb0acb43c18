#include <cmath>
#include <numeric>

#include "core/distribution/adjustment_cost.hpp"
#include "core/distribution/collector.hpp"
#include "core/distribution/distances.hpp"
#include "core/distribution/labelled.hpp"
#include "core/inference/tails.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

using test::Random;
struct Row {
  double score;
  std::string group;
  double weight = 1;
};

std::vector<std::byte> value_of(Collector& collector) {
  Monitor quiet;
  const auto groups = collector.sorted(quiet);
  std::vector<std::byte> bytes(Distribution::bytes_needed(groups));
  Distribution::write(groups, collector.unknown(), bytes);
  return bytes;
}

void add_all(Collector& collector, std::span<const Row> rows) {
  for (const Row& row : rows) collector.add(row.score, collector.group(row.group), row.weight);
}

std::vector<std::byte> value_of(std::span<const Row> rows) {
  Collector collector;
  add_all(collector, rows);
  return value_of(collector);
}

// A distribution with its bytes.
struct Made {
  explicit Made(const std::vector<Row>& rows)
      : bytes(value_of(rows)),
        distribution(Distribution::open(bytes)),
        laws(laws_of(distribution)) {}
  std::vector<std::byte> bytes;
  Distribution distribution;
  std::vector<ScoreLaw> laws;
};

double adjusted(const Made& made,
                std::int32_t group,
                double z,
                const AdjustmentOptions& options = {}) {
  Monitor quiet;
  return Adjustment(made.distribution, options, quiet)(group, z, {});
}

std::vector<Row> random_rows(
    std::uint64_t seed, int n, int groups, bool ties, bool weights = false) {
  Random random(seed);
  std::vector<Row> rows;
  for (int i = 0; i < n; ++i) {
    const int g = random.below(groups);
    const double score = random.normal() * (1 + g) + g;
    rows.push_back({ties ? std::round(score * 2) / 2 : score, "g" + std::to_string(g),
                    weights ? random.below(5) / 4.0 : 1});
  }
  return rows;
}

// --- the value -----------------------------------------------------------------------------------

TEST(Distribution, HasOneFormForAnyOrder) {
  for (const bool weights : {false, true}) {
    auto rows = random_rows(1, 50000, 5, true, weights);
    auto reversed = rows;
    std::reverse(reversed.begin(), reversed.end());
    EXPECT_EQ(value_of(rows), value_of(reversed));
  }
}

TEST(Distribution, MergingEqualsAddingAllRows) {
  for (const bool ties : {false, true}) {
    const auto rows = random_rows(2, 60000, 4, ties, ties);
    const std::span<const Row> all(rows);
    Collector merged;
    for (const auto part : {all.subspan(40000), all.subspan(0, 100), all.subspan(100, 39900)}) {
      const auto bytes = value_of(part);
      merged.merge(Distribution::open(bytes));
    }
    EXPECT_EQ(value_of(merged), value_of(rows));
  }
}

TEST(Distribution, KeepsRowsCountsAndWeights) {
  const Made made({{1, "a"}, {1, "a"}, {-0.0, "a"}, {2, "b", 0.5}, {2, "b", 0.25}, {7, "b", 0}});
  EXPECT_EQ(made.distribution.group(0).rows, 3);
  EXPECT_EQ(made.distribution.group(0).points.count_of(1), 2);
  EXPECT_FALSE(std::signbit(made.distribution.group(0).points.score[0]));
  EXPECT_EQ(made.distribution.group(1).rows, 3);
  EXPECT_EQ(made.distribution.group(1).weight(), 0.75);
  EXPECT_EQ(made.distribution.find("b"), 1);
  EXPECT_EQ(made.distribution.find("c"), -1);
  Collector collector;
  const std::int32_t group = collector.group("a");
  for (const double score : {std::nan(""), HUGE_VAL})
    EXPECT_THROW(collector.add(score, group), Error);
  for (const double weight : {-1.0, std::nan(""), 1e300, 1e-300}) {
    EXPECT_THROW(collector.add(1, group, weight), Error);
  }
}

// Lists from outside, in any order, are what rows would have given; wrong ones are refused.
TEST(Distribution, TakesListsFromOutside) {
  Collector listed;
  const std::vector<double> scores{2, -0.0, 2, 1};
  const std::vector<double> weights{1, 1, 0.5, 1};
  const std::vector<std::int64_t> counts{1, 1, 2, 3};
  listed.add_list("a", {scores, weights, counts}, 8);
  EXPECT_EQ(value_of(listed), value_of(std::vector<Row>{{0, "a"},
                                                        {1, "a"},
                                                        {1, "a"},
                                                        {1, "a"},
                                                        {2, "a", 0.5},
                                                        {2, "a", 0.5},
                                                        {2, "a"},
                                                        {3, "a", 0}}));
  Collector collector;
  const std::vector<double> bad_scores{2, HUGE_VAL, 2, 1};
  const std::vector<double> bad_weights{1, 0, 1, 1};
  const std::vector<std::int64_t> bad_counts{1, 1, -2, 3};
  EXPECT_THROW(collector.add_list("a", {bad_scores, {}, {}}, {}), Error);
  EXPECT_THROW(collector.add_list("a", {scores, bad_weights, {}}, {}), Error);
  EXPECT_THROW(collector.add_list("a", {scores, {}, bad_counts}, {}), Error);
  EXPECT_THROW(collector.add_list("a", {scores, {}, counts}, 6), Error);
  EXPECT_THROW(collector.add_list("a", {std::span(scores).first(3), {}, counts}, {}), Error);
}

std::vector<Row> large_group(std::uint64_t seed, std::size_t rows, bool weights) {
  Random random(seed);
  std::vector<Row> list;
  list.reserve(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    list.push_back({random.uniform(), "a", weights ? std::exp(6 * random.uniform()) : 1.0});
  }
  return list;
}

// Whether a group is exact is a function of its rows: one point more or less decides, in any order
// and by any merges.
TEST(Distribution, BecomesASketchByItsRowsAlone) {
  EXPECT_EQ(exact_points(1), 1000000U);
  EXPECT_EQ(exact_points(10), 150000U);
  EXPECT_EQ(exact_points(1000), 14000U);
  const auto rows = large_group(3, 150001, false);
  const std::span<const Row> all(rows);
  for (const bool one_more : {false, true}) {
    Collector one, merged;
    for (int g = 0; g < 9; ++g) one.add(0, one.group("other " + std::to_string(g)));
    const auto part = all.first(one_more ? 150001 : 150000);
    add_all(one, part);
    add_all(one, part);  // ties are the same points
    const auto first = value_of(part.first(110000));
    const auto second = value_of(part.subspan(70000));
    merged.merge(Distribution::open(first));
    merged.merge(Distribution::open(second));
    for (int g = 0; g < 9; ++g) merged.add(0, merged.group("other " + std::to_string(g)));
    for (Collector* collector : {&one, &merged}) {
      const auto bytes = value_of(*collector);
      EXPECT_EQ(Distribution::open(bytes).group(0).sketch != nullptr, one_more);
    }
  }
}

TEST(Distribution, RefusesDamagedBytes) {
  Collector collector;
  add_all(collector, random_rows(3, 20, 3, true, true));
  collector.count_unknown({1, 2, 3});
  Sketch sketch;
  for (int i = 0; i < 20000; ++i) sketch.add(i % 97, 1 + i % 2);
  collector.add_sketch("sketched", 20000, sketch.state());
  const auto bytes = value_of(collector);
  const auto read = [](std::span<std::byte> value) {
    const Distribution distribution = Distribution::open(value);
    Monitor quiet;
    const auto laws = laws_of(distribution);
    (void)largest_distances(laws, quiet);
    const Adjustment adjustment(distribution, {}, quiet);
    for (std::int32_t g = 0; g < distribution.groups(); ++g) {
      if (adjustment.knows(g)) (void)adjustment(g, 0.5, {});
    }
  };
  EXPECT_GT(test::refused_mutations(bytes, 4, read), 19000);  // the digest finds nearly all
  // The checks behind the digest: it is made right again.
  EXPECT_GT(test::refused_mutations(bytes, 5,
                                    [&](std::span<std::byte> value) {
                                      if (value.size() >= 16) {
                                        const auto sum =
                                            digest(std::span<const std::byte>(value).subspan(16));
                                        std::memcpy(value.data() + 8, &sum, sizeof(sum));
                                      }
                                      read(value);
                                    }),
            static_cast<int>(bytes.size()));
}

TEST(Distribution, IsToldByTheIdentityOfItsContent) {
  Collector collector;
  for (int i = 0; i < 100; ++i) collector.add(i % 7, collector.group(i % 3 == 0 ? "a" : "b"), 1);
  const auto bytes = value_of(collector);
  const auto identity = [](std::span<const std::byte> content) { return digest(content) ^ 1; };
  Monitor quiet;
  const auto groups = collector.sorted(quiet);
  std::vector<std::byte> told(bytes.size());
  Distribution::write(groups, collector.unknown(), told, identity);
  std::uint64_t found = 0;
  std::memcpy(&found, told.data() + 16, sizeof(found));
  EXPECT_EQ(found, digest(Distribution::content(bytes)) ^ 1);
  EXPECT_TRUE(std::ranges::equal(Distribution::content(told), Distribution::content(bytes)));
  EXPECT_EQ(Distribution::open(told).group(1).rows, 66);
}

// --- sketches ------------------------------------------------------------------------------------

// The largest rank error over a grid, and the stated one; both as shares.
std::pair<double, double> errors_of(const Sketch& sketch, std::span<const Row> rows) {
  constexpr std::size_t kGrid = 500;
  std::vector<double> truth(kGrid + 1, 0.0);
  double total = 0;
  for (const Row& row : rows) {
    truth[static_cast<std::size_t>(row.score * kGrid) + 1] += row.weight;
    total += row.weight;
  }
  std::partial_sum(truth.begin(), truth.end(), truth.begin());
  const auto points = sketch.points();
  double below = 0;
  double worst = 0;
  std::size_t next = 0;
  for (std::size_t k = 0; k <= kGrid; ++k) {
    while (next < points.size() && points[next].score < static_cast<double>(k) / kGrid) {
      below += points[next++].weight;
    }
    worst = std::max(worst, std::abs(below - truth[k]) / total);
  }
  return {worst, sketch.rank_error() / total};
}

TEST(Sketch, KeepsItsStatedErrorAndSize) {
  for (const bool weights : {false, true}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      SCOPED_TRACE(seed);
      const auto rows = large_group(seed, 300000, weights);
      Sketch sketch;
      ExactSum total{};
      for (const Row& row : rows) {
        sketch.add(row.score, row.weight);
        total.add(row.weight);
      }
      const auto [worst, stated] = errors_of(sketch, rows);
      EXPECT_LT(worst, 1.5 * stated);  // of 500 places at once, where 1 % is each one's
      EXPECT_LT(stated, 0.002);
      EXPECT_GT(stated, 0.0001);
      EXPECT_EQ(sketch.weight(), total.value());
      const auto points = sketch.points();
      EXPECT_LT(points.size(), 12000U);
      const auto [low, high] = std::minmax_element(
          rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.score < b.score; });
      EXPECT_EQ(points.front().score, low->score);
      EXPECT_EQ(points.back().score, high->score);
    }
  }
}

TEST(Sketch, MergesTheSameFromEitherSide) {
  std::vector<Sketch> parts(12);
  std::vector<Row> all;
  for (std::size_t k = 0; k < parts.size(); ++k) {
    const auto rows = large_group(20 + k, 5000 * (1 + k), k % 2 == 0);
    for (const Row& row : rows) parts[k].add(row.score, row.weight);
    all.insert(all.end(), rows.begin(), rows.end());
  }
  Sketch ab = parts[10];
  ab.merge(parts[11]);
  Sketch ba = parts[11];
  ba.merge(parts[10]);
  EXPECT_EQ(ab.points(), ba.points());
  EXPECT_EQ(ab.rank_error(), ba.rank_error());
  Sketch merged;
  for (const Sketch& part : parts) merged.merge(part);
  const auto [worst, stated] = errors_of(merged, all);
  EXPECT_LT(worst, 1.5 * stated);
  EXPECT_LT(stated, 0.004);
}

TEST(Sketch, IsExactWhileItIsSmall) {
  Sketch sketch;
  Random random(5);
  std::vector<double> scores;
  for (int i = 0; i < 500; ++i) {
    scores.push_back(random.uniform());
    sketch.add(scores.back(), 1);
  }
  EXPECT_EQ(sketch.rank_error(), 0);
  std::sort(scores.begin(), scores.end());
  const auto points = sketch.points();
  ASSERT_EQ(points.size(), scores.size());
  for (std::size_t i = 0; i < points.size(); ++i) EXPECT_EQ(points[i].score, scores[i]);
}

// One row far away and many that tie stay where they are.
TEST(Sketch, LeavesAtomsWhereTheyAre) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Random random(seed);
    Points rows;
    rows.append({-5, 1, 1});
    rows.append({0, 1, 300000});
    std::vector<double> scores;
    for (int i = 0; i < 600000; ++i) scores.push_back(1 + random.uniform());
    std::sort(scores.begin(), scores.end());
    for (const double score : scores) rows.append({score, 1, 1});
    rows.append({9, 1, 1});
    const Sketch sketch = Sketch::of(rows.view());
    ScoreGroup group;
    group.rows = 900002;
    group.sketch = std::make_shared<const Sketch>(sketch);
    const ScoreLaw law(group);
    const double error = law.rank_error();
    EXPECT_LT(error, 0.002);
    EXPECT_EQ(law.score(0), -5);
    EXPECT_EQ(law.score(law.size() - 1), 9);
    EXPECT_LT(law.up_to(-1) / law.total(), error);
    EXPECT_NEAR(law.up_to(0) / law.total(), 1.0 / 3, error);
    for (const double p : {0.01, 0.1, 0.2, 0.32}) EXPECT_EQ(law.at_rank(p * law.total()), 0) << p;
    EXPECT_NEAR(law.at_rank(0.5 * law.total()), 1.25, 0.01);
  }
}

// Whatever the weights are and the order in which they come.
TEST(Sketch, StaysSmall) {
  Random random(8);
  Sketch ascending;
  for (int e = -56; e <= 40; ++e) {
    for (int i = 0; i < 3299; ++i) ascending.add(random.uniform(), std::ldexp(1.0, e));
  }
  EXPECT_LT(16 * ascending.points().size(), 200000U);
  Sketch heavy;
  for (int i = 0; i < 300000; ++i) heavy.add(random.uniform(), i == 1000 ? 1024.0 : 1.0);
  EXPECT_LT(heavy.rank_error() / heavy.weight(), 0.002);
  EXPECT_LT(16 * heavy.points().size(), 200000U);
}

TEST(Sketch, RefusesImpossibleStates) {
  Sketch sketch;
  for (int i = 0; i < 20000; ++i) sketch.add(i, 1);
  const auto refuses = [&](auto damage) {
    Sketch::State state = sketch.state();
    damage(state);
    EXPECT_THROW(Sketch(state, 20000), Error);
  };
  EXPECT_NO_THROW(Sketch(sketch.state(), 20000));
  EXPECT_THROW(Sketch(sketch.state(), 19000), Error);
  EXPECT_THROW(Sketch(sketch.state(), 0), Error);
  refuses([](Sketch::State& s) { s.minimum = 5; });
  refuses([](Sketch::State& s) { s.maximum = std::nan(""); });
  refuses([](Sketch::State& s) { s.error_scale = 1e9; });
  refuses([](Sketch::State& s) { s.error_scale = -1; });
  refuses([](Sketch::State& s) { s.weight = ExactSum{}; });
  refuses([](Sketch::State& s) { s.weight.add(100.0); });
  refuses([](Sketch::State& s) { s.squares.limb[3] = 1; });
  refuses([](Sketch::State& s) { s.levels.clear(); });
  refuses([](Sketch::State& s) { s.levels.front().points.clear(); });
  refuses([](Sketch::State& s) { s.levels.front().exponent += 1; });
  refuses([](Sketch::State& s) { s.levels.push_back(s.levels.front()); });
  refuses([](Sketch::State& s) { s.levels.back().points.front().score = HUGE_VAL; });
}

TEST(Sketch, SurvivesItsState) {
  Sketch sketch;
  Random random(6);
  for (int i = 0; i < 50000; ++i) sketch.add(random.normal(), 1 + random.below(3));
  const Sketch again(sketch.state(), 50000);
  EXPECT_EQ(again.points(), sketch.points());
  EXPECT_EQ(again.rank_error(), sketch.rank_error());
  Sketch a = sketch;
  Sketch b = again;
  for (int i = 0; i < 50000; ++i) {
    a.add(i, 1);
    b.add(i, 1);
  }
  EXPECT_EQ(a.points(), b.points());
}

// --- laws ----------------------------------------------------------------------------------------

// Mid-ranks and Hazen quantiles of weighted rows, by their definition.
double rank_by_rows(std::vector<WeightedPoint> rows, double z) {
  std::sort(rows.begin(), rows.end());
  double below = 0;
  double equal = 0;
  for (const WeightedPoint& row : rows) {
    if (row.score < z) below += row.weight;
    if (row.score == z) equal += row.weight;
  }
  return below + equal / 2;
}
double quantile_by_rows(std::vector<WeightedPoint> rows, double rank) {
  std::sort(rows.begin(), rows.end());
  double below = 0;
  double at = -1;
  double score = rows.front().score;
  for (const WeightedPoint& row : rows) {
    const double middle = below + row.weight / 2;
    if (rank <= middle) {
      return at < 0 ? row.score : std::lerp(score, row.score, (rank - at) / (middle - at));
    }
    at = middle;
    score = row.score;
    below += row.weight;
  }
  return rows.back().score;
}

TEST(ScoreLaw, ReadsRanksAndQuantilesAsDefined) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    const auto rows = random_rows(seed, 300, 1, seed % 2 == 0, seed % 3 == 0);
    Made made(rows);
    std::vector<WeightedPoint> points;
    for (const Row& row : rows) {
      if (row.weight > 0) points.push_back({row.score, row.weight});
    }
    for (const bool prepared : {false, true}) {
      ScoreLaw& law = made.laws[0];
      if (prepared) law.prepare();
      for (std::size_t i = 0; i < law.size(); ++i) {
        const double z = law.score(i);
        const ScoreLaw::Place place = law.place_of(z);
        EXPECT_NEAR(place.rank, rank_by_rows(points, z), 1e-9);
        EXPECT_TRUE(place.met && place.next == i);
        EXPECT_EQ(law.at_rank(law.place_of(z, 0.999).rank), z);
        EXPECT_NEAR(law.up_to(z) + law.below(i) - law.below(i + 1), law.below(i), 1e-9);
      }
      for (double u = 0; u <= 1; u += 0.003) {
        const double rank = u * law.total();
        EXPECT_NEAR(law.at_rank(rank), quantile_by_rows(points, rank), 1e-9);
      }
      for (double z = -5; z < 5; z += 0.01) {
        const auto next = std::lower_bound(law.scores().begin(), law.scores().end(), z);
        EXPECT_EQ(law.lower_bound(z), static_cast<std::size_t>(next - law.scores().begin()));
      }
      EXPECT_EQ(law.lower_bound(-HUGE_VAL), 0U);
      EXPECT_EQ(law.lower_bound(1e300), law.size());
    }
  }
}

// What is prepared finds places another way, and the same ones to the bit: also on the borders of
// the line, between weights far apart, and where scores lie in few cells.
TEST(ScoreLaw, AnswersTheSameHoweverItIsPrepared) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    std::vector<CountedPoint> points;
    double score = -3;
    for (int i = 0; i < 500; ++i) {
      score += random.uniform() < 0.3 ? 0 : random.uniform() < 0.05 ? 10 : 1e-3 * random.uniform();
      const double weight =
          seed % 2 == 0 ? 1 : std::pow(10, std::floor(28 * random.uniform()) - 16);
      points.push_back({score, weight, seed % 3 == 0 ? 2 : 1});
    }
    const ScoreLaw plain(points);
    for (const bool roomy : {false, true}) {
      ScoreLaw prepared(points);
      prepared.prepare(roomy);
      const auto same_rank = [&](double rank) {
        EXPECT_EQ(prepared.at_rank(rank), plain.at_rank(rank)) << rank;
      };
      const auto same_place = [&](double z) {
        const ScoreLaw::Place a = prepared.place_of(z);
        const ScoreLaw::Place b = plain.place_of(z);
        EXPECT_TRUE(a.rank == b.rank && a.next == b.next && a.met == b.met) << z;
        EXPECT_EQ(prepared.at_place(a), plain.at_place(b)) << z;
        // The quantile at the place, found as that of any rank, within the neighbours.
        if (!b.met && b.next > 0 && b.next < plain.size()) {
          EXPECT_EQ(plain.at_place(b), std::clamp(plain.at_rank(b.rank), plain.score(b.next - 1),
                                                  plain.score(b.next)));
        }
      };
      for (std::size_t i = 0; i < plain.size(); ++i) {
        const double z = plain.score(i);
        for (const double rank : {plain.below(i), plain.below(i + 1), plain.place_of(z).rank,
                                  plain.place_of(z, 0.0).rank, plain.place_of(z, 1.0).rank}) {
          same_rank(rank);
          same_rank(std::nextafter(rank, 0));
          same_rank(std::nextafter(rank, 1e300));
        }
        same_place(z);
        same_place(std::nextafter(z, -1e300));
        same_place(std::nextafter(z, 1e300));
        same_place(z + 5e-4 * random.uniform());
      }
      for (int k = 0; k < 2000; ++k) same_rank(random.uniform() * plain.total());
    }
  }
}

// --- distances -----------------------------------------------------------------------------------

// F and Q of rows, by counting.
double f_of(const std::vector<WeightedPoint>& rows, double t) {
  double up_to = 0;
  double total = 0;
  for (const WeightedPoint& row : rows) {
    total += row.weight;
    if (row.score <= t) up_to += row.weight;
  }
  return up_to / total;
}
double q_of(std::vector<WeightedPoint> rows, double u) {
  std::sort(rows.begin(), rows.end());
  for (const WeightedPoint& row : rows) {
    if (f_of(rows, row.score) >= u) return row.score;
  }
  return rows.back().score;
}

TEST(Distances, EqualTheirDefinitions) {
  Monitor quiet;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    const auto rows =
        random_rows(seed, 40, 2 + static_cast<int>(seed % 3), seed % 2 == 0, seed % 5 == 0);
    const Made made(rows);
    Distances worst{0, 0, 0, 0};
    for (std::size_t g = 0; g < made.laws.size(); ++g) {
      for (std::size_t h = g + 1; h < made.laws.size(); ++h) {
        std::vector<WeightedPoint> a, b;
        std::vector<double> scores, shares{0};
        for (const Row& row : rows) {
          if (row.weight == 0) continue;
          const auto label = row.group;
          if (label != made.distribution.group(static_cast<std::int32_t>(g)).label &&
              label != made.distribution.group(static_cast<std::int32_t>(h)).label) {
            continue;
          }
          scores.push_back(row.score);
          (label == made.distribution.group(static_cast<std::int32_t>(g)).label ? a : b)
              .push_back({row.score, row.weight});
        }
        if (a.empty() || b.empty()) continue;
        std::sort(scores.begin(), scores.end());
        Distances expected{0, 0, 0, 0};
        for (std::size_t i = 0; i < scores.size(); ++i) {
          const double d = std::abs(f_of(a, scores[i]) - f_of(b, scores[i]));
          expected.ks = std::max(expected.ks, d);
          if (i + 1 < scores.size()) expected.wasserstein += d * (scores[i + 1] - scores[i]);
          shares.push_back(f_of(a, scores[i]));
          shares.push_back(f_of(b, scores[i]));
        }
        std::sort(shares.begin(), shares.end());
        for (std::size_t i = 0; i + 1 < shares.size(); ++i) {
          if (shares[i + 1] - shares[i] < 1e-9) continue;
          const double u = (shares[i] + shares[i + 1]) / 2;
          const double d = std::abs(q_of(a, u) - q_of(b, u));
          expected.wasserstein2 += (shares[i + 1] - shares[i]) * d * d;
          expected.quantile_gap = std::max(expected.quantile_gap, d);
        }
        expected.wasserstein2 = std::sqrt(expected.wasserstein2);
        const Distances found = distances(made.laws[g], made.laws[h], quiet);
        EXPECT_NEAR(found.ks, expected.ks, 1e-12);
        EXPECT_NEAR(found.wasserstein, expected.wasserstein, 1e-9);
        EXPECT_NEAR(found.wasserstein2, expected.wasserstein2, 1e-9);
        EXPECT_NEAR(found.quantile_gap, expected.quantile_gap, 1e-12);
        const Distances turned = distances(made.laws[h], made.laws[g], quiet);
        EXPECT_NEAR(turned.wasserstein2, found.wasserstein2, 1e-12);
        worst.ks = std::max(worst.ks, found.ks);
        worst.wasserstein = std::max(worst.wasserstein, found.wasserstein);
      }
    }
    EXPECT_DOUBLE_EQ(*largest_ks(made.laws, quiet), worst.ks);
    EXPECT_DOUBLE_EQ(largest_distances(made.laws, quiet)->wasserstein, worst.wasserstein);
  }
}

TEST(Distances, SurviveTheLargestAndTheSmallestNumbers) {
  Monitor quiet;
  const Made large({{-1.7e308, "a"}, {1.7e308, "a"}, {1.7e308, "b"}});
  const Distances l = distances(large.laws[0], large.laws[1], quiet);
  EXPECT_TRUE(std::isfinite(l.wasserstein) && std::isfinite(l.wasserstein2));
  EXPECT_GE(l.quantile_gap, l.wasserstein2);
  const Made small({{0, "a"}, {3e-200, "b"}});
  EXPECT_NEAR(distances(small.laws[0], small.laws[1], quiet).wasserstein2, 3e-200, 1e-212);
  Collector nearly;  // equal shares but for one row in 10^12
  nearly.add_list("a", {std::vector<double>{0, 1}, {}, std::vector<std::int64_t>{1000001, 1000002}},
                  {});
  nearly.add_list("b", {std::vector<double>{0, 1}, {}, std::vector<std::int64_t>{1000000, 1000001}},
                  {});
  const auto bytes = value_of(nearly);
  const auto laws = laws_of(Distribution::open(bytes));
  EXPECT_EQ(distances(laws[0], laws[1], quiet).quantile_gap, 1);
  const Made same({{1, "a"}, {1, "b"}, {1, "b"}});
  EXPECT_EQ(distances(same.laws[0], same.laws[1], quiet).wasserstein2, 0);
}

// Sketches of one law: their own errors are no difference.
TEST(KsTest, TakesTheErrorOfSketchesOff) {
  Monitor quiet;
  Random random(18);
  int rejected = 0;
  for (int k = 0; k < 4; ++k) {
    std::vector<ScoreGroup> groups(2);
    for (ScoreGroup& group : groups) {
      Sketch sketch;
      for (int i = 0; i < 400000; ++i) sketch.add(random.uniform(), 1);
      group.rows = 400000;
      group.sketch = std::make_shared<const Sketch>(sketch);
    }
    const ScoreLaw a(groups[0]);
    const ScoreLaw b(groups[1]);
    const double ks = distances(a, b, quiet).ks;
    rejected += ks_test(a, b, ks, quiet).p_value < 0.05 ? 1 : 0;
  }
  EXPECT_EQ(rejected, 0);
}

// The exact chance against all assignments of the scores to the groups.
TEST(KsTest, CountsAllAssignments) {
  Monitor quiet;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const int m = 2 + random.below(5);
    const int n = 2 + random.below(6);
    std::vector<double> scores;
    for (int i = 0; i < m + n; ++i)
      scores.push_back(seed % 2 == 0 ? random.below(4) : random.uniform());
    const auto ks_of = [&](unsigned chosen) {
      std::vector<Row> rows;
      for (int i = 0; i < m + n; ++i) {
        rows.push_back({scores[static_cast<std::size_t>(i)], (chosen >> i & 1) != 0 ? "a" : "b"});
      }
      return rows;
    };
    const unsigned first = (1U << m) - 1;
    const Made made(ks_of(first));
    const double ks = distances(made.laws[0], made.laws[1], quiet).ks;
    double reached = 0;
    double all = 0;
    for (unsigned chosen = 0; chosen < 1U << (m + n); ++chosen) {
      if (__builtin_popcount(chosen) != m) continue;
      const Made other(ks_of(chosen));
      all += 1;
      reached += distances(other.laws[0], other.laws[1], quiet).ks >= ks - 1e-12 ? 1 : 0;
    }
    const KsTest test = ks_test(made.laws[0], made.laws[1], ks, quiet);
    EXPECT_TRUE(test.exact);
    EXPECT_NEAR(test.p_value, reached / all, 1e-12);
  }
}

TEST(KsTest, ApproachesKolmogorovsLimit) {
  Monitor quiet;
  std::vector<Row> rows;
  for (int i = 0; i < 2000; ++i) rows.push_back({static_cast<double>(i), i % 2 == 0 ? "a" : "b"});
  const Made exact(rows);
  for (Row& row : rows) row.weight = 2;
  const Made weighted(rows);  // by the limit
  for (const double ks : {0.04, 0.06, 0.08}) {
    const KsTest e = ks_test(exact.laws[0], exact.laws[1], ks, quiet);
    const KsTest w = ks_test(weighted.laws[0], weighted.laws[1], ks, quiet);
    EXPECT_TRUE(e.exact);
    EXPECT_FALSE(w.exact);
    EXPECT_NEAR(e.p_value, w.p_value, 0.03);
  }
  // Published points of the limiting law: P(K > 1.3581) = 0.05, P(K > 0.8276) = 0.5.
  const double unit = std::sqrt(1000.0 / 2);
  EXPECT_NEAR(ks_test(weighted.laws[0], weighted.laws[1], 1.35810 / unit, quiet).p_value, 0.05,
              1e-5);
  EXPECT_NEAR(ks_test(weighted.laws[0], weighted.laws[1], 0.82757 / unit, quiet).p_value, 0.5,
              1e-4);
}

// --- fair scores ---------------------------------------------------------------------------------

TEST(Adjust, LeavesTheScoresOfOneGroupUnchangedToTheBit) {
  for (const bool ties : {false, true}) {
    const Made made(random_rows(7, 1000, 1, ties, ties));
    for (const double z : made.laws[0].scores()) EXPECT_EQ(adjusted(made, 0, z), z);
  }
}

TEST(Adjust, GivesTheShareWeightedMeanOfEqualRanks) {
  std::vector<Row> rows;
  for (int k = 0; k < 31; ++k) {
    rows.push_back({std::exp(0.1 * k), "a"});
    rows.push_back({100.0 + k * k, "b"});
  }
  const Made made(rows);
  for (std::size_t k = 0; k < 31; ++k) {
    const double expected = 0.5 * made.laws[0].score(k) + 0.5 * made.laws[1].score(k);
    EXPECT_NEAR(adjusted(made, 0, made.laws[0].score(k)), expected, 1e-12 * expected);
    EXPECT_NEAR(adjusted(made, 1, made.laws[1].score(k)), expected, 1e-12 * expected);
  }
}

TEST(Adjust, KeepsTheOrderWithinAGroup) {
  Monitor quiet;
  for (const Center center : {Center::Mean, Center::Median}) {
    for (const bool split : {false, true}) {
      const Made made(random_rows(8, 400, 3, true));
      AdjustmentOptions options;
      options.center = center;
      options.calibration = split ? Calibration::Split : Calibration::Full;
      const Adjustment adjustment(made.distribution, options, quiet);
      for (std::int32_t g = 0; g < 3; ++g) {
        double before = -1e300;
        for (double z = -12; z < 12; z += 0.003) {
          const double f = adjustment(g, z, {});
          EXPECT_GE(f, before - 1e-12);
          before = f;
        }
      }
    }
  }
}

// However unlike the weights are.
TEST(Adjust, KeepsTheOrderOfRowsOfAnyWeight) {
  Monitor quiet;
  Random random(20);
  std::vector<Row> rows;
  for (int i = 0; i < 300; ++i) {
    rows.push_back(
        {random.normal(), i % 2 == 0 ? "a" : "b", std::ldexp(1.0, random.below(96) - 56)});
  }
  const Made made(rows);
  const Adjustment adjustment(made.distribution, {}, quiet);
  for (std::int32_t g = 0; g < 2; ++g) {
    std::vector<double> scores(made.laws[static_cast<std::size_t>(g)].scores().begin(),
                               made.laws[static_cast<std::size_t>(g)].scores().end());
    for (int i = 0; i < 20000; ++i) scores.push_back(random.normal());
    std::sort(scores.begin(), scores.end());
    double before = -1e300;
    for (const double z : scores) {
      const double f = adjustment(g, z, {});
      EXPECT_GE(f, before - 1e-12);
      before = f;
    }
  }
}

TEST(Adjust, IsTheSameBeforeAndAfterItIsPrepared) {
  Monitor quiet;
  for (const bool weights : {false, true}) {
    const Made made(random_rows(81, 3000, 4, weights, weights));
    Adjustment adjustment(made.distribution, {}, quiet);
    std::vector<double> before;
    for (double z = -12; z < 12; z += 0.01) before.push_back(adjustment(2, z, {}));
    adjustment.prepare();
    std::size_t k = 0;
    for (double z = -12; z < 12; z += 0.01) EXPECT_EQ(adjustment(2, z, {}), before[k++]);
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
  const Made made(rows);
  const double m = 5.0 * 2 / 3;
  const double s = (1 + 2 * 3.0) / 3;
  for (const double z : {-2.0, -0.5, 0.0, 1.0, 2.5}) {
    EXPECT_NEAR(adjusted(made, 0, z), m + s * z, 0.02);
    EXPECT_NEAR(adjusted(made, 1, 5 + 3 * z), m + s * z, 0.02);
  }
}

// N(0, 1) and N(2, 2^2) with shares .3 and .7: the price of fairness is
// sum p_s (m_s - m)^2 + sum p_s (sd_s - sd)^2 = 0.84 + 0.21, and the map is affine.
TEST(Adjust, HasTheClosedFormOfGaussianGroups) {
  Monitor quiet;
  std::vector<Row> rows;
  constexpr int kRows = 10000;
  for (int k = 0; k < kRows; ++k) {
    const bool first = k < 3 * kRows / 10;
    const int n = first ? 3 * kRows / 10 : 7 * kRows / 10;
    const double u = ((first ? k : k - 3 * kRows / 10) + 0.5) / n;
    const double q = std::copysign(normal_two_sided_quantile(std::abs(2 * u - 1)), u - 0.5);
    rows.push_back({first ? q : 2 + 2 * q, first ? "a" : "b"});
  }
  const Made made(rows);
  const Adjustment adjustment(made.distribution, {}, quiet);
  const double m = 0.7 * 2;
  const double sd = 0.3 + 0.7 * 2;
  for (const double z : {-2.0, -1.0, 0.0, 0.5, 1.5}) {
    EXPECT_NEAR(adjustment(0, z, {}), m + sd * z, 0.01);
    EXPECT_NEAR(adjustment(1, 2 + 2 * z, {}), m + sd * z, 0.01);
  }
  const CostReport report = adjustment_cost(made.distribution, adjustment, {}, quiet);
  EXPECT_NEAR(report.overall.squared_shift, 1.05, 0.005);
  const Distances d = distances(made.laws[0], made.laws[1], quiet);
  EXPECT_NEAR(d.wasserstein2 * d.wasserstein2, 2 * 2 + 1, 0.02);
}

// Distances to the barycenter shrink by sqrt(alpha), their squares by alpha (Chzhen, Schreuder).
TEST(Adjust, KeepsTheShareAlphaOfTheSquaredShift) {
  const Made made(random_rows(9, 300, 2, false));
  for (const double z : made.laws[0].scores()) {
    const double fair = adjusted(made, 0, z);
    EXPECT_NEAR(std::pow(adjusted(made, 0, z, {.alpha = 0.3}) - fair, 2),
                0.3 * std::pow(z - fair, 2), 1e-12);
    EXPECT_EQ(adjusted(made, 0, z, {.alpha = 1}), z);
  }
  for (const double alpha : {-0.1, 1.1, std::nan("")}) {
    EXPECT_THROW((void)adjusted(made, 0, 1, {.alpha = alpha}), Error);
  }
}

TEST(Adjust, WeighsGroupsAsAsked) {
  std::vector<Row> rows;
  for (int k = 0; k < 30; ++k) {
    rows.push_back({static_cast<double>(k), "a"});
    for (int copies = 0; copies < 3; ++copies) rows.push_back({100.0 + k, "b"});
  }
  const Made made(rows);
  const double z = made.laws[0].score(11);
  EXPECT_NEAR(adjusted(made, 0, z), 0.25 * 11 + 0.75 * 111, 1e-9);
  AdjustmentOptions options;
  options.group_weights = GroupWeights::Uniform;
  EXPECT_NEAR(adjusted(made, 0, z, options), 0.5 * 11 + 0.5 * 111, 1e-9);
  options.group_weights = GroupWeights::Given;
  options.given_weights = {{"a", 1e308}, {"b", 1e308}};
  EXPECT_NEAR(adjusted(made, 0, z, options), 0.5 * 11 + 0.5 * 111, 1e-9);
  options.given_weights = {{"a", 9}, {"b", 1}};
  EXPECT_NEAR(adjusted(made, 0, z, options), 0.9 * 11 + 0.1 * 111, 1e-9);
  options.given_weights = {{"a", 0}, {"b", 1}};
  EXPECT_NEAR(adjusted(made, 0, z, options), 111, 1e-9);
  options.given_weights = {{"a", 1}};
  EXPECT_THROW((void)adjusted(made, 0, z, options), Error);
  options.given_weights = {{"a", 0}, {"b", 0}};
  EXPECT_THROW((void)adjusted(made, 0, z, options), Error);
  options = {};
  options.center = Center::Median;
  EXPECT_NEAR(adjusted(made, 0, z, options), 111, 1e-9);
  options.group_weights = GroupWeights::Uniform;
  EXPECT_NEAR(adjusted(made, 0, z, options), 61,
              1e-9);  // the middle of a median that is not unique
}

TEST(Adjust, SpreadsTiesOverTheirRanks) {
  Monitor quiet;
  std::vector<Row> rows;
  for (int k = 0; k < 100; ++k) {
    rows.push_back({0.5, "a"});
    rows.push_back({static_cast<double>(k), "b"});
  }
  const Made made(rows);
  const Adjustment adjustment(made.distribution, {}, quiet);
  EXPECT_NEAR(adjustment(0, 0.5, {}), 0.25 + 49.5 / 2, 1e-9);
  EXPECT_NEAR(adjustment(0, 0.5, 0), 0.25, 1e-9);
  EXPECT_NEAR(adjustment(0, 0.5, 0.25), 0.25 + 0.25 * 99 / 2, 1e-9);
  EXPECT_NEAR(adjustment(0, 0.5, 0.9999999), 0.25 + 99 / 2.0, 1e-4);
}

TEST(Adjust, StaysWithinBounds) {
  const Made made({{0.2, "a"}, {0.4, "a"}, {0.6, "b"}, {0.9, "b"}});
  AdjustmentOptions options;
  options.alpha = 0.9;
  EXPECT_GT(adjusted(made, 1, 5, options), 1);
  options.bounds = {0, 1};
  EXPECT_EQ(adjusted(made, 1, 5, options), 1);
  options.bounds = {1, 1};
  EXPECT_THROW((void)adjusted(made, 1, 5, options), Error);
}

TEST(Adjust, SurvivesTheLargestNumbers) {
  const Made made({{-1.7e308, "a"}, {1.7e308, "a"}, {0, "b"}, {1, "b"}});
  for (const double z : {-1.79e308, -1.0, 0.0, 1e308, 1.79e308}) {
    EXPECT_TRUE(std::isfinite(adjusted(made, 0, z)));
  }
}

// --- several attributes --------------------------------------------------------------------------

std::vector<Row> two_attributes(std::uint64_t seed, int n) {
  Random random(seed);
  std::vector<Row> rows;
  for (int i = 0; i < n; ++i) {
    const int a = random.below(2);
    const int b = random.below(3);
    rows.push_back({random.normal() * (1 + a) + 2 * a + b + (a == 1 && b == 2 ? 3 : 0),
                    "(" + std::to_string(a) + ",\"b, " + std::to_string(b) + "\")"});
  }
  return rows;
}

// Within a stratum the result is that of a distribution of the stratum alone.
TEST(Adjust, TreatsStrataApart) {
  const auto rows = two_attributes(13, 2000);
  const Made made(rows);
  AdjustmentOptions options;
  options.conditional_on = 1;
  std::vector<Row> part;
  for (const Row& row : rows) {
    if (row.group[1] == '1') part.push_back(row);
  }
  const Made alone(part);
  for (std::int32_t g = 0; g < alone.distribution.groups(); ++g) {
    const std::int32_t same = made.distribution.find(alone.distribution.group(g).label);
    for (double z = -4; z < 8; z += 0.1) {
      EXPECT_EQ(adjusted(made, same, z, options), adjusted(alone, g, z));
    }
  }
  for (const int strata : {-1, 2, 3}) {
    options.conditional_on = strata;
    EXPECT_THROW((void)adjusted(made, 0, 1, options), Error);
  }
}

// Ties: two steps one after the other, each by a distribution of its own.
TEST(Adjust, TakesTiesThroughSteps) {
  Monitor quiet;
  std::vector<Row> rows;
  Random random(19);
  for (int i = 0; i < 400; ++i) {
    const int a = random.below(2);
    const int b = random.below(2);
    rows.push_back({static_cast<double>(random.below(3 + a) + b),
                    "(" + std::to_string(a) + "," + std::to_string(b) + ")"});
  }
  const Made made(rows);
  AdjustmentOptions options;
  options.alphas = {0.2, 0.05};
  const Adjustment both(made.distribution, options, quiet);
  std::vector<Row> turned = rows;  // the stratum of the first step comes first
  for (Row& row : turned) row.group = {'(', row.group[3], ',', row.group[1], ')'};
  const Made first_made(turned);
  AdjustmentOptions first_options;
  first_options.alpha = 0.2;
  first_options.conditional_on = 1;
  const Adjustment first(first_made.distribution, first_options, quiet);
  std::vector<Row> moved = rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    moved[i].score = first(first_made.distribution.find(turned[i].group), rows[i].score, {});
    moved[i].group = std::string(1, rows[i].group[3]);
  }
  const Made second_made(moved);
  const Adjustment second(second_made.distribution, {.alpha = 0.05}, quiet);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_NEAR(second(second_made.distribution.find(moved[i].group), moved[i].score, {}),
                both(made.distribution.find(rows[i].group), rows[i].score, {}), 1e-12);
  }
}

// With every alpha 0 the order of the attributes does not matter, and nearly so the way of
// computing; with alphas the earlier attribute is adjusted for within the later one.
TEST(Adjust, GoesThroughAttributesInSequence) {
  Monitor quiet;
  const auto rows = two_attributes(14, 30000);
  const Made made(rows);
  AdjustmentOptions both;
  both.alphas = {0, 0};
  AdjustmentOptions nearly;
  nearly.alphas = {1e-30, 1e-30};  // computed step by step
  const Adjustment at_once(made.distribution, {}, quiet);
  const Adjustment zero(made.distribution, both, quiet);
  const Adjustment steps(made.distribution, nearly, quiet);
  for (std::int32_t g = 0; g < made.distribution.groups(); ++g) {
    for (double z = -3; z < 7; z += 0.25) {
      EXPECT_EQ(zero(g, z, {}), at_once(g, z, {}));
      EXPECT_NEAR(steps(g, z, {}), at_once(g, z, {}), 0.03);
    }
  }
  AdjustmentOptions first_only;
  first_only.alphas = {0, 1};
  const Adjustment first(made.distribution, first_only, quiet);
  AdjustmentOptions second_only;
  second_only.alphas = {1, 0};
  const Adjustment second(made.distribution, second_only, quiet);
  // The first attribute's groups agree within each value of the second one.
  std::vector<ScoreLaw> after;
  std::map<std::string, std::vector<CountedPoint>> by_second;
  for (std::int32_t g = 0; g < made.distribution.groups(); ++g) {
    const ScoreLaw& law = made.laws[static_cast<std::size_t>(g)];
    std::vector<CountedPoint> points;
    for (std::size_t i = 0; i < law.size(); ++i) {
      points.push_back({first(g, law.score(i), {}), law.weight(i), 1});
      by_second[std::string(made.distribution.group(g).label.substr(3))].push_back(
          {second(g, law.score(i), {}), law.weight(i), 1});
    }
    after.emplace_back(points);
  }
  for (std::size_t b = 0; b < 3; ++b) {
    EXPECT_LT(distances(after[b], after[b + 3], quiet).ks, 0.001);
    EXPECT_GT(distances(after[b], after[(b + 1) % 3], quiet).ks, 0.05);
  }
  // The second one's agree whatever the first one is.
  std::vector<ScoreLaw> pooled;
  for (auto& [label, points] : by_second) {
    std::sort(points.begin(), points.end());
    pooled.emplace_back(points);
  }
  EXPECT_LT(*largest_ks(pooled, quiet), 0.001);
  for (const auto& alphas : {std::vector<double>{0.1, 0.1, 0.1}, std::vector<double>{0.1, 2}}) {
    AdjustmentOptions wrong;
    wrong.alphas = alphas;
    EXPECT_THROW(Adjustment(made.distribution, wrong, quiet), Error);
  }
}

// --- split calibration ---------------------------------------------------------------------------

// Chzhen et al. 2020, theorem 4.1: over new rows and calibrations together, whatever the law, the
// groups' fair scores differ by at most 2 / (min N + 2) in Kolmogorov's distance where the numbers
// of rows differ, and by nothing where they are equal.
TEST(SplitCalibration, IsFairForAnyLaw) {
  Monitor quiet;
  for (const auto& [m, n] : {std::pair{20, 20}, std::pair{20, 60}, std::pair{10, 200}}) {
    SCOPED_TRACE(n);
    constexpr int kCalibrations = 4000;
    Random random(static_cast<std::uint64_t>(100 + n));
    std::vector<Row> fair;
    for (int k = 0; k < kCalibrations; ++k) {
      std::vector<Row> rows;
      const auto draw = [&](int group) {
        return group == 0 ? std::exp(random.normal()) : std::pow(random.uniform(), 3) - 1;
      };
      for (int i = 0; i < m; ++i) rows.push_back({draw(0), "a"});
      for (int i = 0; i < n; ++i) rows.push_back({draw(1), "b"});
      const Made made(rows);
      AdjustmentOptions options;
      options.calibration = Calibration::Split;
      options.seed = k;
      const Adjustment adjustment(made.distribution, options, quiet);
      for (int group = 0; group < 2; ++group) {
        fair.push_back({adjustment(group, draw(group), {}), group == 0 ? "a" : "b"});
      }
    }
    const Made pooled(fair);
    const double noise = 1.63 * std::sqrt(2.0 / kCalibrations);  // 1 % by chance
    const double bound = m == n ? 0 : 2.0 / (std::min(m, n) + 2);
    EXPECT_LT(*largest_ks(pooled.laws, quiet), bound + noise);
  }
}

TEST(SplitCalibration, IsTheAlgorithmOfThePaperOnHalvesOfASeed) {
  Monitor quiet;
  const Made made(random_rows(15, 401, 2, true));
  AdjustmentOptions options;
  options.calibration = Calibration::Split;
  const Adjustment one(made.distribution, options, quiet);
  const Adjustment again(made.distribution, options, quiet);
  options.seed = 1;
  const Adjustment other(made.distribution, options, quiet);
  int different = 0;
  for (double z = -4; z < 6; z += 0.01) {
    EXPECT_EQ(one(0, z, {}), again(0, z, {}));
    different += one(0, z, {}) != other(0, z, {}) ? 1 : 0;
  }
  EXPECT_GT(different, 100);
  // One group: the generalised inverse of the other half is one of its scores.
  const Made single(random_rows(16, 100, 1, false));
  const Adjustment alone(single.distribution, options, quiet);
  for (double z = -4; z < 4; z += 0.1) {
    const auto scores = single.laws[0].scores();
    EXPECT_TRUE(std::binary_search(scores.begin(), scores.end(), alone(0, z, {})));
  }
  const Made few({{1, "a"}, {1, "b"}, {2, "b"}});
  EXPECT_THROW(Adjustment(few.distribution, options, quiet), Error);
  const Made weighted({{1, "a", 2}, {2, "a"}});
  EXPECT_THROW(Adjustment(weighted.distribution, options, quiet), Error);
}

// --- what it costs -------------------------------------------------------------------------------

// Groups of equal size: the mean squared shift is the weighted squared W2 distance to the
// barycenter, for two groups W2^2 / 4; afterwards the groups agree.
TEST(AdjustmentCost, IsTheDistanceToTheBarycenter) {
  Monitor quiet;
  Random random(17);
  std::vector<Row> rows;
  for (int k = 0; k < 500; ++k) {
    rows.push_back({random.normal(), "a"});
    rows.push_back({3 + 2 * random.normal(), "b"});
  }
  const Made made(rows);
  const double w2 = distances(made.laws[0], made.laws[1], quiet).wasserstein2;
  for (const double alpha : {0.0, 0.25}) {
    const Adjustment adjustment(made.distribution, {.alpha = alpha}, quiet);
    const CostReport report = adjustment_cost(made.distribution, adjustment, 1.0, quiet);
    const double moved = (1 - std::sqrt(alpha)) * (1 - std::sqrt(alpha));
    EXPECT_NEAR(report.overall.squared_shift, moved * w2 * w2 / 4, 1e-9);
    EXPECT_NEAR(report.overall.mean.before, report.overall.mean.after, 1e-12);
    EXPECT_NEAR(report.overall.wasserstein->after,
                std::sqrt(alpha) * report.overall.wasserstein->before, 1e-9);
    if (alpha == 0) {
      EXPECT_LT(report.overall.ks->after, 0.0021);
    }
    EXPECT_GT(report.groups[0]->moved_up, report.groups[0]->moved_down);
    EXPECT_GT(report.overall.rank_change, 0.05);
    EXPECT_NEAR(report.overall.moved_up,
                (report.groups[0]->moved_up + report.groups[1]->moved_up) / 2, 1e-12);
  }
  const Adjustment nothing(made.distribution, {.alpha = 1}, quiet);
  const CostReport none = adjustment_cost(made.distribution, nothing, 1.0, quiet);
  EXPECT_EQ(none.overall.squared_shift, 0);
  EXPECT_EQ(none.overall.rank_change, 0);
  EXPECT_EQ(none.overall.moved_up + none.overall.moved_down, 0);
}

// --- scores with labels --------------------------------------------------------------------------

// The area by its definition over all pairs; turning the scores round turns it round.
TEST(Auc, IsTheShareOfPairsInTheRightOrder) {
  Monitor never;
  const char* const positive = "(\"a, b\",t)";
  const char* const negative = "(\"a, b\",f)";
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    std::vector<Row> rows, turned;
    for (int i = 0; i < 120; ++i) {
      const double score = random.below(20) / 10.0;
      const char* const label = random.below(3) == 0 ? positive : negative;
      rows.push_back({score, label});
      turned.push_back({-score, label});
    }
    const Made made(rows);
    const auto groups = labelled_scores(made.distribution);
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0].group, "a, b");
    double won = 0;
    double pairs = 0;
    for (const Row& p : rows) {
      for (const Row& n : rows) {
        if (!(p.group == positive && n.group == negative)) continue;
        won += p.score > n.score ? 1 : p.score == n.score ? 0.5 : 0;
        pairs += 1;
      }
    }
    const Auc area = *auc(groups[0], never);
    EXPECT_NEAR(area.value, won / pairs, 1e-12);
    const Made made_turned(turned);
    const auto turned_groups = labelled_scores(made_turned.distribution);
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
    const Made made({{0.5, label}});
    EXPECT_EQ(labelled_scores(made.distribution).at(0).group, group) << label;
  }
  for (const char* label :
       {"", "a", "(a)", "(t)", "(,t", "(a,x)", "(a,t", "a,t)", "(a,\"t\")", "()", "(,)"}) {
    const Made made({{0.5, label}});
    EXPECT_THROW((void)labelled_scores(made.distribution), Error) << label;
  }
}

TEST(Calibration, PutsScoresIntoTheirBins) {
  const Made made({{0, "(a,f)"}, {0.25, "(a,t)"}, {0.2499, "(a,f)"}, {1, "(a,t)"}});
  const auto groups = labelled_scores(made.distribution);
  const auto bins = calibration(groups[0], 4);
  EXPECT_EQ(bins[0].n, 2);
  EXPECT_EQ(bins[1].n, 1);
  EXPECT_EQ(bins[2].n, 0);
  EXPECT_EQ(bins[3].n, 1);
  EXPECT_NEAR(*calibration_error(bins), (2 * 0.2499 / 2 + 0.75 + 0) / 4, 1e-12);
  EXPECT_NEAR(brier(groups[0])->value, (0.75 * 0.75 + 0.2499 * 0.2499) / 4, 1e-12);
}

// A row of weight 3 counts as three rows would.
TEST(LabelledScores, TakeWholeWeightsForRepeatedRows) {
  Random random(11);
  Monitor never;
  std::vector<Row> repeated, weighted;
  for (int i = 0; i < 200; ++i) {
    const double score = random.below(50) / 50.0;
    const char* const label = random.below(2) == 0 ? "(a,t)" : "(a,f)";
    const int times = 1 + random.below(3);
    weighted.push_back({score, label, static_cast<double>(times)});
    for (int k = 0; k < times; ++k) repeated.push_back({score, label});
  }
  const Made r(repeated);
  const Made w(weighted);
  const auto rows = labelled_scores(r.distribution);
  const auto weights = labelled_scores(w.distribution);
  EXPECT_NEAR(auc(rows[0], never)->value, auc(weights[0], never)->value, 1e-12);
  EXPECT_NEAR(brier(rows[0])->value, brier(weights[0])->value, 1e-12);
  EXPECT_NEAR(*calibration_error(calibration(rows[0], 7)),
              *calibration_error(calibration(weights[0], 7)), 1e-12);
  EXPECT_GT(*auc(weights[0], never)->variance, *auc(rows[0], never)->variance);  // fewer rows
}

}  // namespace
}  // namespace fairdb
