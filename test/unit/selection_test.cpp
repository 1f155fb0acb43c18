#include "core/selection/cross_validation.hpp"

#include <cmath>

#include "unit/support/support.hpp"

namespace fairdb {
namespace {

using test::random_problem;

TEST(DealFolds, GivesEachFoldItsShareWhateverTheOrderOfTheRows) {
  const auto problem = random_problem(3, 1000, 3, 3, true);
  RowBlocks rows = problem.rows;
  const auto folds = deal_folds(rows, 4, 17, true);
  RowBlocks reversed(3);
  for (auto it = problem.rows.blocks().rbegin(); it != problem.rows.blocks().rend(); ++it) {
    std::vector<Index> order;
    for (Index i = it->rows() - 1; i >= 0; --i) order.push_back(i);
    reversed.append(select_rows(*it, order));
  }
  const auto again = deal_folds(reversed, 4, 17, true);
  Index total = 0;
  for (std::size_t k = 0; k < folds.size(); ++k) {
    EXPECT_EQ(folds[k].rows(), again[k].rows());
    EXPECT_NEAR(static_cast<double>(folds[k].rows()), 250, 6);
    total += folds[k].rows();
    Vector a = Vector::Zero(4);
    Vector b = Vector::Zero(4);
    for (const RowBlock& block : folds[k].blocks()) a += block.values.colwise().sum().transpose();
    for (const RowBlock& block : again[k].blocks()) b += block.values.colwise().sum().transpose();
    EXPECT_LT((a - b).norm(), 1e-9);
  }
  EXPECT_EQ(total, 1000);
}

TEST(CrossValidate, JudgesEachSettingAsTrainingItAloneWould) {
  auto problem = random_problem(5, 400, 4, 2, true);
  for (RowBlock& block : problem.rows.blocks())
    block.x().col(1).array() = 100 + 7 * block.x().col(1).array();
  const GroupNames names{problem.labels};
  const Scaling raw{Vector::Zero(4), Vector::Ones(4)};
  Monitor quiet;
  RowBlocks rows = problem.rows;
  const auto folds = deal_folds(rows, 3, 1, true);
  const auto parts = summaries_of(folds, {}, 1, quiet);
  // The rows as the doors hold them: standardised, with the units told.
  const Scaling units{Vector::LinSpaced(4, -3, 90), Vector::LinSpaced(4, 0.5, 6)};
  auto standardised = folds;
  for (RowBlocks& fold : standardised) {
    for (RowBlock& block : fold.blocks()) {
      block.x().rowwise() -= units.mean.transpose();
      block.x().array().rowwise() /= units.scale.transpose().array();
    }
  }
  const FairOptions options{.fairness = Fairness::EqualOpportunity};
  const std::vector<GridSetting> settings = {{1, 0.1, {}}, {0.01, 0, {}}, {1, 0, {}}};
  const auto judged =
      cross_validate(standardised, parts, units, {}, 1, names, options, {}, settings, 0, quiet);
  for (std::size_t at = 0; at < settings.size(); ++at) {
    Evaluation evaluation(true, true, 1);
    for (std::size_t k = 0; k < 3; ++k) {
      const JoinedRows others(4, {&folds[(k + 1) % 3], &folds[(k + 2) % 3]});
      Summary summary(4, 1, {});
      others.each([&](const RowBlock& block) { summary.add(block); });
      FairOptions fair = options;
      fair.c = settings[at].c;
      fair.epsilon = settings[at].epsilon;
      const LinearFit fit = fit_linear(summary, &others, raw, names, fair, nullptr, quiet);
      folds[k].each([&](const RowBlock& block) {
        evaluation.add(block, block_scores(fit, raw, block, quiet));
      });
    }
    const Performance performance = evaluation.finish(names);
    EXPECT_EQ(judged[at].accuracy, accuracy(performance, true));
    EXPECT_EQ(judged[at].gap, decision_gap(performance, true, Gap::EqualOpportunityDifference));
    EXPECT_NEAR(judged[at].mean_squared_error, performance.squared_error, 1e-5);
  }
}

// What is not known in a fold is imputed by the means of the others, and edges come from them.
TEST(CrossValidate, LearnsFromTheOtherFoldsOnly) {
  auto problem = random_problem(6, 300, 3, 2, true);
  test::Random random(7);
  for (RowBlock& block : problem.rows.blocks()) {
    for (Index i = 0; i < block.rows(); ++i) {
      block.values(i, 1) = std::exp(3 * random.uniform());
      if (random.below(3) == 0) block.values(i, 1) = kUnknown;
    }
  }
  const GroupNames names{problem.labels};
  const Scaling raw{Vector::Zero(3), Vector::Ones(3)};
  Monitor quiet;
  RowBlocks rows = problem.rows;
  const auto folds = deal_folds(rows, 3, 1, true);
  const FairOptions options{.fairness = Fairness::EqualOpportunity};
  const std::vector<GridSetting> settings = {{1, 0, {}}};
  const auto judged =
      cross_validate(folds, {}, raw, {}, 1, names, options, {.impute = true}, settings, 0, quiet);
  Evaluation evaluation(true, true, 1);
  for (std::size_t k = 0; k < 3; ++k) {
    double sum = 0;
    double known = 0;
    for (const std::size_t other : {(k + 1) % 3, (k + 2) % 3}) {
      folds[other].each([&](const RowBlock& block) {
        for (Index i = 0; i < block.rows(); ++i) {
          if (std::isnan(block.values(i, 1))) continue;
          sum += block.values(i, 1);
          known += 1;
        }
      });
    }
    const Vector values = Vector::Constant(3, sum / known);
    std::vector<const RowBlocks*> parts = {&folds[(k + 1) % 3], &folds[(k + 2) % 3], &folds[k]};
    const std::vector<RowBlocks> copies = filled(parts, values, quiet);
    const JoinedRows others(3, {parts[0], parts[1]});
    Summary summary(3, 1, {});
    others.each([&](const RowBlock& block) { summary.add(block); });
    const LinearFit fit = fit_linear(summary, &others, raw, names, options, nullptr, quiet);
    copies[2].each([&](const RowBlock& block) {
      evaluation.add(block, block_scores(fit, raw, block, quiet));
    });
  }
  EXPECT_NEAR(judged[0].mean_squared_error, evaluation.finish(names).squared_error, 1e-9);
}

TEST(CrossValidate, MarksASettingThatCannotBeTrained) {
  auto problem = random_problem(8, 200, 3, 2, true);
  const GroupNames names{problem.labels};
  const Scaling raw{Vector::Zero(3), Vector::Ones(3)};
  Monitor quiet;
  for (RowBlock& block : problem.rows.blocks()) block.x().col(0) *= 1e170;
  RowBlocks rows = problem.rows;
  const auto folds = deal_folds(rows, 3, 1, true);
  const auto parts = summaries_of(folds, {}, 1, quiet);
  const FairOptions options{.fairness = Fairness::None, .standardize = false};
  const std::vector<GridSetting> settings = {{1e-3, 0, {}}, {1, 0, {}}};
  const auto judged =
      cross_validate(folds, parts, raw, {}, 1, names, options, {}, settings, 0, quiet);
  ASSERT_EQ(judged.size(), 2U);
  for (const Judgement& j : judged) {
    EXPECT_FALSE(j.failed.empty());
    EXPECT_FALSE(j.accuracy);
  }
  EXPECT_EQ(choose(judged, 0.9), -1);
}

TEST(DealFolds, SpreadsSmallGroupsOverAllFolds) {
  RowBlock block;
  block.values.resize(100, 2);
  for (Index i = 0; i < 100; ++i) {
    block.values(i, 0) = static_cast<double>(i);
    block.values(i, 1) = i % 2 == 0 ? 1 : -1;
    block.group.push_back(static_cast<std::int32_t>(i / 2));
  }
  RowBlocks rows(1);
  rows.append(std::move(block));
  for (const RowBlocks& fold : deal_folds(rows, 5, 1, true)) EXPECT_EQ(fold.rows(), 20);
}

TEST(Choose, TakesTheFairestOfTheAccurate) {
  const auto of = [](double accuracy, std::optional<double> gap) {
    return Judgement{accuracy, gap, 0, 0.5, false, {}};
  };
  std::vector<Judgement> judged = {of(0.9, 0.3), of(0.85, 0.1), of(0.7, 0.0), of(0.86, 0.1),
                                   of(0.9, std::nullopt)};
  EXPECT_EQ(choose(judged, 0.9), 3);
  EXPECT_EQ(choose(judged, 0.99), 0);
  EXPECT_EQ(choose(judged, 0.5), 2);
  EXPECT_EQ(choose({}, 0.9), -1);
  // One that says the same to everybody is the last choice, one that failed is none.
  judged.push_back({0.89, 0.0, 0, 1.0, true, {}});
  judged.push_back({std::nullopt, std::nullopt, 0, std::nullopt, false, "not converged"});
  EXPECT_EQ(choose(judged, 0.9), 3);
  EXPECT_EQ(choose(std::span(judged).subspan(4), 0.9), 1);
}

}  // namespace
}  // namespace fairdb
