// Representations shared by tasks: the objective and its gradient, what training reaches, its
// independence of the order of the rows, and the model that is stored.
#include <Eigen/Cholesky>
#include <cmath>
#include <fstream>
#include <numeric>

#include "core/base/dense_kernels.hpp"
#include "core/linear/train.hpp"
#include "core/model/representation_model.hpp"
#include "core/representation/joint_start.hpp"
#include "core/representation/row_order.hpp"
#include "core/representation/train.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

void give_digests(RowBlock& block) {
  std::vector<std::uint64_t> digest;
  for (Index i = 0; i < block.rows(); ++i) digest.push_back(row_digest(block, i, 7));
  block.digest = std::move(digest);
}

// Rows of two tasks, a class and a number, of which a third do not know the second; groups shift
// the first feature.
RowBlock random_block(std::uint64_t seed, Index n, Index d, int groups) {
  Random random(seed);
  RowBlock block;
  block.values.resize(n, d + 2);
  block.targets = 2;
  block.weight.resize(n);
  for (Index i = 0; i < n; ++i) {
    const int g = random.below(groups);
    block.group.push_back(random.below(20) == 0 ? kUnknownGroup : g);
    for (Index j = 0; j < d; ++j) block.values(i, j) = random.normal() + (j == 0 ? 0.8 * g : 0);
    block.values(i, d) = random.normal() + block.values(i, 0) > 0 ? 1 : -1;
    block.values(i, d + 1) = i % 3 == 0 ? kUnknown : block.values(i, 1) + random.normal();
    block.weight(i) = 1 + random.below(2);
  }
  give_digests(block);
  return block;
}

TaskRows task_rows(std::uint64_t seed, Index n, Index d, int groups) {
  TaskRows rows;
  rows.blocks = split_block(random_block(seed, n, d, groups));
  rows.binary = {true, false};
  rows.groups = {groups};
  return rows;
}

Vector random_point(const RepresentationObjective& f, std::uint64_t seed) {
  Random random(seed);
  Vector x(f.size());
  for (Index i = 0; i < x.size(); ++i) x(i) = random.normal();
  return x;
}

// The largest difference between the gradient and finite differences, by its largest element.
template <class F>
double gradient_error(const F& f, const Vector& x) {
  Vector gradient(x.size());
  Vector ignored(x.size());
  f(x, gradient);
  double worst = 0;
  for (Index i = 0; i < x.size(); ++i) {
    const double step = 1e-5;
    Vector up = x;
    Vector down = x;
    up(i) += step;
    down(i) -= step;
    worst =
        std::max(worst, std::abs((f(up, ignored) - f(down, ignored)) / (2 * step) - gradient(i)));
  }
  return worst / gradient.lpNorm<Eigen::Infinity>();
}

TEST(RepresentationObjective, GradientsAreThoseOfFiniteDifferences) {
  Monitor monitor;
  for (const int groups : {2, 3}) {
    const TaskRows rows = task_rows(1, 240, 4, groups);
    for (const auto kind : {RepresentationDivergence::Mmd, RepresentationDivergence::Sinkhorn,
                            RepresentationDivergence::Mean}) {
      for (const Index hidden : {0, 5}) {
        for (const Index batch : {120, 1000}) {  // a part of the rows, and all of them
          const RepresentationObjective f(rows, random_map(4, hidden, 3, 1), 1, 5, {kind, 0.5},
                                          batch, 0, {}, monitor);
          const double error = gradient_error(
              [&](const Vector& x, Vector& gradient) { return f.evaluate(0, x, gradient); },
              random_point(f, 2));
          EXPECT_LT(error, kind == RepresentationDivergence::Sinkhorn ? 1e-4 : 1e-6)
              << name(kind) << " " << hidden << " " << batch;
        }
      }
    }
    const RepresentationObjective even(rows, random_map(4, 0, 3, 1), 1, 0, {}, 1000, 0,
                                       even_basis(rows, 1, monitor), monitor);
    EXPECT_LT(gradient_error(
                  [&](const Vector& x, Vector& gradient) { return even.evaluate(x, gradient); },
                  random_point(even, 3)),
              1e-6);
  }
}

