#include <cmath>
#include <limits>

#include "core/kernel/cache.hpp"
#include "core/kernel/slack_set.hpp"
#include "core/kernel/train.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

using test::random_problem;

Summary summary_of(const RowStore& rows) {
  Summary summary(rows.columns(), 1, {});
  rows.each([&](const RowBlock& block) { summary.add(block); });
  return summary;
}

KernelFit fit(const test::Problem& problem,
              const FairOptions& options,
              const KernelOptions& kernel,
              std::size_t cache = 1 << 20) {
  Monitor quiet;
  const Index d = problem.rows.columns();
  const Summary summary = summary_of(problem.rows);
  const Scaling raw{Vector::Zero(d), Vector::Ones(d)};
  const GroupNames names{problem.labels};
  KernelProblem exact(summary, problem.rows, raw, names, options, kernel, cache, quiet);
  return exact.fit(options.c, options.epsilon);
}

FairOptions svm(Fairness fairness, double epsilon = 0, double c = 0.5) {
  return {.loss = Hinge{}, .fairness = fairness, .epsilon = epsilon, .c = c};
}

constexpr KernelOptions kRbf{{KernelKind::Rbf, 0.3, 3, 1}, 0, 0};
constexpr KernelOptions kLinear{{KernelKind::Linear, 1, 3, 1}, 0, 0};
// The same inner products, solved in the dual.
constexpr KernelOptions kDegreeOne{{KernelKind::Polynomial, 1, 1, 0}, 0, 0};

// Scores of all rows, with labels and groups.
struct Scored {
  Vector f;
  Vector y;
  std::vector<std::int32_t> group;
};
Scored scored(const test::Problem& problem, const KernelFit& fit) {
  Monitor quiet;
  Scored result{Vector(problem.rows.rows()), Vector(problem.rows.rows()), {}};
  Index offset = 0;
  problem.rows.each([&](const RowBlock& block) {
    const RowMatrix z =
        (block.x().rowwise() - fit.mean.transpose()) * fit.scale.cwiseInverse().asDiagonal();
    result.f.segment(offset, block.rows()) = scores(fit, z, quiet);
    result.y.segment(offset, block.rows()) = block.values.rightCols(1);
    result.group.insert(result.group.end(), block.group.begin(), block.group.end());
    offset += block.rows();
  });
  return result;
}

// The largest difference of the groups' mean scores over the rows of a label (0: all).
double spread(const Scored& s, double label, int groups) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (int g = 0; g < groups; ++g) {
    double sum = 0;
    int n = 0;
    for (Index i = 0; i < s.f.size(); ++i) {
      if (s.group[static_cast<std::size_t>(i)] != g || (label != 0 && s.y(i) != label)) continue;
      sum += s.f(i);
      ++n;
    }
    low = std::min(low, sum / n);
    high = std::max(high, sum / n);
  }
  return high - low;
}

TEST(KernelMatrix, HoldsTheKernelsOfItsPoints) {
  RowMatrix a(2, 2);
  a << 1, 2, 3, -1;
  const RowMatrix linear = kernel_matrix({KernelKind::Linear, 1, 3, 1}, a, a);
  EXPECT_EQ(linear(0, 1), 1);
  EXPECT_NEAR(kernel_matrix({KernelKind::Rbf, 0.5, 3, 1}, a, a)(0, 1), std::exp(-0.5 * 13), 1e-15);
  EXPECT_NEAR(kernel_matrix({KernelKind::Polynomial, 2, 3, 1}, a, a)(1, 0), 27, 1e-12);
  for (const KernelKind kind : {KernelKind::Linear, KernelKind::Rbf, KernelKind::Polynomial}) {
    EXPECT_EQ(named<KernelKind>(name(kind)), kind);
    for (const double gamma : {0.7, 1e-4, 1e-9}) {
      const Kernel kernel{kind, gamma, 2, 1};
      const RowMatrix k = kernel_matrix(kernel, a, a);
      const Vector origin = kernel_at_origin(kernel, a);
      const RowMatrix zero = RowMatrix::Zero(1, 2);
      EXPECT_NEAR(origin(1), kernel_matrix(kernel, a, zero)(1, 0), 1e-15);
      const RowMatrix centred = centred_kernel_matrix(kernel, a, a);
      for (const Index i : {0, 1}) {
        for (const Index j : {0, 1}) {
          EXPECT_NEAR(centred(i, j),
                      k(i, j) - origin(i) - origin(j) + kernel_matrix(kernel, zero, zero)(0, 0),
                      1e-13 * std::max(1.0, k(i, j)));
        }
      }
      // To first order in a small gamma: <x, z> times a constant.
      if (gamma < 1e-8) {
        EXPECT_NEAR(centred(1, 0), centred(0, 0) * a.row(1).dot(a.row(0)) / a.row(0).squaredNorm(),
                    1e-6 * centred(0, 0));
      }
      KernelRows rows(kernel, a);
      const RowMatrix& expected = rows.centred() ? centred : k;
      EXPECT_EQ(rows.centred(),
                kind == KernelKind::Polynomial || (kind == KernelKind::Rbf && gamma < 1e-3));
      Eigen::VectorXf row;
      rows.row(1, row);
      EXPECT_NEAR(static_cast<double>(row(0)), expected(1, 0),
                  1e-6 * std::abs(expected(0, 0)) + 1e-7 * std::abs(expected(1, 0)));
      EXPECT_NEAR(rows.diagonal(0), expected(0, 0), 1e-12 * std::abs(expected(0, 0)));
    }
  }
}

