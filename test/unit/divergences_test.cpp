// Divergences between groups of vectors: closed forms, slow references, gradients, the sample that
// is kept of many rows, and the level of the permutation test.
#include "core/representation/divergences.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "core/representation/divergence_test.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

PointGroups two_groups(
    std::uint64_t seed, Index n, Index m, Index d, double shift, double origin = 0) {
  Random random(seed);
  RowMatrix x(n + m, d);
  Vector weight(n + m);
  for (Index i = 0; i < n + m; ++i) {
    weight(i) = 1 + random.below(3);
    for (Index j = 0; j < d; ++j)
      x(i, j) = origin + random.normal() + (i >= n && j == 0 ? shift : 0);
  }
  return {std::move(x), {0, n, n + m}, std::move(weight)};
}

PointGroups diracs(std::vector<double> at) {
  const auto n = static_cast<Index>(at.size());
  std::vector<Index> begin;
  for (Index i = 0; i <= n; ++i) begin.push_back(i);
  return {Eigen::Map<const RowMatrix>(at.data(), n, 1), std::move(begin), Vector::Ones(n)};
}

// The definition, pair by pair.
double slow_mean(const PointGroups& p,
                 Index g,
                 Index h,
                 const std::function<double(double)>& of_square) {
  double sum = 0;
  for (Index i = p.begin(g); i < p.begin(g + 1); ++i) {
    for (Index j = p.begin(h); j < p.begin(h + 1); ++j) {
      sum += p.weight()(i) * p.weight()(j) * of_square((p.x().row(i) - p.x().row(j)).squaredNorm());
    }
  }
  return sum;
}

TEST(Mmd, OfTwoPointsIsItsClosedForm) {
  Monitor monitor;
  for (const double distance : {0.0, 0.5, 3.0}) {
    const PointGroups points = diracs({1, 1 + distance});
    const double sigma = 1.7;
    EXPECT_NEAR(divergences_of(kernel_means(points, gaussian_of(sigma), monitor))(0, 1),
                2 - 2 * std::exp(-distance * distance / (2 * sigma * sigma)), 1e-14);
    EXPECT_NEAR(divergences_of(kernel_means(points, NegativeDistance{}, monitor))(0, 1),
                2 * distance, 1e-14);
  }
}

TEST(Mmd, IsItsDefinitionPairByPair) {
  Monitor monitor;
  const PointGroups points = two_groups(1, 150, 131, 3, 1, 1000);
  const double median = points.median_squared_distance(2000, monitor);
  const Eigen::MatrixXd mixture = kernel_means(points, gaussian_mixture(median), monitor);
  const Eigen::MatrixXd energy = kernel_means(points, NegativeDistance{}, monitor);
  for (Index g = 0; g < 2; ++g) {
    for (Index h = 0; h < 2; ++h) {
      EXPECT_NEAR(mixture(g, h),
                  slow_mean(points, g, h,
                            [&](double d) {
                              double sum = 0;
                              for (const double by : {0.25, 0.5, 1.0, 2.0, 4.0}) {
                                sum += std::exp(-d / (2 * by * by * median)) / 5;
                              }
                              return sum;
                            }),
                  1e-12);
      EXPECT_NEAR(energy(g, h), slow_mean(points, g, h, [](double d) { return -std::sqrt(d); }),
                  1e-12);
    }
  }
}

TEST(Mmd, UnbiasedIsTheMeanOverDifferentRows) {
  Monitor monitor;
  const PointGroups points = diracs({0, 1, 3, 4, 8});
  const PointGroups two(points.x(), {0, 3, 5}, Vector::Ones(5));
  const PairKernel kernel = gaussian_of(2);
  const Vector rows = (Vector(2) << 3, 2).finished();
  const Eigen::MatrixXd means = unbiased_means(kernel_means(two, kernel, monitor), 1, rows);
  const auto k = [&](Index i, Index j) {
    return std::exp(-std::pow(two.x()(i, 0) - two.x()(j, 0), 2) / 8);
  };
  EXPECT_NEAR(means(0, 0), (k(0, 1) + k(0, 2) + k(1, 2)) / 3, 1e-14);
  EXPECT_NEAR(means(1, 1), k(3, 4), 1e-14);
  const Eigen::MatrixXd one =
      unbiased_means(kernel_means(diracs({0, 1}), kernel, monitor), 1, Vector::Ones(2));
  EXPECT_FALSE(largest_of_pairs(divergences_of(one)).has_value());
}

