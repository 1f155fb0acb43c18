#include <algorithm>
#include <cmath>

#include "core/features/encoding.hpp"
#include "core/features/target.hpp"
#include "core/linear/moments_value.hpp"
#include "core/linear/train.hpp"
#include "core/objective/risk.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

using test::random_problem;

Summary summary_of(const RowStore& rows, const TargetClasses& classes = {}) {
  Summary summary(rows.columns(), 1, classes);
  rows.each([&](const RowBlock& block) { summary.add(block); });
  return summary;
}

Scaling raw_units(Index d) {
  return {Vector::Zero(d), Vector::Ones(d)};
}

LinearFit fit(const test::Problem& problem,
              const FairOptions& options,
              const TargetClasses& classes = {}) {
  Monitor quiet;
  TargetClasses of = classes;
  of.binary = options.binary;
  const Summary summary = summary_of(problem.rows, of);
  return fit_linear(summary, &problem.rows, raw_units(problem.rows.columns()), {problem.labels},
                    options, nullptr, quiet);
}

constexpr Fairness kFairness[] = {Fairness::None, Fairness::DemographicParity,
                                  Fairness::EqualOpportunity, Fairness::PredictiveEquality,
                                  Fairness::EqualizedOdds};

std::vector<RowMatrix> conditions(const test::Problem& problem,
                                  Fairness fairness,
                                  const LinearFit& fit) {
  return conditions_of(summary_of(problem.rows), fairness, fit.mean, fit.scale, {problem.labels});
}

// The data's part of the objective and its gradient in standardised coordinates.
double risk_at(const test::Problem& problem,
               const AnyLoss& loss,
               const RowCosts& costs,
               const LinearFit& fit,
               const Vector& w,
               double b,
               Vector* gradient) {
  const Index d = w.size();
  Vector g = Vector::Zero(d + 1);
  double value = 0;
  std::visit(
      [&](const auto& l) {
        problem.rows.each([&](const RowBlock& block) {
          for (Index i = 0; i < block.rows(); ++i) {
            const Vector z = (block.x().row(i).transpose() - fit.mean).cwiseQuotient(fit.scale);
            const LossValue at = l(w.dot(z) + b, block.y(i));
            const double cost = costs.of(block.y(i), block.w(i));
            value += cost * at.value;
            g.head(d) += cost * at.slope * z;
            g(d) += cost * at.slope;
          }
        });
      },
      loss);
  if (gradient != nullptr) *gradient = g;
  return value;
}

// At the optimum the gradient is orthogonal to every direction that the constraint leaves free: it
// is a combination of the differences of means.
TEST(FitLinear, SatisfiesTheOptimalityConditionsOfEverySmoothLoss) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto problem = random_problem(seed, 600, 8, 2 + static_cast<int>(seed % 4), true);
    for (const AnyLoss& loss : kLosses) {
      if (solver_of(loss) == LossSolver::Hinge) continue;
      for (const Fairness fairness : kFairness) {
        SCOPED_TRACE(std::to_string(seed) + " " + std::string(name(loss)) + " " +
                     std::string(name(fairness)));
        const FairOptions options{.loss = loss, .fairness = fairness, .c = 0.5};
        const LinearFit result = fit(problem, options);
        EXPECT_EQ(result.report.outcome, Outcome::Converged);
        EXPECT_LE(result.report.violation, 1e-12);
        const auto means = conditions(problem, fairness, result);
        EXPECT_LE(spread_of_scores(means, result.weights), 1e-12);
        Vector gradient;
        const double value = risk_at(problem, loss, {0.5, 1, 1}, result, result.weights,
                                     result.intercept, &gradient);
        gradient.head(8) += result.weights;
        EXPECT_NEAR(value + 0.5 * result.weights.squaredNorm(), result.report.objective,
                    1e-9 * result.report.objective);
        Monitor quiet;
        const RowMatrix z = WeightSpace(constraint_directions(means, 8), Vector::Ones(8), quiet)
                                .orthonormal_basis(quiet);
        EXPECT_LT((z.transpose() * gradient.head(8)).norm(), 1e-6);
        EXPECT_LT(std::abs(gradient(8)), 1e-6);
      }
    }
  }
}