TEST(KernelProblem, AgreesWithTheLinearTrainer) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const auto problem = random_problem(seed, 300, 6, 3, true);
    for (const Fairness fairness :
         {Fairness::None, Fairness::EqualOpportunity, Fairness::EqualizedOdds}) {
      for (const double epsilon : {0.0, 0.1, 100.0}) {
        SCOPED_TRACE(std::to_string(seed) + " " + std::string(name(fairness)) + " " +
                     std::to_string(epsilon));
        const FairOptions options = svm(fairness, epsilon);
        Monitor quiet;
        const LinearFit linear =
            fit_linear(summary_of(problem.rows), &problem.rows, {Vector::Zero(6), Vector::Ones(6)},
                       {problem.labels}, options, nullptr, quiet);
        const KernelFit kernel = fit(problem, options, kLinear);
        EXPECT_NEAR(kernel.report.objective, linear.report.objective,
                    1e-8 * linear.report.objective);
        ASSERT_EQ(kernel.vectors.rows(), 1);
        EXPECT_LT((kernel.vectors.row(0).transpose() - linear.weights).norm(), 1e-4);
        const KernelFit dual = fit(problem, options, kDegreeOne);
        EXPECT_NEAR(dual.report.objective, linear.report.objective, 2e-6 * linear.report.objective);
        EXPECT_LE(dual.relative_gap, 1e-6);
        const Vector weights = dual.vectors.transpose() * dual.coefficients;
        EXPECT_LT((weights - linear.weights).norm(), 0.01);
      }
    }
  }
}

TEST(KernelProblem, HoldsTheConstraintWhereItBinds) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    const int groups = 2 + static_cast<int>(seed % 3);
    const auto problem = random_problem(seed, 300, 3, groups, true);
    const KernelFit free = fit(problem, svm(Fairness::None), kRbf);
    const double unfair = spread(scored(problem, free), 1, groups);
    double before = std::numeric_limits<double>::infinity();
    for (const double share : {0.0, 0.3, 0.7, 2.0}) {
      const double epsilon = share * unfair;
      const KernelFit fair = fit(problem, svm(Fairness::EqualOpportunity, epsilon), kRbf);
      const double found = spread(scored(problem, fair), 1, groups);
      EXPECT_NEAR(found, std::min(epsilon, unfair), 2e-3 * (1 + unfair));
      EXPECT_NEAR(fair.report.violation, found, 1e-5);
      EXPECT_LE(fair.report.objective, before * (1 + 1e-6));
      EXPECT_GE(fair.report.objective, free.report.objective * (1 - 2e-6));
      before = fair.report.objective;
    }
    EXPECT_NEAR(before, free.report.objective, 2e-6 * before);
  }
}

// The objective of the representation, from its definition: the expansion's coefficients and the
// hinge of its scores.
TEST(KernelProblem, ReportsTheObjectiveOfTheModelThatItReturns) {
  const auto problem = random_problem(5, 250, 3, 2, true);
  for (const double epsilon : {0.0, 0.05, 50.0}) {
    const KernelFit result = fit(problem, svm(Fairness::DemographicParity, epsilon), kRbf);
    const RowMatrix k = kernel_matrix(result.kernel, result.vectors, result.vectors);
    const Scored s = scored(problem, result);
    const double hinge = (1 - s.y.array() * s.f.array()).cwiseMax(0.0).sum();
    EXPECT_NEAR(0.5 * result.coefficients.dot(k * result.coefficients) + 0.5 * hinge,
                result.report.objective, 1e-5 * result.report.objective);
  }
}

TEST(KernelProblem, DoesNotDependOnCacheOrderOfGroupsOrStart) {
  const auto problem = random_problem(6, 300, 4, 3, true);
  const FairOptions options = svm(Fairness::EqualOpportunity, 0.05);
  const double objective = fit(problem, options, kRbf).report.objective;
  EXPECT_NEAR(fit(problem, options, kRbf, 0).report.objective, objective, 2e-6 * objective);
  auto renamed = problem;
  for (RowBlock& block : renamed.rows.blocks()) {
    for (std::int32_t& g : block.group) g = (g + 1) % 3;
  }
  EXPECT_NEAR(fit(renamed, options, kRbf).report.objective, objective, 2e-6 * objective);
  Monitor quiet;
  const Summary summary = summary_of(problem.rows);
  const GroupNames names{problem.labels};
  KernelProblem several(summary, problem.rows, {Vector::Zero(4), Vector::Ones(4)}, names, options,
                        kRbf, 1 << 20, quiet);
  several.fit(0.01, 0);
  several.fit(5, 1);
  EXPECT_NEAR(several.fit(0.5, 0.05).report.objective, objective, 2e-6 * objective);
}