TEST(Divergences, AreZeroForEqualLawsAndSymmetric) {
  Monitor monitor;
  const PointGroups half = two_groups(2, 60, 60, 4, 0, 50);
  RowMatrix twice(120, 4);
  twice << half.x().topRows(60), half.x().topRows(60);
  Vector weight(120);
  weight << half.weight().head(60), half.weight().head(60);
  const PointGroups equal(twice, {0, 60, 120}, weight);
  const double median = equal.median_squared_distance(2000, monitor);
  for (const PairKernel& kernel :
       {PairKernel(gaussian_mixture(median)), PairKernel(NegativeDistance{})}) {
    EXPECT_NEAR(divergences_of(kernel_means(equal, kernel, monitor))(0, 1), 0, 1e-10);
  }
  Eigen::MatrixXd transport;
  for (const double relative : {0.25, 0.5, 2.0, 1000.0}) {
    EXPECT_TRUE(
        sinkhorn_divergences(equal, {0.5 * relative * median}, transport, monitor).converged);
    EXPECT_NEAR(transport(0, 1), 0, 1e-10) << relative;
  }
  const PointGroups there = two_groups(3, 40, 70, 2, 1);
  RowMatrix turned(110, 2);
  turned << there.x().bottomRows(70), there.x().topRows(40);
  Vector turned_weight(110);
  turned_weight << there.weight().tail(70), there.weight().head(40);
  const PointGroups back(turned, {0, 70, 110}, turned_weight);
  Eigen::MatrixXd other;
  sinkhorn_divergences(there, {0.5}, transport, monitor);
  sinkhorn_divergences(back, {0.5}, other, monitor);
  EXPECT_NEAR(transport(0, 1), other(0, 1), 1e-9);
}

TEST(Sinkhorn, OfTwoPointsIsTheCostForEveryEpsilon) {
  Monitor monitor;
  Eigen::MatrixXd transport;
  for (const double epsilon : {1e-6, 0.01, 1.0, 1e6}) {
    EXPECT_TRUE(sinkhorn_divergences(diracs({0, 3}), {epsilon}, transport, monitor).converged);
    EXPECT_NEAR(transport(0, 1), 4.5, 1e-15 * std::max(1e3, epsilon)) << epsilon;
  }
}

// Towards infinity half of the energy form of the cost, E c(X, Y) - (E c(X, X') + E c(Y, Y')) / 2.
TEST(Sinkhorn, OfAnInfiniteEpsilonIsTheEnergyFormOfItsCost) {
  Monitor monitor;
  const PointGroups points = two_groups(4, 50, 40, 3, 1);
  const auto half = [](double d) { return 0.5 * d; };
  const double expected = slow_mean(points, 0, 1, half) -
                          0.5 * (slow_mean(points, 0, 0, half) + slow_mean(points, 1, 1, half));
  Eigen::MatrixXd transport;
  EXPECT_TRUE(sinkhorn_divergences(points, {1e7}, transport, monitor).converged);
  EXPECT_NEAR(transport(0, 1), expected, 1e-5);
}

TEST(Sinkhorn, OfASmallEpsilonIsTheSortedCouplingOfNumbers) {
  Monitor monitor;
  Random random(5);
  const Index n = 40;
  RowMatrix x(2 * n, 1);
  for (Index i = 0; i < 2 * n; ++i) x(i, 0) = random.normal() * (i < n ? 1 : 2) + (i < n ? 0 : 1);
  const PointGroups points(x, {0, n, 2 * n}, Vector::Ones(2 * n));
  Vector a = x.topRows(n);
  Vector b = x.bottomRows(n);
  std::sort(a.data(), a.data() + n);
  std::sort(b.data(), b.data() + n);
  const double expected = 0.5 * (a - b).squaredNorm() / static_cast<double>(n);
  Eigen::MatrixXd transport;
  sinkhorn_divergences(points, {1e-3, 1e-4, 20000}, transport, monitor);
  EXPECT_NEAR(transport(0, 1), expected, 2e-3 * expected);
}

TEST(Sinkhorn, TellsThatItHasNotConverged) {
  Monitor monitor;
  Eigen::MatrixXd transport;
  const SinkhornValue value =
      sinkhorn_divergences(two_groups(6, 60, 60, 1, 1), {1e-4, 1e-9, 20}, transport, monitor);
  EXPECT_FALSE(value.converged);
  EXPECT_GT(value.marginal_error, 1e-9);
  EXPECT_TRUE(std::isfinite(transport(0, 1)));
}

// |finite difference - gradient| by the gradient's largest element.
double gradient_error(const PointGroups& points,
                      const std::function<double(const PointGroups&, RowMatrix&)>& f) {
  RowMatrix gradient;
  RowMatrix ignored;
  f(points, gradient);
  std::vector<Index> begin;
  for (Index g = 0; g <= points.groups(); ++g) begin.push_back(points.begin(g));
  double worst = 0;
  for (Index i = 0; i < points.points(); i += 11) {
    for (Index j = 0; j < points.dimensions(); ++j) {
      const double step = 1e-5;
      RowMatrix up = points.x();
      RowMatrix down = points.x();
      up(i, j) += step;
      down(i, j) -= step;
      const double slope = (f(PointGroups(up, begin, points.weight()), ignored) -
                            f(PointGroups(down, begin, points.weight()), ignored)) /
                           (2 * step);
      worst = std::max(worst, std::abs(slope - gradient(i, j)));
    }
  }
  return worst / gradient.cwiseAbs().maxCoeff();
}