// A loss of numbers depends on their distance from the scores alone: the solvers count on it.
TEST(FitLinear, SatisfiesTheOptimalityConditionsOfEveryLossOfNumbers) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    auto problem = random_problem(seed, 600, 8, 3, false);
    for (RowBlock& block : problem.rows.blocks()) block.values.col(8).array() += 100;
    for (const AnyLoss& loss : kLosses) {
      if (target_of(loss) != LossTarget::Numbers) continue;
      SCOPED_TRACE(std::to_string(seed) + " " + std::string(name(loss)));
      const FairOptions options{
          .loss = loss, .fairness = Fairness::None, .c = 0.5, .binary = false};
      const LinearFit result = fit(problem, options, {false, {}});
      EXPECT_EQ(result.report.outcome, Outcome::Converged);
      Vector gradient;
      const double value =
          risk_at(problem, loss, {0.5, 1, 1}, result, result.weights, result.intercept, &gradient);
      gradient.head(8) += result.weights;
      EXPECT_NEAR(value + 0.5 * result.weights.squaredNorm(), result.report.objective,
                  1e-9 * result.report.objective);
      EXPECT_LT(gradient.lpNorm<Eigen::Infinity>(), 1e-6);
    }
  }
}

// With slack: no feasible point nearby is better, and the constraint binds where it should.
TEST(FitLinear, IsOptimalWithSlackForEveryLoss) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const auto problem = random_problem(seed, 400, 5, 3, true);
    for (const AnyLoss& loss : kLosses) {
      for (const Fairness fairness : {Fairness::DemographicParity, Fairness::EqualizedOdds}) {
        SCOPED_TRACE(std::to_string(seed) + " " + std::string(name(loss)) + " " +
                     std::string(name(fairness)));
        FairOptions options{.loss = loss, .fairness = fairness, .c = 0.5};
        options.epsilon = std::numeric_limits<double>::infinity();
        const LinearFit free = fit(problem, options);
        FairOptions none = options;
        none.fairness = Fairness::None;
        EXPECT_NEAR(free.report.objective, fit(problem, none).report.objective,
                    1e-7 * free.report.objective);
        options.epsilon = 0;
        const LinearFit exact = fit(problem, options);
        options.epsilon = free.report.violation / 3;
        const LinearFit slack = fit(problem, options);
        EXPECT_LE(slack.report.violation, options.epsilon + 1e-8);
        EXPECT_NEAR(slack.report.violation, options.epsilon, 1e-6);
        EXPECT_GE(slack.report.objective, free.report.objective * (1 - 1e-8));
        EXPECT_LE(slack.report.objective, exact.report.objective * (1 + 1e-8));
        const auto means = conditions(problem, fairness, slack);
        test::Random random(seed);
        for (int k = 0; k < 200; ++k) {
          Vector w = slack.weights;
          for (Index j = 0; j < w.size(); ++j) w(j) += 1e-3 * random.normal();
          if (spread_of_scores(means, w) > options.epsilon) continue;
          const double b = slack.intercept + 1e-3 * random.normal();
          const double value =
              risk_at(problem, loss, {0.5, 1, 1}, slack, w, b, nullptr) + 0.5 * w.squaredNorm();
          EXPECT_GE(value, slack.report.objective * (1 - 1e-8));
        }
        options.epsilon = 2 * free.report.violation;
        EXPECT_LT((fit(problem, options).weights - free.weights).norm(), 2e-4);
      }
    }
  }
}