TEST(KernelProblem, WithAllRowsAsLandmarksIsTheExactProblem) {
  const auto problem = random_problem(7, 150, 3, 2, true);
  const FairOptions options = svm(Fairness::EqualOpportunity);
  KernelOptions landmarks = kRbf;
  landmarks.components = 150;
  const KernelFit exact = fit(problem, options, kRbf);
  const KernelFit mapped = fit(problem, options, landmarks);
  EXPECT_NEAR(mapped.report.objective, exact.report.objective, 1e-4 * exact.report.objective);
  landmarks.components = 20;
  landmarks.seed = 3;
  const KernelFit few = fit(problem, options, landmarks);
  EXPECT_EQ(few.vectors.rows(), 20);
  EXPECT_LE(few.report.violation, 1e-8);
  FairOptions logistic = options;
  EXPECT_NO_THROW(validate(logistic, landmarks));
  logistic.loss = Logistic{};
  EXPECT_NO_THROW(validate(logistic, landmarks));
  EXPECT_THROW(validate(logistic, kRbf), Error);
}

TEST(KernelProblem, PassesEveryCancellationThrough) {
  const auto problem = random_problem(8, 120, 3, 2, true);
  const Summary summary = summary_of(problem.rows);
  const GroupNames names{problem.labels};
  int cancelled = 0;
  for (int calls = 0; calls < 5000; ++calls) {
    test::StopAfter monitor(calls);
    try {
      KernelProblem exact(summary, problem.rows, {Vector::Zero(3), Vector::Ones(3)}, names,
                          svm(Fairness::EqualOpportunity), kRbf, 1 << 20, monitor);
      exact.fit(0.5, 0);
      break;
    } catch (const test::Cancelled&) {
      ++cancelled;
    }
  }
  EXPECT_GT(cancelled, 10);
  EXPECT_LT(cancelled, 5000);
}

TEST(SlackSet, ProjectsOntoTheStrips) {
  Monitor quiet;
  test::Random random(9);
  for (int round = 0; round < 50; ++round) {
    RowMatrix means(4, 3);
    for (Index i = 0; i < means.size(); ++i) means.data()[i] = random.normal();
    SlackSet slack({means}, 3, 0.5, quiet);
    const auto allowed = [&](const Vector& s) {
      const Vector at = means * s;
      return at.maxCoeff() - at.minCoeff() <= 0.5 + 1e-9;
    };
    Vector g(3);
    for (Index j = 0; j < 3; ++j) g(j) = 2 * random.normal();
    const Vector nearest = slack.project(g);
    EXPECT_TRUE(allowed(nearest));
    for (int k = 0; k < 100; ++k) {
      Vector other = nearest;
      for (Index j = 0; j < 3; ++j) other(j) += 0.1 * random.normal();
      if (allowed(other)) {
        EXPECT_GE((other - g).norm(), (nearest - g).norm() - 1e-8);
      }
    }
  }
}

TEST(SlackSet, ProjectsAlsoWhereTheDirectionsAreFarFromOrthogonal) {
  Monitor quiet;
  RowMatrix means(20, 19);
  test::Random random(3);
  for (Index i = 0; i < means.rows(); ++i) {
    for (Index j = 0; j < means.cols(); ++j) means(i, j) = random.normal() * std::pow(0.7, j);
  }
  SlackSet slack({means}, 19, 0.1, quiet);
  const Vector g = Vector::Ones(19);
  const Vector nearest = slack.project(g);
  EXPECT_LE(spread_of_scores(means, nearest), 0.1 + 1e-9);
  SlackSet fresh({means}, 19, 0.1, quiet);
  fresh.project(-2 * g);
  EXPECT_LT((fresh.project(g) - nearest).norm(), 1e-5);
}

TEST(RowCache, ForgetsTheRowThatWasUsedLongestAgo) {
  std::vector<Index> computed;
  RowCache cache(4, 2 * (4 * sizeof(float) + 64), [&](Index i, Eigen::VectorXf& row) {
    computed.push_back(i);
    row.setConstant(static_cast<float>(i));
  });
  for (const Index i : {0, 1, 0, 2, 0, 1}) {
    EXPECT_EQ(cache.row(i)(3), static_cast<float>(i));
  }
  EXPECT_EQ(computed, (std::vector<Index>{0, 1, 2, 1}));
}

}  // namespace
}  // namespace fairdb