TEST(Divergences, GradientsAreThoseOfFiniteDifferences) {
  Monitor monitor;
  Random random(7);
  RowMatrix x(200, 3);
  for (Index i = 0; i < 200; ++i) {
    for (Index j = 0; j < 3; ++j) x(i, j) = random.normal() + (i > 140 ? 1 : 0);
  }
  const PointGroups three(x, {0, 135, 160, 200}, Vector::Ones(200));
  for (const PointGroups& points : {two_groups(8, 140, 60, 2, 1), three}) {
    const double median = points.median_squared_distance(2000, monitor);
    EXPECT_LT(gradient_error(points,
                             [&](const PointGroups& p, RowMatrix& g) {
                               return mean_divergence(p, gaussian_mixture(median), Estimate::Biased,
                                                      g, monitor);
                             }),
              1e-6);
    EXPECT_LT(gradient_error(points,
                             [&](const PointGroups& p, RowMatrix& g) {
                               return mean_divergence(p, NegativeDistance{}, Estimate::Unbiased, g,
                                                      monitor);
                             }),
              1e-6);
    EXPECT_LT(gradient_error(
                  points,
                  [&](const PointGroups& p, RowMatrix& g) {
                    return mean_sinkhorn(p, {0.5 * kDefaultEpsilon * median}, g, monitor).value;
                  }),
              1e-4);
  }
}

TEST(Divergences, AreTheMeanOverPairs) {
  Monitor monitor;
  Random random(9);
  RowMatrix x(90, 2);
  for (Index i = 0; i < 90; ++i)
    x.row(i) << random.normal() + static_cast<double>(i / 30), random.normal();
  const PointGroups points(x, {0, 30, 60, 90}, Vector::Ones(90));
  RowMatrix gradient;
  const PairKernel kernel = gaussian_of(1);
  const Eigen::MatrixXd pairs = divergences_of(kernel_means(points, kernel, monitor));
  EXPECT_NEAR(mean_divergence(points, kernel, Estimate::Biased, gradient, monitor),
              (pairs(0, 1) + pairs(0, 2) + pairs(1, 2)) / 3, 1e-13);
  Eigen::MatrixXd transport;
  sinkhorn_divergences(points, {0.7}, transport, monitor);
  EXPECT_NEAR(mean_sinkhorn(points, {0.7}, gradient, monitor).value,
              (transport(0, 1) + transport(0, 2) + transport(1, 2)) / 3, 1e-9);
}

TEST(Divergences, OfVectorsThatAreAllAlikeAreZero) {
  Monitor monitor;
  const PointGroups points(RowMatrix::Constant(7, 2, 3), {0, 3, 7}, Vector::Ones(7));
  EXPECT_EQ(points.median_squared_distance(2000, monitor), 0);
  EXPECT_NEAR(divergences_of(
                  kernel_means(points, mmd_kernel(points, std::nullopt, monitor), monitor))(0, 1),
              0, 1e-15);
  Eigen::MatrixXd transport;
  EXPECT_TRUE(sinkhorn_divergences(points, {sinkhorn_epsilon(points, std::nullopt, monitor)},
                                   transport, monitor)
                  .converged);
  EXPECT_NEAR(transport(0, 1), 0, 1e-15);
  EXPECT_THROW(mmd_kernel(points, 0.0, monitor), Error);
  EXPECT_THROW(mmd_kernel(points, std::nan(""), monitor), Error);
  EXPECT_THROW(sinkhorn_epsilon(points, -1.0, monitor), Error);
}

TEST(Divergences, OfVectorsBeyondDoublePrecisionAreRefused) {
  const auto far = [](double x) {
    return PointGroups((RowMatrix(3, 1) << 0.1, 0.4, x).finished(), {0, 1, 3}, Vector::Ones(3));
  };
  EXPECT_THROW((void)far(1e160), Error);
  EXPECT_THROW((void)far(1e300), Error);
  EXPECT_NO_THROW((void)far(1e70));
  Monitor monitor;
  EXPECT_THROW((void)mmd_kernel(far(1), 1e-160, monitor), Error);
}

TEST(Divergences, OfVectorsTooNearOneAnotherAreRefused) {
  Monitor monitor;
  const auto near = [](double unit) {
    return PointGroups((RowMatrix(4, 1) << unit, 2 * unit, 5 * unit, 6 * unit).finished(),
                       {0, 2, 4}, Vector::Ones(4));
  };
  const auto mmd = [&](const PointGroups& points) {
    return divergences_of(kernel_means(points, mmd_kernel(points, std::nullopt, monitor), monitor))(
        0, 1);
  };
  EXPECT_NEAR(mmd(near(1e-130)), mmd(near(1)), 1e-12);
  EXPECT_THROW((void)near(1e-158), Error);
  EXPECT_THROW((void)near(1e-200), Error);
}

// Both groups have some vectors far away (999999999 for unknown): the distances between the others
// must not drown in theirs.
TEST(Divergences, OfVectorsWithFarOnesAmongThemAreExact) {
  Monitor monitor;
  const auto with_far = [](double far) {
    Random random(31);
    RowMatrix x(400, 3);
    for (Index i = 0; i < 400; ++i) {
      x.row(i) << random.normal() + (i < 200 ? 0.0 : 0.7), random.normal(), random.normal();
      if (i % 10 == 4) x(i, 2) = far;
    }
    return PointGroups(x, {0, 200, 400}, Vector::Ones(400));
  };
  const PointGroups points = with_far(999999999);
  const Eigen::MatrixXd means = kernel_means(points, gaussian_of(1), monitor);
  const auto kernel = [](double d) { return std::exp(-0.5 * d); };
  EXPECT_NEAR(means(0, 1), slow_mean(points, 0, 1, kernel), 1e-10);
  EXPECT_NEAR(means(0, 0), slow_mean(points, 0, 0, kernel), 1e-10);
  Eigen::MatrixXd near;
  Eigen::MatrixXd far;
  EXPECT_TRUE(sinkhorn_divergences(with_far(1e4), {0.5}, near, monitor).converged);
  EXPECT_TRUE(sinkhorn_divergences(points, {0.5}, far, monitor).converged);
  EXPECT_NEAR(far(0, 1), near(0, 1), 1e-6);
}

