#include <cmath>
#include <numeric>

#include "core/inference/mean_gap.hpp"
#include "core/inference/range.hpp"
#include "core/inference/tables.hpp"
#include "core/inference/tails.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

using test::Random;

Proportion of(double successes, double size) {
  return {successes / size, size};
}

// --- tails -------------------------------------------------------------------------------------

TEST(Tails, AgreeWithTables) {  // Abramowitz and Stegun, tables 26.1 and 26.8; R 4
  EXPECT_NEAR(normal_cdf(1), 0.8413447460685429, 1e-15);
  EXPECT_NEAR(normal_cdf(-5), 2.866515718791939e-07, 1e-20);
  EXPECT_NEAR(normal_two_sided(1.959963984540054), 0.05, 1e-15);
  EXPECT_NEAR(normal_two_sided_quantile(0.95), 1.959963984540054, 1e-13);
  EXPECT_NEAR(normal_two_sided_quantile(0.5), 0.6744897501960817, 1e-13);
  EXPECT_NEAR(chi_square_upper(3.841458820694124, 1), 0.05, 1e-14);
  EXPECT_NEAR(chi_square_upper(5.991464547107979, 2), 0.05, 1e-14);
  EXPECT_NEAR(chi_square_upper(11.07049769351635, 5), 0.05, 1e-14);
  EXPECT_NEAR(chi_square_upper(124.3421134, 100), 0.05, 1e-9);
  EXPECT_NEAR(chi_square_upper(10232.737, 9999), 0.05, 1e-4);
  EXPECT_EQ(chi_square_upper(0, 3), 1);
}

TEST(Tails, OfStudentAgreeWithSciPy) {  // 2 * scipy.stats.t.sf, scipy.stats.t.ppf
  const auto expect = [](double t, double df, double p) {
    EXPECT_NEAR(student_two_sided(t, df) / p, 1, 1e-12) << t << " " << df;
    EXPECT_EQ(student_two_sided(-t, df), student_two_sided(t, df));
  };
  expect(2, 1, 0.2951672353008665);
  expect(2, 2, 0.18350341907227397);
  expect(0.5, 7.5, 0.6314109646224545);
  expect(0.001, 3, 0.9992648949694609);
  expect(30, 4.25, 4.133611641997246e-06);
  expect(40, 200, 2.2487396535202197e-97);
  EXPECT_NEAR(student_two_sided(8, 1e6) / 1.2455063433202503e-15, 1, 1e-8);
  EXPECT_NEAR(student_two_sided(8, 1e10) / normal_two_sided(8), 1, 1e-6);
  EXPECT_EQ(student_two_sided(0, 3), 1);
  EXPECT_NEAR(student_two_sided_quantile(0.95, 1), 12.706204736174694, 1e-9);
  EXPECT_NEAR(student_two_sided_quantile(0.95, 9), 2.262157162798205, 1e-12);
  EXPECT_NEAR(student_two_sided_quantile(0.999999, 3), 130.15458955229283, 1e-6);
  EXPECT_NEAR(student_two_sided_quantile(0.95, 1e5), 1.9599877075346095, 1e-9);
}

// --- gaps of means ------------------------------------------------------------------------------

TEST(MeanGap, IsOfAllPairs) {  // Welch's t of scipy.stats at whole degrees of freedom, Fieller
  Monitor monitor;
  const MeanGap gap = mean_gap({{1.4, 0.15, 30}, {1, 0.2, 12}, {2.5, 0.5, 15}}, 0.95, monitor);
  EXPECT_EQ(gap.low, 1U);
  EXPECT_EQ(gap.high, 2U);
  EXPECT_EQ(gap.compared, 3U);
  EXPECT_NEAR(gap.difference.lower, 0.07877701975496443, 1e-12);
  EXPECT_NEAR(gap.difference.upper, 2.9212229802450356, 1e-12);
  EXPECT_NEAR(gap.ratio.lower, 0.17049031, 1e-8);
  EXPECT_NEAR(gap.ratio.upper, 0.93846975, 1e-8);
  EXPECT_NEAR(*gap.p_value, 0.03663561935535605, 1e-12);
  // Who has too few rows, or no error, is anywhere.
  for (const MeanEstimate& other : {MeanEstimate{9, 0.1, 9}, MeanEstimate{9, 0, 100}}) {
    const MeanGap beside =
        mean_gap({{1.4, 0.15, 30}, {1, 0.2, 12}, {2.5, 0.5, 15}, other}, 0.95, monitor);
    EXPECT_EQ(beside.high, 3U);
    EXPECT_EQ(beside.compared, 3U);
    EXPECT_EQ(beside.difference.lower, gap.difference.lower);
    EXPECT_EQ(beside.difference.upper, std::numeric_limits<double>::infinity());
    EXPECT_EQ(beside.ratio.lower, 0);
    EXPECT_EQ(beside.ratio.upper, gap.ratio.upper);
    EXPECT_EQ(beside.p_value, gap.p_value);
    const MeanGap alone = mean_gap({{1, 0.2, 12}, other}, 0.95, monitor);
    EXPECT_EQ(alone.difference.lower, 0);
    EXPECT_EQ(alone.difference.upper, std::numeric_limits<double>::infinity());
    EXPECT_FALSE(alone.p_value);
  }
}

