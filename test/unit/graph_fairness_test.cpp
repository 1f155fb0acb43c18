// What keeps an embedding from telling sensitive attributes, and what gives them back: the penalty,
// attribute vectors, erasure and projection, probes, the value.
#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <cmath>

#include "core/base/dense_kernels.hpp"
#include "core/graph/debias.hpp"
#include "core/graph/evaluate.hpp"
#include "core/graph/extend.hpp"
#include "core/graph/fair_training.hpp"
#include "core/graph/fairness_request.hpp"
#include "core/graph/fairness_value.hpp"
#include "core/graph/leakage.hpp"
#include "core/graph/softmax_batch.hpp"
#include "unit/support/graphs.hpp"

namespace fairdb {
namespace {

using namespace test;

constexpr KlReduction kReductions[] = {KlReduction::Sum, KlReduction::Mean};

// --- the penalty ---

AttributePenalty penalty_on(std::vector<std::int32_t> values, std::vector<float> target) {
  return {GraphModel::TransE, KlReduction::Sum, {{0, std::move(values), std::move(target), 1}}};
}

struct OfOnePerson {
  double divergence;
  Eigen::VectorXf gradient;
};
OfOnePerson differentiate(const AttributePenalty& penalty, const Eigen::VectorXf& person) {
  const FloatMatrix persons = person.transpose();
  FloatMatrix gradients(1, person.size());
  double divergence = 0;
  penalty.differentiate(persons, gradients, {&divergence, 1});
  return {divergence, gradients.row(0)};
}

// Fisher et al. 2020, section 3.2, by hand.
TEST(AttributePenalty, HasTheDivergencesAndDerivativesOfSmallCases) {
  GraphVectors two{FloatMatrix::Identity(2, 2), FloatMatrix::Zero(2, 2), {}};
  AttributePenalty penalty = penalty_on({0, 1}, {.5F, .5F});
  penalty.begin(two, 1);
  const OfOnePerson of_two = differentiate(penalty, Eigen::Vector2f(2, 0));
  EXPECT_NEAR(of_two.divergence, std::log(std::cosh(1.0)), 1e-6);
  EXPECT_NEAR(of_two.gradient(0), 0.380797, 1e-6);
  EXPECT_NEAR(of_two.gradient(1), -0.380797, 1e-6);

  GraphVectors three{FloatMatrix::Identity(3, 3), FloatMatrix::Zero(2, 3), {}};
  AttributePenalty penalty_of_three = penalty_on({0, 1, 2}, {1 / 3.F, 1 / 3.F, 1 / 3.F});
  penalty_of_three.begin(three, 1);
  const OfOnePerson of_three = differentiate(penalty_of_three, Eigen::Vector3f(1, 0, 0));
  EXPECT_NEAR(of_three.divergence, 0.119499, 1e-6);
  EXPECT_NEAR(of_three.gradient(0), 0.576117 - 1 / 3., 1e-6);
  EXPECT_NEAR(of_three.gradient(2), 0.211942 - 1 / 3., 1e-6);
}

// As they are computed in products of matrices, whose tiles hold six.
TEST(AttributePenalty, OfAPersonIsTheSameBesideOthers) {
  constexpr Index kD = 10;
  constexpr Index kPersons = 23;
  const GraphVectors vectors = random_vectors(5, kPersons + 9, 2, kD);
  for (const GraphModel model : kModels) {
    AttributePenalty penalty(model, KlReduction::Sum,
                             {{0, {23, 24, 25}, {.2F, .8F, 0}, 3},
                              {3, {26, 27, 28, 29, 30, 31}, {0, 0, 1, 0, 0, 0}, .7}});
    penalty.begin(vectors, kPersons);
    const FloatMatrix persons = vectors.entities.topRows(kPersons);
    FloatMatrix gradients(kPersons, kD);
    std::vector<double> divergences(kPersons);
    penalty.differentiate(persons, gradients, divergences);
    for (Index i = 0; i < kPersons; ++i) {
      const OfOnePerson alone = differentiate(penalty, persons.row(i));
      EXPECT_EQ(divergences[static_cast<std::size_t>(i)], alone.divergence);
      EXPECT_EQ(gradients.row(i), alone.gradient.transpose()) << name(model) << " " << i;
    }
  }
}

double divergence_by_definition(GraphModel model,
                                const Vector& person,
                                const Vector& relation,
                                const FloatMatrix& values,
                                const std::vector<float>& target) {
  std::vector<double> scores;
  double sum = 0;
  for (Index v = 0; v < values.rows(); ++v) {
    scores.push_back(
        score_by_definition(model, person, relation, values.row(v).cast<double>().transpose()));
    sum += std::exp(scores.back());
  }
  double result = 0;
  for (std::size_t v = 0; v < scores.size(); ++v) {
    const auto share = static_cast<double>(target[v]);
    if (share > 0) result += share * std::log(share / (std::exp(scores[v]) / sum));
  }
  return result;
}

TEST(AttributePenalty, DifferentiatesByThePerson) {
  constexpr Index kD = 6;
  const GraphVectors vectors = random_vectors(3, 7, 2, kD);
  for (const GraphModel model : kModels) {
    for (const KlReduction reduction : kReductions) {
      std::vector<AttributePenalty::Term> terms = {{0, {2, 3, 4}, {.2F, .8F, 0}, 3},
                                                   {3, {5, 6}, {.5F, .5F}, .7}};
      AttributePenalty penalty(model, reduction, terms);
      constexpr std::int64_t kPersons = 4;
      penalty.begin(vectors, kPersons);
      const auto loss = [&](const Eigen::VectorXf& person) {
        double sum = 0;
        for (const AttributePenalty::Term& term : terms) {
          FloatMatrix values(static_cast<Index>(term.values.size()), kD);
          for (std::size_t v = 0; v < term.values.size(); ++v)
            values.row(static_cast<Index>(v)) = vectors.entities.row(term.values[v]);
          sum += term.weight * divergence_by_definition(
                                   model, person.cast<double>(),
                                   vectors.relations.row(term.relation).cast<double>().transpose(),
                                   values, term.target);
        }
        return reduction == KlReduction::Sum ? sum : sum / (2. * kPersons);
      };
      const Eigen::VectorXf person = vectors.entities.row(0);
      const auto [plain, gradient] = differentiate(penalty, person);
      for (Index i = 0; i < kD; ++i) {
        constexpr float kStep = 1.0F / 512;
        Eigen::VectorXf up = person;
        Eigen::VectorXf down = person;
        up(i) += kStep;
        down(i) -= kStep;
        EXPECT_NEAR(gradient(i), (loss(up) - loss(down)) / (2. * kStep), 2e-3)
            << name(model) << " " << name(reduction);
      }
      double expected = 0;
      for (AttributePenalty::Term& term : terms) term.weight = 1;
      expected = loss(person) * (reduction == KlReduction::Sum ? 1 : 2. * kPersons);
      EXPECT_NEAR(plain, expected, 1e-5);
    }
  }
}

// --- training ---

// People with a gender and one or two homes; jobs follow gender, languages the home.
Graph people_graph(int people = 120) {
  static std::vector<std::string> names;
  names.clear();
  for (int i = 0; i < people; ++i) names.push_back("person " + std::to_string(i));
  std::vector<Fact> facts;
  constexpr const char* kHomes[] = {"France", "Italy", "Spain"};
  constexpr const char* kLanguages[] = {"French", "Italian", "Spanish"};
  for (int i = 0; i < people; ++i) {
    const char* const person = names[static_cast<std::size_t>(i)].c_str();
    facts.push_back({person, "gender", i % 3 == 0 ? "female" : "male"});
    facts.push_back({kHomes[i % 3 == 0 ? 0 : i % 5 % 3], "home of", person});
    if (i % 7 == 0) facts.push_back({"Spain", "home of", person});
    facts.push_back({person, "job", i % 3 == 0 ? (i % 2 == 0 ? "nurse" : "teacher") : "pilot"});
    facts.push_back({person, "speaks", kLanguages[i % 3 == 0 ? 0 : i % 5 % 3]});
    facts.push_back({person, "lives in", i % 4 == 0 ? "Rome" : i % 4 == 1 ? "Paris" : "Oslo"});
  }
  return graph_of_facts(facts);
}

FairnessRequest request_for(bool whitelist) {
  FairnessRequest request;
  request.debias = GraphDebias::Kl;
  request.attributes = {{{"gender", false}, 2, 2.0, {}}, {{"home of", true}, 30, 1.5, {}}};
  if (whitelist) {
    request.whitelist = {
        {1, {"speaks", false}, {}}, {0, {"job", false}, "nurse"}, {1, {"speaks", false}, "French"}};
  }
  return request;
}

TEST(FairnessRequest, FindsValuesAndTargets) {
  const Graph graph = people_graph(30);
  Monitor monitor;
  FairnessRequest request = request_for(true);
  GraphFairness fairness = fairness_for(request, graph, monitor);
  ASSERT_EQ(fairness.attributes.size(), 2U);
  EXPECT_EQ(fairness.attributes[0].values, (std::vector<std::string>{"male", "female"}));
  EXPECT_EQ(fairness.attributes[0].target, (std::vector<double>{.5, .5}));
  EXPECT_EQ(fairness.attributes[1].values.size(), 3U);
  EXPECT_EQ(fairness.attributes[0].weight, 2);
  EXPECT_EQ(fairness.attributes[1].vectors.rows(), 3);
  request.target = KlTarget::Empirical;
  fairness = fairness_for(request, graph, monitor);
  EXPECT_NEAR(fairness.attributes[0].target[0], 20 / 30., 1e-12);
  request.target = KlTarget::Given;
  EXPECT_EQ(test::error_of([&] { validate(request); }),
            "target => 'given' needs target_shares of \"gender\"");
  request.attributes[0].shares = {{"female", 3}, {"male", 1}};
  request.attributes[1].shares = {{"Italy", 1}};
  validate(request);
  fairness = fairness_for(request, graph, monitor);
  EXPECT_EQ(fairness.attributes[0].target, (std::vector<double>{.25, .75}));
  request.attributes[1].shares = {{"Rome", 1}};
  EXPECT_EQ(
      test::error_of([&] { (void)fairness_for(request, graph, monitor); }),
      "target_shares has \"Rome\", which is not among the 3 most frequent values of \"home of\"");
  request = request_for(true);
  request.whitelist[0].relation.name = "sings";
  EXPECT_EQ(test::error_of([&] { (void)fairness_for(request, graph, monitor); }),
            "the whitelist's relation \"sings\" is not in the source");
  request = request_for(true);
  request.whitelist[1].other = "nobody";
  EXPECT_EQ(test::error_of([&] { (void)fairness_for(request, graph, monitor); }),
            "the whitelist's tail \"nobody\" is not in the source");
  request = request_for(false);
  request.attributes[0].relation.name = "sings";
  EXPECT_EQ(test::error_of([&] { (void)fairness_for(request, graph, monitor); }),
            "the sensitive relation \"sings\" is not in the source");
  const Graph one = graph_of_facts({{"a", "gender", "male"}, {"b", "gender", "male"}});
  request.attributes = {{{"gender", false}, 2, {}, {}}};
  EXPECT_EQ(test::error_of([&] { (void)fairness_for(request, one, monitor); }),
            "all persons have one and the same value by the relation \"gender\": \"male\"");
  Graph without = graph;
  fairness = fairness_for(request, graph, monitor);
  delete_sensitive(fairness, without);
  keep_frequent(without, 1, monitor);
  EXPECT_EQ(without.relations.names().find("gender"), std::nullopt);
  EXPECT_EQ(without.entities.names().find("female"), std::nullopt);
  EXPECT_EQ(without.triples.size(), graph.triples.size() - 30);
}

// The loss of a batch by its definition: cross-entropies over all entities, with the vectors of
// values added to sources where the whitelist has it, and the penalty.
double fair_loss(GraphModel model,
                 const Graph& graph,
                 const std::vector<Triple>& triples,
                 const GraphFairness& fairness,
                 const GraphVectors& v,
                 bool with_penalty) {
  const SortedNames entities = graph.entities.names();
  const auto relations = static_cast<std::int32_t>(graph.relations.names().size());
  const auto held = [&](std::int32_t person, std::size_t a) {
    std::vector<Index> result;
    Index begin = 0;
    for (std::size_t b = 0; b < a; ++b) begin += fairness.attributes[b].vectors.rows();
    const PersonRelation& relation = fairness.attributes[a].relation;
    for (const Triple& t : graph.triples) {
      if (graph.relations.names()[t.relation] != relation.name) continue;
      const auto [who, value] = person_value(t, relation.inverse);
      const auto& values = fairness.attributes[a].values;
      const auto at = std::find(values.begin(), values.end(), entities[value]);
      if (who == person && at != values.end()) result.push_back(begin + (at - values.begin()));
    }
    return result;
  };
  double loss = 0;
  for (const Triple& t : triples) {
    for (const Direction direction : {Direction::Tails, Direction::Heads}) {
      const bool tails = direction == Direction::Tails;
      const std::int32_t source = tails ? t.head : t.tail;
      const std::int32_t truth = tails ? t.tail : t.head;
      const bool twin = t.relation >= relations;
      const auto twin_of = static_cast<std::size_t>(t.relation - relations);
      if (twin && fairness.attributes[twin_of].relation.direction() != direction) continue;
      std::vector<bool> added(fairness.attributes.size());
      if (twin) added[twin_of] = true;
      for (const Whitelisted& entry : fairness.whitelist) {
        if (twin || entry.relation.name != graph.relations.names()[t.relation]) continue;
        if (entry.relation.direction() != direction) continue;
        if (entry.other && entities[truth] != *entry.other) continue;
        added[static_cast<std::size_t>(entry.attribute)] = true;
      }
      Vector e = v.entities.row(source).cast<double>();
      for (std::size_t a = 0; a < added.size(); ++a) {
        if (!added[a]) continue;
        const std::vector<Index> rows = held(source, a);
        for (const Index row : rows) {
          e += v.values.row(row).cast<double>().transpose() / static_cast<double>(rows.size());
        }
      }
      const Vector r = v.relations.row(relation_row(t.relation, direction)).cast<double>();
      double sum = 0;
      for (Index c = 0; c < v.entities.rows(); ++c)
        sum += std::exp(score_by_definition(model, e, r, v.entities.row(c).cast<double>()));
      loss +=
          std::log(sum) - score_by_definition(model, e, r, v.entities.row(truth).cast<double>());
    }
  }
  if (!with_penalty) return loss;
  for (Index p = 0; p < entities.size(); ++p) {
    if (!entities[p].starts_with("person")) continue;
    for (const SensitiveAttribute& a : fairness.attributes) {
      FloatMatrix values(static_cast<Index>(a.values.size()), v.entities.cols());
      for (std::size_t i = 0; i < a.values.size(); ++i)
        values.row(static_cast<Index>(i)) = v.entities.row(*entities.find(a.values[i]));
      const std::int32_t r = *graph.relations.names().find(a.relation.name);
      loss +=
          a.weight * divergence_by_definition(
                         model, v.entities.row(p).cast<double>(),
                         v.relations.row(relation_row(r, a.relation.direction())).cast<double>(),
                         values, {a.target.begin(), a.target.end()});
    }
  }
  return loss;
}

// As SoftmaxBatch.StepsAgainstTheGradientOfTheLoss: persons feel both losses, all others the
// cross-entropy alone.
TEST(SoftmaxBatch, StepsAgainstTheGradientOfFairTraining) {
  const Graph graph = people_graph(10);
  constexpr Index kD = 4;
  Monitor monitor;
  for (const GraphModel model : kModels) {
    const GraphFairness fairness = fairness_for(request_for(true), graph, monitor);
    const SortedNames entities = graph.entities.names();
    const SortedNames relations = graph.relations.names();
    FairTraining fair(fairness, model, entities, relations, graph.triples,
                      std::vector<bool>(static_cast<std::size_t>(entities.size())), monitor);
    EXPECT_EQ(fair.persons(), 10);
    GraphOptions options;
    options.model = model;
    options.dimensions = kD;
    options.negatives = 500;
    GraphVectors before =
        random_vectors(7, entities.size(), relations.size() + fair.twin_relations(), kD);
    before.entities *= .7F;
    before.values = random_vectors(8, fair.value_vectors(), 0, kD).entities;
    ASSERT_EQ(before.values.rows(), 5);
    std::vector<Triple> triples = graph.triples;
    fair.add_twins(triples);
    // 10 genders, 10 homes and the second one of person 0
    ASSERT_EQ(triples.size(), graph.triples.size() + 21);
    GraphVectors after = before;
    ThreadTeam team(1);
    Random random(1);
    constexpr double kRate = 1e-3;
    SoftmaxBatch batch(options, after, nullptr, 1, &fair, team, monitor);
    const SoftmaxBatch::Loss loss = batch.step(triples, kRate, random);
    EXPECT_NEAR(loss.cross_entropy, fair_loss(model, graph, triples, fairness, before, false),
                1e-2);
    EXPECT_EQ(loss.divergences, 20);
    const auto check = [&](FloatMatrix GraphVectors::*part, Index row, bool with_penalty) {
      Vector gradient(kD);
      for (Index i = 0; i < kD; ++i) {
        constexpr float kStep = 1.0F / 256;
        GraphVectors up = before;
        GraphVectors down = before;
        (up.*part)(row, i) += kStep;
        (down.*part)(row, i) -= kStep;
        gradient(i) = (fair_loss(model, graph, triples, fairness, up, with_penalty) -
                       fair_loss(model, graph, triples, fairness, down, with_penalty)) /
                      (2.0 * kStep);
      }
      const Vector expected = -kRate * std::sqrt(kD) * gradient / gradient.norm();
      const Vector moved = ((after.*part).row(row) - (before.*part).row(row)).cast<double>();
      if (gradient.norm() == 0) {
        EXPECT_EQ(moved.norm(), 0) << name(model) << " row " << row;
      } else {
        EXPECT_LT((moved - expected).norm(), 2e-2 * expected.norm() + 1e-6)
            << name(model) << " row " << row;
      }
    };
    for (Index e = 0; e < entities.size(); ++e)
      check(&GraphVectors::entities, e, entities[e].starts_with("person"));
    for (Index r = 0; r < before.relations.rows(); ++r) check(&GraphVectors::relations, r, false);
    for (Index v = 0; v < before.values.rows(); ++v) check(&GraphVectors::values, v, false);
  }
}

TEST(TrainGraph, HasTheSameBytesWithAPenaltyAndAnyThreads) {
  const Graph graph = people_graph(600);  // more than the penalty looks at together
  Monitor monitor;
  for (const GraphModel model : kModels) {
    GraphOptions options;
    options.model = model;
    options.dimensions = 8;
    options.epochs = 3;
    options.batch = 500;
    const GraphFairness fairness = fairness_for(request_for(true), graph, monitor);
    std::vector<GraphFit> fits;
    for (const int threads : {1, 3}) {
      options.threads = threads;
      FairTraining fair(fairness, model, graph.entities.names(), graph.relations.names(),
                        graph.triples, std::vector<bool>(graph.entities.names().ends().size()),
                        monitor);
      fits.push_back(train_graph(graph, options, &fair, monitor));
    }
    EXPECT_EQ(fits[0].vectors.entities, fits[1].vectors.entities);
    EXPECT_EQ(fits[0].vectors.values, fits[1].vectors.values);
    EXPECT_EQ(fits[0].divergences, fits[1].divergences);
    EXPECT_EQ(fits[0].vectors.relations.rows(), 2 * graph.relations.names().size());
    EXPECT_EQ(fits[0].divergences.size(), 3U);
  }
}

// So many values that a part of a step holds few persons, and on a processor without fused
// instructions fewer.
TEST(TrainGraph, HasTheSameBytesWithManyValues) {
  static std::vector<std::string> names;
  names.clear();
  constexpr int kPeople = 400;
  constexpr int kValues = 100;
  for (int i = 0; i < kPeople; ++i) names.push_back("person " + std::to_string(i));
  for (int i = 0; i < kValues; ++i) names.push_back("tribe " + std::to_string(i));
  std::vector<Fact> facts;
  for (int i = 0; i < kPeople; ++i) {
    const auto person = static_cast<std::size_t>(i);
    facts.push_back({names[person].c_str(), "tribe",
                     names[static_cast<std::size_t>(kPeople + i % kValues)].c_str()});
    facts.push_back({names[person].c_str(), "knows", names[(person * 7 + 1) % kPeople].c_str()});
  }
  const Graph graph = graph_of_facts(facts);
  Monitor monitor;
  FairnessRequest request;
  request.debias = GraphDebias::Kl;
  request.attributes = {{{"tribe", false}, kValues, 1.0, {}}};
  const GraphFairness fairness = fairness_for(request, graph, monitor);
  GraphOptions options;
  options.dimensions = 64;
  options.epochs = 1;
  options.negatives = 10;
  const InstructionSet best = instruction_set();
  std::vector<GraphFit> fits;
  for (const InstructionSet used : {best, InstructionSet::Baseline}) {
    use_instruction_set(used);
    FairTraining fair(fairness, options.model, graph.entities.names(), graph.relations.names(),
                      graph.triples, std::vector<bool>(graph.entities.names().ends().size()),
                      monitor);
    fits.push_back(train_graph(graph, options, &fair, monitor));
  }
  use_instruction_set(best);
  EXPECT_EQ(fits[0].vectors.entities, fits[1].vectors.entities);
  EXPECT_EQ(fits[0].divergences, fits[1].divergences);
}

TEST(TrainGraph, WithoutAttributesIsWhatItWas) {
  const Graph graph = people_graph(30);
  Monitor monitor;
  GraphOptions options;
  options.dimensions = 8;
  options.epochs = 2;
  FairTraining fair({}, options.model, graph.entities.names(), graph.relations.names(),
                    graph.triples, std::vector<bool>(graph.entities.names().ends().size()),
                    monitor);
  EXPECT_EQ(train_graph(graph, options, &fair, monitor).vectors.entities,
            train_graph(graph, options, nullptr, monitor).vectors.entities);
}

// --- erasure ---

Eigen::MatrixXd covariance_of(const RowMatrix& x) {
  const RowMatrix centred = x.rowwise() - x.colwise().mean();
  return centred.transpose() * centred / static_cast<double>(x.rows());
}

TEST(EraseConcepts, IsTheProjectionInWhitenedSpace) {
  Random random(11);
  constexpr Index kN = 200;
  constexpr Index kD = 7;
  RowMatrix x(kN, kD);
  RowMatrix z(kN, 3);
  for (Index i = 0; i < kN; ++i) {
    for (Index j = 0; j < kD; ++j) x(i, j) = random.normal() * (1 + static_cast<double>(j));
    z.row(i).setZero();
    z(i, random.below(3)) = 1;
    x.row(i).head(3) += 2 * z.row(i);
    x(i, 3) += x(i, 0);
  }
  const RowMatrix xc = x.rowwise() - x.colwise().mean();
  const RowMatrix zc = z.rowwise() - z.colwise().mean();
  const Eigen::MatrixXd cross = xc.transpose() * zc / static_cast<double>(kN);
  Monitor monitor;
  const Vector mean = x.colwise().mean().transpose();
  const AffineErasure map = erase_concepts(covariance_of(x), mean, cross, monitor);
  EXPECT_EQ(map.rank(), 2);  // the three indicators add up to 1
  // By the symmetric root.
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(covariance_of(x));
  const Eigen::MatrixXd whitened = eigen.operatorInverseSqrt() * cross;
  const Eigen::MatrixXd basis =
      Eigen::JacobiSVD<Eigen::MatrixXd>(whitened, Eigen::ComputeThinU).matrixU().leftCols(2);
  const Eigen::MatrixXd p =
      eigen.operatorSqrt() * basis * basis.transpose() * eigen.operatorInverseSqrt();
  RowMatrix erased(kN, kD);
  for (Index i = 0; i < kN; ++i) {
    Eigen::VectorXf row = x.row(i).cast<float>();
    map.apply(row.data());
    erased.row(i) = row.cast<double>();
    const Vector expected = x.row(i).transpose() - p * xc.row(i).transpose();
    EXPECT_LT((erased.row(i).transpose() - expected).norm(), 1e-4);
  }
  EXPECT_LT((erased.transpose() * zc).cwiseAbs().maxCoeff() / kN, 1e-6);
}

// Fewer vectors than numbers in them; and a concept that all agree on.
TEST(EraseConcepts, WorksWhereTheCovarianceIsSingular) {
  Random random(5);
  RowMatrix x(6, 20);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = random.normal();
  Eigen::MatrixXd z(6, 1);
  z << 1, 0, 1, 0, 0, 1;
  const RowMatrix xc = x.rowwise() - x.colwise().mean();
  Monitor monitor;
  const Eigen::MatrixXd cross = xc.transpose() * (z.array() - .5).matrix() / 6;
  const AffineErasure map =
      erase_concepts(covariance_of(x), x.colwise().mean().transpose(), cross, monitor);
  EXPECT_EQ(map.rank(), 1);
  Eigen::VectorXd after = Eigen::VectorXd::Zero(20);
  for (Index i = 0; i < 6; ++i) {
    Eigen::VectorXf row = x.row(i).cast<float>();
    map.apply(row.data());
    after += row.cast<double>() * (z(i, 0) - .5) / 6;
  }
  EXPECT_LT(after.norm(), 1e-5);
  const AffineErasure nothing = erase_concepts(covariance_of(x), x.colwise().mean().transpose(),
                                               Eigen::MatrixXd::Zero(20, 1), monitor);
  EXPECT_EQ(nothing.rank(), 0);
  EXPECT_EQ(test::error_of([&] {
              (void)erase_concepts(Eigen::MatrixXd::Zero(3, 3), Vector::Zero(3),
                                   Eigen::MatrixXd::Ones(3, 1), monitor);
            }),
            "all persons have the same vector: it tells nothing");
}

// Numbers of very different size: what remains is judged beside the small ones.
TEST(EraseConcepts, DoesNotDependOnUnits) {
  Random random(9);
  RowMatrix x(500, 4);
  Eigen::MatrixXd z(500, 1);
  for (Index i = 0; i < 500; ++i) {
    z(i, 0) = i % 2 == 0 ? .5 : -.5;
    x.row(i) << 1e4 * random.normal(), 1e4 * random.normal(),
        1e-3 * (z(i, 0) + .3 * random.normal()), random.normal();
  }
  Monitor monitor;
  const RowMatrix xc = x.rowwise() - x.colwise().mean();
  const AffineErasure map = erase_concepts(covariance_of(x), x.colwise().mean().transpose(),
                                           xc.transpose() * z / 500., monitor);
  EXPECT_EQ(map.rank(), 1);
  Vector cross = Vector::Zero(4);
  for (Index i = 0; i < 500; ++i) {
    const Vector row = x.row(i).transpose();
    cross += z(i, 0) / 500 * (row - map.left.transpose() * (map.right * row - map.constant));
  }
  EXPECT_LT(std::abs(cross(2)), 1e-12);
  EXPECT_LT(std::abs(cross(0)), 1e-6);
}

TEST(ProjectOnto, SolvesWhatCanBeSolvedWithTheRankOfItsRows) {
  Monitor monitor;
  RowMatrix a(4, 5);
  a << 1, 2, 0, 1, 0, 0, 1, 1, 0, 3, 2, 4, 0, 2, 0, 0, 0, 0, 0, 0;
  const Vector b = a * Vector::LinSpaced(5, -1, 2);
  const AffineErasure map = project_onto(a, b, monitor);
  EXPECT_EQ(map.rank(), 2);
  Random random(3);
  for (int i = 0; i < 20; ++i) {
    Eigen::VectorXf x(5);
    for (Index j = 0; j < 5; ++j) x(j) = static_cast<float>(random.normal());
    const Vector before = x.cast<double>();
    map.apply(x.data());
    const Vector after = x.cast<double>();
    EXPECT_LT((a * after - b).norm(), 1e-5);
    // The nearest such point: what changed lies in the span of the rows.
    EXPECT_NEAR((after - before - map.left.transpose() * (map.left * (after - before))).norm(), 0,
                1e-5);
  }
}

Held trained(const Graph& graph, GraphModel model, Index d = 12) {
  Monitor monitor;
  GraphOptions options;
  options.model = model;
  options.dimensions = d;
  options.epochs = 25;
  options.batch = 60;
  const GraphFit fit = train_graph(graph, options, nullptr, monitor);
  return held(model, graph.entities.names(), graph.relations.names(), fit.vectors);
}

Held with_entities(const Held& from, const DebiasedGraph& debiased, GraphFairness fairness = {}) {
  GraphAbout about = from.graph.about();
  about.fairness = std::move(fairness);
  about.fairness.maps = debiased.maps;
  GraphVectors vectors{debiased.entities,
                       FloatMatrix(2 * from.graph.relations().size(), from.graph.dimensions())};
  std::copy_n(from.graph.relation(0, Direction::Tails), vectors.relations.size(),
              vectors.relations.data());
  Held result;
  result.bytes =
      encode_graph(about, from.graph.entities(), from.graph.relations(), TripleFilter(10), vectors);
  Monitor monitor;
  result.graph = GraphEmbedding::decode(result.bytes, monitor);
  return result;
}

DebiasOptions both_attributes() {
  DebiasOptions options;
  options.attributes = {{{"gender", false}, 30}, {{"home of", true}, 30}};
  return options;
}

std::vector<bool> nobody(const GraphEmbedding& graph) {
  return std::vector<bool>(static_cast<std::size_t>(graph.entities().size()));
}

std::string refusal(const GraphEmbedding& graph,
                    const Graph& people,
                    const DebiasOptions& options) {
  Monitor monitor;
  return test::error_of(
      [&] { (void)debias_graph(graph, people, nobody(graph), options, monitor); });
}

TEST(DebiasGraph, LeavesNoCovarianceAndEqualScores) {
  const Graph graph = people_graph();
  Monitor monitor;
  for (const GraphModel model : kModels) {
    const Held before = trained(graph, model);
    const DebiasedGraph debiased =
        debias_graph(before.graph, graph, nobody(before.graph), both_attributes(), monitor);
    ASSERT_EQ(debiased.maps.size(), 2U);
    EXPECT_EQ(debiased.maps[0].map.rank(), 1 + 3);  // with two homes the three do not add up to 1
    EXPECT_EQ(debiased.maps[1].map.rank(), 1);      // gender alone has two values
    EXPECT_EQ(debiased.maps[0].persons, 120);
    EXPECT_LT(debiased.maps[0].share_kept, 1);
    // Holders' covariances with each indicator.
    for (const auto& [relation, value] :
         {std::pair("gender", "male"), {"home of", "Spain"}, {"home of", "France"}}) {
      const bool inverse = std::string_view(relation) == "home of";
      const std::int32_t r = *graph.relations.names().find(relation);
      const std::int32_t v = *graph.entities.names().find(value);
      Vector with = Vector::Zero(12);
      Vector all = Vector::Zero(12);
      double n_with = 0;
      double n = 0;
      const AttributeHolders holders = holders_of(graph.triples, r, inverse, 30, monitor);
      for (std::size_t i = 0; i < holders.persons.size(); ++i) {
        const Vector x = debiased.entities.row(holders.persons[i]).cast<double>();
        all += x;
        n += 1;
        for (const std::int32_t place : holders.held_by(i)) {
          if (holders.values[static_cast<std::size_t>(place)] != v) continue;
          with += x;
          n_with += 1;
        }
      }
      EXPECT_LT(((with - n_with / n * all) / n).norm(), 1e-6) << name(model) << " " << value;
    }
    // Others are as they were, to the bit; scores of the genders are equal.
    const std::int32_t gender = *graph.relations.names().find("gender");
    const Held after = with_entities(before, debiased);
    for (Index e = 0; e < graph.entities.names().size(); ++e) {
      const std::string_view entity = graph.entities.names()[e];
      if (!entity.starts_with("person")) {
        EXPECT_TRUE(
            std::equal(before.graph.entity(e), before.graph.entity(e) + 12, after.graph.entity(e)));
        continue;
      }
      EXPECT_NEAR(
          after.graph.score(e, gender, Direction::Tails, *graph.entities.names().find("male")),
          after.graph.score(e, gender, Direction::Tails, *graph.entities.names().find("female")),
          1e-4);
    }
  }
}

TEST(DebiasGraph, ProjectsManyValuesWhenAsked) {
  const Graph graph = people_graph();
  Monitor monitor;
  DebiasOptions options = both_attributes();
  options.method = DebiasMethod::Project;
  for (const GraphModel model : kModels) {
    const Held before = trained(graph, model);
    const Held after = with_entities(
        before, debias_graph(before.graph, graph, nobody(before.graph), options, monitor));
    const std::int32_t home = *graph.relations.names().find("home of");
    for (Index e = 0; e < graph.entities.names().size(); ++e) {
      if (!graph.entities.names()[e].starts_with("person")) continue;
      const auto score = [&](const char* value) {
        return after.graph.score(e, home, Direction::Heads, *graph.entities.names().find(value));
      };
      EXPECT_NEAR(score("France"), score("Italy"), 1e-4);
      EXPECT_NEAR(score("France"), score("Spain"), 1e-4);
    }
  }
}

TEST(DebiasGraph, MindsOnlyFrequentValuesAndNamedPersons) {
  const Graph graph = people_graph();
  Monitor monitor;
  const Held before = trained(graph, GraphModel::TransE);
  DebiasOptions options = both_attributes();
  options.method = DebiasMethod::Erase;
  options.min_count = 45;  // of the homes only France has so many; of the genders one
  DebiasedGraph debiased =
      debias_graph(before.graph, graph, nobody(before.graph), options, monitor);
  EXPECT_EQ(debiased.maps[0].values[1], 1);
  EXPECT_EQ(debiased.maps[0].values[0], 1);
  // One value is enough to be erased, and to be written.
  options.whitelist = {{1, {"speaks", false}, {}}};
  debiased = debias_graph(before.graph, graph, nobody(before.graph), options, monitor);
  GraphFairness fairness;
  fairness.attributes = debiased.attributes;
  fairness.whitelist = {{0, {"speaks", false}, {}}};
  EXPECT_EQ(
      with_entities(before, debiased, fairness).graph.about().fairness.attributes[0].values.size(),
      1U);
  options.whitelist.clear();
  options.min_count = 1000;
  EXPECT_EQ(refusal(before.graph, graph, options),
            "no value of \"gender\" has 1000 persons, as min_count asks");
  options.min_count = 1;
  std::vector<bool> persons = nobody(before.graph);
  const std::int32_t rome = *graph.entities.names().find("Rome");
  persons[static_cast<std::size_t>(rome)] = true;
  debiased = debias_graph(before.graph, graph, persons, options, monitor);
  EXPECT_EQ(debiased.maps[0].persons, 121);
  EXPECT_FALSE(std::equal(before.graph.entity(rome), before.graph.entity(rome) + 12,
                          debiased.entities.row(rome).data()));
}

// What the first call has left is rounding, which has no directions.
TEST(DebiasGraph, OfTheSameOnceMoreChangesNothing) {
  const Graph graph = people_graph();
  Monitor monitor;
  for (const GraphModel model : kModels) {
    const Held before = trained(graph, model);
    DebiasOptions options = both_attributes();
    options.method = DebiasMethod::Erase;
    const DebiasedGraph once =
        debias_graph(before.graph, graph, nobody(before.graph), options, monitor);
    EXPECT_GT(once.maps[0].map.rank(), 0);
    const Held after = with_entities(before, once, {});
    const DebiasedGraph twice =
        debias_graph(after.graph, graph, nobody(after.graph), options, monitor);
    EXPECT_EQ(twice.maps[0].map.rank(), 0) << name(model);
    EXPECT_EQ(twice.entities, once.entities);
  }
}

// A value that is a person by mistake stays what others are compared with.
TEST(DebiasGraph, LeavesValuesAsTheyAre) {
  Graph graph = people_graph();
  graph.triples.push_back({*graph.entities.names().find("Spain"),
                           *graph.relations.names().find("gender"),
                           *graph.entities.names().find("male")});
  std::sort(graph.triples.begin(), graph.triples.end());
  Monitor monitor;
  const Held before = trained(graph, GraphModel::TransE);
  const DebiasedGraph debiased =
      debias_graph(before.graph, graph, nobody(before.graph), both_attributes(), monitor);
  EXPECT_EQ(debiased.values_left, 1);
  EXPECT_EQ(debiased.maps[0].persons, 120);
  const std::int32_t spain = *graph.entities.names().find("Spain");
  EXPECT_TRUE(std::equal(before.graph.entity(spain), before.graph.entity(spain) + 12,
                         debiased.entities.row(spain).data()));
}

TEST(DebiasGraph, RefusesWhatCannotBeMeant) {
  const Graph graph = people_graph();
  Monitor monitor;
  const Held before = trained(graph, GraphModel::TransE, 4);
  const auto refused = [&](const DebiasOptions& options, const std::string& message) {
    EXPECT_EQ(refusal(before.graph, graph, options), message);
  };
  DebiasOptions options;
  options.attributes = {{{"gender", false}, 30}, {{"home of", false}, 30}};  // people as values
  refused(options,
          "by the relation \"home of\" 3 persons have 120 different values, more than there are "
          "persons");
  options.attributes = {{{"sings", false}, 30}};
  refused(options, "the relation \"sings\" is not in the source");
  options.attributes = {{{"gender", true}, 30}};  // more values than persons
  refused(options,
          "by the relation \"gender\" 2 persons have 120 different values, more than there are "
          "persons");
  options = both_attributes();  // four of four dimensions
  refused(
      options,
      "the values of the attributes take all 4 dimensions: nothing would be left of the persons");
  options.attributes = {{{"gender", false}, 30}};
  options.whitelist = {{0, {"sings", false}, {}}};
  refused(options, "the whitelist's relation \"sings\" is not in the embedding");
  options.whitelist = {{0, {"job", false}, "nobody"}};
  refused(options, "the whitelist's tail \"nobody\" is not in the embedding");
  std::vector<Fact> facts;  // values that are persons
  static constexpr const char* kPeople[] = {"a", "b", "c", "d", "e", "f"};
  for (int i = 0; i < 6; ++i) {
    facts.push_back({kPeople[i], "gender", i % 2 == 0 ? "male" : "female"});
    facts.push_back({kPeople[i], "taught by", kPeople[i < 3 ? 3 : 0]});
  }
  const Graph taught = graph_of_facts(facts);
  const Held of_taught = trained(taught, GraphModel::TransE, 4);
  options = {};
  options.attributes = {{{"gender", false}, 30}, {{"taught by", false}, 30}};
  EXPECT_EQ(refusal(of_taught.graph, taught, options),
            "most values of \"taught by\" are persons, \"a\" among them");
}

// What is taken by a value, the other attribute and what all have lost kept apart: the fit by its
// normal equations.
TEST(DebiasGraph, GivesBackWhatWasTakenByAValue) {
  const Graph graph = people_graph();
  Monitor monitor;
  const Held before = trained(graph, GraphModel::TransE);
  DebiasOptions options = both_attributes();
  options.whitelist = {{1, {"speaks", false}, {}}};
  const DebiasedGraph debiased =
      debias_graph(before.graph, graph, nobody(before.graph), options, monitor);
  ASSERT_EQ(debiased.attributes.size(), 1U);
  EXPECT_TRUE(debiased.attributes[0].of_erasure);
  EXPECT_EQ(debiased.attributes[0].relation.name, "home of");
  const AttributeHolders of[] = {
      holders_of(graph.triples, *graph.relations.names().find("gender"), false, 30, monitor),
      holders_of(graph.triples, *graph.relations.names().find("home of"), true, 30, monitor)};
  Eigen::MatrixXd design = Eigen::MatrixXd::Zero(120, 1 + 2 + 3);
  Eigen::MatrixXd taken(120, 12);
  for (Index i = 0; i < 120; ++i) {
    const std::int32_t person = of[0].persons[static_cast<std::size_t>(i)];
    design(i, 0) = 1;
    for (int a = 0; a < 2; ++a) {
      const auto held = of[a].held_by_person(person);
      for (const std::int32_t v : held) {
        design(i, (a == 0 ? 1 : 3) + v) = 1 / static_cast<double>(held.size());
      }
    }
    taken.row(i) = (Eigen::Map<const Eigen::RowVectorXf>(before.graph.entity(person), 12) -
                    debiased.entities.row(person))
                       .cast<double>();
  }
  Eigen::MatrixXd normal = design.transpose() * design;
  for (Index i = 1; i < 6; ++i) normal(i, i) += 1;
  const Eigen::MatrixXd expected = normal.ldlt().solve(design.transpose() * taken).bottomRows(3);
  EXPECT_LT((debiased.attributes[0].vectors.cast<double>() - expected).norm(), 1e-4);
  // Twice is refused.
  GraphFairness fairness;
  fairness.attributes = debiased.attributes;
  fairness.whitelist = {{0, {"speaks", false}, {}}};
  const Held after = with_entities(before, debiased, fairness);
  EXPECT_EQ(refusal(after.graph, graph, options),
            "the embedding has attribute vectors of \"home of\" already");
}

// --- values that are given back ---

struct WithAttributes {
  Graph graph;
  Held held;
};
WithAttributes with_attributes(GraphModel model) {
  WithAttributes result{people_graph(), {}};
  const Graph& graph = result.graph;
  Monitor monitor;
  GraphOptions options;
  options.model = model;
  options.dimensions = 6;
  options.epochs = 5;
  options.batch = 60;
  GraphAbout about;
  about.model = model;
  about.fairness = fairness_for(request_for(true), graph, monitor);
  FairTraining fair(about.fairness, model, graph.entities.names(), graph.relations.names(),
                    graph.triples, std::vector<bool>(graph.entities.names().ends().size()),
                    monitor);
  const GraphFit fit = train_graph(graph, options, &fair, monitor);
  for (std::size_t a = 0; a < 2; ++a) {
    FloatMatrix& vectors = about.fairness.attributes[a].vectors;
    vectors =
        fit.vectors.values.middleRows(fair.first_vector(static_cast<Index>(a)), vectors.rows());
  }
  about.losses = fit.losses;
  about.fairness.divergences = fit.divergences;
  result.held.bytes = encode_graph(about, graph.entities.names(), graph.relations.names(),
                                   filter_of(graph, monitor), fit.vectors);
  result.held.graph = GraphEmbedding::decode(result.held.bytes, monitor);
  return result;
}

TEST(AttributeQuery, AddsTheMeanOfValuesOnceWhereTheWhitelistHasIt) {
  for (const GraphModel model : kModels) {
    const WithAttributes of = with_attributes(model);
    const GraphEmbedding& g = of.held.graph;
    const std::int32_t person = *g.entities().find("person 7");
    const std::int32_t speaks = *g.relations().find("speaks");
    const std::int32_t job = *g.relations().find("job");
    const HeldValues held = {{1}, {0, 2}};
    const FloatMatrix& homes = g.about().fairness.attributes[1].vectors;
    const FloatMatrix& genders = g.about().fairness.attributes[0].vectors;
    const Vector e = Eigen::Map<const Eigen::VectorXf>(g.entity(person), 6).cast<double>();
    const Vector with_homes = e + .5 * (homes.row(0) + homes.row(2)).cast<double>().transpose();
    const auto expect = [&](const AttributeQuery& asked, std::int32_t r, const char* tail,
                            const Vector& source) {
      const std::int32_t t = *g.entities().find(tail);
      const std::vector<float>& query = asked.of(t);
      double score = 0;
      for (std::size_t i = 0; i < 6; ++i) {
        score += static_cast<double>(query[i]) * static_cast<double>(g.entity(t)[i]);
      }
      EXPECT_NEAR(
          score,
          score_by_definition(
              model, source,
              Eigen::Map<const Eigen::VectorXf>(g.relation(r, Direction::Tails), 6).cast<double>(),
              Eigen::Map<const Eigen::VectorXf>(g.entity(t), 6).cast<double>()),
          1e-4)
          << name(model) << " " << tail;
    };
    // French is named by two entries.
    const AttributeQuery languages =
        query_with_attributes(g, person, speaks, Direction::Tails, held);
    expect(languages, speaks, "French", with_homes);
    expect(languages, speaks, "Spanish", with_homes);
    EXPECT_TRUE(languages.others.empty());
    const AttributeQuery jobs = query_with_attributes(g, person, job, Direction::Tails, held);
    expect(jobs, job, "pilot", e);
    expect(jobs, job, "nurse", e + genders.row(1).cast<double>().transpose());
    EXPECT_EQ(jobs.others.size(), 1U);
    expect(query_with_attributes(g, person, job, Direction::Tails, {}), job, "nurse", e);
    expect(query_with_attributes(g, person, speaks, Direction::Tails, {{1}, {}}), speaks, "French",
           e);
    // Heads are asked without.
    EXPECT_EQ(query_for(g, person, job, Direction::Tails, held, *g.entities().find("nurse")),
              jobs.of(*g.entities().find("nurse")));
    EXPECT_EQ(query_for(g, person, job, Direction::Tails, held, *g.entities().find("pilot")),
              jobs.queries[0]);
    EXPECT_EQ(query_with_attributes(g, person, speaks, Direction::Heads, held).queries[0],
              g.query(person, speaks, Direction::Heads));
  }
}

// Ranks with values given back, by counting.
TEST(EvaluateGraph, RanksWithTheValuesOfPersons) {
  Monitor monitor;
  const WithAttributes of = with_attributes(GraphModel::TransE);
  const GraphEmbedding& g = of.held.graph;
  const std::vector<Triple> triples = in_names_of(of.graph, g.entities(), g.relations());
  const KnownTriples known(triples, monitor);
  const PersonValues values(g, of.graph, monitor);
  const RanksByRelation ranks = evaluate_graph(g, of.graph, known, &values, monitor);
  const RanksByRelation without = evaluate_graph(g, of.graph, known, nullptr, monitor);
  for (const char* const relation : {"speaks", "job", "lives in"}) {
    const std::int32_t r = *g.relations().find(relation);
    double expected = 0;
    for (const Triple& t : triples) {
      if (t.relation != r) continue;
      const AttributeQuery asked =
          query_with_attributes(g, t.head, r, Direction::Tails, values.of(t.head));
      const auto score = [&](std::int32_t e) {
        float result = 0;
        const std::vector<float>& query = asked.of(e);
        product(Strided<float>{g.entity(e), 1, 6, 6, 1}, Strided<float>{query.data(), 6, 1, 1, 1},
                &result, 1, Into::Set);
        return result;
      };
      double rank = 1;
      for (std::int32_t e = 0; e < g.entities().size(); ++e) {
        const auto others = known.others(t.head, r, Direction::Tails);
        if (e == t.tail || std::binary_search(others.begin(), others.end(), e)) continue;
        rank += score(e) > score(t.tail) ? 1 : score(e) == score(t.tail) ? .5 : 0;
      }
      expected += rank;
    }
    const std::int32_t in_test = *of.graph.relations.names().find(relation);
    const RankTally& tally = ranks[static_cast<std::size_t>(in_test)][0];
    EXPECT_DOUBLE_EQ(tally.ranks, expected) << relation;
    const RankTally& plain = without[static_cast<std::size_t>(in_test)][0];
    if (std::string_view(relation) == "lives in") {
      EXPECT_EQ(tally.ranks, plain.ranks);
    } else {
      EXPECT_NE(tally.ranks, plain.ranks);
    }
  }
}

TEST(PredictGraph, ScoresNamedTailsWithTheirOwnQuery) {
  Monitor monitor;
  const WithAttributes of = with_attributes(GraphModel::DistMult);
  const GraphEmbedding& g = of.held.graph;
  const AttributeQuery asked =
      query_with_attributes(g, 5, *g.relations().find("job"), Direction::Tails, {{1}, {0}});
  ASSERT_EQ(asked.others.size(), 1U);
  for (const Prediction& p : predict_graph(g, asked, 1000, {}, monitor)) {
    const std::vector<float>& query = asked.of(p.entity);
    EXPECT_EQ(p.score, lane_dot(query.data(), g.entity(p.entity), query.size()));
  }
}

// --- leakage ---

TEST(GraphLeakage, TellsWhatIsThereAndNotWhatIsErased) {
  const Graph graph = people_graph(900);
  Monitor monitor;
  const Held before = trained(graph, GraphModel::TransE, 16);
  LeakageQuestion question;
  question.sensitive = {"gender", false};
  question.target = PersonRelation{"job", false};
  const Leakage plain = graph_leakage(before.graph, graph, question, monitor);
  EXPECT_EQ(plain.persons, 900);
  EXPECT_EQ(plain.several, 0);
  EXPECT_NEAR(plain.logistic->majority, 2 / 3., .01);
  EXPECT_EQ(plain.logistic->rows, 180);
  EXPECT_GT(plain.logistic->accuracy, .95);
  EXPECT_GT(*plain.logistic->auc, .98);
  EXPECT_GT(plain.network->accuracy, .9);
  EXPECT_GT(*plain.score_difference, .5);
  EXPECT_GT(*plain.mean_population_gap, .3);
  DebiasOptions options;
  options.attributes = {{{"gender", false}, 2}};
  const Held after = with_entities(
      before, debias_graph(before.graph, graph, nobody(before.graph), options, monitor));
  const Leakage erased = graph_leakage(after.graph, graph, question, monitor);
  EXPECT_LT(erased.logistic->accuracy, erased.logistic->majority + .02);
  EXPECT_LT(std::abs(*erased.score_difference), 1e-4);
  EXPECT_LT(*erased.mean_population_gap, 1e-4);
  question.seed = 2;  // others are held out
  EXPECT_NE(*graph_leakage(after.graph, graph, question, monitor).logistic->auc,
            *erased.logistic->auc);
}

// Persons with several values are compared with the values that they do not have.
TEST(GraphLeakage, ScoreDifferenceByHand) {
  const Graph graph = people_graph(60);
  Monitor monitor;
  const Held h = trained(graph, GraphModel::ComplEx);
  LeakageQuestion question;
  question.sensitive = {"home of", true};
  const Leakage leakage = graph_leakage(h.graph, graph, question, monitor);
  const GraphEmbedding& g = h.graph;
  const std::int32_t r = *g.relations().find("home of");
  const AttributeHolders holders =
      holders_of(in_names_of(graph, g.entities(), g.relations()), r, true, 30, monitor);
  double sum = 0;
  int pairs = 0;
  std::int64_t single = 0;
  for (std::size_t i = 0; i < holders.persons.size(); ++i) {
    const auto held = holders.held_by(i);
    single += held.size() == 1 ? 1 : 0;
    for (const std::int32_t own : held) {
      double others = 0;
      double n = 0;
      for (std::int32_t v = 0; v < 3; ++v) {
        if (std::find(held.begin(), held.end(), v) != held.end()) continue;
        others += static_cast<double>(g.score(holders.persons[i], r, Direction::Heads,
                                              holders.values[static_cast<std::size_t>(v)]));
        n += 1;
      }
      sum += static_cast<double>(g.score(holders.persons[i], r, Direction::Heads,
                                         holders.values[static_cast<std::size_t>(own)])) -
             others / n;
      ++pairs;
    }
  }
  EXPECT_NEAR(*leakage.score_difference, sum / pairs, 1e-5);
  EXPECT_EQ(leakage.persons, single);
  EXPECT_EQ(leakage.several, 60 - single);
  EXPECT_EQ(leakage.mean_population_gap, std::nullopt);
  question.top = 2;  // a rarer value is none
  const AttributeHolders two =
      holders_of(in_names_of(graph, g.entities(), g.relations()), r, true, 2, monitor);
  std::int64_t single_of_two = 0;
  for (std::size_t i = 0; i < two.persons.size(); ++i) {
    single_of_two += two.held_by(i).size() == 1 ? 1 : 0;
  }
  EXPECT_EQ(graph_leakage(g, graph, question, monitor).persons, single_of_two);
  question.sensitive = {"sings", false};
  EXPECT_EQ(test::error_of([&] { (void)graph_leakage(g, graph, question, monitor); }),
            "the relation \"sings\" is not in the source");
  LeakageQuestion of_gender;
  of_gender.sensitive = {"gender", false};
  EXPECT_EQ(test::error_of([&] { (void)graph_leakage(g, people_graph(15), of_gender, monitor); }),
            "15 persons have exactly one value by \"gender\", and a probe needs 20");
}

// --- new persons, and the value ---

TEST(ExtendGraph, DebiasesNewPersons) {
  const Graph whole = people_graph();
  Monitor monitor;
  Graph part = whole;
  for (const char* const person : {"person 13", "person 14"}) {
    const std::int32_t code = *part.entities.names().find(person);
    std::erase_if(part.triples, [&](const Triple& t) { return t.head == code || t.tail == code; });
  }
  keep_frequent(part, 1, monitor);
  const Held before = trained(part, GraphModel::TransE);
  DebiasOptions options;
  options.attributes = {{{"gender", false}, 2}};
  const Held debiased = with_entities(
      before, debias_graph(before.graph, part, nobody(before.graph), options, monitor));
  Graph more = whole;  // in which one of them has no gender
  const std::int32_t hidden = *more.entities.names().find("person 14");
  const std::int32_t gender = *more.relations.names().find("gender");
  std::erase_if(more.triples,
                [&](const Triple& t) { return t.head == hidden && t.relation == gender; });
  GraphOptions how;
  how.epochs = 10;
  const auto difference = [&](const GraphExtension& extension, const char* person) {
    const Held h = held(GraphModel::TransE, extension.entities.names(), debiased.graph.relations(),
                        extension.vectors);
    const auto score = [&](const char* value) {
      return h.graph.score(*h.graph.entities().find(person), *h.graph.relations().find("gender"),
                           Direction::Tails, *h.graph.entities().find(value));
    };
    return std::abs(score("male") - score("female"));
  };
  const GraphExtension some = extend_graph(debiased.graph, more, {}, how, monitor);
  EXPECT_EQ(some.added, 2);
  EXPECT_EQ(some.persons, 1);
  EXPECT_EQ(some.about.fairness.maps[0].persons, 119);
  EXPECT_LT(difference(some, "person 13"), 1e-4);
  EXPECT_GT(difference(some, "person 14"), 1e-3);
  const NameBytes names = named({"person 14", "unknown"});
  const GraphExtension both = extend_graph(debiased.graph, more, names.names(), how, monitor);
  EXPECT_EQ(both.persons, 2);
  EXPECT_LT(difference(both, "person 14"), 1e-4);
}

// The map divides by what persons hardly vary in; a new one is not thrown away by it.
TEST(ExtendGraph, IsNotThrownAwayByADimensionThatHardlyVaries) {
  const Graph graph = people_graph();
  Monitor monitor;
  const Held fit = trained(graph, GraphModel::TransE);
  GraphVectors vectors{
      Eigen::Map<const FloatMatrix>(fit.graph.vectors(), fit.graph.entities().size(), 12),
      fit.graph.relation_matrix(),
      {}};
  for (Index e = 0; e < vectors.entities.rows(); ++e) {
    if (graph.entities.names()[e].starts_with("person")) vectors.entities(e, 3) *= 1e-8F;
  }
  const Held before =
      held(GraphModel::TransE, graph.entities.names(), graph.relations.names(), vectors);
  DebiasOptions options;
  options.attributes = {{{"gender", false}, 2}};
  options.method = DebiasMethod::Erase;
  const DebiasedGraph debiased =
      debias_graph(before.graph, graph, nobody(before.graph), options, monitor);
  const AffineErasure& map = debiased.maps[0].map;
  ASSERT_EQ(map.rank(), 1);
  // Of those whom it was learnt from nobody is held back.
  double farthest = 0;
  for (Index e = 0; e < vectors.entities.rows(); ++e) {
    if (!graph.entities.names()[e].starts_with("person")) continue;
    farthest = std::max(farthest, std::abs(map.coordinates(vectors.entities.row(e).data())(0)));
  }
  EXPECT_EQ(map.reach(0), farthest);
  std::vector<Fact> facts = {{"new", "gender", "male"}, {"new", "job", "pilot"}};
  Graph more = graph_of_facts(facts);
  GraphOptions how;
  how.epochs = 10;
  const GraphExtension extension =
      extend_graph(with_entities(before, debiased).graph, more, {}, how, monitor);
  const auto added = extension.vectors.entities.row(*extension.entities.names().find("new"));
  EXPECT_LT(added.cwiseAbs().maxCoeff(), 3 * vectors.entities.cwiseAbs().maxCoeff());
  AffineErasure unbounded = map;
  unbounded.reach.resize(0);
  FloatMatrix far = added;
  unbounded.apply(far.row(0).data());
  EXPECT_GT(far.cwiseAbs().maxCoeff(), 1e3);
}

// New persons of an embedding with a penalty learn under it, and with the vectors of values.
TEST(ExtendGraph, LearnsUnderThePenalty) {
  Monitor monitor;
  const WithAttributes of = with_attributes(GraphModel::TransE);
  Graph more = graph_of_facts({{"new one", "gender", "male"},
                               {"new one", "job", "pilot"},
                               {"new one", "speaks", "French"},
                               {"France", "home of", "new one"}});
  GraphOptions how;
  how.epochs = 30;
  how.batch = 10;
  const auto difference = [&](double weight) {
    GraphAbout about = of.held.graph.about();
    for (SensitiveAttribute& a : about.fairness.attributes) a.weight = weight;
    GraphVectors vectors{
        Eigen::Map<const FloatMatrix>(of.held.graph.vectors(), of.held.graph.entities().size(), 6),
        FloatMatrix(2 * of.held.graph.relations().size(), 6)};
    std::copy_n(of.held.graph.relation(0, Direction::Tails), vectors.relations.size(),
                vectors.relations.data());
    const std::vector<std::byte> bytes = encode_graph(
        about, of.held.graph.entities(), of.held.graph.relations(), TripleFilter(10), vectors);
    const GraphEmbedding g = GraphEmbedding::decode(bytes, monitor);
    const GraphExtension extension = extend_graph(g, more, {}, how, monitor);
    EXPECT_EQ(extension.persons, 1);
    EXPECT_EQ(extension.about.fairness.persons, about.fairness.persons + 1);
    const Held h =
        held(GraphModel::TransE, extension.entities.names(), g.relations(), extension.vectors);
    const auto score = [&](const char* value) {
      return h.graph.score(*h.graph.entities().find("new one"), *h.graph.relations().find("gender"),
                           Direction::Tails, *h.graph.entities().find(value));
    };
    return std::abs(score("male") - score("female"));
  };
  EXPECT_LT(difference(50), .5 * difference(0));
}

TEST(GraphEmbedding, KeepsItsFairnessAndRefusesDamagedBytes) {
  Monitor monitor;
  WithAttributes of = with_attributes(GraphModel::ComplEx);
  DebiasOptions options;
  options.attributes = {{{"gender", false}, 2}};
  DebiasedGraph debiased =
      debias_graph(of.held.graph, of.graph, nobody(of.held.graph), options, monitor);
  const Held h = with_entities(of.held, debiased, of.held.graph.about().fairness);
  const GraphFairness& fairness = h.graph.about().fairness;
  EXPECT_EQ(fairness.debias, GraphDebias::Kl);
  EXPECT_EQ(fairness.attributes.size(), 2U);
  EXPECT_EQ(fairness.attributes[1].vectors, of.held.graph.about().fairness.attributes[1].vectors);
  EXPECT_EQ(fairness.whitelist.size(), 3U);
  EXPECT_EQ(fairness.maps.size(), 2U);
  EXPECT_EQ(fairness.maps[0].map.left, debiased.maps[0].map.left);
  EXPECT_EQ(fairness.divergences.size(), 5U);
  JsonWriter json;
  describe(h.graph, json);
  EXPECT_NE(json.json().find("\"dimensions_removed\": 1"), std::string::npos) << json.json();
  const int refused = test::refused_mutations(h.bytes, 78, [&](std::span<std::byte> damaged) {
    const GraphEmbedding graph = GraphEmbedding::decode(damaged, monitor);
    JsonWriter out;
    describe(graph, out);
    if (graph.entities().size() == 0 || graph.relations().size() == 0) return;
    const std::size_t attributes = graph.about().fairness.attributes.size();
    HeldValues held;
    for (std::size_t a = 0; a < attributes; ++a) {
      if (graph.about().fairness.attributes[a].vectors.rows() > 0)
        held.push_back({0, 1});
      else
        held.emplace_back();
    }
    (void)query_with_attributes(graph, 0, 0, Direction::Tails, held);
    try {
      GraphOptions how;
      how.epochs = 1;
      how.batch = 5;
      how.negatives = 3;
      const std::string known(graph.relations()[0]);
      (void)extend_graph(graph, graph_of_facts({{"new", known.c_str(), "newer"}}), {}, how,
                         monitor);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::NotConverged) throw;
    }
  });
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace fairdb