TEST(RepresentationObjective, BatchesHoldEachRowOnceAndAddUp) {
  Monitor monitor;
  const TaskRows rows = task_rows(4, 1000, 3, 2);
  const FeatureMap map = random_map(3, 0, 2, 1);
  const RepresentationObjective whole(rows, map, 1, 0, {}, 5000, 0, {}, monitor);
  const RepresentationObjective parts(rows, map, 1, 0, {}, 100, 0, {}, monitor);
  EXPECT_EQ(whole.batches(), 1);
  EXPECT_EQ(parts.batches(), 10);
  const Vector x = random_point(whole, 5);
  Vector gradient(x.size());
  Vector all(x.size());
  Vector sum = Vector::Zero(x.size());
  double value = 0;
  for (std::int64_t b = 0; b < parts.batches(); ++b) {
    value += parts.evaluate(b, x, gradient) / 10;
    sum += gradient / 10;
  }
  EXPECT_NEAR(value, whole.evaluate(x, all), 1e-12);
  EXPECT_LT((sum - all).lpNorm<Eigen::Infinity>(), 1e-12);
  EXPECT_NEAR(whole.evaluate(0, x, gradient), value, 1e-12);
}

// What no linear head notices the divergence does not notice either, but for the ridge.
TEST(RepresentationObjective, TheDivergenceDoesNotChangeUnderLinearMaps) {
  Monitor monitor;
  Random random(6);
  const Index n = 300;
  RowMatrix h(n, 3);
  std::vector<std::int32_t> code;
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < 3; ++j) h(i, j) = random.normal() + (i % 2 == 0 && j == 1 ? 1 : 0);
    code.push_back(static_cast<std::int32_t>(i % 2));
  }
  RowMatrix stretched = h;
  stretched.col(0) *= 3;
  stretched.col(2) += stretched.col(1);
  for (const auto kind : {RepresentationDivergence::Mmd, RepresentationDivergence::Sinkhorn,
                          RepresentationDivergence::Mean}) {
    const auto of = [&](const RowMatrix& x) {
      return divergence_of_rows(x, Vector::Ones(n), code, 2, {kind, 0.5}, false, nullptr, monitor)
          .value;
    };
    EXPECT_NEAR(of(10 * h), of(h), 1e-9 * of(h));
    EXPECT_NEAR(of(stretched), of(h), 0.02 * of(h));
    EXPECT_GT(of(h), 1e-3);
  }
  EXPECT_FALSE(divergence_of_rows(h, Vector::Ones(n), std::vector<std::int32_t>(n, 0), 2, {}, false,
                                  nullptr, monitor)
                   .known);
}

TEST(MeanDifferences, GiveTheMeanSquaredDifferenceOfMeanScores) {
  const TaskRows rows = task_rows(7, 600, 4, 3);
  double means = 0;
  const RowMatrix w = random_map(4, 0, 1, 8).weights();
  for (Index t = 0; t < 2; ++t) {
    RowMatrix sum = RowMatrix::Zero(3, 4);
    Vector weight = Vector::Zero(3);
    for (const RowBlock& block : rows.blocks) {
      for (Index i = 0; i < block.rows(); ++i) {
        if (block.code(i, 0) < 0 || std::isnan(block.y(i, t))) continue;
        sum.row(block.code(i, 0)) += block.w(i) * block.x().row(i);
        weight(block.code(i, 0)) += block.w(i);
      }
    }
    for (const auto& [g, h] : {std::pair{0, 1}, {0, 2}, {1, 2}}) {
      means += (w * (sum.row(g) / weight(g) - sum.row(h) / weight(h)).transpose()).squaredNorm() /
               (3 * 2);
    }
  }
  Monitor monitor;
  EXPECT_NEAR((mean_differences(rows, monitor) * w.transpose()).cwiseProduct(w.transpose()).sum(),
              means, 1e-12);
}