// How often the intervals of equal groups exclude parity, and p says so: always both or neither.
TEST(MeanGap, HoldsItsLevelAtParity) {
  Monitor monitor;
  constexpr int kTables = 2000;
  for (const std::vector<int>& sizes : {std::vector<int>{30, 30},
                                        {10, 500, 500},
                                        {30, 30, 30, 30, 30, 30, 30, 30},
                                        {10, 10, 10, 1000, 1000, 1000}}) {
    Random random(1);
    int excluded = 0;
    for (int table = 0; table < kTables; ++table) {
      std::vector<MeanEstimate> estimates;
      for (const int n : sizes) {
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < n; ++i) {
          const double value = 10 + random.normal();
          sum += value;
          squares += value * value;
        }
        const double mean = sum / n;
        estimates.push_back({mean, std::sqrt((squares / n - mean * mean) / (n - 1)), 1.0 * n});
      }
      const MeanGap gap = mean_gap(estimates, 0.95, monitor);
      EXPECT_EQ(gap.difference.lower > 0, gap.ratio.upper < 1);
      EXPECT_EQ(gap.difference.lower > 0, *gap.p_value < 0.05) << *gap.p_value;
      excluded += gap.difference.lower > 0;
    }
    EXPECT_LE(excluded, 0.065 * kTables) << sizes.size();
    EXPECT_GE(excluded, 0.01 * kTables) << sizes.size();
  }
}

// --- intervals of one and of two proportions ----------------------------------------------------

TEST(Wilson, AgreesWithNewcombesTable) {  // Newcombe 1998a, table I, method 3
  const auto expect = [](double x, double n, double lower, double upper) {
    const Interval i = wilson(of(x, n), normal_two_sided_quantile(0.95));
    EXPECT_NEAR(i.lower, lower, 5e-5);
    EXPECT_NEAR(i.upper, upper, 5e-5);
  };
  expect(81, 263, 0.2553, 0.3662);
  expect(15, 148, 0.0624, 0.1605);
  expect(0, 20, 0, 0.1611);
  expect(1, 29, 0.0061, 0.1718);
  expect(29, 29, 0.8830, 1);
}

TEST(Newcombe, AgreesWithNewcombesTable) {  // Newcombe 1998b, table II, method 10
  const auto expect = [](double a, double m, double b, double n, double lower, double upper) {
    const Interval i = newcombe(of(a, m), of(b, n), normal_two_sided_quantile(0.95));
    EXPECT_NEAR(i.lower, lower, 5e-5);
    EXPECT_NEAR(i.upper, upper, 5e-5);
  };
  expect(56, 70, 48, 80, 0.0524, 0.3339);
  expect(9, 10, 3, 10, 0.1705, 0.8090);
  expect(6, 7, 2, 7, 0.0582, 0.8062);
  expect(5, 56, 0, 29, -0.0381, 0.1926);
  expect(0, 10, 0, 20, -0.1611, 0.2775);
  expect(10, 10, 0, 20, 0.6791, 1.0000);
}

// The limits are where the statistic of the constrained likelihood reaches z^2; checked by
// maximising that likelihood on a grid.
TEST(Koopman, LimitsAreWhereTheScoreTestRejects) {
  const double z = normal_two_sided_quantile(0.95);
  const auto statistic = [](double xa, double na, double xb, double nb, double ratio) {
    double best = -1e300, best_pb = 0;
    const double top = std::min(1.0, 1 / ratio);
    for (int i = 1; i < 200000; ++i) {
      const double pb = top * i / 200000;
      const double pa = ratio * pb;
      const double l = xa * std::log(pa) + (na - xa) * std::log1p(-pa) + xb * std::log(pb) +
                       (nb - xb) * std::log1p(-pb);
      if (l > best) {
        best = l;
        best_pb = pb;
      }
    }
    const double pb = best_pb, pa = ratio * best_pb;
    return (xa - na * pa) * (xa - na * pa) / (na * pa * (1 - pa)) +
           (xb - nb * pb) * (xb - nb * pb) / (nb * pb * (1 - pb));
  };
  for (const auto& [xa, na, xb, nb] :
       {std::array<double, 4>{36, 40, 16, 80}, {5, 20, 7, 90}, {40, 1000, 70, 1000}}) {
    const Interval i = *koopman(of(xa, na), of(xb, nb), z);
    EXPECT_LT(i.lower, xa / na / (xb / nb));
    EXPECT_GT(i.upper, xa / na / (xb / nb));
    EXPECT_NEAR(statistic(xa, na, xb, nb, i.lower), z * z, 1e-3);
    EXPECT_NEAR(statistic(xa, na, xb, nb, i.upper), z * z, 1e-3);
  }
  EXPECT_EQ(koopman(of(0, 10), of(4, 10), z)->lower, 0);
  EXPECT_TRUE(std::isinf(koopman(of(4, 10), of(0, 10), z)->upper));
  EXPECT_FALSE(koopman(of(0, 10), of(0, 10), z));
}

