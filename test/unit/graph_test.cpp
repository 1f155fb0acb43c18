// Embeddings of graphs: the models, what is learnt, ranks, bias, the value.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <complex>
#include <numeric>

#include "core/base/dense_kernels.hpp"
#include "core/base/thread_team.hpp"
#include "core/graph/bias.hpp"
#include "core/graph/evaluate.hpp"
#include "core/graph/extend.hpp"
#include "core/graph/softmax_batch.hpp"
#include "unit/support/graphs.hpp"

namespace fairdb {
namespace {

using namespace test;

// --- threads ---

TEST(ThreadTeam, RunsEachPartOnce) {
  Monitor monitor;
  for (const int threads : {1, 2, 5}) {
    ThreadTeam team(threads);
    for (const Index parts : {0, 1, 3, 1000}) {
      std::vector<std::atomic<int>> runs(static_cast<std::size_t>(parts));
      team.run(
          parts, [&](Index i) { ++runs[static_cast<std::size_t>(i)]; }, monitor);
      for (const auto& n : runs) EXPECT_EQ(n, 1);
    }
  }
}

TEST(ThreadTeam, EndsWithTheErrorOfAPartAndWorksAgain) {
  Monitor monitor;
  ThreadTeam team(3);
  std::atomic<int> runs{0};
  const auto fail = [&] {
    team.run(
        100000,
        [&](Index i) {
          if (i == 7) throw Error(ErrorKind::InvalidData, "seven");
          ++runs;
        },
        monitor);
  };
  EXPECT_THROW(fail(), Error);
  EXPECT_LT(runs, 50000);  // no part begins after an error
  runs = 0;
  team.run(
      50, [&](Index) { ++runs; }, monitor);
  EXPECT_EQ(runs, 50);
}

TEST(ThreadTeam, IsCancelledByTheCaller) {
  test::StopAfter stop(2);
  ThreadTeam team(2);
  EXPECT_THROW(team.run(
                   1000000, [](Index) {}, stop),
               test::Cancelled);
}

// --- triples ---

TEST(Graph, DoesNotDependOnTheOrderOfTheRowsAndIsASet) {
  const Graph a = graph_of_facts({{"x", "r", "y"}, {"b", "s", "x"}, {"x", "r", "y"}});
  const Graph b = graph_of_facts({{"b", "s", "x"}, {"x", "r", "y"}});
  EXPECT_EQ(a.triples, b.triples);
  EXPECT_EQ(a.duplicates, 1);
  EXPECT_EQ(b.duplicates, 0);
  EXPECT_EQ(digest_of(a), digest_of(b));
  ASSERT_EQ(a.entities.names().size(), 3);
  EXPECT_EQ(a.entities.names()[0], "b");
  EXPECT_EQ(a.entities.names()[2], "y");
  EXPECT_EQ(a.entities.names().find("x"), 1);
  EXPECT_EQ(a.entities.names().find("xx"), std::nullopt);
  EXPECT_EQ(a.entities.names().find(""), std::nullopt);
}

TEST(Graph, DropsRareNamesUntilAllThatAreLeftAreFrequent) {
  // d stands once; without it c does; without c a and b are left, twice each.
  Graph graph =
      graph_of_facts({{"a", "r", "b"}, {"b", "r", "a"}, {"c", "r", "a"}, {"c", "r", "d"}});
  Monitor monitor;
  const Graph::Dropped dropped = keep_frequent(graph, 2, monitor);
  EXPECT_EQ(dropped.entities, 2);
  EXPECT_EQ(dropped.relations, 0);
  EXPECT_EQ(dropped.triples, 2);
  EXPECT_EQ(graph.triples.size(), 2U);
  EXPECT_EQ(graph.entities.names().size(), 2);
  Graph none = graph_of_facts({{"a", "r", "b"}});
  EXPECT_EQ(keep_frequent(none, 5, monitor).triples, 1);
  EXPECT_TRUE(none.triples.empty());
  EXPECT_EQ(none.relations.names().size(), 0);
}

TEST(KnownTriples, AnswerBothWays) {
  Monitor monitor;
  const std::vector<Triple> triples = {{1, 0, 2}, {1, 0, 5}, {3, 0, 2},
                                       {1, 1, 2}, {1, 0, 2}, {kUnseen, 0, 2}};
  const KnownTriples known(triples, monitor);
  const auto tails = known.others(1, 0, Direction::Tails);
  EXPECT_EQ(std::vector<std::int32_t>(tails.begin(), tails.end()),
            (std::vector<std::int32_t>{2, 5}));
  const auto heads = known.others(2, 0, Direction::Heads);
  EXPECT_EQ(std::vector<std::int32_t>(heads.begin(), heads.end()),
            (std::vector<std::int32_t>{1, 3}));
  EXPECT_TRUE(known.others(9, 0, Direction::Tails).empty());
}

TEST(TripleFilter, FindsAllThatAreInAndFewOthers) {
  TripleFilter filter(20000);
  for (std::uint64_t i = 0; i < 20000; ++i) filter.add(seeded(i, 1));
  for (std::uint64_t i = 0; i < 20000; ++i) ASSERT_TRUE(filter.may_have(seeded(i, 1)));
  int found = 0;
  for (std::uint64_t i = 0; i < 20000; ++i) found += filter.may_have(seeded(i, 2)) ? 1 : 0;
  EXPECT_NEAR(found / 20000.0, filter.false_rate(), 0.003);
  EXPECT_LT(filter.false_rate(), 0.012);
  for (std::uint64_t i = 0; i < 200000; ++i) filter.add(seeded(i, 3));
  EXPECT_GT(filter.false_rate(), 0.9);
}

// --- models ---

TEST(GraphModels, ScoresAreThoseOfTheirDefinitions) {
  const NameBytes entities = named({"a", "b", "c"});
  const NameBytes relations = named({"r"});
  for (const GraphModel model : kModels) {
    const GraphVectors v = random_vectors(3, 3, 1, 6);
    const Held h = held(model, entities.names(), relations.names(), v);
    for (const Direction direction : {Direction::Tails, Direction::Heads}) {
      const Vector r = v.relations.row(relation_row(0, direction)).cast<double>();
      for (Index e = 0; e < 3; ++e) {
        for (Index o = 0; o < 3; ++o) {
          EXPECT_NEAR(h.graph.score(e, 0, direction, o),
                      score_by_definition(model, v.entities.row(e).cast<double>(), r,
                                          v.entities.row(o).cast<double>()),
                      1e-5)
              << name(model);
        }
      }
    }
  }
}

// The loss of a graph by its definition, with all entities as candidates.
double exact_loss(GraphModel model, const Graph& graph, const GraphVectors& v) {
  double loss = 0;
  for (const Triple& t : graph.triples) {
    for (const Direction direction : {Direction::Tails, Direction::Heads}) {
      const bool tails = direction == Direction::Tails;
      const Vector r = v.relations.row(relation_row(t.relation, direction)).cast<double>();
      const Vector e = v.entities.row(tails ? t.head : t.tail).cast<double>();
      double sum = 0;
      for (Index c = 0; c < v.entities.rows(); ++c)
        sum += std::exp(score_by_definition(model, e, r, v.entities.row(c).cast<double>()));
      loss +=
          std::log(sum) -
          score_by_definition(model, e, r, v.entities.row(tails ? t.tail : t.head).cast<double>());
    }
  }
  return loss;
}

// With no more entities than negatives the softmax is exact, and the first step of AdaGrad moves a
// vector by -rate g / |g| sqrt(d).
TEST(SoftmaxBatch, StepsAgainstTheGradientOfTheLoss) {
  const Graph graph = graph_of_facts(
      {{"a", "r", "b"}, {"b", "r", "c"}, {"c", "s", "a"}, {"a", "s", "a"}, {"d", "r", "b"}});
  constexpr Index kD = 4;
  for (const GraphModel model : kModels) {
    GraphOptions options;
    options.model = model;
    options.dimensions = kD;
    options.negatives = 50;
    const GraphVectors before = random_vectors(7, 4, 2, kD);
    GraphVectors after = before;
    Monitor monitor;
    ThreadTeam team(1);
    Random random(1);
    constexpr double kRate = 1e-3;
    SoftmaxBatch batch(options, after, nullptr, 1, nullptr, team, monitor);
    EXPECT_NEAR(batch.step(graph.triples, kRate, random).cross_entropy,
                exact_loss(model, graph, before), 1e-4)
        << name(model);
    const auto check = [&](FloatMatrix GraphVectors::*part) {
      for (Index row = 0; row < (before.*part).rows(); ++row) {
        Vector gradient(kD);
        for (Index i = 0; i < kD; ++i) {
          constexpr float kStep = 1.0F / 256;
          GraphVectors up = before;
          GraphVectors down = before;
          (up.*part)(row, i) += kStep;
          (down.*part)(row, i) -= kStep;
          gradient(i) =
              (exact_loss(model, graph, up) - exact_loss(model, graph, down)) / (2.0 * kStep);
        }
        const Vector expected = -kRate * std::sqrt(kD) * gradient / gradient.norm();
        const Vector moved = ((after.*part).row(row) - (before.*part).row(row)).cast<double>();
        EXPECT_LT((moved - expected).norm(), 1e-2 * expected.norm() + 1e-6)
            << name(model) << " row " << row;
      }
    };
    check(&GraphVectors::entities);
    check(&GraphVectors::relations);
  }
}

// Of three entities two different ones are negatives; with vectors of 0 the softmax is over the
// true one and those that are another: log 2 where the true one was drawn, with a probability of 2
// / 3, else log 3.
TEST(SoftmaxBatch, DrawsDifferentNegativesAndLeavesOutTheTrueEntity) {
  const Graph graph = graph_of_facts({{"a", "r", "b"}, {"c", "r", "b"}});
  GraphOptions options;
  options.dimensions = 2;
  options.negatives = 2;
  GraphVectors vectors = random_vectors(1, 3, 1, 2);
  vectors.entities.setZero();
  Monitor monitor;
  ThreadTeam team(1);
  Random random(5);
  SoftmaxBatch batch(options, vectors, nullptr, 1, nullptr, team, monitor);
  double sum = 0;
  constexpr int kDraws = 2000;
  for (int i = 0; i < kDraws; ++i) {
    vectors.entities.setZero();
    const double loss = batch.step(graph.triples, 1e-30, random).cross_entropy;
    EXPECT_GE(loss, 4 * std::log(2.0) - 1e-5);
    EXPECT_LE(loss, 4 * std::log(3.0) + 1e-5);
    sum += loss;
  }
  EXPECT_NEAR(sum / kDraws / 4, (2 * std::log(2.0) + std::log(3.0)) / 3, 0.01);
}

TEST(SoftmaxBatch, SplitsIntoPartsWithoutChangingABit) {
  const Graph graph = random_graph(14, 1000, 5, 1500);
  Monitor monitor;
  GraphOptions options;
  options.dimensions = 64;
  options.epochs = 1;
  options.batch = 1400;
  options.negatives = 700;
  const GraphFit one = train_graph(graph, options, nullptr, monitor);
  options.threads = 3;
  const GraphFit several = train_graph(graph, options, nullptr, monitor);
  EXPECT_EQ(several.vectors.entities, one.vectors.entities);
  EXPECT_EQ(several.vectors.relations, one.vectors.relations);
}

// --- training ---

TEST(TrainGraph, LearnsWhatFollows) {
  const Graph graph = country_graph();
  Monitor monitor;
  for (const GraphModel model : kModels) {
    GraphOptions options;
    options.model = model;
    options.dimensions = 16;
    options.epochs = 100;
    options.batch = 20;
    options.regularization = model == GraphModel::TransE ? 0 : 1e-3;
    const GraphFit fit = train_graph(graph, options, nullptr, monitor);
    EXPECT_LT(fit.losses.back(), 0.6 * fit.losses.front()) << name(model);
    const Held h = held(model, graph.entities.names(), graph.relations.names(), fit.vectors);
    const auto ranks = evaluate_graph(
        h.graph, graph,
        KnownTriples(in_names_of(graph, h.graph.entities(), h.graph.relations()), monitor), nullptr,
        monitor);
    RankTally tails;
    for (const auto& sides : ranks) tails.add(sides[0]);
    EXPECT_GT(tails.mean_reciprocal_rank(), 0.9) << name(model);
  }
}

TEST(TrainGraph, IsTheSameBytesWhateverTheThreadsAndInstructions) {
  const Graph graph = random_graph(11, 120, 7, 700);
  Monitor monitor;
  for (const GraphModel model : kModels) {
    GraphOptions options;
    options.model = model;
    options.dimensions = 22;
    options.epochs = 2;
    options.batch = 333;
    options.negatives = 57;
    options.regularization = 0.01;
    const GraphFit one = train_graph(graph, options, nullptr, monitor);
    for (const int threads : {2, 3, 7}) {
      options.threads = threads;
      const GraphFit several = train_graph(graph, options, nullptr, monitor);
      EXPECT_EQ(several.vectors.entities, one.vectors.entities);
      EXPECT_EQ(several.vectors.relations, one.vectors.relations);
      EXPECT_EQ(several.losses, one.losses);
    }
    options.threads = 1;
    use_instruction_set(InstructionSet::Baseline);
    const GraphFit baseline = train_graph(graph, options, nullptr, monitor);
    use_instruction_set(best_instruction_set());
    EXPECT_EQ(baseline.vectors.entities, one.vectors.entities);
    EXPECT_EQ(baseline.vectors.relations, one.vectors.relations);
    options.seed = 2;
    EXPECT_NE(train_graph(graph, options, nullptr, monitor).vectors.entities, one.vectors.entities);
  }
}

TEST(TrainGraph, IsCancelledAtAnyPoint) {
  const Graph graph = random_graph(12, 100, 3, 500);
  GraphOptions options;
  options.dimensions = 8;
  options.epochs = 1;
  options.batch = 100;
  for (const int threads : {1, 2}) {
    options.threads = threads;
    for (const int calls : {0, 3, 10}) {
      test::StopAfter stop(calls);
      EXPECT_THROW(train_graph(graph, options, nullptr, stop), test::Cancelled);
    }
  }
}

TEST(TrainGraph, StaysFiniteOrSaysThatItDoesNot) {
  const Graph graph = random_graph(13, 50, 3, 300);
  Monitor monitor;
  for (const GraphModel model : kModels) {
    for (const double regularization : {0.0, 1.0, 1e6}) {
      GraphOptions options;
      options.model = model;
      options.dimensions = 4;
      options.learning_rate = 100;
      options.epochs = 20;
      options.regularization = regularization;
      try {
        const GraphFit fit = train_graph(graph, options, nullptr, monitor);
        EXPECT_TRUE(fit.vectors.entities.allFinite() && fit.vectors.relations.allFinite());
        for (const double loss : fit.losses) EXPECT_TRUE(std::isfinite(loss));
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::NotConverged);
      }
    }
  }
}

TEST(TrainGraph, RefusesImpossibleOptions) {
  const auto refused = [&](auto change) {
    GraphOptions bad;
    change(bad);
    EXPECT_THROW(validate(bad), Error);
  };
  refused([](GraphOptions& o) { o.dimensions = 0; });
  refused([](GraphOptions& o) { o.dimensions = 100000; });
  refused([](GraphOptions& o) {
    o.model = GraphModel::ComplEx;
    o.dimensions = 7;
  });
  refused([](GraphOptions& o) { o.epochs = 0; });
  refused([](GraphOptions& o) { o.batch = 0; });
  refused([](GraphOptions& o) { o.negatives = 0; });
  refused([](GraphOptions& o) { o.threads = 0; });
  refused([](GraphOptions& o) { o.learning_rate = NAN; });
  refused([](GraphOptions& o) { o.regularization = -1; });
}

// --- ranks ---

// An embedding of one dimension in which the score of a tail is its number, whatever is asked.
Held line(const std::vector<float>& numbers, NameBytes& entities, NameBytes& relations) {
  for (std::size_t i = 0; i < numbers.size(); ++i)
    entities.add(std::string(1, 'a' + static_cast<char>(i)));
  relations.add("r");
  GraphVectors vectors{FloatMatrix(static_cast<Index>(numbers.size()), 2), FloatMatrix(2, 2)};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    vectors.entities(static_cast<Index>(i), 0) = numbers[i];
    vectors.entities(static_cast<Index>(i), 1) = 0;
  }
  // TransE: <e_h + r, e_t> is e_h e_t + r e_t; a large relation drowns e_h.
  vectors.relations.setZero();
  vectors.relations(0, 0) = vectors.relations(1, 0) = 1e9F;
  return held(GraphModel::TransE, entities.names(), relations.names(), vectors);
}