TEST(Divergences, CanBeCancelled) {
  const PointGroups points = two_groups(10, 300, 300, 3, 1);
  RowMatrix gradient;
  Eigen::MatrixXd transport;
  for (const int calls : {0, 3, 5}) {
    test::StopAfter first(calls);
    EXPECT_THROW(kernel_means(points, gaussian_of(1), first), test::Cancelled);
    test::StopAfter second(calls);
    EXPECT_THROW(sinkhorn_divergences(points, {1}, transport, second), test::Cancelled);
  }
}

// --- samples
// ------------------------------------------------------------------------------------------

VectorSample decoded(VectorSample& sample) {
  Monitor monitor;
  return VectorSample::decode(sample.encode(), monitor);
}

struct Row {
  std::vector<double> vector;
  std::string group;
};
std::vector<Row> random_rows(std::uint64_t seed, int n, int values) {
  Random random(seed);
  std::vector<Row> rows;
  for (int i = 0; i < n; ++i) {
    rows.push_back(
        {{static_cast<double>(random.below(values)), random.below(2) == 0 ? 0.0 : -0.0, 1.5},
         random.below(3) == 0 ? "a" : "b"});
  }
  return rows;
}

// Of n rows .25 are one vector and .05 another one, of group a also .05 a third one; the others are
// all different, as far as `random` can tell.
std::vector<Row> rows_with_frequent_vectors(std::uint64_t seed, int n, bool third = true) {
  Random random(seed);
  std::vector<Row> rows;
  for (int i = 0; i < n; ++i) {
    Row row{{random.normal(), random.normal()}, random.below(2) == 0 ? "a" : "b"};
    const double at = random.uniform();
    if (at < 0.25) row.vector = {0, -0.0};
    if (at >= 0.25 && at < 0.3) row.vector = {3, 1};
    if (third && at >= 0.3 && at < 0.35 && row.group == "a") row.vector = {1, 1};
    rows.push_back(row);
  }
  return rows;
}

VectorSample sample_of_rows(const std::vector<Row>& rows, Index size) {
  VectorSample sample(size);
  for (const Row& row : rows) sample.add(row.vector, row.group);
  return sample;
}

TEST(VectorSample, DoesNotDependOnTheOrderOrOnHowRowsAreSplit) {
  for (const int values : {0, 5, 200, 1000000}) {
    const std::vector<Row> rows =
        values == 0 ? rows_with_frequent_vectors(20, 3000) : random_rows(11, 3000, values);
    VectorSample whole(50);
    for (const Row& row : rows) whole.add(row.vector, row.group);
    VectorSample backwards(50);
    for (auto row = rows.rbegin(); row != rows.rend(); ++row)
      backwards.add(row->vector, row->group);
    EXPECT_EQ(whole.encode(), backwards.encode());
    std::vector<VectorSample> parts(7, VectorSample(50));
    for (std::size_t i = 0; i < rows.size(); ++i)
      parts[i * i % 7].add(rows[i].vector, rows[i].group);
    VectorSample merged(50);
    for (std::size_t p = 0; p < parts.size(); ++p) {
      // Half of the parts travel as bytes.
      merged.merge(p % 2 == 0 ? parts[p] : decoded(parts[p]));
    }
    EXPECT_EQ(whole.encode(), merged.encode());
    VectorSample smaller(20);
    smaller.merge(whole);
    VectorSample direct(20);
    for (const Row& row : rows) direct.add(row.vector, row.group);
    EXPECT_EQ(smaller.encode(), direct.encode());
    // A part that was let go of does not come back.
    for (const Row& row : rows) whole.add(row.vector, row.group);
    for (const Row& row : rows) backwards.add(row.vector, row.group);
    EXPECT_EQ(whole.encode(), backwards.encode());
  }
}

