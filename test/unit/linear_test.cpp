#include <cmath>

#include "core/linear/model.hpp"
#include "core/linear/target.hpp"
#include "core/objective/risk.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

using test::random_problem;

LinearFit fit(const test::Problem& problem, const LinearOptions& options) {
  RowBlocks rows = problem.rows;
  Monitor quiet;
  return fit_in_memory(rows, problem.labels, options, quiet);
}

LinearFit fit_closed(const test::Problem& problem, const LinearOptions& options) {
  Moments moments(problem.rows.columns() + 1);
  GroupSums sums(problem.rows.columns());
  for (const RowBlock& block : problem.rows.blocks()) {
    moments.add(block.values);
    sums.add(block, options.binary);
  }
  Monitor quiet;
  return fit_from_moments(moments, sums, problem.labels, options, quiet);
}

constexpr Fairness kFairness[] = {Fairness::None, Fairness::DemographicParity,
                                  Fairness::EqualOpportunity, Fairness::EqualizedOdds};

// At the optimum the gradient is orthogonal to every direction that the constraint leaves free: it
// is a combination of the differences of means.
TEST(FitInMemory, SatisfiesTheOptimalityConditions) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    const auto problem = random_problem(seed, 600, 8, 2 + static_cast<int>(seed % 4), true);
    for (const Fairness fairness : kFairness) {
      SCOPED_TRACE(name(fairness));
      LinearOptions options{.loss = Logistic{}, .fairness = fairness, .c = 0.5};
      RowBlocks rows = problem.rows;
      Monitor quiet;
      const LinearFit fit =
          fit_in_memory(rows, problem.labels, options, quiet);  // standardises rows
      EXPECT_EQ(fit.report.outcome, Outcome::Converged);
      EXPECT_LE(fit.report.violation, 1e-12);

      GroupSums sums(8);
      for (const RowBlock& block : rows.blocks()) sums.add(block, true);
      const auto conditions =
          sums.means(fairness, Vector::Zero(8), Vector::Ones(8), problem.labels);
      RowMatrix directions(0, 8);
      for (const RowMatrix& means : conditions) {
        EXPECT_LE(spread_of_scores(means, fit.weights), 1e-12);
        RowMatrix joined(directions.rows() + means.rows() - 1, 8);
        joined << directions, differences_of_means(means);
        directions = joined;
      }
      const Risk risk(rows, Logistic{}, 0.5, quiet);
      Vector v(9), gradient(9), point;
      v << fit.weights, fit.intercept;
      EXPECT_NEAR(risk.evaluate(v, gradient, point), fit.report.objective,
                  1e-9 * fit.report.objective);
      const RowMatrix z = null_basis(directions);
      EXPECT_LT((z.transpose() * gradient.head(8)).norm(), 1e-6);
      EXPECT_LT(std::abs(gradient(8)), 1e-6);
    }
  }
}

TEST(FitFromMoments, AgreesWithNewtonsMethod) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    const auto problem = random_problem(seed, 400, 6, 3, true);
    for (const Fairness fairness : kFairness) {
      const LinearOptions options{.loss = Squared{}, .fairness = fairness, .c = 2};
      const LinearFit a = fit_closed(problem, options);
      const LinearFit b = fit(problem, options);
      EXPECT_LT((a.weights - b.weights).norm(), 1e-7);
      EXPECT_NEAR(a.intercept, b.intercept, 1e-7);
      EXPECT_NEAR(a.report.objective, b.report.objective, 1e-9 * b.report.objective);
    }
  }
}

TEST(FitFromMoments, KeepsItsDigitsFarFromTheOrigin) {
  auto problem = random_problem(5, 500, 3, 2, false);
  const LinearOptions options{
      .loss = Squared{}, .fairness = Fairness::DemographicParity, .binary = false};
  const LinearFit near = fit_closed(problem, options);
  for (RowBlock& block : problem.rows.blocks()) block.x().array() += 1e6;
  const LinearFit far = fit_closed(problem, options);
  // Rounding of the shifted data is 1e6 * 2^-53 of deviations near 1.
  EXPECT_LT((near.weights - far.weights).norm(), 1e-7);
}

TEST(FitInMemory, IsUnchangedByTheNamesAndOrderOfGroups) {
  const auto problem = random_problem(6, 500, 7, 4, true);
  auto renamed = problem;
  for (RowBlock& block : renamed.rows.blocks()) {
    for (std::int32_t& g : block.group) g = (g + 2) % 4;
  }
  const LinearOptions options{.fairness = Fairness::EqualOpportunity};
  EXPECT_LT((fit(problem, options).weights - fit(renamed, options).weights).norm(), 1e-7);
}

TEST(FitInMemory, TakesConstantAndCollinearColumns) {
  auto problem = random_problem(7, 300, 4, 2, true);
  for (RowBlock& block : problem.rows.blocks()) {
    block.values.col(1).setConstant(0.1);
    block.values.col(2) = -3 * block.values.col(0);
  }
  const LinearFit result = fit(problem, {.fairness = Fairness::DemographicParity});
  EXPECT_EQ(result.scale(1), 1);
  EXPECT_NEAR(result.weights(0), -result.weights(2), 1e-8);
  EXPECT_TRUE(result.weights.allFinite());
}