TEST(EvaluateGraph, RanksTiesInTheirMiddle) {
  NameBytes entities;
  NameBytes relations;
  // The truth has 10, others 10, 10, 11, 9: optimistic 2, pessimistic 4.
  const Held h = line({10, 10, 10, 11, 9}, entities, relations);
  Monitor monitor;
  const Graph test = graph_of_facts({{"e", "r", "a"}});
  const auto ranks = evaluate_graph(h.graph, test, KnownTriples({}, monitor), nullptr, monitor);
  EXPECT_EQ(ranks[0][0].mean_rank(), 3);
  EXPECT_EQ(ranks[0][0].expected, 3);
  EXPECT_EQ(ranks[0][0].hits, (std::array<std::int64_t, 4>{0, 1, 1, 1}));
  // Of the others d, who is better, and b, who is as good, are known.
  const std::vector<Triple> known = {{4, 0, 3}, {4, 0, 1}, {4, 0, 0}};
  const auto filtered =
      evaluate_graph(h.graph, test, KnownTriples(known, monitor), nullptr, monitor);
  EXPECT_EQ(filtered[0][0].mean_rank(), 1.5);
  EXPECT_EQ(filtered[0][0].expected, 2);
}

TEST(EvaluateGraph, KeepsAndCountsWhatItHasNotSeen) {
  NameBytes entities;
  NameBytes relations;
  const Held h = line({1, 2, 3}, entities, relations);
  Monitor monitor;
  const Graph test = graph_of_facts({{"a", "r", "new"}, {"a", "unknown", "b"}});
  const auto ranks = evaluate_graph(h.graph, test, KnownTriples({}, monitor), nullptr, monitor);
  RankTally all;
  for (const auto& sides : ranks) {
    for (const RankTally& side : sides) all.add(side);
  }
  EXPECT_EQ(all.n, 4);
  EXPECT_EQ(all.unseen, 4);
  // Among three and the new one; among three otherwise.
  EXPECT_DOUBLE_EQ(all.mean_rank(), (2.5 + 2 + 2 + 2) / 4);
  EXPECT_DOUBLE_EQ(all.adjusted_mean_rank_index(), 0);
}