// Rows far from the margin are left out of the hinge's solver and come back when they matter.
TEST(FitLinear, HingeOfManyRowsIsThatOfAllRowsAtOnce) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    SCOPED_TRACE(seed);
    const auto problem = random_problem(seed, 20000, 4, 3, true);
    const FairOptions options{.loss = Hinge{}, .fairness = Fairness::EqualOpportunity, .c = 0.1};
    const LinearFit result = fit(problem, options);
    EXPECT_EQ(result.report.outcome, Outcome::Converged);
    EXPECT_NEAR(
        risk_at(problem, Hinge{}, {0.1, 1, 1}, result, result.weights, result.intercept, nullptr) +
            0.5 * result.weights.squaredNorm(),
        result.report.objective, 1e-8 * result.report.objective);
    const auto means = conditions(problem, options.fairness, result);
    Monitor quiet;
    const RowMatrix z = WeightSpace(constraint_directions(means, 4), Vector::Ones(4), quiet)
                            .orthonormal_basis(quiet);
    test::Random random(seed);
    for (int k = 0; k < 100; ++k) {
      Vector t(z.cols());
      for (Index j = 0; j < t.size(); ++j) t(j) = 1e-3 * random.normal();
      const Vector w = result.weights + z * t;
      EXPECT_GE(risk_at(problem, Hinge{}, {0.1, 1, 1}, result, w,
                        result.intercept + 1e-3 * random.normal(), nullptr) +
                    0.5 * w.squaredNorm(),
                result.report.objective * (1 - 1e-8));
    }
  }
}

TEST(FitLinear, ClosedFormAgreesWithNewtonsMethod) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    const auto problem = random_problem(seed, 400, 6, 3, true);
    for (const Fairness fairness : kFairness) {
      FairOptions options{.loss = Squared{}, .fairness = fairness, .c = 2};
      const LinearFit a = fit(problem, options);
      options.class_weight = {false, 1, 1 + 1e-15};  // no closed form
      ASSERT_FALSE(closed_form(options));
      const LinearFit b = fit(problem, options);
      EXPECT_LT((a.weights - b.weights).norm(), 1e-7);
      EXPECT_NEAR(a.intercept, b.intercept, 1e-7);
      EXPECT_NEAR(a.report.objective, b.report.objective, 1e-9 * b.report.objective);
    }
  }
}

TEST(FitLinear, KeepsItsDigitsFarFromTheOrigin) {
  auto problem = random_problem(5, 500, 3, 2, false);
  const FairOptions options{
      .loss = Squared{}, .fairness = Fairness::DemographicParity, .binary = false};
  const LinearFit near = fit(problem, options);
  for (RowBlock& block : problem.rows.blocks()) block.x().array() += 1e6;
  const LinearFit far = fit(problem, options);
  // Rounding of the shifted data is 1e6 * 2^-53 of deviations near 1.
  EXPECT_LT((near.weights - far.weights).norm(), 1e-7);
}

TEST(FitLinear, TakesAWeightOfTwoForTheRowTwice) {
  for (const AnyLoss& loss : kLosses) {
    SCOPED_TRACE(name(loss));
    auto weighted = random_problem(6, 400, 4, 3, true);
    auto repeated = weighted;
    test::Random random(6);
    for (RowBlock& block : weighted.rows.blocks()) {
      block.weight.resize(block.rows());
      RowBlock twice;
      std::vector<Index> places;
      for (Index i = 0; i < block.rows(); ++i) {
        block.weight(i) = 1 + random.below(2);
        if (block.weight(i) == 2) places.push_back(i);
      }
      RowBlock extra = select_rows(block, places);
      extra.weight.resize(0);
      repeated.rows.append(std::move(extra));
    }
    const FairOptions options{.loss = loss, .fairness = Fairness::EqualOpportunity};
    const LinearFit a = fit(weighted, options);
    const LinearFit b = fit(repeated, options);
    EXPECT_NEAR(a.report.objective, b.report.objective, 1e-7 * b.report.objective);
    EXPECT_LT((a.weights - b.weights).norm(), 1e-4);
    EXPECT_LT((a.scale - b.scale).norm(), 1e-10);
  }
}

