// Graphs timed without a server; test/bench/peers/graph_epoch.py runs it.
//
//   graphs epoch FILE ENTITIES RELATIONS D THREADS EPOCHS [TRIPLES]
//     of train_graph on the triples of 32-bit codes in FILE, or of a synthetic graph of so many if
//     FILE is `-`. Prints the triples, the seconds of the processor and of the clock for an epoch,
//     and the loss of the last one.
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
#include "core/graph/evaluate.hpp"

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

int epoch(int argc, char** argv) {
  if (argc < 8) return 1;
  const auto entities = static_cast<std::int32_t>(std::atoi(argv[3]));
  const auto relations = static_cast<std::int32_t>(std::atoi(argv[4]));
  GraphOptions options;
  options.dimensions = std::atoi(argv[5]);
  options.threads = std::atoi(argv[6]);
  options.epochs = std::atoi(argv[7]);
  ReadTriples read;
  read.triples = std::strcmp(argv[2], "-") == 0
                     ? synthetic(std::strtoull(argv[8], nullptr, 10), entities, relations)
                     : read_codes(argv[2]);
  const std::vector<std::string> names = numbered(entities);
  const std::vector<std::string> of_relations = numbered(relations);
  read.heads.assign(names.begin(), names.end());
  read.tails = read.heads;
  read.relations.assign(of_relations.begin(), of_relations.end());
  Monitor monitor;
  const Graph graph = graph_of(std::move(read), monitor);
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
  return std::strcmp(argv[1], "predict") == 0 ? predict(argc, argv) : epoch(argc, argv);
}