TEST(EvaluateGraph, IsWhatCountingGives) {
  Monitor monitor;
  const Graph graph = random_graph(21, 150, 3, 700);
  const Graph test = random_graph(22, 150, 3, 200);
  const SortedNames names = graph.entities.names();
  for (const GraphModel model : kModels) {
    // Few different numbers, so that scores tie.
    GraphVectors v = random_vectors(4, names.size(), 3, 4);
    v.entities = v.entities.array().round().matrix();
    v.relations = v.relations.array().round().matrix();
    const Held h = held(model, names, graph.relations.names(), v);
    std::vector<Triple> all = in_names_of(graph, names, graph.relations.names());
    const std::vector<Triple> asked = in_names_of(test, names, graph.relations.names());
    all.insert(all.end(), asked.begin(), asked.end());
    const auto ranks = evaluate_graph(h.graph, test, KnownTriples(all, monitor), nullptr, monitor);
    for (const Direction direction : {Direction::Tails, Direction::Heads}) {
      const bool tails = direction == Direction::Tails;
      RankTally expected;
      for (const Triple& t : asked) {
        const std::int32_t from = tails ? t.head : t.tail;
        const std::int32_t truth = tails ? t.tail : t.head;
        if (t.head == kUnseen || t.tail == kUnseen) continue;
        const float score = h.graph.score(from, t.relation, direction, truth);
        double rank = 1;
        double candidates = 1;
        for (std::int32_t e = 0; e < names.size(); ++e) {
          const Triple other =
              tails ? Triple{t.head, t.relation, e} : Triple{e, t.relation, t.tail};
          if (e == truth || std::find(all.begin(), all.end(), other) != all.end()) continue;
          const float s = h.graph.score(from, t.relation, direction, e);
          rank += s > score ? 1 : s == score ? 0.5 : 0;
          ++candidates;
        }
        expected.add(rank, (candidates + 1) / 2, false);
      }
      RankTally found;
      for (const auto& sides : ranks) found.add(sides[tails ? 0 : 1]);
      ASSERT_EQ(found.unseen, 0);
      EXPECT_EQ(found.n, expected.n);
      EXPECT_DOUBLE_EQ(found.ranks, expected.ranks) << name(model);
      EXPECT_DOUBLE_EQ(found.expected, expected.expected);
      EXPECT_EQ(found.hits, expected.hits);
    }
  }
}