// Of states the votes are carried on. Of values a vector that just stands out from all of them may
// be missed, in some few of a thousand such samples as here.
TEST(VectorSample, MergesToTheWholeHoweverItIsSplit) {
  Random random(32);
  Monitor monitor;
  int of_values = 0;
  const int runs = 600;
  for (int run = 0; run < runs; ++run) {
    VectorSample whole(2);
    std::vector<VectorSample> parts(3, VectorSample(2));
    const int rows = 1 + static_cast<int>(random.below(run % 2 == 0 ? 24 : 300));
    const auto vectors = 2 + random.below(run % 3 == 0 ? 6 : 200);
    for (int i = 0; i < rows; ++i) {
      const auto drawn = random.below(2) == 0 ? random.below(vectors) : random.below(3);
      const std::vector<double> x = {static_cast<double>(run * 1000 + drawn)};
      whole.add(x, "a");
      parts[static_cast<std::size_t>(random.below(3))].add(x, "a");
    }
    VectorSample states(2);
    VectorSample backwards(2);
    VectorSample values(2);
    for (VectorSample& part : parts) {
      states.merge(VectorSample::decode(part.encode(VectorSample::Form::State), monitor, {},
                                        VectorSample::Form::State));
    }
    for (int p = 2; p >= 0; --p) backwards.merge(parts[static_cast<std::size_t>(p)]);
    for (VectorSample& part : parts) values.merge(decoded(part));
    ASSERT_EQ(whole.encode(), states.encode()) << run;
    ASSERT_EQ(whole.encode(), backwards.encode()) << run;
    of_values += whole.encode() == values.encode() ? 0 : 1;
  }
  std::printf("of %d samples merged from values %d are not as from rows\n", runs, of_values);
  EXPECT_LE(of_values, 3);
  VectorSample state = sample_of_rows(rows_with_frequent_vectors(33, 300), 10);
  EXPECT_THROW(VectorSample::decode(state.encode(VectorSample::Form::State), monitor), Error);
  EXPECT_THROW(VectorSample::decode(state.encode(), monitor, {}, VectorSample::Form::State), Error);
}

// The votes go on behind a merge.
TEST(VectorSample, FindsWhatIsFrequentBehindAMerge) {
  int missed = 0;
  for (int run = 0; run < 50; ++run) {
    VectorSample whole(2);
    VectorSample to(2);
    VectorSample from(2);
    const auto add = [&](VectorSample& part, double x, int rows) {
      for (int i = 0; i < rows; ++i) {
        part.add(std::vector<double>{x}, "a");
        whole.add(std::vector<double>{x}, "a");
      }
    };
    for (int other = 1; other < 20; ++other) {
      add(to, run * 100 + other, 1);
      add(from, run * 100 + other, 1);
    }
    add(to, run * 100, 10);
    add(from, run * 100, 100);
    to.merge(from);
    for (int other = 20; other < 90; ++other) add(to, run * 100 + other, 1);
    missed += to.encode() == whole.encode() ? 0 : 1;
  }
  EXPECT_EQ(missed, 0);
}

TEST(VectorSample, OfAnotherSizeIsCutBeforeItIsJoined) {
  VectorSample large(2000);
  for (int i = 0; i < 1023; ++i) large.add(std::vector<double>{static_cast<double>(i)}, "g");
  VectorSample small(100);
  small.add(std::vector<double>{-1}, "g");
  VectorSample read = decoded(large);
  read.merge(small);
  large.merge(small);
  EXPECT_EQ(large.groups().at("g").kept(), 100);
  EXPECT_EQ(read.encode(), large.encode());
}

TEST(VectorSample, KeepsAllRowsOfFewVectors) {
  VectorSample sample(50);
  std::int64_t of_a = 0;
  for (const Row& row : random_rows(12, 10000, 20)) {
    sample.add(row.vector, row.group);
    of_a += row.group == "a" ? 1 : 0;
  }
  sample.skip();
  sample.add(std::vector<double>{1, 2, 3}, std::nullopt);
  const VectorSample::Group& a = sample.groups().at("a");
  EXPECT_TRUE(a.exact());
  EXPECT_EQ(a.kept(), 20);  // -0 is 0
  EXPECT_EQ(a.rows, of_a);
  EXPECT_EQ(sample.skipped(), 1);
  EXPECT_EQ(sample.unknown(), 1);
}

TEST(VectorSample, IsASampleOfTheVectors) {
  VectorSample sample(2000);
  Random random(13);
  const int n = 100000;
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    const double x = random.normal();
    sum += x;
    sample.add(std::vector<double>{x}, "a");
  }
  const VectorSample::Group& a = sample.groups().at("a");
  EXPECT_EQ(a.kept(), 2000);
  EXPECT_FALSE(a.exact());
  double kept = 0;
  for (const double x : a.values) kept += x;
  EXPECT_NEAR(kept / 2000, sum / n, 4 / std::sqrt(2000.0));
}

TEST(VectorSample, RefusesWhatIsNoVector) {
  VectorSample sample;
  EXPECT_THROW(sample.add(std::vector<double>{}, "a"), Error);
  sample.add(std::vector<double>{1, 2}, "a");
  EXPECT_THROW(sample.add(std::vector<double>{1, 2, 3}, "a"), Error);
  EXPECT_THROW(sample.add(std::vector<double>{1, std::nan("")}, "a"), Error);
  EXPECT_THROW(sample.add(std::vector<double>{1, INFINITY}, std::nullopt), Error);
  EXPECT_THROW(VectorSample(1), Error);
  VectorSample longer;
  longer.add(std::vector<double>(3), "a");
  EXPECT_THROW(sample.merge(longer), Error);
  VectorSample many;
  for (std::size_t g = 0; g < kMaxSampledGroups; ++g)
    many.add(std::vector<double>{1}, std::to_string(g));
  EXPECT_THROW(many.add(std::vector<double>{1}, "one more"), Error);
}