TEST(FitLinear, BalancedClassWeightsGiveBothClassesTheSameSay) {
  const auto problem = random_problem(7, 500, 4, 2, true);
  FairOptions options{.fairness = Fairness::None};
  options.class_weight.balanced = true;
  const LinearFit balanced = fit(problem, options);
  double positives = 0;
  problem.rows.each([&](const RowBlock& block) {
    for (Index i = 0; i < block.rows(); ++i) positives += block.y(i) > 0 ? 1 : 0;
  });
  options.class_weight = {false, 500 / (2 * (500 - positives)), 500 / (2 * positives)};
  EXPECT_LT((fit(problem, options).weights - balanced.weights).norm(), 1e-8);
}

TEST(FitLinear, IsUnchangedByTheNamesAndOrderOfGroups) {
  const auto problem = random_problem(6, 500, 7, 4, true);
  auto renamed = problem;
  for (RowBlock& block : renamed.rows.blocks()) {
    for (std::int32_t& g : block.group) g = (g + 2) % 4;
  }
  for (const double epsilon : {0.0, 0.05}) {
    const FairOptions options{.fairness = Fairness::EqualOpportunity, .epsilon = epsilon};
    EXPECT_LT((fit(problem, options).weights - fit(renamed, options).weights).norm(), 1e-6);
  }
}

TEST(FitLinear, IsUnchangedByTheUnitsInWhichTheRowsAreStored) {
  const auto problem = random_problem(8, 500, 5, 3, true);
  auto stored = problem;
  const Scaling units{Vector::LinSpaced(5, -1, 3), Vector::LinSpaced(5, 0.5, 4)};
  for (RowBlock& block : stored.rows.blocks()) {
    block.x().rowwise() -= units.mean.transpose();
    block.x().array().rowwise() /= units.scale.transpose().array();
  }
  Monitor quiet;
  const Summary summary = summary_of(problem.rows);
  for (const AnyLoss& loss : {AnyLoss(Logistic{}), AnyLoss(Hinge{})}) {
    const FairOptions options{.loss = loss};
    const LinearFit a = fit(problem, options);
    const LinearFit b =
        fit_linear(summary, &stored.rows, units, {problem.labels}, options, nullptr, quiet);
    EXPECT_LT((a.weights - b.weights).norm(), 1e-5);
    EXPECT_NEAR(a.intercept, b.intercept, 1e-5);
  }
}

TEST(FitLinear, EliminationSatisfiesTheConstraintWithAnotherRegulariser) {
  const auto problem = random_problem(9, 500, 5, 3, true);
  FairOptions options{.fairness = Fairness::EqualOpportunity, .c = 0.01};
  const LinearFit projected = fit(problem, options);
  options.method = Method::Elimination;
  const LinearFit eliminated = fit(problem, options);
  EXPECT_LE(eliminated.report.violation, 1e-12);
  EXPECT_EQ(eliminated.free_dimensions, projected.free_dimensions);
  EXPECT_GT((projected.weights - eliminated.weights).norm(), 1e-6);
  options.epsilon = 0.1;
  EXPECT_THROW(validate(options), Error);
}

TEST(FitLinear, HuberIsSquaredWithinItsParameterAndRobustBeyond) {
  auto problem = random_problem(11, 600, 4, 2, false);
  FairOptions options{
      .loss = Huber{1e6}, .fairness = Fairness::DemographicParity, .c = 10, .binary = false};
  const TargetClasses numbers{false, {}};
  const LinearFit wide = fit(problem, options, numbers);
  options.loss = Squared{};
  const LinearFit squared = fit(problem, options, numbers);
  EXPECT_LT((wide.weights - squared.weights).norm(), 1e-6);
  EXPECT_NEAR(wide.report.objective, squared.report.objective, 1e-6 * squared.report.objective);
  // A tenth of the rows far off: Huber's weights hardly move, the squared loss's do.
  options.loss = Huber{0.5};
  const LinearFit clean = fit(problem, options, numbers);
  test::Random random(12);
  for (RowBlock& block : problem.rows.blocks()) {
    for (Index i = 0; i < block.rows(); ++i) {
      if (random.below(10) == 0) block.values(i, 4) += 1000 * block.values(i, 0);
    }
  }
  const LinearFit robust = fit(problem, options, numbers);
  options.loss = Squared{};
  const LinearFit moved = fit(problem, options, numbers);
  EXPECT_LT((robust.weights - clean.weights).norm(), 0.5);
  EXPECT_GT((moved.weights - squared.weights).norm(), 10);
  EXPECT_EQ(robust.report.outcome, Outcome::Converged);
  EXPECT_LE(robust.report.violation, 1e-9);
}