TEST(PredictGraph, GivesTheBestInOrder) {
  Monitor monitor;
  const Graph graph = random_graph(31, 900, 2, 4000);
  const SortedNames names = graph.entities.names();
  GraphVectors v = random_vectors(5, names.size(), 2, 3);
  v.entities = v.entities.array().round().matrix();
  const Held h = held(GraphModel::DistMult, names, graph.relations.names(), v);
  const std::vector<std::int32_t> left_out = {0, 5, 17, 600};
  for (const std::size_t k : {std::size_t{0}, std::size_t{1}, std::size_t{40}, std::size_t{2000}}) {
    std::vector<std::int32_t> order;
    for (std::int32_t e = 0; e < names.size(); ++e) {
      if (!std::binary_search(left_out.begin(), left_out.end(), e)) order.push_back(e);
    }
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
      return h.graph.score(3, 1, Direction::Heads, a) > h.graph.score(3, 1, Direction::Heads, b);
    });
    order.resize(std::min(k, order.size()));
    const auto found = predict_graph(
        h.graph, query_with_attributes(h.graph, 3, 1, Direction::Heads, {}), k, left_out, monitor);
    ASSERT_EQ(found.size(), order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      EXPECT_EQ(found[i].entity, order[i]);
      EXPECT_EQ(found[i].rank, static_cast<std::int64_t>(i) + 1);
    }
  }
}