TEST(FitInMemory, PassesEveryCancellationThroughAndNothingElse) {
  const auto problem = random_problem(8, 300, 3, 2, true);
  int cancelled = 0;
  for (int calls = 0; calls < 1000; ++calls) {
    RowBlocks rows = problem.rows;
    test::StopAfter monitor(calls);
    try {
      fit_in_memory(rows, problem.labels, {}, monitor);
      break;
    } catch (const test::Cancelled&) {
      ++cancelled;
    }
  }
  EXPECT_GT(cancelled, 10);
  EXPECT_LT(cancelled, 1000);
}

TEST(FitInMemory, RefusesWhatItCannotCompare) {
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

LinearModel example() {
  LinearModel model;
  const auto problem = random_problem(4, 200, 4, 3, true);
  model.options = {.loss = Logistic{}, .fairness = Fairness::EqualOpportunity};
  model.on_null = OnNull::Impute;
  model.source = "applicants";
  model.target = "hired";
  model.positive = "true";
  model.sensitive = {"sex", "race"};
  model.columns = {{"x", FeatureKind::Number, {}},
                   {"c", FeatureKind::Category, {"a", "b"}},
                   {"f", FeatureKind::Boolean, {}}};
  model.impute = Vector::LinSpaced(4, 0, 1);
  model.fit = fit(problem, model.options);
  Evaluation evaluation(model.fit, false, true);
  for (const RowBlock& block : problem.rows.blocks()) evaluation.add(block);
  evaluation.finish(problem.labels, model);
  return model;
}

TEST(LinearModel, ComesBackFromItsBytes) {
  const LinearModel model = example();
  const auto bytes = encode(model);
  const LinearModel again = decode_linear_model(bytes);
  EXPECT_EQ(encode(again), bytes);
  EXPECT_EQ(again.fit.weights, model.fit.weights);
  EXPECT_EQ(again.columns[1].levels, model.columns[1].levels);
  EXPECT_EQ(again.groups.size(), 3U);
  EXPECT_EQ(accuracy(again), accuracy(model));
}

TEST(LinearModel, RefusesDamagedBytes) {
  const auto bytes = encode(example());
  const int refused = test::refused_mutations(bytes, 21, [](std::span<std::byte> value) {
    const LinearModel model = decode_linear_model(value);
    (void)raw_coefficients(model);
    (void)accuracy(model);
    (void)training_gap(model, Gap::EqualizedOddsDifference);
    ASSERT_EQ(encode(model).size(), value.size());
  });
  EXPECT_GT(refused, static_cast<int>(bytes.size()));
}

TEST(LinearModel, TellsTheScoresOfStandardisedAndRawFeatures) {
  const auto problem = random_problem(4, 200, 4, 3, true);
  RowBlocks standardised = problem.rows;
  Monitor quiet;
  LinearModel a;
  LinearModel b;
  a.fit = fit_in_memory(standardised, problem.labels, {}, quiet);
  b.fit = a.fit;
  Evaluation raw(a.fit, false, true);
  Evaluation scaled(a.fit, true, true);
  for (const RowBlock& block : problem.rows.blocks()) raw.add(block);
  for (const RowBlock& block : standardised.blocks()) scaled.add(block);
  raw.finish(problem.labels, a);
  scaled.finish(problem.labels, b);
  EXPECT_NEAR(a.squared_error, b.squared_error, 1e-12);
  EXPECT_EQ(accuracy(a), accuracy(b));
  // The positives' mean scores agree: that is what equal opportunity asks.
  EXPECT_LE(a.fit.report.violation, 1e-12);
}

TEST(Encoder, TurnsLevelsIntoIndicatorsAndKeepsTheOrderOfColumns) {
  const std::vector<FeatureColumn> columns = {{"c", FeatureKind::Category, {"a", "b", "z"}},
                                              {"x", FeatureKind::Number, {}}};
  Encoder encoder(columns, OnNull::Impute, Vector::Constant(4, 9));
  const std::vector<std::string_view> labels = {"z", "a"};
  encoder.learn(0, labels);
  RowMatrix numbers(4, 2);  // x, target
  numbers << 1, 1, 2, -1, kUnknown, 1, 4, kUnknown;
  const std::vector<std::int32_t> codes = {0, 7, 1, 8, -1, 9, 0, 9};  // c, group
  const RowBlock block = encoder.encode({numbers, codes, 2, true});
  RowMatrix expected(3, 5);
  expected << 0, 0, 1, 1, 1, 1, 0, 0, 2, -1, 9, 9, 9, 9, 1;
  EXPECT_EQ(block.values, expected);
  EXPECT_EQ(block.group, (std::vector<std::int32_t>{7, 8, 9}));
  EXPECT_EQ(encoder.skipped(), 1);
  const std::vector<std::string_view> more = {"z", "a", "new"};
  EXPECT_THROW(encoder.learn(0, more), Error);
}

}  // namespace
}  // namespace fairdb