// Huber's optimum by its first-order conditions, in the units of the fit: w = c sum slope z, and
// the slopes sum to 0.
void expect_huber_optimum(const test::Problem& problem,
                          const LinearFit& fit,
                          double delta,
                          double c) {
  double sum = 0;
  double total = 0;
  Vector weights = Vector::Zero(fit.weights.size());
  for (const RowBlock& block : problem.rows.blocks()) {
    for (Index i = 0; i < block.rows(); ++i) {
      const Vector z = (block.x().row(i).transpose() - fit.mean).cwiseQuotient(fit.scale);
      const double residual = z.dot(fit.weights) + fit.intercept - block.y(i);
      const double slope = c * std::clamp(residual, -delta, delta);
      sum += slope;
      total += std::abs(slope);
      weights -= slope * z;
    }
  }
  EXPECT_LT(std::abs(sum) / total, 1e-6);
  EXPECT_LT((weights - fit.weights).norm() / total, 1e-6);
}

TEST(FitLinear, HuberFindsItsOptimumWhereverTheTargetsAre) {
  const TargetClasses numbers{false, {}};
  for (const double delta : {0.01, 0.3, 1.5}) {
    for (const double c : {1.0, 1e3, 1e6}) {
      // Far from 0; in three humps, with no row near the mean of all; spread widely, and hardly.
      for (const char* shape : {"far", "humps", "wide", "narrow"}) {
        SCOPED_TRACE(testing::Message() << "huber(" << delta << "), c " << c << ", " << shape);
        FairOptions options{
            .loss = Huber{delta}, .fairness = Fairness::None, .c = c, .binary = false};
        auto problem = random_problem(13, 600, 3, 2, false);
        for (RowBlock& block : problem.rows.blocks()) {
          for (Index i = 0; i < block.rows(); ++i) {
            double& y = block.values(i, 3);
            if (shape[0] == 'f') y += 2000;
            if (shape[0] == 'h') y += i % 5 == 0 ? 300 : i % 5 < 3 ? 100 : 0;
            if (shape[0] == 'w') y = 1e9 + 8000 * y;
            if (shape[0] == 'n') y *= 1e-9;
          }
        }
        const LinearFit result = fit(problem, options, numbers);
        EXPECT_EQ(result.report.outcome, Outcome::Converged);
        expect_huber_optimum(problem, result, delta, c);
        // Within a polytope.
        options.fairness = Fairness::DemographicParity;
        options.epsilon = 0.01;
        const LinearFit fair = fit(problem, options, numbers);
        EXPECT_EQ(fair.report.outcome, Outcome::Converged);
        EXPECT_LE(fair.report.violation, 0.01 * (1 + 1e-9));
        EXPECT_GE(fair.report.objective, result.report.objective * (1 - 1e-9));
      }
    }
  }
}

TEST(FitLinear, HuberMeetsATargetThatDoesNotVary) {
  const TargetClasses numbers{false, {}};
  const double ulp = std::numeric_limits<double>::epsilon();
  for (const double target : {0.0, 0.1, 3.14, -7.7e-5, 1e9, 1e150}) {
    for (const double epsilon : {0.0, 0.1}) {
      SCOPED_TRACE(testing::Message() << target << ", epsilon " << epsilon);
      auto problem = random_problem(13, 600, 3, 2, false);
      for (RowBlock& block : problem.rows.blocks()) {
        for (Index i = 0; i < block.rows(); ++i) block.values(i, 3) = target * (1 + i % 2 * ulp);
      }
      const FairOptions options{.loss = Huber{1},
                                .fairness = Fairness::DemographicParity,
                                .epsilon = epsilon,
                                .binary = false};
      const LinearFit result = fit(problem, options, numbers);
      EXPECT_EQ(result.report.outcome, Outcome::Converged);
      EXPECT_EQ(result.weights.lpNorm<Eigen::Infinity>(), 0);
      EXPECT_NEAR(result.intercept, target, 1e-14 * std::abs(target));
    }
  }
}