// --- tests of tables ----------------------------------------------------------------------------

TEST(ChiSquare, AgreesWithAWorkedExample) {  // statistic from the definition, p-value as of R 4
  const std::vector<Proportion> groups = {of(20, 100), of(30, 100), of(35, 150)};
  const TestResult result = *chi_square(groups);
  const double p = 85.0 / 350;
  double expected = 0;
  for (const Proportion& g : groups) {
    expected += std::pow(g.successes() - g.size * p, 2) / (g.size * p) +
                std::pow(g.successes() - g.size * p, 2) / (g.size * (1 - p));
  }
  EXPECT_NEAR(result.statistic, expected, 1e-10);
  EXPECT_EQ(result.df, 2);
  EXPECT_NEAR(result.p_value, std::exp(-expected / 2), 1e-12);
  EXPECT_NEAR(smallest_expected(groups), 100 * p, 1e-10);
  EXPECT_FALSE(chi_square(std::vector{of(0, 5), of(0, 9)}));
  EXPECT_FALSE(chi_square(std::vector{of(3, 5)}));
}

// By listing all tables with the margins.
TEST(Fisher, AgreesWithListingAllTables) {
  Monitor monitor;
  Random random(3);
  const auto choose = [](double n, double k) {
    double c = 1;
    for (int i = 0; i < k; ++i) c = c * (n - i) / (i + 1);
    return c;
  };
  for (int k = 0; k < 200; ++k) {
    const int na = 1 + random.below(12), nb = 1 + random.below(12);
    const int a = random.below(na + 1), b = random.below(nb + 1);
    const auto likelihood = [&](int x) { return choose(na, x) * choose(nb, a + b - x); };
    double all = 0, exact = 0, mid = 0;
    for (int x = std::max(0, a + b - nb); x <= std::min(na, a + b); ++x) {
      all += likelihood(x);
      if (likelihood(x) < likelihood(a) * (1 - 1e-9)) {
        exact += likelihood(x);
        mid += likelihood(x);
      } else if (likelihood(x) <= likelihood(a) * (1 + 1e-9)) {
        exact += likelihood(x);
        mid += likelihood(x) / 2;
      }
    }
    EXPECT_NEAR(fisher(a, na, b, nb, Fisher::Exact, monitor), exact / all, 1e-9);
    EXPECT_NEAR(fisher(a, na, b, nb, Fisher::MidP, monitor), mid / all, 1e-9);
  }
  // Large margins: a tea taster of a billion cups.
  EXPECT_NEAR(fisher(3, 1000000000, 0, 1000000000, Fisher::Exact, monitor), 0.25, 1e-7);
  EXPECT_NEAR(fisher(3, 1000000000, 0, 1000000000, Fisher::MidP, monitor), 0.125, 1e-7);
  EXPECT_NEAR(fisher(4, 1000000000, 1, 1000000000, Fisher::Exact, monitor), 0.375, 1e-7);
  EXPECT_NEAR(fisher(0, 1000000000, 5, 3000000000, Fisher::MidP, monitor), 0.2222, 1e-4);
  EXPECT_EQ(
      fisher(100000000000, 1000000000000, 900000000000, 1000000000000, Fisher::Exact, monitor), 0);
  EXPECT_NEAR(fisher(10, 20, 10, 20, Fisher::Exact, monitor), 1, 1e-12);
  // Many successes: as the normal approximation has it.
  const double z = *two_proportion_z(of(500200, 1e6), of(499100, 1e6));
  EXPECT_NEAR(fisher(500200, 1000000, 499100, 1000000, Fisher::MidP, monitor), normal_two_sided(z),
              1e-4);
}

