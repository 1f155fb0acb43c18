// A graph's embedding as a value: names, vectors, and what they were made of. It is used where its
// bytes stand, without a copy of names or vectors.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json_writer.hpp"
#include "core/graph/fairness.hpp"
#include "core/graph/known_triples.hpp"
#include "core/graph/train.hpp"

namespace fairdb {

// So that a score, and a query's product with a relation, stay within single precision.
inline constexpr float kMostOfVector = 1e11F;

// What describe tells.
struct GraphAbout {
  GraphModel model = GraphModel::TransE;
  std::string source;                  // empty for vectors that were trained elsewhere
  std::array<std::string, 3> columns;  // head, relation, tail
  std::uint64_t fingerprint = 0;       // of the graph
  std::int64_t triples = 0;
  std::int64_t skipped = 0;     // rows with a NULL
  std::int64_t duplicates = 0;  // rows that repeat a triple
  Graph::Dropped dropped;
  std::int64_t min_count = 1;
  std::int32_t epochs = 0;
  std::int64_t batch = 0;
  std::int64_t negatives = 0;
  double learning_rate = 0;
  double regularization = 0;
  std::int64_t seed = 0;
  std::int64_t added = 0;  // entities that graph_extend has added
  std::vector<double> losses;
  GraphFairness fairness;
  std::string table;  // that holds the entities with their vectors, if the value does not
  std::int64_t table_entities = 0;
};

// What an embedding refers to; the vectors of relations stand as relation_row() has them.
class GraphEmbedding {
 public:
  GraphEmbedding() = default;
  GraphEmbedding(GraphEmbedding&&) = default;
  GraphEmbedding& operator=(GraphEmbedding&&) = default;
  GraphEmbedding(const GraphEmbedding&) = delete;
  GraphEmbedding& operator=(const GraphEmbedding&) = delete;
  ~GraphEmbedding() = default;

  // The bytes must live as long as this, and should stand at a multiple of 4.
  // Errors: CorruptValue; what the monitor throws.
  static GraphEmbedding decode(std::span<const std::byte> bytes, Monitor& monitor);

  const GraphAbout& about() const noexcept { return about_; }
  GraphModel model() const noexcept { return about_.model; }
  Index dimensions() const noexcept { return dimensions_; }
  const SortedNames& entities() const noexcept { return entities_; }
  const SortedNames& relations() const noexcept { return relations_; }
  const TripleFilter& trained() const noexcept { return trained_; }
  const float* entity(Index e) const noexcept { return entity_vectors_.data() + e * dimensions_; }
  const float* relation(Index r, Direction direction) const noexcept {
    return relation_vectors_.data() + relation_row(r, direction) * dimensions_;
  }
  // All vectors of entities, one after the other.
  const float* vectors() const noexcept { return entity_vectors_.data(); }
  // What is held beside the bytes, where they could not be used as they stand.
  std::size_t copied_bytes() const noexcept;

  // <query(e, r), e_other>: how plausible (e, r, other) is, or (other, r, e) for heads.
  float score(Index e, Index r, Direction direction, Index other) const;
  std::vector<float> query(Index e, Index r, Direction direction) const;
  // The same of a vector that stands for an entity.
  std::vector<float> query_of(const float* entity, Index r, Direction direction) const;
  // A copy of the relations' vectors, as GraphVectors has them.
  FloatMatrix relation_matrix() const;
  // scores of all entities for a query.
  void scores(const float* query, Index first, Index count, float* result) const;

 private:
  GraphAbout about_;
  Index dimensions_ = 0;
  SortedNames entities_;
  SortedNames relations_;
  TripleFilter trained_;
  std::span<const float> entity_vectors_;
  std::span<const float> relation_vectors_;
  std::array<std::vector<std::uint32_t>, 3> kept_numbers_;
  std::array<std::vector<float>, 2> kept_vectors_;
};

// The bytes of an embedding.
std::vector<std::byte> encode_graph(const GraphAbout& about,
                                    const SortedNames& entities,
                                    const SortedNames& relations,
                                    const TripleFilter& trained,
                                    const GraphVectors& vectors);
// How many they are, more or less; fairness: fairness_bytes(). Errors: TooLarge, naming both
// numbers, above what the server holds in a value.
std::size_t graph_value_bytes(const SortedNames& entities,
                              const SortedNames& relations,
                              std::size_t filter_words,
                              Index dimensions,
                              std::size_t fairness = 0);

void describe(const GraphEmbedding& graph, JsonWriter& json);

}  // namespace fairdb