// Numbers that a double holds exactly, so that the same problem lies elsewhere only.
TEST(FitLinear, HuberFindsTheSameWeightsFarFromZero) {
  const TargetClasses numbers{false, {}};
  const FairOptions options{.loss = Huber{0.3}, .fairness = Fairness::None, .binary = false};
  std::optional<LinearFit> near;
  for (const double origin : {0.0, 1e6, 1.5e12, -1.5e12}) {
    SCOPED_TRACE(origin);
    auto problem = random_problem(13, 600, 3, 2, false);
    for (RowBlock& block : problem.rows.blocks()) {
      for (Index i = 0; i < block.rows(); ++i) {
        double& y = block.values(i, 3);
        y = origin + std::round(4 * y) / 4;
      }
    }
    const LinearFit result = fit(problem, options, numbers);
    EXPECT_EQ(result.report.outcome, Outcome::Converged);
    if (!near) near = result;
    EXPECT_LE((result.weights - near->weights).lpNorm<Eigen::Infinity>(), 1e-6);
    EXPECT_NEAR(result.report.objective, near->report.objective, 1e-9 * near->report.objective);
  }
}

TEST(FitLinear, ComparesRowsOfSimilarTargetsInBins) {
  const auto problem = random_problem(10, 900, 6, 2, false);
  const TargetClasses bins{false, {-0.5, 0.5}};
  const FairOptions options{
      .loss = Squared{}, .fairness = Fairness::EqualizedOdds, .binary = false};
  const LinearFit result = fit(problem, options, bins);
  EXPECT_EQ(result.free_dimensions, 3);
  const auto means = conditions_of(summary_of(problem.rows, bins), Fairness::EqualizedOdds,
                                   result.mean, result.scale, {problem.labels});
  ASSERT_EQ(means.size(), 3U);
  EXPECT_LE(spread_of_scores(means, result.weights), 1e-12);
}

TEST(FitLinear, HoldsSeveralAttributesEachByItself) {
  auto problem = random_problem(11, 600, 6, 2, true);
  test::Random random(11);
  for (RowBlock& block : problem.rows.blocks()) {
    std::vector<std::int32_t> both;
    for (const std::int32_t g : block.group) {
      both.push_back(g);
      both.push_back(random.below(3));
    }
    block.group = both;
    block.attributes = 2;
  }
  Summary summary(6, 2, {});
  problem.rows.each([&](const RowBlock& block) { summary.add(block); });
  const GroupNames names = {{"a", "b"}, {"x", "y", "z"}};
  Monitor quiet;
  const LinearFit result = fit_linear(summary, &problem.rows, raw_units(6), names,
                                      {.fairness = Fairness::DemographicParity}, nullptr, quiet);
  EXPECT_EQ(result.free_dimensions, 3);
  const auto means =
      conditions_of(summary, Fairness::DemographicParity, result.mean, result.scale, names);
  ASSERT_EQ(means.size(), 2U);
  EXPECT_LE(spread_of_scores(means, result.weights), 1e-12);
}