TEST(RowOrder, IsThatOfTheDigestsWhateverTheBlocks) {
  Monitor monitor;
  const RowBlock all = random_block(9, 500, 2, 3);
  std::vector<Index> order(500);
  std::iota(order.begin(), order.end(), Index{0});
  std::vector<RowBlock> first = {all};
  order_by_digest(first, monitor);
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    Random random(seed);
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    std::vector<RowBlock> blocks;
    for (std::size_t from = 0; from < order.size(); from += 73) {
      blocks.push_back(select_rows(
          all, std::span(order).subspan(from, std::min<std::size_t>(73, order.size() - from))));
    }
    if (seed > 1) cut_evenly(blocks, 1, monitor);
    order_by_digest(blocks, monitor);
    Index at = 0;
    for (const RowBlock& block : blocks) {
      for (Index i = 0; i < block.rows(); ++i, ++at) {
        EXPECT_EQ(block.digest[static_cast<std::size_t>(i)],
                  first[0].digest[static_cast<std::size_t>(at)]);
        EXPECT_EQ(block.code(i, 0), first[0].code(at, 0));
        EXPECT_EQ(block.w(i), first[0].w(at));
        EXPECT_EQ(block.values(i, 0), first[0].values(at, 0));
      }
    }
  }
}

// --- training
// ---------------------------------------------------------------------------------------------

RepresentationRows training_rows(RowBlock block, std::vector<std::string> groups) {
  RepresentationRows rows;
  rows.training = split_block(std::move(block));
  rows.names = {std::move(groups)};
  rows.targets = {"hired", "hours"};
  rows.binary = {true, false};
  return rows;
}

// The weights of a task's score over standardised features.
Vector task_weights(const RepresentationFit& fit, std::size_t task) {
  return fit.map.weights().transpose() * fit.heads[task].weights;
}

TEST(TrainRepresentation, OfMeansIsTheProjectionAsGammaGrows) {
  Monitor monitor;
  const RepresentationRows rows = training_rows(random_block(10, 3000, 6, 2), {"a", "b"});
  const RepresentationFit fit = train_representation(
      rows, {.term = {RepresentationDivergence::Mean, 0.5}, .gamma = 1e6, .c = 100}, false,
      monitor);
  // The differences of the means of each task, standardised.
  for (std::size_t t = 0; t < 2; ++t) {
    const Vector w = task_weights(fit, t);
    for (Index of = 0; of < 2; ++of) {
      RowMatrix sum = RowMatrix::Zero(2, 6);
      Vector weight = Vector::Zero(2);
      for (const RowBlock& block : rows.training) {
        for (Index i = 0; i < block.rows(); ++i) {
          if (block.code(i, 0) < 0 || std::isnan(block.y(i, of))) continue;
          sum.row(block.code(i, 0)) += block.w(i) * block.x().row(i);
          weight(block.code(i, 0)) += block.w(i);
        }
      }
      const Vector difference =
          (sum.row(0) / weight(0) - sum.row(1) / weight(1)).transpose().cwiseQuotient(fit.scale);
      EXPECT_LT(std::abs(w.dot(difference)), 1e-4 * w.norm() * difference.norm()) << t << " " << of;
    }
  }
  // One task alone is the fair linear model, whose penalty is another one, and hardly counts.
  RowBlocks single(6);
  for (const RowBlock& block : rows.training) {
    RowBlock part = block;
    part.values = RowMatrix(block.values.leftCols(7));
    part.targets = 1;
    single.append(std::move(part));
  }
  Summary summary(6, 1, {});
  single.each([&](const RowBlock& block) { summary.add(block); });
  const LinearFit projected = fit_linear(
      summary, &single, {Vector::Zero(6), Vector::Ones(6)}, {{"a", "b"}},
      {.loss = Logistic{}, .fairness = Fairness::DemographicParity, .c = 100}, nullptr, monitor);
  RepresentationRows one = rows;
  one.targets.pop_back();
  one.binary.pop_back();
  for (RowBlock& block : one.training) {
    block.values = RowMatrix(block.values.leftCols(7));
    block.targets = 1;
  }
  const RepresentationFit alone = train_representation(
      one, {.term = {RepresentationDivergence::Mean, 0.5}, .gamma = 1e6, .c = 100}, false, monitor);
  EXPECT_LT((task_weights(alone, 0) - projected.weights).norm(), 1e-2 * projected.weights.norm());
}