// --- bias ---

Graph two_people() {
  return graph_of_facts({{"j", "gender", "male"},
                         {"k", "gender", "female"},
                         {"j", "job", "p"},
                         {"k", "job", "p"},
                         {"j", "job", "q"}});
}

// The toys: e_male = (1, 0), e_female = (0, 1), e_p = (2, -1), alpha .1.
TEST(GraphBias, ToysByEveryModel) {
  Monitor monitor;
  const Graph people = two_people();
  const SortedNames names = people.entities.names();
  BiasQuestion question{{"gender", false}, "male", "female", {"job", false}, 0.1};
  const auto bias_of = [&](GraphModel model, const FloatMatrix& relations, Index d) {
    GraphVectors v{FloatMatrix::Zero(names.size(), d), relations};
    v.entities.row (*names.find("male"))(0) = 1;
    v.entities.row (*names.find("female"))(1) = 1;
    v.entities.row(*names.find("p")).head(2) << 2, -1;
    const Held h = held(model, names, people.relations.names(), v);
    const auto biases =
        graph_bias(h.graph, people, vectors_in(h.graph, people, monitor), question, monitor);
    return *std::find_if(biases.begin(), biases.end(),
                         [](const EntityBias& b) { return b.entity == "p"; });
  };
  FloatMatrix relations = FloatMatrix::Constant(4, 2, 9);
  relations.row(0) << 1, 2;    // gender, to tails
  relations.row(2) << .5F, 1;  // job, to tails
  EXPECT_NEAR(*bias_of(GraphModel::TransE, relations, 2).bias, 0.3, 1e-7);
  EXPECT_NEAR(*bias_of(GraphModel::DistMult, relations, 2).bias, 0.3, 1e-7);
  // One complex number: v = 1 - i, e_p = 2 - i, r_s = 1 + 2i, r_p = .5 + i: u_s = conj(r_s) v =
  // -1 - 3i, u_p = conj(r_p) e_p = 0 - 2.5i, and alpha <u_s, u_p> = .1 * 7.5.
  EXPECT_NEAR(*bias_of(GraphModel::ComplEx, relations, 2).bias, 0.75, 1e-7);
  const EntityBias p = bias_of(GraphModel::TransE, relations, 2);
  EXPECT_EQ(p.count_a, 1);
  EXPECT_EQ(p.count_b, 1);
}