TEST(Permutation, AgreesWithFisherForTwoGroupsAndWithChiSquareForManyRows) {
  Monitor monitor;
  const std::vector<Proportion> two = {of(1, 10), of(6, 9)};
  EXPECT_NEAR(permutation_test(two, 1, monitor).p_value,
              fisher(1, 10, 6, 9, Fisher::Exact, monitor), 0.01);
  const std::vector<Proportion> many = {of(310, 1000), of(280, 1000), of(330, 1000)};
  EXPECT_NEAR(permutation_test(many, 1, monitor).p_value, chi_square(many)->p_value, 0.01);
  EXPECT_EQ(permutation_test(many, 7, monitor).p_value, permutation_test(many, 7, monitor).p_value);
  // Margins so large that draws are rounded normals.
  const std::vector<Proportion> huge = {of(5e9, 1e10), of(5.0002e9, 1e10), of(3, 7)};
  EXPECT_LT(permutation_test(huge, 1, monitor).p_value, 0.02);
  test::StopAfter stop(3);
  EXPECT_THROW((void)permutation_test(many, 1, stop).p_value, test::Cancelled);
}

TEST(Permutation, DrawsRowsOrNumbersAlike) {
  Monitor monitor;
  // Where all groups are one row, every table has the same statistic.
  const std::vector<Proportion> one_row = {of(0, 1), of(1, 1), of(1, 1), of(0, 1)};
  EXPECT_EQ(permutation_test(one_row, 1, monitor).p_value, 1);
  // Groups of few rows against draws of another kind.
  Random random(20261126);
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE(round);
    std::vector<Proportion> groups;
    for (int g = 0; g < 5; ++g) {
      const auto size = static_cast<double>(2 + random.below(12));
      groups.push_back(of(static_cast<double>(random.below(static_cast<int>(size) + 1)), size));
    }
    groups.push_back(of(1, 2));
    const double few = permutation_test(groups, 1, monitor).p_value;
    // Every assignment of the successes to the rows is as likely as any other.
    std::vector<int> rows;
    double all = 0, size = 0;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      rows.insert(rows.end(), static_cast<std::size_t>(groups[g].size), static_cast<int>(g));
      all += std::round(groups[g].successes());
      size += groups[g].size;
    }
    const auto order = [&](const std::vector<double>& successes) {
      double sum = 0;
      for (std::size_t g = 0; g < groups.size(); ++g) {
        sum += successes[g] * successes[g] / groups[g].size;
      }
      return sum;
    };
    std::vector<double> observed;
    for (const Proportion& group : groups) observed.push_back(std::round(group.successes()));
    int as_large = 0;
    constexpr int kTables = 20000;
    for (int table = 0; table < kTables; ++table) {
      std::vector<double> successes(groups.size());
      for (std::size_t i = 0; i < static_cast<std::size_t>(all); ++i) {
        const auto j = i + static_cast<std::size_t>(
                               random.below(static_cast<int>(size) - static_cast<int>(i)));
        std::swap(rows[i], rows[j]);
        ++successes[static_cast<std::size_t>(rows[i])];
      }
      as_large += order(successes) >= order(observed) - 1e-9 ? 1 : 0;
    }
    const double expected = static_cast<double>(as_large) / kTables;
    EXPECT_NEAR(few, expected, 0.01 + 0.2 * expected);
  }
  // Just below and just above twenty rows a group, the two ways of drawing agree.
  std::vector<Proportion> below, above;
  for (const double successes : {8., 11., 13., 6.}) {
    below.push_back(of(successes, 20));
    above.push_back(of(successes, 20));
  }
  above.push_back(of(10, 21));
  below.push_back(of(10, 20));
  const double p_below = permutation_test(below, 3, monitor).p_value;
  const double p_above = permutation_test(above, 3, monitor).p_value;
  EXPECT_NEAR(p_below, p_above, 0.03);
  EXPECT_NEAR(p_below, chi_square(below)->p_value, 0.05);
}

TEST(Holm, AdjustsInSteps) {
  const std::vector<double> p = {0.01, 0.04, 0.03, 0.005};
  const std::vector<double> expected = {0.03, 0.06, 0.06, 0.02};
  const std::vector<double> adjusted = holm(p);
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(adjusted[i], expected[i], 1e-15);
  EXPECT_TRUE(holm({}).empty());
}

// --- the largest gap ----------------------------------------------------------------------------

Families family(const std::vector<double>& sizes, const std::vector<double>& successes) {
  Families result(1);
  for (std::size_t i = 0; i < sizes.size(); ++i) result[0].push_back(of(successes[i], sizes[i]));
  return result;
}

double binomial_probability(int n, int x, double p) {
  if (p <= 0 || p >= 1) return x == (p <= 0 ? 0 : n) ? 1 : 0;
  return std::exp(std::lgamma(n + 1.0) - std::lgamma(x + 1.0) - std::lgamma(n - x + 1.0) +
                  x * std::log(p) + (n - x) * std::log1p(-p));
}