// Five tasks share a signal; the groups differ in it a little and in other columns much. A sixth
// task comes later.
struct Transfer {
  RepresentationRows rows;
  RowMatrix x;
  Vector unseen;
  std::vector<std::int32_t> code;
};
Transfer transfer_problem(std::uint64_t seed, Index n) {
  Random random(seed);
  constexpr Index kSignal = 3;
  constexpr Index kShifted = 3;
  constexpr Index kTasks = 5;
  RowMatrix heads(kTasks + 1, kSignal);
  Vector leak(kTasks + 1);
  for (Index t = 0; t <= kTasks; ++t) {
    for (Index j = 0; j < kSignal; ++j) heads(t, j) = random.normal();
    leak(t) = 0.4;
  }
  Transfer problem;
  RowBlock block;
  block.targets = kTasks;
  block.values.resize(n, kSignal + kShifted + kTasks);
  problem.unseen.resize(n);
  for (Index i = 0; i < n; ++i) {
    const int g = random.below(2);
    block.group.push_back(g);
    Vector s(kSignal);
    for (Index j = 0; j < kSignal; ++j) block.values(i, j) = s(j) = random.normal();
    for (Index j = 0; j < kShifted; ++j) block.values(i, kSignal + j) = random.normal() + 2.0 * g;
    for (Index t = 0; t <= kTasks; ++t) {
      const double y = heads.row(t).dot(s) + leak(t) * (g - 0.5) + 0.8 * random.normal();
      if (t < kTasks) {
        block.values(i, kSignal + kShifted + t) = y;
      } else {
        problem.unseen(i) = y;
      }
    }
  }
  problem.code = block.group;
  problem.x = block.values.leftCols(kSignal + kShifted);
  give_digests(block);
  problem.rows.training = split_block(std::move(block));
  problem.rows.names = {{"a", "b"}};
  for (Index t = 0; t < kTasks; ++t) {
    problem.rows.targets.push_back("task " + std::to_string(t));
    problem.rows.binary.push_back(false);
  }
  return problem;
}

// The gap of the groups' mean scores and the error of a regression of the unseen task on the
// representation.
std::pair<double, double> of_unseen_task(const Transfer& problem, const RepresentationFit& fit) {
  const RowMatrix z = (problem.x.rowwise() - fit.mean.transpose()).array().rowwise() /
                      fit.scale.transpose().array();
  const RowMatrix h = fit.map(z);
  Eigen::MatrixXd a(h.rows(), h.cols() + 1);
  a << h, Vector::Ones(h.rows());
  Eigen::MatrixXd normal = a.transpose() * a;
  normal.diagonal().array() += 1e-6;
  const Vector w = normal.ldlt().solve(a.transpose() * problem.unseen);
  const Vector f = a * w;
  double sum[2] = {0, 0};
  double count[2] = {0, 0};
  for (Index i = 0; i < f.size(); ++i) {
    const auto g = problem.code[static_cast<std::size_t>(i)];
    sum[g] += f(i);
    ++count[g];
  }
  return {std::abs(sum[0] / count[0] - sum[1] / count[1]),
          (f - problem.unseen).squaredNorm() / static_cast<double>(f.size())};
}