TEST(FitLinear, TakesConstantAndCollinearColumnsAndNamesThem) {
  auto problem = random_problem(7, 300, 4, 2, true);
  for (RowBlock& block : problem.rows.blocks()) {
    block.values.col(1).setConstant(0.1);
    block.values.col(2) = -3 * block.values.col(0);
  }
  for (const AnyLoss& loss : kLosses) {
    const LinearFit result = fit(problem, {.loss = loss, .fairness = Fairness::DemographicParity});
    EXPECT_EQ(result.scale(1), 1);
    EXPECT_NEAR(result.weights(0), -result.weights(2), 1e-6);
    EXPECT_TRUE(result.weights.allFinite());
  }
  Monitor quiet;
  const Degenerate degenerate = degenerate_columns(summary_of(problem.rows).joint(), quiet);
  EXPECT_EQ(degenerate.constant, (std::vector<Index>{1}));
  EXPECT_EQ(degenerate.collinear, (std::vector<Index>{2}));
}

TEST(FitLinear, PassesEveryCancellationThroughAndNothingElse) {
  const auto problem = random_problem(8, 300, 3, 2, true);
  const Summary summary = summary_of(problem.rows);
  for (const AnyLoss& loss : {AnyLoss(Logistic{}), AnyLoss(Hinge{})}) {
    int cancelled = 0;
    for (int calls = 0; calls < 5000; ++calls) {
      test::StopAfter monitor(calls);
      try {
        fit_linear(summary, &problem.rows, raw_units(3), {problem.labels}, {.loss = loss}, nullptr,
                   monitor);
        break;
      } catch (const test::Cancelled&) {
        ++cancelled;
      }
    }
    EXPECT_GT(cancelled, 10);
    EXPECT_LT(cancelled, 5000);
  }
}

TEST(FitLinear, RefusesWhatItCannotCompare) {
  auto one_group = random_problem(9, 100, 2, 1, true);
  EXPECT_THROW(fit(one_group, {}), Error);
  EXPECT_NO_THROW(fit(one_group, {.fairness = Fairness::None}));
  auto one_class = random_problem(9, 100, 2, 2, true);
  for (RowBlock& block : one_class.rows.blocks()) block.values.rightCols(1).setOnes();
  EXPECT_THROW(fit(one_class, {}), Error);
  auto no_positive = random_problem(9, 100, 2, 2, true);
  for (RowBlock& block : no_positive.rows.blocks()) {
    for (Index i = 0; i < block.rows(); ++i) {
      if (block.group[static_cast<std::size_t>(i)] == 1) block.values(i, 2) = -1;
    }
  }
  EXPECT_THROW(fit(no_positive, {.fairness = Fairness::EqualOpportunity}), Error);
  EXPECT_NO_THROW(fit(no_positive, {.fairness = Fairness::DemographicParity}));
  EXPECT_THROW(fit({RowBlocks(2), {}}, {}), Error);
  EXPECT_THROW(validate({.c = -1}), Error);
  EXPECT_THROW(validate({.epsilon = -1}), Error);
  EXPECT_THROW(validate({.epsilon = std::nan("")}), Error);
}

TEST(BinaryTarget, TakesTwoCodingsAndNothingElse) {
  const auto convert = [](std::vector<double> values) {
    BinaryTarget target;
    RowMatrix column = Eigen::Map<Vector>(values.data(), static_cast<Index>(values.size()));
    target.convert(column.col(0));
    return std::vector<double>(column.data(), column.data() + column.size());
  };
  EXPECT_EQ(convert({0, 1, 0}), (std::vector<double>{-1, 1, -1}));
  EXPECT_EQ(convert({-1, 1}), (std::vector<double>{-1, 1}));
  EXPECT_THROW(convert({0, 1, -1}), Error);
  EXPECT_THROW(convert({2}), Error);
  EXPECT_THROW(convert({0.5}), Error);
}

