#include "core/graph/train.hpp"

#include <algorithm>
#include <cmath>

#include "core/graph/softmax_batch.hpp"

namespace fairdb {
namespace {

template <class Number>
void require_between(const char* name, Number value, Number least, Number most) {
  if (value >= least && value <= most) return;
  throw Error(ErrorKind::InvalidArgument, std::string(name) + " is " + std::to_string(value) +
                                              ", expected " + std::to_string(least) + " to " +
                                              std::to_string(most));
}

// Small numbers: of TransE nearly none, for its scores begin with inner products of entities;
// products of small numbers would have no derivative to begin with.
float first_scale(GraphModel model) noexcept {
  return model == GraphModel::TransE ? 1e-3F : 0.1F;
}

// A vector of its own for each name.
void draw(std::string_view name, std::uint64_t seed, float scale, float* vector, Index d) {
  Random random(seeded(digest(name), seed));
  for (Index i = 0; i < d; ++i) vector[i] = scale * static_cast<float>(random.normal());
}

// Triples of others for each of a new entity's, and at least.
constexpr std::size_t kOthersOfNew = 3;
constexpr std::size_t kFewestOthers = 20000;

constexpr std::uint64_t kOfEntities = 1;
constexpr std::uint64_t kOfRelations = 2;
constexpr std::uint64_t kOfOrder = 4;
constexpr std::uint64_t kOfTwins = 5;  // and 6
constexpr std::uint64_t kOfValues = 7;
std::uint64_t purpose(std::int64_t seed, std::uint64_t of) noexcept {
  return seeded(of, static_cast<std::uint64_t>(seed));
}

constexpr Index kPolledVectors = 64;

// Of a relation both vectors, by what they are for.
void draw_relation(std::string_view name,
                   Index relation,
                   std::uint64_t of,
                   const GraphOptions& options,
                   FloatMatrix& vectors) {
  for (const Direction direction : {Direction::Tails, Direction::Heads}) {
    draw(name, purpose(options.seed, of + (direction == Direction::Heads ? 1 : 0)),
         first_scale(options.model), vectors.row(relation_row(relation, direction)).data(),
         options.dimensions);
  }
}

GraphVectors first_vectors(const Graph& graph,
                           const GraphOptions& options,
                           const FairTraining* fair,
                           Monitor& monitor) {
  const SortedNames entities = graph.entities.names();
  const SortedNames relations = graph.relations.names();
  const Index d = options.dimensions;
  const float scale = first_scale(options.model);
  const Index twins = fair == nullptr ? 0 : fair->twin_relations();
  const Index values = fair == nullptr ? 0 : fair->value_vectors();
  GraphVectors vectors{FloatMatrix(entities.size(), d),
                       FloatMatrix(2 * (relations.size() + twins), d), FloatMatrix(values, d)};
  for (Index e = 0; e < entities.size(); ++e) {
    if (e % kPolledVectors == 0) monitor.poll();
    draw(entities[e], purpose(options.seed, kOfEntities), scale, vectors.entities.row(e).data(), d);
  }
  for (Index r = 0; r < relations.size(); ++r) {
    if (r % kPolledVectors == 0) monitor.poll();
    draw_relation(relations[r], r, kOfRelations, options, vectors.relations);
  }
  for (Index a = 0; a < twins; ++a) {
    const std::string_view name = relations[fair->relation_of(a)];
    draw_relation(name, relations.size() + a, kOfTwins, options, vectors.relations);
    const std::uint64_t of_values = seeded(digest(name), purpose(options.seed, kOfValues));
    for (Index v = fair->first_vector(a); v < fair->first_vector(a + 1); ++v) {
      const auto value = static_cast<std::size_t>(v - fair->first_vector(a));
      draw(entities[fair->values_of(a)[value]], of_values, scale, vectors.values.row(v).data(), d);
    }
  }
  return vectors;
}

void require_finite(const GraphVectors& vectors, const SoftmaxBatch& batch, double loss) {
  if (std::isfinite(loss) && batch.finite() && vectors.entities.allFinite() &&
      vectors.relations.allFinite() && vectors.values.allFinite()) {
    return;
  }
  throw Error(ErrorKind::NotConverged,
              "training diverged: vectors or their derivatives are beyond single precision",
              "A smaller learning_rate keeps them small; vectors that were imported must be so.");
}

// A random selection of so many comes to the front.
void shuffle_front(std::vector<Triple>& triples, std::size_t n, Random& random, Monitor& monitor) {
  for (std::size_t i = 0; i < n; ++i) {
    std::swap(triples[i], triples[i + random.below(triples.size() - i)]);
    if ((i & 0xFFFFF) == 0) monitor.poll();
  }
}

class Epochs {
 public:
  Epochs(const GraphOptions& options, GraphVectors& vectors, Monitor& monitor)
      : options_(options),
        vectors_(vectors),
        monitor_(monitor),
        team_(options.threads),
        random_(purpose(options.seed, kOfOrder)) {}