TEST(TrainRepresentation, ATaskThatComesLaterIsFairToo) {
  Monitor monitor;
  const Transfer problem = transfer_problem(11, 2000);
  const auto trained = [&](double gamma, RepresentationDivergence kind) {
    return of_unseen_task(problem, train_representation(problem.rows,
                                                        {.dimensions = 4,
                                                         .term = {kind, 0.5},
                                                         .gamma = gamma,
                                                         .epochs = 150,
                                                         .batch = 250,
                                                         .learning_rate = 0.02},
                                                        false, monitor));
  };
  const auto [unfair_gap, unfair_error] = trained(0, RepresentationDivergence::Mmd);
  for (const auto kind : {RepresentationDivergence::Mmd, RepresentationDivergence::Sinkhorn}) {
    const auto [gap, error] = trained(kind == RepresentationDivergence::Mmd ? 30 : 3, kind);
    std::printf("%s: gap of the unseen task %.3f, %.4f fair; error %.3f, %.3f fair\n",
                std::string(name(kind)).c_str(), unfair_gap, gap, unfair_error, error);
    EXPECT_LT(gap, 0.1 * unfair_gap) << name(kind);
    EXPECT_LT(error, 1.1 * unfair_error) << name(kind);
  }
}

RepresentationModel body_of_fit(RepresentationFit fit) {
  RepresentationModel model;
  model.columns = {{"x", FeatureKind::Array, {}, fit.mean.size()}};
  model.sensitive = {"sex"};
  model.batch = 100;
  model.learning_rate = 0.01;
  model.mean = fit.mean;
  model.scale = fit.scale;
  model.map = fit.map;
  for (std::size_t t = 0; t < fit.heads.size(); ++t) {
    model.tasks.push_back({"task " + std::to_string(t), t == 0, fit.heads[t], fit.training[t], {}});
  }
  model.probes = fit.probes;
  model.marginal_error = fit.marginal_error;
  return model;
}

Model model_of_fit(RepresentationFit fit) {
  Model model;
  model.about.source = "people";
  model.about.report = fit.report;
  model.body = std::make_shared<const RepresentationModel>(body_of_fit(std::move(fit)));
  return model;
}

// Rows in another order, cut elsewhere, with groups met in another order; and other instructions.
TEST(TrainRepresentation, GivesTheSameBytesForAnyOrderAndInstructionSet) {
  Monitor monitor;
  const RowBlock all = random_block(12, 700, 5, 2);
  const auto trained = [&](const RepresentationRows& rows, RepresentationDivergence kind,
                           Index hidden) {
    return encode(model_of_fit(train_representation(rows,
                                                    {.dimensions = 4,
                                                     .hidden = hidden,
                                                     .term = {kind, 0.5},
                                                     .epochs = 4,
                                                     .batch = 200,
                                                     .seed = 5},
                                                    false, monitor)));
  };
  RepresentationRows turned = training_rows(all, {"b", "a"});
  turned.training.clear();
  for (Index from = 0; from < 700; from += 100) {
    std::vector<Index> part(100);
    std::iota(part.rbegin(), part.rend(), 600 - from);
    RowBlock block = select_rows(all, part);
    for (std::int32_t& code : block.group) code = code < 0 ? code : 1 - code;
    turned.training.push_back(std::move(block));
  }
  for (const auto kind : {RepresentationDivergence::Mmd, RepresentationDivergence::Sinkhorn,
                          RepresentationDivergence::Mean}) {
    for (const Index hidden : {Index{0}, Index{4}}) {
      const RepresentationRows rows = training_rows(all, {"a", "b"});
      const auto bytes = trained(rows, kind, hidden);
      EXPECT_EQ(trained(turned, kind, hidden), bytes) << name(kind);
      use_instruction_set(InstructionSet::Baseline);
      EXPECT_EQ(trained(rows, kind, hidden), bytes) << name(kind);
      use_instruction_set(best_instruction_set());
    }
  }
}