TEST(Encoder, TurnsLevelsIntoIndicatorsAndKeepsTheOrderOfColumns) {
  const std::vector<FeatureColumn> columns = {{"c", FeatureKind::Category, {"a", "b", "z"}, 1},
                                              {"x", FeatureKind::Number, {}, 1},
                                              {"v", FeatureKind::Array, {}, 2}};
  Encoder encoder(columns, Vector::Constant(6, 9), 1,
                  RowRoles(columns, OnNull::Impute, true, true, 0, 0));
  const std::vector<std::string_view> labels = {"z", "a"};
  encoder.learn(0, labels);
  RowMatrix numbers(5, 5);          // x, v, target, weight
  numbers << 1, 5, 6, 1, 2,         //
      2, 5, 6, -1, 2,               //
      kUnknown, kUnknown, 7, 1, 2,  //
      4, 5, 6, kUnknown, 2,         //
      4, 5, 6, 1, kUnknown;
  const std::vector<std::int32_t> codes = {0, 7, 1, 8, -1, 9, 0, 9, 0, 9};  // c, group
  const RowBlock block = encoder.encode({numbers, codes, 2, true});
  RowMatrix expected(3, 7);
  expected << 0, 0, 1, 1, 5, 6, 1, 1, 0, 0, 2, 5, 6, -1, 9, 9, 9, 9, 9, 7, 1;
  EXPECT_EQ(block.values, expected);
  EXPECT_EQ(block.group, (std::vector<std::int32_t>{7, 8, 9}));
  EXPECT_EQ(block.weight, Vector(Vector::Constant(3, 2)));
  EXPECT_EQ(encoder.skipped(), 2);
  const std::vector<std::string_view> more = {"z", "a", "new"};
  encoder.learn(0, more);
  std::vector<std::int32_t> unseen = codes;
  unseen[0] = 2;
  EXPECT_THROW(encoder.encode({numbers, unseen, 2, true}), Error);
  unseen[0] = 0;
  unseen[6] = 2;  // of a row that is left out
  EXPECT_EQ(encoder.encode({numbers, unseen, 2, true}).rows(), 3);
  numbers(0, 4) = -1;
  EXPECT_THROW(encoder.encode({numbers, codes, 2, true}), Error);
}

// Rows that a query has grouped are one group each, which gets its name afterwards.
TEST(MomentsValue, OfGroupsThatAreNamedLaterIsThatOfRowsWithTheirGroups) {
  MomentsValue whole(3);
  std::vector<MomentsValue> parts(3, MomentsValue(3));
  Random random(5);
  for (int i = 0; i < 900; ++i) {
    const Vector x = Vector::NullaryExpr(3, [&] { return random.normal(); });
    const double y = random.normal();
    const double w = 1 + i % 3;
    const int g = i % 3;
    const std::string name = "g" + std::to_string(g);
    whole.add(y, name, x, w);
    parts[static_cast<std::size_t>(g)].add(y, "", x, w);
  }
  MomentsValue joined(3);
  MomentsValue(3).name_group("nobody");  // of no rows: nothing to name
  for (int g = 0; g < 3; ++g) {
    MomentsValue& part = parts[static_cast<std::size_t>(g)];
    const std::string name = "g" + std::to_string(g);
    part.name_group(name);
    joined.merge(part);
  }
  EXPECT_EQ(joined.names(), (std::vector<std::string>{"g0", "g1", "g2"}));
  EXPECT_EQ(joined.summary().joint().rows(), 900);
  EXPECT_TRUE(joined.summary().joint().mean().isApprox(whole.summary().joint().mean(), 1e-12));
  EXPECT_TRUE(
      joined.summary().joint().scatter().isApprox(whole.summary().joint().scatter(), 1e-12));
  const GroupSums& found = joined.summary().attributes()[0];
  const GroupSums& expected = whole.summary().attributes()[0];
  ASSERT_EQ(found.groups(), 3);
  for (std::int32_t g = 0; g < 3; ++g) {
    const auto it = std::find(whole.names().begin(), whole.names().end(),
                              joined.names()[static_cast<std::size_t>(g)]);
    const auto same = static_cast<std::int32_t>(it - whole.names().begin());
    for (int c = 0; c < 2; ++c) {
      EXPECT_EQ(found.cell(g, c).rows, expected.cell(same, c).rows);
      EXPECT_TRUE(found.cell(g, c).mean.isApprox(expected.cell(same, c).mean, 1e-12));
    }
  }
}

}  // namespace
}  // namespace fairdb