  struct Losses {
    std::vector<double> cross_entropies;  // of each epoch, the mean of a triple and side
    std::vector<double> divergences;      // the mean of a person and attribute; of a penalty
  };
  // draw(random): the triples of the next epoch, in their order.
  template <class Draw>
  Losses run(SoftmaxBatch& batch, Draw draw) {
    Losses losses;
    for (std::int32_t epoch = 0; epoch < options_.epochs; ++epoch) {
      const std::span<const Triple> triples = draw(random_);
      const SoftmaxBatch::Loss loss = run_one(batch, epoch, triples);
      require_finite(vectors_, batch, loss.cross_entropy + loss.divergence);
      losses.cross_entropies.push_back(loss.cross_entropy / static_cast<double>(loss.sides));
      if (loss.divergences == 0) continue;
      losses.divergences.push_back(loss.divergence / static_cast<double>(loss.divergences));
    }
    return losses;
  }
  ThreadTeam& team() noexcept { return team_; }

 private:
  SoftmaxBatch::Loss run_one(SoftmaxBatch& batch,
                             std::int32_t epoch,
                             std::span<const Triple> triples) {
    const auto size = static_cast<std::size_t>(options_.batch);
    const std::size_t batches = (triples.size() + size - 1) / size;
    SoftmaxBatch::Loss loss;
    for (std::size_t b = 0; b < batches; ++b) {
      const std::size_t begin = b * size;
      const std::size_t n = std::min(size, triples.size() - begin);
      const double share = static_cast<double>(b + 1) / static_cast<double>(batches);
      loss += batch.step(triples.subspan(begin, n),
                         (epoch == 0 ? share : 1) * options_.learning_rate, random_);
      const auto steps = static_cast<std::int64_t>(epoch) * static_cast<std::int64_t>(batches);
      monitor_.step({options_.stage, steps + static_cast<std::int64_t>(b) + 1,
                     loss.cross_entropy / static_cast<double>(loss.sides), kUnknown,
                     (epoch + share) / options_.epochs});
    }
    return loss;
  }