TEST(TrainRepresentation, ImputesStandardisesAndJudges) {
  Monitor monitor;
  RowBlock block = random_block(13, 800, 3, 2);
  block.values.col(1) = block.values.col(1).array() * 100 + 5000;
  block.values.col(2).setConstant(4);
  block.values.col(4) = block.values.col(4).array() * 30 + 40;
  for (Index i = 0; i < 800; i += 10) block.values(i, 0) = kUnknown;
  RepresentationRows rows = training_rows(block, {"a", "b"});
  rows.held_out = split_block(random_block(14, 300, 3, 2));
  rows.held_out[0].values.col(1) = rows.held_out[0].values.col(1).array() * 100 + 5000;
  rows.held_out[0].values.col(4) = rows.held_out[0].values.col(4).array() * 30 + 40;
  const RepresentationFit fit = train_representation(rows, {.gamma = 0}, true, monitor);
  EXPECT_EQ(fit.scale(2), 1);
  EXPECT_EQ(fit.impute, fit.mean);
  EXPECT_EQ(fit.map.dimensions, 2);
  ASSERT_EQ(fit.held_out.size(), 2U);
  EXPECT_EQ(fit.training[0].performance.rows, 800);
  EXPECT_GT(*accuracy(fit.held_out[0].performance, true), 0.6);
  const Performance& hours = fit.held_out[1].performance;
  EXPECT_LT(hours.squared_error, 0.8 * hours.variance);
  EXPECT_GT(hours.variance, 500);  // in the units of the target
  EXPECT_GT(*fit.training[0].ks, 0.1);
  ASSERT_TRUE(fit.probes[0].has_value());
  EXPECT_GT(fit.probes[0]->accuracy, fit.probes[0]->majority);
  EXPECT_LE(fit.probes[0]->rows, 300);
}

TEST(TrainRepresentation, RefusesWhatCannotBeTrained) {
  Monitor monitor;
  const RowBlock block = random_block(15, 100, 3, 2);
  const auto error_of = [&](const RepresentationRows& rows, const RepresentationOptions& options) {
    return test::error_of([&] { (void)train_representation(rows, options, false, monitor); });
  };
  const RepresentationRows rows = training_rows(block, {"a", "b"});
  EXPECT_EQ(error_of(rows, {.gamma = -1}), "gamma must be 0 or a positive number");
  EXPECT_EQ(error_of(rows, {.dimensions = 4}), "dimensions is 4, but there are only 3 features");
  EXPECT_EQ(error_of(rows, {.dimensions = 4, .hidden = 2}),
            "dimensions is 4, but there are only 2 hidden units");
  EXPECT_EQ(error_of(rows, {.batch = 1}), "batch must be 10 to 10000");
  RowBlock one_class = block;
  one_class.values.col(3).setConstant(1);
  EXPECT_EQ(error_of(training_rows(one_class, {"a", "b"}), {}),
            "the target \"hired\" is true in every row that trains");
  RowBlock no_target = block;
  no_target.values.col(4).setConstant(kUnknown);
  EXPECT_EQ(error_of(training_rows(no_target, {"a", "b"}), {}),
            "the target \"hours\" has no value in any row that trains");
  RowBlock one_group = block;
  std::fill(one_group.group.begin(), one_group.group.end(), 0);
  EXPECT_EQ(error_of(training_rows(one_group, {"a", "b"}), {}),
            "no task has rows of two groups: there is nothing to compare");
  EXPECT_EQ(error_of(training_rows(one_group, {"a", "b"}), {.gamma = 0}), "");
  // All rows alike but for their group and class: nothing can be told, and nothing fails.
  RowBlock alike = block;
  alike.values.leftCols(3).setConstant(2);
  for (const auto kind : {RepresentationDivergence::Mmd, RepresentationDivergence::Sinkhorn,
                          RepresentationDivergence::Mean}) {
    EXPECT_EQ(error_of(training_rows(alike, {"a", "b"}), {.term = {kind, 0.5}, .epochs = 2}), "")
        << name(kind);
  }
  for (const int calls : {0, 1, 50}) {
    test::StopAfter stop(calls);
    EXPECT_THROW((void)train_representation(rows, {.epochs = 50, .batch = 20}, false, stop),
                 test::Cancelled);
  }
}