// The definition: move each person a step along the gradient of score(j, s, a) - score(j, s, b),
// found by finite differences, and average the change of score(j, p, .).
TEST(GraphBias, ClosedFormsAreTheStepOfTheDefinition) {
  Monitor monitor;
  const Graph people = two_people();
  const SortedNames names = people.entities.names();
  constexpr Index kD = 6;
  for (const GraphModel model : kModels) {
    for (const bool inverse : {false, true}) {
      const GraphVectors v = random_vectors(17, names.size(), 2, kD);
      const Held h = held(model, names, people.relations.names(), v);
      // For the inverse relation the same graph with heads and tails exchanged.
      std::vector<Fact> facts = {{"j", "gender", "male"},
                                 {"k", "gender", "female"},
                                 {"j", "job", "p"},
                                 {"k", "job", "p"},
                                 {"j", "job", "q"}};
      if (inverse)
        for (Fact& f : facts) std::swap(f.head, f.tail);
      const Graph graph = graph_of_facts(facts);
      BiasQuestion question{{"gender", inverse}, "male", "female", {"job", inverse}, 0.1};
      const Direction direction = inverse ? Direction::Heads : Direction::Tails;
      const auto relation = [&](const char* r) -> Vector {
        return v.relations.row(relation_row(*people.relations.names().find(r), direction))
            .cast<double>();
      };
      const auto entity = [&](std::string_view e) -> Vector {
        return v.entities.row(*names.find(e)).cast<double>();
      };
      const auto biases =
          graph_bias(h.graph, graph, vectors_in(h.graph, graph, monitor), question, monitor);
      ASSERT_EQ(biases.size(), 2U);
      std::swap(question.a, question.b);
      const auto swapped =
          graph_bias(h.graph, graph, vectors_in(h.graph, graph, monitor), question, monitor);
      std::swap(question.a, question.b);
      for (std::size_t i = 0; i < biases.size(); ++i) {
        double expected = 0;
        double gap = 0;
        for (const char* person : {"j", "k"}) {
          const Vector e = entity(person);
          const auto objective = [&](const Vector& x) {
            return score_by_definition(model, x, relation("gender"), entity("male")) -
                   score_by_definition(model, x, relation("gender"), entity("female"));
          };
          Vector moved = e;
          for (Index k = 0; k < kD; ++k) {
            Vector up = e;
            Vector down = e;
            up(k) += 1e-4;
            down(k) -= 1e-4;
            moved(k) += question.alpha * (objective(up) - objective(down)) / 2e-4;
          }
          const auto holds = [&](const Vector& x) {
            return score_by_definition(model, x, relation("job"), entity(biases[i].entity));
          };
          expected += (holds(moved) - holds(e)) / 2;
          gap += (*person == 'j' ? 1 : -1) * holds(e);
        }
        EXPECT_NEAR(*biases[i].bias, expected, 1e-5 * (1 + std::abs(expected))) << name(model);
        EXPECT_NEAR(*biases[i].population_gap, gap, 1e-5 * (1 + std::abs(gap))) << name(model);
        EXPECT_DOUBLE_EQ(*swapped[i].bias, -*biases[i].bias);
        EXPECT_DOUBLE_EQ(*swapped[i].population_gap, -*biases[i].population_gap);
      }
      question.alpha = 0;
      for (const EntityBias& b :
           graph_bias(h.graph, graph, vectors_in(h.graph, graph, monitor), question, monitor))
        EXPECT_EQ(*b.bias, 0);
    }
  }
}