  const GraphOptions& options_;
  GraphVectors& vectors_;
  Monitor& monitor_;
  ThreadTeam team_;
  Random random_;
};

}  // namespace

void validate(const GraphOptions& options) {
  require_between<Index>("dimensions", options.dimensions, 1, kMaxGraphDimensions);
  if (options.model == GraphModel::ComplEx && options.dimensions % 2 != 0) {
    throw Error(ErrorKind::InvalidArgument,
                "dimensions is " + std::to_string(options.dimensions) +
                    ", expected an even number: a complex number takes two");
  }
  require_between<std::int32_t>("epochs", options.epochs, 1, kMaxGraphEpochs);
  require_between<Index>("batch", options.batch, 1, kMaxGraphBatch);
  require_between<Index>("negatives", options.negatives, 1, kMaxGraphBatch);
  require_between<std::int32_t>("threads", options.threads, 1, kMaxGraphThreads);
  if (!(options.learning_rate > 0) || !(options.learning_rate <= 100)) {
    throw Error(ErrorKind::InvalidArgument, "learning_rate must be above 0 and at most 100");
  }
  if (!(options.regularization >= 0) || !(options.regularization <= 1e6)) {
    throw Error(ErrorKind::InvalidArgument, "regularization must be 0 to 1e6");
  }
}

double usual_regularization(GraphModel model) noexcept {
  return model == GraphModel::TransE ? 0 : 0.02;
}

std::size_t graph_training_bytes(const GraphOptions& options,
                                 std::size_t entities,
                                 std::size_t relations,
                                 std::size_t triples) noexcept {
  const auto d = static_cast<std::size_t>(options.dimensions);
  return 4 * d * (entities + 2 * relations) + SoftmaxBatch::bytes(options, entities, relations) +
         triples * sizeof(Triple);
}

GraphFit train_graph(const Graph& graph,
                     const GraphOptions& options,
                     FairTraining* fair,
                     Monitor& monitor) {
  GraphFit fit{first_vectors(graph, options, fair, monitor), {}, {}};
  Epochs epochs(options, fit.vectors, monitor);
  SoftmaxBatch batch(options, fit.vectors, nullptr, 1, fair, epochs.team(), monitor);
  std::vector<Triple> triples = graph.triples;
  if (fair != nullptr) fair->add_twins(triples);
  Epochs::Losses losses = epochs.run(batch, [&](Random& random) {
    shuffle_front(triples, triples.size(), random, monitor);
    return std::span<const Triple>(triples);
  });
  fit.losses = std::move(losses.cross_entropies);
  fit.divergences = std::move(losses.divergences);
  fit.vectors.relations.conservativeResize(2 * graph.relations.names().size(), Eigen::NoChange);
  return fit;
}

// In an epoch stand all triples of new entities, and so many of the others that they cost no more
// than a few times as much; each of these counts for those that are left out.
void train_new_entities(std::span<const Triple> triples,
                        const SortedNames& entities,
                        const std::vector<bool>& is_new,
                        const GraphOptions& options,
                        FairTraining* fair,
                        GraphVectors& vectors,
                        Monitor& monitor) {
  for (Index e = 0; e < entities.size(); ++e) {
    if (!is_new[static_cast<std::size_t>(e)]) continue;
    monitor.poll();
    draw(entities[e], purpose(options.seed, kOfEntities), first_scale(options.model),
         vectors.entities.row(e).data(), options.dimensions);
  }
  std::vector<Triple> of_new;
  std::vector<Triple> others;
  for (const Triple& t : triples) {
    const bool learnt =
        is_new[static_cast<std::size_t>(t.head)] || is_new[static_cast<std::size_t>(t.tail)];
    (learnt ? of_new : others).push_back(t);
  }
  const std::size_t drawn =
      std::min(others.size(), std::max<std::size_t>(kOthersOfNew * of_new.size(), kFewestOthers));
  const double weight =
      drawn == 0 ? 1 : static_cast<double>(others.size()) / static_cast<double>(drawn);
  Epochs epochs(options, vectors, monitor);
  SoftmaxBatch batch(options, vectors, &is_new, weight, fair, epochs.team(), monitor);
  std::vector<Triple> epoch;
  epochs.run(batch, [&](Random& random) {
    shuffle_front(others, drawn, random, monitor);
    epoch = of_new;
    epoch.insert(epoch.end(), others.begin(), others.begin() + static_cast<std::ptrdiff_t>(drawn));
    shuffle_front(epoch, epoch.size(), random, monitor);
    return std::span<const Triple>(epoch);
  });
}

}  // namespace fairdb
