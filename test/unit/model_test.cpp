#include <cmath>

#include "core/features/encoding.hpp"
#include "core/model/model.hpp"
#include "core/selection/cross_validation.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

using test::random_problem;

Model example(bool kernel) {
  Model model;
  const auto problem = random_problem(4, 200, 6, 3, true);
  const GroupNames names{problem.labels};
  model.options = {.loss = kernel ? AnyLoss(Hinge{}) : AnyLoss(Logistic{}),
                   .fairness = Fairness::EqualOpportunity};
  model.on_null = OnNull::Impute;
  model.source = "applicants";
  model.target = "hired";
  model.positive = "true";
  model.weight = "w";
  model.sensitive = {"sex", "race"};
  model.columns = {{"x", FeatureKind::Number, {}, 1},
                   {"c", FeatureKind::Category, {"a", "b"}, 1},
                   {"v", FeatureKind::Array, {}, 2},
                   {"f", FeatureKind::Boolean, {}, 1}};
  model.impute = Vector::LinSpaced(6, 0, 1);
  model.constant = {"x"};
  model.collinear = {"c[b]"};
  model.fingerprint = 0xF000000000000001ULL;
  Summary summary(6, 1, {});
  problem.rows.each([&](const RowBlock& block) { summary.add(block); });
  Monitor quiet;
  const Standard raw{Vector::Zero(6), Vector::Ones(6)};
  if (kernel) {
    const KernelOptions rbf{{KernelKind::Rbf, 0.1, 3, 1}, 0, 0};
    model.fit = KernelProblem(summary, problem.rows, raw, names, model.options, rbf, 1 << 20, quiet)
                    .fit(1, 0);
  } else {
    model.fit = fit_linear(summary, &problem.rows, raw, names, model.options, nullptr, quiet);
  }
  Evaluation evaluation(true, 1);
  problem.rows.each([&](const RowBlock& block) {
    evaluation.add(block, block_scores(model.fit, raw, block, quiet));
  });
  model.training = evaluation.finish(names);
  return model;
}

TEST(Model, ComesBackFromItsBytes) {
  for (const bool kernel : {false, true}) {
    const Model model = example(kernel);
    const auto bytes = encode(model);
    const Model again = decode_model(bytes);
    EXPECT_EQ(encode(again), bytes);
    EXPECT_EQ(again.is_linear(), !kernel);
    EXPECT_EQ(again.columns[1].levels, model.columns[1].levels);
    EXPECT_EQ(again.training.groups.size(), 3U);
    EXPECT_EQ(accuracy(again.training, true), accuracy(model.training, true));
    EXPECT_EQ(score(again, Vector::Ones(6)), score(model, Vector::Ones(6)));
  }
}

TEST(Model, RefusesDamagedBytes) {
  for (const bool kernel : {false, true}) {
    const auto bytes = encode(example(kernel));
    const int refused = test::refused_mutations(bytes, 21, [](std::span<std::byte> value) {
      const Model model = decode_model(value);
      if (model.is_linear()) (void)raw_coefficients(model);
      (void)score(model, Vector::Zero(model.features()));
      (void)accuracy(model.training, true);
      (void)facts_gap(model.training, true, Gap::EqualizedOddsDifference);
      (void)relaxation_error(model.training, Fairness::EqualizedOdds, true);
      ASSERT_EQ(encode(model).size(), value.size());
    });
    EXPECT_GT(refused, static_cast<int>(bytes.size()));
  }
}

TEST(Model, NamesItsFeatures) {
  const Model model = example(false);
  EXPECT_EQ(feature_name(model.columns, 0), "x");
  EXPECT_EQ(feature_name(model.columns, 2), "c[b]");
  EXPECT_EQ(feature_name(model.columns, 4), "v[2]");
  EXPECT_EQ(feature_name(model.columns, 5), "f");
}