TEST(VectorSample, AsksBeforeItTakesMemory) {
  std::size_t largest = 0;
  VectorSample sample(2000, [&](std::size_t bytes) {
    largest = std::max(largest, bytes);
    if (bytes > 100000) throw Error(ErrorKind::TooLarge, "too large");
  });
  Random random(14);
  EXPECT_THROW(for (int i = 0; i < 100000; ++i)
                   sample.add(std::vector<double>{random.normal(), random.normal()}, "a"),
               Error);
  EXPECT_GT(largest, 100000);
}

TEST(VectorSample, DamagedBytesAreRefusedOrHarmless) {
  VectorSample sample(10);
  for (const Row& row : rows_with_frequent_vectors(15, 300)) sample.add(row.vector, row.group);
  Monitor quiet;
  const int refused = test::refused_mutations(sample.encode(), 16, [&](std::span<std::byte> bytes) {
    VectorSample read = VectorSample::decode(bytes, quiet);
    if (read.encode() != std::vector<std::byte>(bytes.begin(), bytes.end())) {
      throw Error(ErrorKind::Internal, "another value");
    }
  });
  EXPECT_GT(refused, 15000);
}

TEST(VectorSample, FindsTheFrequentVectors) {
  const std::vector<Row> rows = rows_with_frequent_vectors(21, 40000);
  std::map<std::string, std::map<std::vector<double>, double>> counts;
  for (const Row& row : rows) counts[row.group][{row.vector[0] + 0.0, row.vector[1] + 0.0}] += 1;
  VectorSample sample = sample_of_rows(rows, 100);
  for (const auto& [label, group] : sample.groups()) {
    const auto [found, all] = group.frequent_vectors();
    EXPECT_TRUE(all);
    EXPECT_EQ(found.size(), label == "a" ? 3 : 2);
    for (const FrequentVectors::Found& one : found) {
      const double rows_of_one = counts[label][{one.vector.begin(), one.vector.end()}];
      EXPECT_GT(rows_of_one, 300);
      EXPECT_NEAR(one.rows, rows_of_one, 0.02 * rows_of_one + 40);
    }
  }
}

// The divergences of a sample are near those of all rows, and the unbiased one is so on average,
// also where a few vectors have many of the rows.
TEST(VectorSample, StandsForRowsOfFrequentVectors) {
  Monitor monitor;
  const int n = 4000;
  const int runs = 60;
  double difference = 0;
  double squares = 0;
  for (int run = 0; run < runs; ++run) {
    const std::vector<Row> rows = rows_with_frequent_vectors(100 + static_cast<unsigned>(run), n);
    const auto unbiased = [&](Index size) {
      VectorSample sample = sample_of_rows(rows, size);
      const std::vector<SampleMeasure> measures = measures_of(sample, kAllPoints);
      EXPECT_TRUE(measures[0].stands_for_rows && measures[1].stands_for_rows);
      const Vector independent =
          (Vector(2) << measures[0].independent_rows(), measures[1].independent_rows()).finished();
      const PointGroups points = points_of(measures, 2);
      return divergences_of(
          unbiased_means(kernel_means(points, gaussian_of(1), monitor), 1, independent))(0, 1);
    };
    const double error = unbiased(300) - unbiased(n);
    difference += error / runs;
    squares += error * error / runs;
  }
  const double deviation = std::sqrt(squares);
  std::printf("unbiased mmd of 300 vectors against all: bias %.5f, deviation %.5f\n", difference,
              deviation);
  EXPECT_LT(std::abs(difference), 4 * deviation / std::sqrt(runs));
  EXPECT_LT(deviation, 0.003);  // of the different vectors alone it was .1
}

TEST(VectorSample, TellsOfManyRowsThatAreNotFrequent) {
  VectorSample sample(100);
  Random random(22);
  for (int i = 0; i < 40000; ++i) {
    // 500 vectors have half of the rows.
    const double x = i % 2 == 0 ? static_cast<double>(random.below(500)) : random.normal();
    sample.add(std::vector<double>{x}, "a");
  }
  EXPECT_FALSE(measures_of(sample, kAllPoints)[0].stands_for_rows);
}

// --- the test
// -----------------------------------------------------------------------------------------

VectorSample sample_of(std::uint64_t seed, int n, int d, double shift, bool whole_numbers) {
  VectorSample sample;
  Random random(seed);
  std::vector<double> x(static_cast<std::size_t>(d));
  for (int i = 0; i < n; ++i) {
    for (double& number : x) number = whole_numbers ? random.below(3) : random.normal();
    if (i % 2 == 1) x[0] += shift;
    sample.add(x, i % 2 == 0 ? "a" : "b");
  }
  return sample;
}

double rejected(int runs, int n, int d, double shift, bool whole_numbers, Divergence divergence) {
  Monitor monitor;
  int count = 0;
  for (int run = 0; run < runs; ++run) {
    VectorSample sample =
        sample_of(1000 + static_cast<std::uint64_t>(run), n, d, shift, whole_numbers);
    const DivergenceTest test = test_divergence(
        sample,
        {.divergence = divergence, .permutations = 99, .seed = static_cast<std::uint64_t>(run)},
        monitor);
    count += test.p_value.value() <= 0.05 ? 1 : 0;
  }
  return static_cast<double>(count) / runs;
}