// The p-value of two groups by its definition: the likeliest pair of proportions with gap t, and
// the probability of all tables whose gap is as far from t, of those as far exactly 0.85.
double enumerated_p(int n1, int x1, int n2, int x2, Contrast contrast, double t) {
  const bool difference = contrast == Contrast::Difference;
  const auto gap = [&](int a, int b) {
    if (difference) return std::abs(double(a) / n1 - double(b) / n2);
    const double one = (a == 0 ? 0.25 : a) / n1;
    const double other = (b == 0 ? 0.25 : b) / n2;
    return std::min(one, other) / std::max(one, other);
  };
  double best = -1e300;
  double best_p[2] = {};
  for (const bool first_low : {true, false}) {
    const auto at = [&](double high, double* p) {
      const double low = difference ? high - t : high * t;
      p[0] = first_low ? low : high;
      p[1] = first_low ? high : low;
      const auto part = [](int n, int x, double q) {
        return (x > 0 ? x * std::log(std::max(q, 1e-300)) : 0) +
               (x < n ? (n - x) * std::log(std::max(1 - q, 1e-300)) : 0);
      };
      return part(n1, x1, p[0]) + part(n2, x2, p[1]);
    };
    double from = difference ? t : 0;
    double to = 1;
    double p[2];
    for (int i = 0; i < 200; ++i) {  // the logarithm of the likelihood is concave
      const double a = from + (to - from) / 3;
      const double b = to - (to - from) / 3;
      (at(a, p) < at(b, p) ? from : to) = at(a, p) < at(b, p) ? a : b;
    }
    if (at((from + to) / 2, p) <= best) continue;
    best = at((from + to) / 2, p);
    best_p[0] = p[0];
    best_p[1] = p[1];
  }
  const auto scale = [&](double g) { return difference ? g : std::sqrt(g); };
  const double seen = std::abs(scale(gap(x1, x2)) - scale(t));
  double sum = 0;
  double all = 0;
  for (int a = 0; a <= n1; ++a) {
    for (int b = 0; b <= n2; ++b) {
      if (!difference && a == 0 && b == 0) continue;
      const double weight =
          binomial_probability(n1, a, best_p[0]) * binomial_probability(n2, b, best_p[1]);
      all += weight;
      const double far = std::abs(scale(gap(a, b)) - scale(t)) - seen;
      sum += weight * (far > 1e-9 ? 1 : far > -1e-9 ? 0.85 : 0);
    }
  }
  return std::min(1.0, sum / all);
}

TEST(GapInterval, OfTwoGroupsAgreesWithListingAllTables) {
  Random random(20261127);
  for (int round = 0; round < 400; ++round) {
    const int n1 = 1 + random.below(30);
    const int n2 = round % 3 == 0 ? n1 : 1 + random.below(30);
    const int x1 = random.below(n1 + 1);
    const int x2 = random.below(n2 + 1);
    const double t = 0.02 + 0.96 * random.uniform();
    SCOPED_TRACE(testing::Message()
                 << x1 << " of " << n1 << ", " << x2 << " of " << n2 << ", t " << t);
    const Families f = family({double(n1), double(n2)}, {double(x1), double(x2)});
    // Where both orders of the groups are as likely, or nearly, either is right.
    const double d = gap_p_value(f, Contrast::Difference, t);
    if (std::abs(double(x1) / n1 - double(x2) / n2) > 1e-6) {
      EXPECT_NEAR(d, enumerated_p(n1, x1, n2, x2, Contrast::Difference, t), 1e-6);
      if (x1 + x2 > 0) {
        const double r = gap_p_value(f, Contrast::Ratio, t);
        EXPECT_NEAR(r, enumerated_p(n1, x1, n2, x2, Contrast::Ratio, t), 1e-6);
      }
    }
  }
}

// The exact coverage of two groups: every pair of counts, weighed by its probability.
TEST(GapInterval, OfTwoGroupsCoversAt93PercentAtLeast) {
  const std::vector<double> rates = {.005, .01, .02, .05, .1, .3, .5};
  const auto covered = [](int n, double p, double q, Contrast contrast) {
    const double truth =
        contrast == Contrast::Difference ? std::abs(p - q) : std::min(p / q, q / p);
    double within = 0;
    double all = 0;
    for (int a = 0; a <= n; ++a) {
      for (int b = contrast == Contrast::Ratio && a == 0 ? 1 : 0; b <= n; ++b) {
        const double weight = binomial_probability(n, a, p) * binomial_probability(n, b, q);
        if (weight < 1e-6) continue;
        all += weight;
        const Families f = family({double(n), double(n)}, {double(a), double(b)});
        within += gap_p_value(f, contrast, truth) > 0.05 ? weight : 0;
      }
    }
    return within / all;
  };
  for (const Contrast contrast : {Contrast::Difference, Contrast::Ratio}) {
    for (const int n : {10, 20, 50, 200}) {
      for (std::size_t i = 0; i < rates.size(); ++i) {
        for (std::size_t j = i; j < rates.size(); ++j) {
          EXPECT_GE(covered(n, rates[i], rates[j], contrast), 0.93)
              << "n " << n << ", rates " << rates[i] << " and " << rates[j];
        }
      }
    }
    EXPECT_GE(covered(1000, .0005, .0025, contrast), 0.93);
  }
}