// --- the model
// --------------------------------------------------------------------------------------------

TEST(RepresentationModel, IsReadAsItWasWritten) {
  Monitor monitor;
  for (const Index hidden : {Index{0}, Index{4}}) {
    const RepresentationRows rows = training_rows(random_block(16, 300, 4, 2), {"a", "b"});
    const Model model = model_of_fit(train_representation(
        rows, {.dimensions = 2, .hidden = hidden, .epochs = 2}, false, monitor));
    const auto bytes = encode(model);
    const Model read = decode_model(bytes);
    EXPECT_EQ(encode(read), bytes);
    const auto& body = body_of<RepresentationModel>(model, "a test");
    const auto& again = body_of<RepresentationModel>(read, "a test");
    Random random(17);
    for (int k = 0; k < 20; ++k) {
      Vector x(4);
      for (Index j = 0; j < 4; ++j) x(j) = random.normal();
      EXPECT_EQ(represent(again, x), represent(body, x));
      EXPECT_EQ(score(again, x, 1), score(body, x, 1));
      if (hidden > 0) continue;
      const RawCoefficients task = raw_task(body, 1);
      EXPECT_NEAR(task.constant + task.coefficients.dot(x), score(body, x, 1), 1e-12);
      const RawCoefficients dimension = raw_dimension(body, 1);
      EXPECT_NEAR(dimension.constant + dimension.coefficients.dot(x), represent(body, x)(1), 1e-12);
    }
    JsonWriter json;
    describe(read, json);
    EXPECT_NE(json.json().find("\"representation\""), std::string::npos);
    EXPECT_FALSE(texts(read).empty());
    EXPECT_EQ(body.task("task 1"), 1);
    EXPECT_THROW((void)body.task("other"), Error);
    EXPECT_THROW((void)body.task(std::nullopt), Error);
    EXPECT_THROW((void)body_of<FairModel>(read, "a test"), Error);
    if (hidden > 0) {
      EXPECT_THROW((void)raw_task(body, 0), Error);
    } else {
      EXPECT_THROW((void)raw_dimension(body, 2), Error);
    }
    const int refused = test::refused_mutations(bytes, 18, [](std::span<std::byte> damaged) {
      const Model whatever = decode_model(damaged);
      const auto& body = body_of<RepresentationModel>(whatever, "a test");
      (void)represent(body, Vector::Zero(body.map.features));
      JsonWriter json;
      describe(whatever, json);
    });
    EXPECT_GT(refused, 2000);
  }
}

// A model as the first version of the kind was written.
TEST(RepresentationModel, OfVersionOneIsRead) {
  const auto bytes = test::data_file("models/representation_1.bin");
  ASSERT_FALSE(bytes.empty());
  const Model model = decode_model(bytes);
  const auto& body = body_of<RepresentationModel>(model, "a test");
  EXPECT_EQ(body.map.hidden, 3);
  EXPECT_EQ(body.tasks[1].target, "task 1");
  EXPECT_NEAR(score(body, Vector::Ones(4), 1), 0.035275617063564801, 1e-12);
  EXPECT_EQ(encode(model), bytes);
}

// Writes the file of today's version: run it by name when the version is raised.
TEST(RepresentationModel, DISABLED_Write) {
  Monitor monitor;
  const RepresentationRows rows = training_rows(random_block(19, 200, 4, 2), {"a", "b"});
  const Model model = model_of_fit(
      train_representation(rows, {.dimensions = 2, .hidden = 3, .epochs = 3}, false, monitor));
  const auto bytes = encode(model);
  std::ofstream("representation_1.bin", std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  std::printf("%.17g\n", score(body_of<RepresentationModel>(model, "a test"), Vector::Ones(4), 1));
}

}  // namespace
}  // namespace fairdb