// |TPR_g - TPR_h| <= 1/2 |mean score_g - mean score_h| + hat Delta, on any data.
TEST(RelaxationError, BoundsTheGapOfDecisions) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto problem = random_problem(seed, 300, 4, 2, true);
    const GroupNames names{problem.labels};
    Summary summary(4, 1, {});
    problem.rows.each([&](const RowBlock& block) { summary.add(block); });
    Monitor quiet;
    const Standard raw{Vector::Zero(4), Vector::Ones(4)};
    const FairOptions options{.fairness = Fairness::EqualOpportunity, .epsilon = 0.2};
    const LinearFit fit = fit_linear(summary, &problem.rows, raw, names, options, nullptr, quiet);
    Evaluation evaluation(true, 1);
    problem.rows.each([&](const RowBlock& block) {
      evaluation.add(block, block_scores(fit, raw, block, quiet));
    });
    const Facts facts = evaluation.finish(names);
    EXPECT_LE(*facts_gap(facts, true, Gap::EqualOpportunityDifference),
              0.5 * fit.report.violation +
                  *relaxation_error(facts, Fairness::EqualOpportunity, true) + 1e-12);
  }
}

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
  const Standard raw{Vector::Zero(4), Vector::Ones(4)};
  Monitor quiet;
  RowBlocks rows = problem.rows;
  const auto folds = deal_folds(rows, 3, 1, true);
  const auto parts = summaries_of(folds, {}, 1, quiet);
  // The rows as the doors hold them: standardised, with the units told.
  const Standard units{Vector::LinSpaced(4, -3, 90), Vector::LinSpaced(4, 0.5, 6)};
  auto standardised = folds;
  for (RowBlocks& fold : standardised) {
    for (RowBlock& block : fold.blocks()) {
      block.x().rowwise() -= units.mean.transpose();
      block.x().array().rowwise() /= units.scale.transpose().array();
    }
  }
  const FairOptions options{.fairness = Fairness::EqualOpportunity};
  const std::vector<Setting> settings = {{1, 0.1, {}}, {0.01, 0, {}}, {1, 0, {}}};
  const auto judged =
      cross_validate(standardised, parts, units, {}, 1, names, options, {}, settings, 0, quiet);
  for (std::size_t at = 0; at < settings.size(); ++at) {
    Evaluation evaluation(true, 1);
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
    const Facts facts = evaluation.finish(names);
    EXPECT_EQ(judged[at].accuracy, accuracy(facts, true));
    EXPECT_EQ(judged[at].gap, facts_gap(facts, true, Gap::EqualOpportunityDifference));
    EXPECT_NEAR(judged[at].mean_squared_error, facts.squared_error, 1e-5);
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
  const Standard raw{Vector::Zero(3), Vector::Ones(3)};
  Monitor quiet;
  RowBlocks rows = problem.rows;
  const auto folds = deal_folds(rows, 3, 1, true);
  const FairOptions options{.fairness = Fairness::EqualOpportunity};
  const std::vector<Setting> settings = {{1, 0, {}}};
  const auto judged =
      cross_validate(folds, {}, raw, {}, 1, names, options, {.impute = true}, settings, 0, quiet);
  Evaluation evaluation(true, 1);
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
  const Standard raw{Vector::Zero(3), Vector::Ones(3)};
  Monitor quiet;
  for (RowBlock& block : problem.rows.blocks()) block.x().col(0) *= 1e170;
  RowBlocks rows = problem.rows;
  const auto folds = deal_folds(rows, 3, 1, true);
  const auto parts = summaries_of(folds, {}, 1, quiet);
  const FairOptions options{.fairness = Fairness::None, .standardize = false};
  const std::vector<Setting> settings = {{1e-3, 0, {}}, {1, 0, {}}};
  const auto judged =
      cross_validate(folds, parts, raw, {}, 1, names, options, {}, settings, 0, quiet);
  ASSERT_EQ(judged.size(), 2U);
  for (const Judgement& j : judged) {
    EXPECT_FALSE(j.failed.empty());
    EXPECT_FALSE(j.accuracy);
  }
  EXPECT_EQ(choose(judged, 0.9), -1);
}

TEST(QuantileEdges, AreAsPercentileDisc) {
  using Values = std::vector<std::pair<double, double>>;
  EXPECT_EQ(quantile_edges(Values{{4, 1}, {1, 1}, {3, 1}, {2, 1}}, 2), (std::vector<double>{2}));
  EXPECT_EQ(quantile_edges(Values{{5, 1}, {1, 1}, {4, 1}, {2, 1}, {3, 1}}, 4),
            (std::vector<double>{2, 3, 4}));
  EXPECT_EQ(quantile_edges(Values{{1, 1}, {1, 1}, {1, 1}, {9, 1}}, 4), (std::vector<double>{1}));
  EXPECT_TRUE(quantile_edges(Values{}, 4).empty());
  // A row of weight 2 counts as two, one of weight 0 as none.
  EXPECT_EQ(quantile_edges(Values{{1, 2}, {2, 1}, {3, 1}, {7, 0}}, 2),
            quantile_edges(Values{{1, 1}, {1, 1}, {2, 1}, {3, 1}}, 2));
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