// The same ratio seen in more successes has a shorter interval, and one success more or less does
// not change it out of proportion.
TEST(GapInterval, OfARatioMovesWithTheEvidence) {
  Monitor monitor;
  for (const double n : {50.0, 1000.0}) {
    double last = 0;
    for (const double x : {1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 40.0}) {
      const auto ratio = [&](double a, double b) {
        return *gap_interval(family({n, n}, {a, b}), Contrast::Ratio, 0.95, monitor);
      };
      const Interval tie = ratio(x, x);
      const Interval next = ratio(x, x + 1);
      EXPECT_GT(tie.lower, last) << x << " of " << n;
      EXPECT_EQ(tie.upper, 1);
      EXPECT_EQ(next.upper, 1);
      EXPECT_LT(next.lower, tie.lower);
      EXPECT_GT(next.lower, tie.lower * x / (x + 2));
      // About as Koopman's, which knows which group is the first.
      const Interval other = *koopman(of(x, n), of(x, n), normal_two_sided_quantile(0.95));
      EXPECT_GT(tie.lower, other.lower * 0.9);
      EXPECT_LT(tie.lower, other.lower * 1.35);
      last = tie.lower;
    }
  }
  // Also of weighted rows, whose numbers are not whole.
  const Interval weighted =
      *gap_interval({{{0.02, 49.6}, {0.02, 49.6}}}, Contrast::Ratio, 0.95, monitor);
  EXPECT_NEAR(weighted.lower, 0.105, 0.01);
}

TEST(GapInterval, ContainsTheObservedGapAndHandlesTheEnds) {
  Monitor monitor;
  Random random(5);
  for (int k = 0; k < 60; ++k) {
    std::vector<double> sizes, successes;
    for (int g = 2 + random.below(5); g > 0; --g) {
      sizes.push_back(1 + random.below(random.below(2) == 0 ? 8 : 3000));
      successes.push_back(std::floor(random.uniform() * (sizes.back() + 1)));
    }
    const Families f = family(sizes, successes);
    for (const Contrast contrast : {Contrast::Difference, Contrast::Ratio}) {
      double low = 1, high = 0;
      for (const Proportion& p : f[0]) {
        low = std::min(low, p.value);
        high = std::max(high, p.value);
      }
      const bool difference = contrast == Contrast::Difference;
      const bool has_gap = difference || high > 0;
      const double observed = difference ? high - low : low / high;
      const Interval i = *gap_interval(f, contrast, 0.95, monitor);
      EXPECT_LE(0, i.lower);
      EXPECT_LE(i.upper, 1);
      if (!has_gap) continue;
      EXPECT_LE(i.lower, observed + 1e-12);
      EXPECT_GE(i.upper, observed - 1e-12);
    }
  }
  const Interval all_apart =
      *gap_interval(family({1000, 1000}, {1000, 0}), Contrast::Difference, 0.95, monitor);
  EXPECT_EQ(all_apart.upper, 1);
  EXPECT_GT(all_apart.lower, 0.99);
  EXPECT_FALSE(gap_interval(family(std::vector<double>(201, 10), std::vector<double>(201, 5)),
                            Contrast::Difference, 0.95, monitor));
  test::StopAfter stop(3);
  EXPECT_THROW((void)gap_interval(family({10, 10}, {4, 5}), Contrast::Difference, 0.95, stop),
               test::Cancelled);
}

// Groups that are alike share the work: a difference in the ninth digit keeps them apart.
TEST(GapInterval, GroupsAlikeCountLikeOthers) {
  Monitor monitor;
  Random random(20261126);
  for (int round = 0; round < 30; ++round) {
    SCOPED_TRACE(round);
    std::vector<double> sizes, successes, apart;
    for (int g = 0; g < 3; ++g) {
      const double size = 2 + random.below(g == 0 ? 6 : 200);
      const double positive = g == 0 ? 0 : random.below(static_cast<int>(size) + 1);
      for (int copies = 1 + random.below(4); copies > 0; --copies) {
        sizes.push_back(size);
        successes.push_back(positive);
        apart.push_back(size * (1 + 1e-9 * copies));
      }
    }
    const Families alike = family(sizes, successes);
    const Families different = family(apart, successes);
    for (const Contrast contrast : {Contrast::Difference, Contrast::Ratio}) {
      for (const double t : {0.05, 0.3, 0.8}) {
        EXPECT_NEAR(gap_p_value(alike, contrast, t), gap_p_value(different, contrast, t), 1e-5);
      }
      const Interval a = *gap_interval(alike, contrast, 0.95, monitor);
      const Interval b = *gap_interval(different, contrast, 0.95, monitor);
      EXPECT_NEAR(a.lower, b.lower, 1e-4);
      EXPECT_NEAR(a.upper, b.upper, 1e-4);
    }
  }
}