// FAIRDB_LEVEL_RUNS: runs a case, 200 unless given; 500 or more also take the larger samples, for
// some minutes.
TEST(DivergenceTest, HoldsItsLevelAndSeesADifference) {
  const char* const asked = std::getenv("FAIRDB_LEVEL_RUNS");
  const int runs = asked == nullptr ? 200 : std::atoi(asked);
  const double slack = 3.5 * std::sqrt(0.05 * 0.95 / runs);
  std::printf("rows  elements  values  divergence   rejected at equality   at a shift of .5\n");
  for (const int n : {50, 100, 500}) {
    for (const int d : {2, 20}) {
      if (n > 50 && runs < 500) continue;
      for (const Divergence divergence : {Divergence::Mmd, Divergence::Energy}) {
        for (const bool whole : {false, true}) {
          const double level = rejected(runs, n, d, 0, whole, divergence);
          const double power = rejected(runs, n, d, 0.5, whole, divergence);
          std::printf("%4d  %8d  %-6s  %-10s  %.3f                  %.3f\n", n, d,
                      whole ? "whole" : "any", std::string(name(divergence)).c_str(), level, power);
          EXPECT_NEAR(level, 0.05, slack);
          EXPECT_GT(power, level);
        }
      }
    }
  }
}

// Also of a sample in which a few vectors have many of the rows.
TEST(DivergenceTest, HoldsItsLevelWithFrequentVectors) {
  Monitor monitor;
  const char* const asked = std::getenv("FAIRDB_LEVEL_RUNS");
  const int runs = asked == nullptr ? 200 : std::atoi(asked);
  for (const bool third : {false, true}) {
    int count = 0;
    for (int run = 0; run < runs; ++run) {
      VectorSample sample = sample_of_rows(
          rows_with_frequent_vectors(3000 + static_cast<unsigned>(run), 4000, third), 150);
      const DivergenceTest test = test_divergence(
          sample, {.permutations = 99, .seed = static_cast<std::uint64_t>(run)}, monitor);
      ASSERT_TRUE(test.p_value.has_value());
      count += *test.p_value <= 0.05 ? 1 : 0;
    }
    const double share = static_cast<double>(count) / runs;
    std::printf("frequent vectors, %s: rejected %.3f\n", third ? "one of a group alone" : "alike",
                share);
    if (third) {
      EXPECT_GT(share, 0.1);
    } else {
      EXPECT_NEAR(share, 0.05, 3.5 * std::sqrt(0.05 * 0.95 / runs));
    }
  }
}

// Columns of few values: many vectors have several rows each, and none has many. Of groups that
// keep them all rows are drawn; a sample of the vectors would see no difference, and gives no
// p-value.
TEST(DivergenceTest, HoldsItsLevelWhereManyRowsAreAlike) {
  Monitor monitor;
  const char* const asked = std::getenv("FAIRDB_LEVEL_RUNS");
  const int runs = asked == nullptr ? 30 : std::atoi(asked);
  const auto sample_of_grid = [](std::uint64_t seed, double shift, Index size) {
    VectorSample sample(size);
    Random random(seed);
    for (int i = 0; i < 12000; ++i) {
      const bool a = random.below(2) == 0;
      std::vector<double> x(3);
      for (double& number : x) number = std::round(4 * random.normal());
      if (a && random.uniform() < shift) x[0] += 1;
      sample.add(x, a ? "a" : "b");
    }
    return sample;
  };
  VectorSample kept_in_part = sample_of_grid(1, 0, 1000);
  EXPECT_FALSE(test_divergence(kept_in_part, {}, monitor).p_value.has_value());
  for (const double shift : {0.0, 0.7}) {
    double mean = 0;
    int rejected = 0;
    for (int run = 0; run < runs; ++run) {
      VectorSample sample = sample_of_grid(5000 + static_cast<unsigned>(run), shift, 20000);
      EXPECT_GT(sample.groups().at("a").kept(), 2000);
      const DivergenceTest test = test_divergence(sample,
                                                  {.divergence = Divergence::Energy,
                                                   .permutations = 39,
                                                   .seed = static_cast<std::uint64_t>(run)},
                                                  monitor);
      EXPECT_LE(test.n_used, kTestedVectors);
      mean += test.p_value.value() / runs;
      rejected += test.p_value.value() <= 0.05 ? 1 : 0;
    }
    std::printf("rows alike, shift %.1f: rejected %.3f, mean p-value %.3f\n", shift,
                static_cast<double>(rejected) / runs, mean);
    if (shift == 0) {
      EXPECT_NEAR(mean, 0.5, 4 * std::sqrt(1.0 / 12 / runs));
      EXPECT_LT(rejected, 0.05 * runs + 4 * std::sqrt(0.05 * 0.95 * runs));
    } else {
      EXPECT_GT(rejected, runs / 2);
    }
  }
}

