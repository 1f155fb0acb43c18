// Training of a graph's vectors: for each triple and each side, the true entity against negatives,
// by softmax and cross-entropy.
//
//   L = sum over the batch and both sides of  log sum_c exp <q, e_c> - <q, e_true>
//
// where c runs over the true entity and the negatives, `negatives` different entities drawn
// uniformly and shared by the batch and side; one that equals a triple's true entity does not count
// for that triple. With no more entities than negatives c runs over all: the exact softmax.
// Vectors take steps by AdaGrad (Duchi, Hazan, Singer, JMLR 2011) with one accumulator for a
// vector, of the mean of its squared gradient, as in PyTorch-BigGraph (Lerer et al., SysML 2019);
// the rate grows linearly during the first epoch. `regularization` weighs the N3 norm of Lacroix
// et al. (ICML 2018), sum |w|^3 over the vectors that a batch touches, where |w| is of a complex
// number in ComplEx.
//
// The result is a function of the graph, the options and the seed: neither the order of the rows
// nor the number of threads changes a bit of it.
#pragma once

#include <optional>
#include <vector>

#include "core/base/monitor.hpp"
#include "core/graph/graph_model.hpp"
#include "core/graph/triples.hpp"

namespace fairdb {

inline constexpr Index kMaxGraphDimensions = 4096;
inline constexpr Index kMaxGraphBatch = 100000;
inline constexpr int kMaxGraphEpochs = 10000;
inline constexpr int kMaxGraphThreads = 64;

struct GraphOptions {
  GraphModel model = GraphModel::TransE;
  Index dimensions = 100;
  std::int32_t epochs = 20;
  Index batch = 1000;
  Index negatives = 500;
  double learning_rate = 0.1;
  double regularization = 0;
  std::int64_t seed = 1;
  std::int32_t threads = 1;
  const char* stage = "train_graph";  // as progress is told
};
// Errors: InvalidArgument, naming the argument.
void validate(const GraphOptions& options);
// What a model needs to be trained well on graphs of moderate size: 0, or .02.
double usual_regularization(GraphModel model) noexcept;

// The vectors of a graph: a row for each entity; for each relation one of each direction; for each
// value of an attribute one that is added to persons (fair_training.hpp).
struct GraphVectors {
  FloatMatrix entities;
  FloatMatrix relations;
  FloatMatrix values = {};
};
inline Index relation_row(Index relation, Direction direction) noexcept {
  return 2 * relation + (direction == Direction::Heads ? 1 : 0);
}

struct GraphFit {
  GraphVectors vectors;
  std::vector<double> losses;       // of each epoch, the mean of a triple and side
  std::vector<double> divergences;  // with a penalty, the mean of a person and attribute
};

class FairTraining;

// Bytes that training takes beside the graph.
std::size_t graph_training_bytes(const GraphOptions& options,
                                 std::size_t entities,
                                 std::size_t relations,
                                 std::size_t triples) noexcept;

// fair: what is heeded of persons' attributes, or null. Errors: NotConverged when vectors grow
// beyond what can be computed with.
GraphFit train_graph(const Graph& graph,
                     const GraphOptions& options,
                     FairTraining* fair,
                     Monitor& monitor);

// Trains the vectors of new entities, and nothing else: `vectors` has a row for each of `entities`,
// of which those that `is_new` are set here. Triples are in these codes; those without a new entity
// are what the new ones are told apart from: without them the new ones would be found plausible
// everywhere.
void train_new_entities(std::span<const Triple> triples,
                        const SortedNames& entities,
                        const std::vector<bool>& is_new,
                        const GraphOptions& options,
                        FairTraining* fair,
                        GraphVectors& vectors,
                        Monitor& monitor);

}  // namespace fairdb