// A gap between two large groups is not lost in the noise of a small one.
TEST(GapInterval, SmallGroupsDoNotHideTheGapOfLargeOnes) {
  Monitor monitor;
  const Families large = family({2000, 2000}, {900, 500});
  const Families with_small = family({2000, 2000, 8}, {900, 500, 3});
  EXPECT_GT(gap_interval(large, Contrast::Difference, 0.95, monitor)->lower, 0.16);
  EXPECT_GT(gap_interval(with_small, Contrast::Difference, 0.95, monitor)->lower, 0.16);
  EXPECT_LT(gap_interval(with_small, Contrast::Ratio, 0.95, monitor)->upper, 0.65);
}

// How often the nominal 95 % interval contains the true gap, at parity and away from it.
struct CoverageCase {
  const char* name;
  std::vector<double> sizes;
  std::vector<double> rates;
};

void PrintTo(const CoverageCase& setting, std::ostream* out) {
  *out << setting.name;
}

class Coverage : public testing::TestWithParam<CoverageCase> {};

double binomial(Random& random, double n, double p) {
  int successes = 0;
  for (int i = 0; i < static_cast<int>(n); ++i) successes += random.uniform() < p ? 1 : 0;
  return successes;
}

// The interval contains a gap when the test at that gap accepts it; the search of its ends can only
// add to that.
TEST_P(Coverage, IsBetween93And97Percent) {
  const CoverageCase& setting = GetParam();
  constexpr std::uint64_t kSeed = 20261121;
  constexpr int kSamples = 1500;
  constexpr double kAlpha = 0.05;
  // Two standard errors of a share near 0.95 in so many samples.
  const double noise = 2 * std::sqrt(0.95 * 0.05 / kSamples);
  Random random(kSeed);
  const auto [low, high] = std::minmax_element(setting.rates.begin(), setting.rates.end());
  int differences = 0;
  int ratios = 0;
  for (int k = 0; k < kSamples; ++k) {
    std::vector<double> successes;
    for (std::size_t g = 0; g < setting.sizes.size(); ++g) {
      successes.push_back(binomial(random, setting.sizes[g], setting.rates[g]));
    }
    const Families f = family(setting.sizes, successes);
    differences += gap_p_value(f, Contrast::Difference, *high - *low) > kAlpha ? 1 : 0;
    ratios += gap_p_value(f, Contrast::Ratio, *low / *high) > kAlpha ? 1 : 0;
  }
  const double difference = static_cast<double>(differences) / kSamples;
  const double ratio = static_cast<double>(ratios) / kSamples;
  std::printf("seed %llu, %d samples: difference %.1f %%, ratio %.1f %%\n",
              static_cast<unsigned long long>(kSeed), kSamples, 100 * difference, 100 * ratio);
  EXPECT_GE(difference, 0.93 - noise);
  EXPECT_LE(difference, 0.97 + noise);
  EXPECT_GE(ratio, 0.93 - noise);
  EXPECT_LE(ratio, 0.97 + noise);
}

INSTANTIATE_TEST_SUITE_P(
    GapInterval,
    Coverage,
    testing::Values(
        CoverageCase{"2 x 50, parity", {50, 50}, {0.3, 0.3}},
        CoverageCase{"2 x 50, apart by 0.1", {50, 50}, {0.3, 0.4}},
        CoverageCase{"2 x 50, apart by 0.4", {50, 50}, {0.3, 0.7}},
        CoverageCase{"50 and 5000, parity", {50, 5000}, {0.4, 0.4}},
        CoverageCase{"50 and 5000, apart by 0.2", {50, 5000}, {0.5, 0.3}},
        CoverageCase{"2 x 500, parity", {500, 500}, {0.3, 0.3}},
        CoverageCase{"2 x 500, apart by 0.05", {500, 500}, {0.3, 0.35}},
        CoverageCase{"3 x 50, parity", {50, 50, 50}, {0.5, 0.5, 0.5}},
        CoverageCase{"3 x 500, one apart by 0.1", {500, 500, 500}, {0.3, 0.3, 0.4}},
        CoverageCase{"3 mixed, parity", {50, 500, 5000}, {0.3, 0.3, 0.3}},
        CoverageCase{"3 mixed, in steps", {50, 500, 2000}, {0.3, 0.4, 0.5}},
        CoverageCase{"6 x 50, parity", {50, 50, 50, 50, 50, 50}, {.3, .3, .3, .3, .3, .3}},
        CoverageCase{
            "6 x 500, parity", {500, 500, 500, 500, 500, 500}, {0.5, 0.5, 0.5, 0.5, 0.5, 0.5}},
        CoverageCase{"6 x 500, one apart by 0.2",
                     {500, 500, 500, 500, 500, 500},
                     {0.3, 0.3, 0.3, 0.3, 0.3, 0.5}},
        CoverageCase{"6 x 500, two clusters",
                     {500, 500, 500, 500, 500, 500},
                     {0.3, 0.3, 0.3, 0.4, 0.4, 0.4}},
        CoverageCase{"4 x 1000, two clusters", std::vector<double>(4, 1000), {.2, .35, .2, .35}},
        CoverageCase{"4 x 100, one apart", std::vector<double>(4, 100), {.2, .35, .35, .35}},
        CoverageCase{"12 x 1000, one apart",
                     std::vector<double>(12, 1000),
                     {.1, .02, .02, .02, .02, .02, .02, .02, .02, .02, .02, .02}},
        CoverageCase{"12 x 100, one apart",
                     std::vector<double>(12, 100),
                     {.2, .35, .35, .35, .35, .35, .35, .35, .35, .35, .35, .35}},
        CoverageCase{"8, 100 beside 1000",
                     {100, 1000, 100, 1000, 100, 1000, 100, 1000},
                     {.2, .35, .35, .35, .35, .35, .35, .35}},
        CoverageCase{"20 x 50, parity", std::vector<double>(20, 50), std::vector<double>(20, 0.1)},
        CoverageCase{
            "6 mixed, parity", {50, 100, 300, 500, 1000, 2000}, {0.4, 0.4, 0.4, 0.4, 0.4, 0.4}}));