// Several frequent vectors, of which two may share a bucket in one group and not in the other.
TEST(DivergenceTest, HoldsItsLevelWithManyFrequentVectors) {
  Monitor monitor;
  const int runs = 150;
  int rejected = 0;
  int unknown = 0;
  for (int run = 0; run < runs; ++run) {
    Random random(7000 + static_cast<unsigned>(run));
    VectorSample sample(300);
    for (int i = 0; i < 6000; ++i) {
      const double at = random.uniform();
      const double x = at < 0.48 ? run * 10 + std::floor(at / 0.06) : random.normal();
      sample.add(std::vector<double>{x, 1}, i % 2 == 0 ? "a" : "b");
    }
    const DivergenceTest test =
        test_divergence(sample, {.permutations = 39, .seed = static_cast<unsigned>(run)}, monitor);
    unknown += test.p_value ? 0 : 1;
    rejected += test.p_value && *test.p_value <= 0.05 ? 1 : 0;
  }
  std::printf("many frequent vectors: %d of %d rejected, %d without a p-value\n", rejected, runs,
              unknown);
  EXPECT_LT(rejected, 0.05 * runs + 4 * std::sqrt(0.05 * 0.95 * runs));
  EXPECT_LT(unknown, runs / 10);
}

// A sample of vectors with many rows each beside a group that keeps all rows: as powerful as
// between as many rows of both.
TEST(DivergenceTest, OfASampleBesideAllRowsHasItsPower) {
  Monitor monitor;
  const int runs = 60;
  double mean = 0;
  int rejected = 0;
  for (int run = 0; run < runs; ++run) {
    for (const double shift : {0.0, 0.25}) {
      Random random(8000 + static_cast<unsigned>(run));
      VectorSample sample(300);
      for (int v = 0; v < 6000; ++v) {
        const std::vector<double> x = {random.normal() + shift, random.normal()};
        for (int copy = 0; copy < 5; ++copy) sample.add(x, "a");
      }
      for (int i = 0; i < 290; ++i)
        sample.add(std::vector<double>{random.normal(), random.normal()}, "b");
      const double p = test_divergence(sample,
                                       {.divergence = Divergence::Energy,
                                        .permutations = 99,
                                        .seed = static_cast<unsigned>(run)},
                                       monitor)
                           .p_value.value();
      if (shift == 0) {
        mean += p / runs;
      } else {
        rejected += p <= 0.05 ? 1 : 0;
      }
    }
  }
  std::printf("a sample beside all rows: mean p-value %.3f, %d of %d rejected at a shift of .25\n",
              mean, rejected, runs);
  EXPECT_NEAR(mean, 0.5, 4 * std::sqrt(1.0 / 12 / runs));
  EXPECT_GT(rejected, 0.4 * runs);
}

TEST(DivergenceTest, OfTheSinkhornDivergence) {
  Monitor monitor;
  VectorSample apart = sample_of(17, 80, 2, 1.5, false);
  const DivergenceTest test =
      test_divergence(apart, {.divergence = Divergence::Sinkhorn, .permutations = 50}, monitor);
  EXPECT_NEAR(test.p_value.value(), 1.0 / 51, 1e-12);
  EXPECT_TRUE(test.converged);
  EXPECT_FALSE(test.unbiased.has_value());
}

// Rows of few different vectors are dealt by counts: the p-value is that of Fisher's exact test, by
// chance.
TEST(DivergenceTest, OfTwoVectorsIsFishersExactTest) {
  Monitor monitor;
  VectorSample sample;
  const auto add = [&](const char* group, double x, int rows) {
    for (int i = 0; i < rows; ++i) sample.add(std::vector<double>{x}, group);
  };
  add("a", 0, 12);
  add("a", 1, 8);
  add("b", 0, 5);
  add("b", 1, 15);
  const double fisher = 0.0536;  // both sides
  const DivergenceTest test = test_divergence(sample, {.permutations = 20000}, monitor);
  EXPECT_NEAR(test.p_value.value(), fisher, 0.006);
  EXPECT_EQ(test.n_used, 4);
}

// Counts so large that rounding is more than the probability that is looked for.
TEST(DivergenceTest, OfManyRowsOfFewVectorsIsQuick) {
  struct Counting final : Monitor {
    int polls = 0;
    void poll() override { ++polls; }
  } monitor;
  VectorSample sample;
  for (const auto& [group, x] : {std::pair{"a", 1}, {"a", 2}, {"b", 1}, {"b", 2}, {"b", 3}})
    sample.add(std::vector<double>{static_cast<double>(x)}, group);
  for (int doubled = 0; doubled < 40; ++doubled) {
    const VectorSample copy = sample;
    sample.merge(copy);
  }
  const DivergenceTest test = test_divergence(sample, {.permutations = 20}, monitor);
  EXPECT_NEAR(test.p_value.value(), 1.0 / 21, 1e-12);
  EXPECT_GT(monitor.polls, 100);
}

TEST(DivergenceTest, HasTheSameResultForTheSameSeed) {
  Monitor monitor;
  VectorSample sample = sample_of(18, 200, 3, 0.2, false);
  const double first = test_divergence(sample, {.seed = 1}, monitor).p_value.value();
  EXPECT_EQ(test_divergence(sample, {.seed = 1}, monitor).p_value.value(), first);
  EXPECT_NE(test_divergence(sample, {.seed = 2}, monitor).p_value.value(), first);
  EXPECT_THROW(validate({.permutations = 0}), Error);
  EXPECT_THROW(validate({.divergence = Divergence::Energy, .bandwidth = 1}), Error);
  EXPECT_THROW(validate({.divergence = Divergence::Mmd, .epsilon = 1}), Error);
}

}  // namespace
}  // namespace fairdb