TEST(GraphBias, EqualValuesHaveNoneAndPersonsOfSeveralCountUnderEach) {
  Monitor monitor;
  const Graph people = graph_of_facts({{"j", "is", "x"},
                                       {"j", "is", "y"},
                                       {"k", "is", "y"},
                                       {"l", "is", "z"},
                                       {"j", "job", "p"},
                                       {"k", "job", "p"},
                                       {"l", "job", "p"},
                                       {"l", "job", "q"}});
  const SortedNames names = people.entities.names();
  GraphVectors v = random_vectors(23, names.size(), 2, 4);
  v.entities.row(*names.find("y")) = v.entities.row(*names.find("x"));
  const Held h = held(GraphModel::DistMult, names, people.relations.names(), v);
  const auto biases = graph_bias(h.graph, people, vectors_in(h.graph, people, monitor),
                                 {{"is", false}, "x", "y", {"job", false}, 0.1}, monitor);
  ASSERT_EQ(biases.size(), 1U);  // nobody with x or y has q
  EXPECT_EQ(biases[0].entity, "p");
  EXPECT_EQ(biases[0].count_a, 1);
  EXPECT_EQ(biases[0].count_b, 2);
  EXPECT_EQ(*biases[0].bias, 0);
}

// --- more entities ---

TEST(ExtendGraph, LearnsNewEntitiesAndLeavesAllElse) {
  const Graph whole = country_graph();
  Monitor monitor;
  GraphOptions options;
  options.dimensions = 16;
  options.epochs = 60;
  options.batch = 20;
  Graph part = whole;
  const std::int32_t person = *whole.entities.names().find("person 13");
  std::erase_if(part.triples,
                [&](const Triple& t) { return t.head == person || t.tail == person; });
  keep_frequent(part, 1, monitor);
  ASSERT_EQ(part.entities.names().find("person 13"), std::nullopt);
  const GraphFit fit = train_graph(part, options, nullptr, monitor);
  const Held before =
      held(options.model, part.entities.names(), part.relations.names(), fit.vectors);
  const GraphExtension more = extend_graph(before.graph, whole, {}, options, monitor);
  EXPECT_EQ(more.added, 1);
  EXPECT_EQ(more.unusable, 0);
  const Held after =
      held(options.model, more.entities.names(), before.graph.relations(), more.vectors);
  for (Index e = 0; e < before.graph.entities().size(); ++e) {
    const Index now = *after.graph.entities().find(before.graph.entities()[e]);
    for (Index i = 0; i < 16; ++i) ASSERT_EQ(after.graph.entity(now)[i], before.graph.entity(e)[i]);
  }
  const std::int32_t new_one = *after.graph.entities().find("person 13");
  const AttributeQuery asked = query_with_attributes(
      after.graph, new_one, *after.graph.relations().find("lives in"), Direction::Tails, {});
  const auto home = predict_graph(after.graph, asked, 1, {}, monitor);
  EXPECT_EQ(after.graph.entities()[home[0].entity], "city 5");
  EXPECT_THROW(extend_graph(before.graph, part, {}, options, monitor), Error);
  const Graph strange = graph_of_facts({{"x", "unknown relation", "y"}});
  EXPECT_THROW(extend_graph(before.graph, strange, {}, options, monitor), Error);
}

