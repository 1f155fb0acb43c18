// Graphs timed without a server; test/bench/peers/graph_epoch.py runs it.
//
//   graphs epoch FILE ENTITIES RELATIONS D THREADS EPOCHS [TRIPLES]
//     of train_graph on the triples of 32-bit codes in FILE, or of a synthetic graph of so many if
//     FILE is `-`. Prints the triples, the seconds of the processor and of the clock for an epoch,
//     and the loss of the last one.
//   graphs fair FILE ENTITIES RELATIONS D ROUNDS GENDER RELIGION NATIONALITY ETHNICITY ASKED
//     of an epoch of train_graph: plain, under the penalty on four attributes (codes of relations,
//     the last one inverse), and with attribute vectors of nationality for the relation ASKED, in
//     turn; then of graph_debias of gender. Prints the least seconds of the processor of each.
//   graphs predict ENTITIES D
//     of the ten best tails among so many entities. Prints the milliseconds, and those of adding up
//     the vectors once.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string>

#include "core/base/random.hpp"
#include "core/graph/debias.hpp"
#include "core/graph/evaluate.hpp"
#include "core/graph/fair_training.hpp"
#include "core/graph/fairness_request.hpp"

using namespace fairdb;

namespace {

std::vector<Triple> read_codes(const char* path) {
  std::ifstream in(path, std::ios::binary);
  std::vector<Triple> triples;
  Triple t{};
  while (in.read(reinterpret_cast<char*>(&t), sizeof t)) triples.push_back(t);
  return triples;
}

// Entities as frequent as in a graph of people: some are everywhere, most are rare.
std::vector<Triple> synthetic(std::size_t n, std::int32_t entities, std::int32_t relations) {
  Random random(1);
  const auto some = [&](std::int32_t most) {
    const double u = random.uniform();
    return static_cast<std::int32_t>(u * u * most);
  };
  std::vector<Triple> triples;
  for (std::size_t i = 0; i < n; ++i)
    triples.push_back({some(entities), some(relations), some(entities)});
  return triples;
}

std::vector<std::string> numbered(std::int32_t n) {
  std::vector<std::string> names;
  for (std::int32_t i = 0; i < n; ++i) names.push_back(std::to_string(i));
  return names;
}

Graph graph_of_codes(std::vector<Triple> triples, std::int32_t entities, std::int32_t relations) {
  ReadTriples read;
  read.triples = std::move(triples);
  const std::vector<std::string> names = numbered(entities);
  const std::vector<std::string> of_relations = numbered(relations);
  read.heads.assign(names.begin(), names.end());
  read.tails = read.heads;
  read.relations.assign(of_relations.begin(), of_relations.end());
  Monitor monitor;
  return graph_of(std::move(read), monitor);
}

template <class Body>
double processor_seconds(Body body) {
  const std::clock_t start = std::clock();
  body();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

int fair(int argc, char** argv) {
  if (argc < 12) return 1;
  const Graph graph = graph_of_codes(read_codes(argv[2]), std::atoi(argv[3]), std::atoi(argv[4]));
  GraphOptions options;
  options.dimensions = std::atoi(argv[5]);
  options.epochs = 1;
  Monitor monitor;
  FairnessRequest request;
  request.debias = GraphDebias::Kl;
  for (int a = 0; a < 4; ++a) request.attributes.push_back({{argv[7 + a], a == 3}, 30, 10.0, {}});
  double best[4] = {1e9, 1e9, 1e9, 1e9};  // plain, penalty, vectors, erasure
  for (int round = 0; round < std::atoi(argv[6]); ++round) {
    for (int what = 0; what < 3; ++what) {
      request.whitelist.clear();
      if (what == 2) request.whitelist = {{2, {argv[11], false}, {}}};
      const GraphFairness fairness =
          what == 0 ? GraphFairness{} : fairness_for(request, graph, monitor);
      const double seconds = processor_seconds([&] {
        const SortedNames entities = graph.entities.names();
        FairTraining training(
            fairness, options.model, entities, graph.relations.names(), graph.triples,
            std::vector<bool>(static_cast<std::size_t>(entities.size())), monitor);
        train_graph(graph, options, &training, monitor);
      });
      best[what] = std::min(best[what], seconds);
    }
  }
  const GraphFit fit = train_graph(graph, options, nullptr, monitor);
  const std::vector<std::byte> bytes = encode_graph(
      {}, graph.entities.names(), graph.relations.names(), TripleFilter(1), fit.vectors);
  const GraphEmbedding embedding = GraphEmbedding::decode(bytes, monitor);
  DebiasOptions of_gender;
  of_gender.attributes = {{{argv[7], false}, 30}};
  for (int round = 0; round < 11; ++round) {
    const double seconds = processor_seconds([&] {
      debias_graph(embedding, graph,
                   std::vector<bool>(static_cast<std::size_t>(embedding.entities().size())),
                   of_gender, monitor);
    });
    best[3] = std::min(best[3], seconds);
  }
  std::printf("%.4f %.4f %.4f %.4f\n", best[0], best[1], best[2], best[3]);
  return 0;
}

int epoch(int argc, char** argv) {
  if (argc < 8) return 1;
  const auto entities = static_cast<std::int32_t>(std::atoi(argv[3]));
  const auto relations = static_cast<std::int32_t>(std::atoi(argv[4]));
  GraphOptions options;
  options.dimensions = std::atoi(argv[5]);
  options.threads = std::atoi(argv[6]);
  options.epochs = std::atoi(argv[7]);
  const Graph graph =
      graph_of_codes(std::strcmp(argv[2], "-") == 0
                         ? synthetic(std::strtoull(argv[8], nullptr, 10), entities, relations)
                         : read_codes(argv[2]),
                     entities, relations);
  Monitor monitor;
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t processor = std::clock();
  const GraphFit fit = train_graph(graph, options, nullptr, monitor);
  const double used = static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC;
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
  std::printf("%zu %.4f %.4f %.4f\n", graph.triples.size(), used / options.epochs,
              passed.count() / options.epochs, fit.losses.back());
  return 0;
}

template <class Body>
double best_of(Body body) {
  constexpr int kRounds = 21;
  double best = 1e9;
  for (int i = 0; i < kRounds; ++i) {
    const auto start = std::chrono::steady_clock::now();
    body();
    const std::chrono::duration<double, std::milli> passed =
        std::chrono::steady_clock::now() - start;
    best = std::min(best, passed.count());
  }
  return best;
}

int predict(int argc, char** argv) {
  if (argc < 4) return 1;
  const Index n = std::atoi(argv[2]);
  const Index d = std::atoi(argv[3]);
  NameBytes entities;
  for (Index i = 0; i < n; ++i) entities.add(std::to_string(10000000 + i));
  NameBytes relations;
  relations.add("r");
  const GraphVectors vectors{FloatMatrix::Random(n, d), FloatMatrix::Random(2, d)};
  const std::vector<std::byte> bytes =
      encode_graph({}, entities.names(), relations.names(), TripleFilter(1), vectors);
  Monitor monitor;
  const GraphEmbedding graph = GraphEmbedding::decode(bytes, monitor);
  volatile float sink = 0;
  const double pass =
      best_of([&] { sink = Eigen::Map<const Eigen::ArrayXf>(graph.vectors(), n * d).sum(); });
  const double predicted = best_of([&] {
    sink = predict_graph(graph, query_with_attributes(graph, 1, 0, Direction::Tails, {}), 10, {},
                         monitor)[0]
               .score;
  });
  std::printf("%.3f %.3f\n", predicted, pass);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 1;
  const auto is = [&](const char* mode) { return std::strcmp(argv[1], mode) == 0; };
  return is("predict") ? predict(argc, argv) : is("fair") ? fair(argc, argv) : epoch(argc, argv);
}