// The whole interval where groups differ much in size, so that large ones are also looked at alone.
TEST(GapInterval, CoversAlsoWhereLargeGroupsAreLookedAtAlone) {
  constexpr std::uint64_t kSeed = 11;
  constexpr int kSamples = 300;
  Monitor monitor;
  Random random(kSeed);
  const std::vector<double> sizes = {50, 600, 2000};
  for (const std::vector<double>& rates :
       {std::vector<double>{0.3, 0.3, 0.3}, std::vector<double>{0.4, 0.4, 0.5}}) {
    const auto [low, high] = std::minmax_element(rates.begin(), rates.end());
    int covered = 0;
    for (int k = 0; k < kSamples; ++k) {
      std::vector<double> successes;
      for (std::size_t g = 0; g < sizes.size(); ++g) {
        successes.push_back(binomial(random, sizes[g], rates[g]));
      }
      const Interval i =
          *gap_interval(family(sizes, successes), Contrast::Difference, 0.95, monitor);
      covered += i.lower <= *high - *low && *high - *low <= i.upper ? 1 : 0;
    }
    const double share = static_cast<double>(covered) / kSamples;
    std::printf("seed %llu: %.1f %%\n", static_cast<unsigned long long>(kSeed), 100 * share);
    EXPECT_GT(share, 0.93 - 0.025);
    EXPECT_LT(share, 0.97 + 0.025);
  }
}

// Wilson, Newcombe and Koopman at nominal 95 %, averaged over true rates (single rates oscillate,
// as counts do).
TEST(SimpleIntervals, CoverBetween93And97PercentOnAverage) {
  constexpr std::uint64_t kSeed = 7;
  constexpr int kSamples = 20000;
  const double z = normal_two_sided_quantile(0.95);
  Random random(kSeed);
  for (const double n : {50.0, 500.0}) {
    int of_rate = 0, of_difference = 0, of_ratio = 0, with_ratio = 0;
    for (int k = 0; k < kSamples; ++k) {
      const double p = 0.1 + 0.8 * random.uniform();
      const double q = k % 2 == 0 ? p : 0.1 + 0.8 * random.uniform();
      const Proportion a = of(binomial(random, n, p), n);
      const Proportion b = of(binomial(random, 2 * n, q), 2 * n);
      const auto inside = [](const Interval& i, double x) { return i.lower <= x && x <= i.upper; };
      of_rate += inside(wilson(a, z), p) ? 1 : 0;
      of_difference += inside(newcombe(a, b, z), p - q) ? 1 : 0;
      if (const auto ratio = koopman(a, b, z)) {
        ++with_ratio;
        of_ratio += inside(*ratio, p / q) ? 1 : 0;
      }
    }
    const auto expect = [&](int covered, int all, const char* what) {
      const double share = static_cast<double>(covered) / all;
      std::printf("seed %llu, %s, n = %.0f: %.1f %%\n", static_cast<unsigned long long>(kSeed),
                  what, n, 100 * share);
      EXPECT_GT(share, 0.93);
      EXPECT_LT(share, 0.97);
    };
    expect(of_rate, kSamples, "Wilson");
    expect(of_difference, kSamples, "Newcombe");
    expect(of_ratio, with_ratio, "Koopman");
  }
}

}  // namespace
}  // namespace fairdb