// --- the value ---

Held small_value() {
  const Graph graph = country_graph();
  Monitor monitor;
  GraphOptions options;
  options.dimensions = 3;
  options.epochs = 2;
  const GraphFit fit = train_graph(graph, options, nullptr, monitor);
  GraphAbout about;
  about.source = "select";
  about.columns = {"h", "r", "t"};
  about.losses = fit.losses;
  const TripleFilter filter = filter_of(graph, monitor);
  Held h;
  h.bytes =
      encode_graph(about, graph.entities.names(), graph.relations.names(), filter, fit.vectors);
  h.graph = GraphEmbedding::decode(h.bytes, monitor);
  return h;
}

TEST(GraphEmbedding, IsUsedWhereItStandsOrCopied) {
  Monitor monitor;
  const Held h = small_value();
  const Graph graph = country_graph();
  EXPECT_EQ(h.graph.entities().size(), graph.entities.names().size());
  EXPECT_EQ(h.graph.entities().bytes(), graph.entities.names().bytes());
  EXPECT_EQ(h.graph.about().columns[1], "r");
  EXPECT_NEAR(trained_share(h.graph, graph, monitor), 1, 1e-12);
  EXPECT_LT(h.graph.copied_bytes(), sizeof(GraphEmbedding) + 4);
  // At an odd place all is copied, and the same.
  std::vector<std::byte> shifted(h.bytes.size() + 1);
  std::copy(h.bytes.begin(), h.bytes.end(), shifted.begin() + 1);
  const GraphEmbedding copy =
      GraphEmbedding::decode(std::span<const std::byte>(shifted).subspan(1), monitor);
  EXPECT_GT(copy.copied_bytes(), sizeof(GraphEmbedding) + 4);
  for (Index e = 0; e < copy.entities().size(); ++e) {
    EXPECT_EQ(copy.score(e, 1, Direction::Tails, 0), h.graph.score(e, 1, Direction::Tails, 0));
  }
}

TEST(GraphEmbedding, DamagedBytesAreRefusedOrHarmless) {
  const Held h = small_value();
  const int refused = test::refused_mutations(h.bytes, 77, [](std::span<std::byte> damaged) {
    Monitor monitor;
    const GraphEmbedding graph = GraphEmbedding::decode(damaged, monitor);
    JsonWriter json;
    describe(graph, json);
    for (Index e = 0; e < graph.entities().size(); ++e) (void)graph.entities()[e].size();
    if (graph.entities().size() > 0 && graph.relations().size() > 0) {
      (void)predict_graph(graph, query_with_attributes(graph, 0, 0, Direction::Tails, {}), 3, {},
                          monitor);
      try {
        GraphOptions options;
        options.epochs = 1;
        options.batch = 5;
        options.negatives = 3;
        const std::string known(graph.relations()[0]);
        (void)extend_graph(graph, graph_of_facts({{"new", known.c_str(), "newer"}}), {}, options,
                           monitor);
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotConverged) throw;
      }
      (void)trained_share(graph, country_graph(), monitor);
    }
  });
  EXPECT_GT(refused, static_cast<int>(h.bytes.size()));
}

TEST(GraphEmbedding, RefusesWhatNoValueHolds) {
  NameBytes entities;
  for (int i = 0; i < 1000; ++i) entities.add("n" + std::to_string(10000 + i));
  NameBytes relations;
  relations.add("r");
  EXPECT_NO_THROW(graph_value_bytes(entities.names(), relations.names(), 10, 100));
  EXPECT_THROW(graph_value_bytes(entities.names(), relations.names(), 10, 1000000), Error);
  GraphVectors v = random_vectors(1, 2, 1, 2);
  const NameBytes two = named({"a", "b"});
  v.entities(0, 0) = 1e12F;
  EXPECT_THROW(encode_graph({}, two.names(), relations.names(), TripleFilter(1), v), Error);
  v.entities(0, 0) = NAN;
  EXPECT_THROW(encode_graph({}, two.names(), relations.names(), TripleFilter(1), v), Error);
}

}  // namespace
}  // namespace fairdb
