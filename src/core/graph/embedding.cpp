#include "core/graph/embedding.hpp"

#include <cmath>

#include "core/base/archive.hpp"
#include "core/base/dense_kernels.hpp"
#include "core/graph/fairness_value.hpp"

namespace fairdb {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kMostBytes = (1U << 30) - 64;  // what the server holds in a value
constexpr Index kPolledFloats = 1 << 20;

// Lengths of the parts that are used where they stand.
struct Sizes {
  std::int32_t dimensions = 0;
  std::int32_t entities = 0;
  std::int32_t relations = 0;
  std::int64_t entity_bytes = 0;
  std::int64_t relation_bytes = 0;
  std::int64_t filter_words = 0;
};

template <class Archive, class About, class SizesType>
void fields(Archive& archive, About& about, SizesType& sizes) {
  archive.choice(about.model);
  archive.text(about.source);
  for (auto& column : about.columns) archive.text(column);
  archive.bits(about.fingerprint);
  archive.count(about.triples);
  archive.count(about.skipped);
  archive.count(about.duplicates);
  archive.count(about.dropped.entities);
  archive.count(about.dropped.relations);
  archive.count(about.dropped.triples);
  archive.count(about.min_count);
  archive.count(about.epochs);
  archive.count(about.batch);
  archive.count(about.negatives);
  archive.number(about.learning_rate);
  archive.number(about.regularization);
  archive.integer(about.seed);
  archive.count(about.added);
  archive.list(about.losses, sizeof(double), [&](auto& loss) { archive.number(loss); });
  archive.count(sizes.dimensions);
  archive.count(sizes.entities);
  archive.count(sizes.relations);
  archive.count(sizes.entity_bytes);
  archive.count(sizes.relation_bytes);
  archive.count(sizes.filter_words);
  archive.text(about.table);
  archive.count(about.table_entities);
}

std::span<const float> all_of(const FloatMatrix& m) noexcept {
  return {m.data(), static_cast<std::size_t>(m.size())};
}

// Sorted and different, and within their bytes.
SortedNames checked_names(std::span<const std::uint32_t> ends,
                          std::string_view bytes,
                          Monitor& monitor) {
  std::uint32_t before = 0;
  for (const std::uint32_t end : ends) {
    if (end < before) corrupt("the names of the value are damaged");
    before = end;
  }
  if (before != bytes.size()) corrupt("the names of the value are damaged");
  if (bytes.find('\0') != std::string_view::npos) corrupt("a name of the value holds a zero byte");
  const SortedNames names(ends, bytes);
  for (Index i = 1; i < names.size(); ++i) {
    if (i % kPolledFloats == 0) monitor.poll();
    if (!(names[i - 1] < names[i])) corrupt("the names of the value are not in order");
  }
  return names;
}

void check_vectors(std::span<const float> numbers, Monitor& monitor) {
  for (std::size_t begin = 0; begin < numbers.size(); begin += kPolledFloats) {
    monitor.poll();
    bool good = true;  // without a branch for each
    const std::size_t end = std::min<std::size_t>(begin + kPolledFloats, numbers.size());
    for (std::size_t i = begin; i < end; ++i) good &= std::fabs(numbers[i]) <= kMostOfVector;
    if (!good) corrupt("a number of a vector is too large");
  }
}

}  // namespace

GraphEmbedding GraphEmbedding::decode(std::span<const std::byte> bytes, Monitor& monitor) {
  ByteReader reader(bytes);
  if (reader.u8() != kVersion) corrupt("its version is unknown");
  GraphEmbedding graph;
  Sizes sizes;
  ReadingArchive archive(reader, kVersion);
  fields(archive, graph.about_, sizes);
  if (sizes.dimensions < 1 || sizes.dimensions > kMaxGraphDimensions ||
      (graph.model() == GraphModel::ComplEx && sizes.dimensions % 2 != 0)) {
    corrupt("its vectors have no possible length");
  }
  constexpr std::int64_t kMostTriples = std::int64_t{1} << 53;
  if (sizes.filter_words < 1 || graph.about_.added > sizes.entities ||
      graph.about_.triples > kMostTriples || graph.about_.table_entities > kMostTriples) {
    corrupt("a count of the value is impossible");
  }
  graph.dimensions_ = sizes.dimensions;
  fairness_fields(archive, graph.about_.fairness, graph.dimensions_);
  check_fairness(graph.about_.fairness);
  for (const SensitiveAttribute& attribute : graph.about_.fairness.attributes) {
    check_vectors({attribute.vectors.data(), static_cast<std::size_t>(attribute.vectors.size())},
                  monitor);
  }
  const auto entities = static_cast<std::size_t>(sizes.entities);
  const auto relations = static_cast<std::size_t>(sizes.relations);
  const auto d = static_cast<std::size_t>(sizes.dimensions);
  if (static_cast<std::uint64_t>(entities) * d > bytes.size() / sizeof(float) ||
      static_cast<std::uint64_t>(relations) * 2 * d > bytes.size() / sizeof(float)) {
    corrupt("the value ends too early");
  }
  const auto entity_ends = reader.numbers(entities, graph.kept_numbers_[0]);
  const auto relation_ends = reader.numbers(relations, graph.kept_numbers_[1]);
  graph.trained_ = TripleFilter(
      reader.numbers(static_cast<std::size_t>(sizes.filter_words), graph.kept_numbers_[2]));
  graph.entity_vectors_ = reader.numbers(entities * d, graph.kept_vectors_[0]);
  graph.relation_vectors_ = reader.numbers(2 * relations * d, graph.kept_vectors_[1]);
  const std::string_view entity_names = reader.raw(static_cast<std::size_t>(sizes.entity_bytes));
  const std::string_view relation_names =
      reader.raw(static_cast<std::size_t>(sizes.relation_bytes));
  if (!reader.at_end()) corrupt("the value is longer than what it says");
  graph.entities_ = checked_names(entity_ends, entity_names, monitor);
  graph.relations_ = checked_names(relation_ends, relation_names, monitor);
  check_vectors(graph.entity_vectors_, monitor);
  check_vectors(graph.relation_vectors_, monitor);
  return graph;
}

std::size_t GraphEmbedding::copied_bytes() const noexcept {
  std::size_t numbers = 0;
  for (const auto& kept : kept_numbers_) numbers += kept.size();
  for (const auto& kept : kept_vectors_) numbers += kept.size();
  return sizeof(GraphEmbedding) + 4 * numbers;
}

float GraphEmbedding::score(Index e, Index r, Direction direction, Index other) const {
  const std::vector<float> q = query(e, r, direction);
  return lane_dot(q.data(), entity(other), q.size());
}

std::vector<float> GraphEmbedding::query(Index e, Index r, Direction direction) const {
  return query_of(entity(e), r, direction);
}

std::vector<float> GraphEmbedding::query_of(const float* entity,
                                            Index r,
                                            Direction direction) const {
  std::vector<float> result(static_cast<std::size_t>(dimensions_));
  graph_query(model(), entity, relation(r, direction), dimensions_, result.data());
  return result;
}

FloatMatrix GraphEmbedding::relation_matrix() const {
  return Eigen::Map<const FloatMatrix>(relation_vectors_.data(), 2 * relations_.size(),
                                       dimensions_);
}

void GraphEmbedding::scores(const float* query, Index first, Index count, float* result) const {
  lane_dots(query, entity(first), static_cast<std::size_t>(count),
            static_cast<std::size_t>(dimensions_), result);
}

std::size_t graph_value_bytes(const SortedNames& entities,
                              const SortedNames& relations,
                              std::size_t filter_words,
                              Index dimensions,
                              std::size_t fairness) {
  const auto d = static_cast<std::size_t>(dimensions);
  const auto n = static_cast<std::size_t>(entities.size());
  const auto m = static_cast<std::size_t>(relations.size());
  const std::size_t bytes = 4 * (n * (d + 1) + m * (2 * d + 1) + filter_words) +
                            entities.bytes().size() + relations.bytes().size() + fairness + 4096;
  if (bytes > kMostBytes) {
    throw Error(ErrorKind::TooLarge,
                "vectors of " + std::to_string(d) + " numbers for " + std::to_string(n) +
                    " entities take " + std::to_string(bytes >> 20) +
                    " MB, the server holds at most " + std::to_string(kMostBytes >> 20) +
                    " MB in a value",
                "Fewer numbers in a vector, or fewer entities: train_graph leaves out rare ones by "
                "min_count. Or train_graph with into_table => 'vectors', which writes the entities "
                "to a table.");
  }
  return bytes;
}

std::vector<std::byte> encode_graph(const GraphAbout& about,
                                    const SortedNames& entities,
                                    const SortedNames& relations,
                                    const TripleFilter& trained,
                                    const GraphVectors& vectors) {
  const Sizes sizes{static_cast<std::int32_t>(vectors.entities.cols()),
                    static_cast<std::int32_t>(entities.size()),
                    static_cast<std::int32_t>(relations.size()),
                    static_cast<std::int64_t>(entities.bytes().size()),
                    static_cast<std::int64_t>(relations.bytes().size()),
                    static_cast<std::int64_t>(trained.words().size())};
  if (!(vectors.entities.array().abs() <= kMostOfVector).all() ||
      !(vectors.relations.array().abs() <= kMostOfVector).all()) {
    throw Error(ErrorKind::OutOfRange, "a number of a vector is beyond 1e11");
  }
  ByteWriter writer;
  writer.reserve(4 * static_cast<std::size_t>(vectors.entities.size() + vectors.relations.size() +
                                              sizes.entities + sizes.relations) +
                 4 * trained.words().size() + entities.bytes().size() + relations.bytes().size() +
                 fairness_bytes(about.fairness, vectors.entities.cols()) + about.source.size() +
                 8 * about.losses.size() + 4096);
  writer.u8(kVersion);
  WritingArchive archive(writer, kVersion);
  fields(archive, about, sizes);
  fairness_fields(archive, about.fairness, vectors.entities.cols());
  writer.numbers(entities.ends());
  writer.numbers(relations.ends());
  writer.numbers(trained.words());
  writer.numbers(all_of(vectors.entities));
  writer.numbers(all_of(vectors.relations));
  writer.raw(entities.bytes());
  writer.raw(relations.bytes());
  return std::move(writer).take();
}

void describe(const GraphEmbedding& graph, JsonWriter& json) {
  const GraphAbout& about = graph.about();
  json.open('{').key("model").text(name(about.model));
  json.key("dimensions").integer(graph.dimensions());
  json.key("entities").integer(graph.entities().size() + about.table_entities);
  json.key("relations").integer(graph.relations().size());
  json.key("triples").integer(about.triples);
  json.key("rows_skipped").integer(about.skipped);
  json.key("duplicates").integer(about.duplicates);
  json.key("min_count").integer(about.min_count);
  json.key("dropped").open('{').key("entities").integer(about.dropped.entities);
  json.key("relations").integer(about.dropped.relations);
  json.key("triples").integer(about.dropped.triples).close('}');
  json.key("added_entities").integer(about.added);
  json.key("trained").boolean(!about.losses.empty());
  if (!about.losses.empty()) {
    json.key("source").text(about.source);
    json.key("epochs").integer(about.epochs).key("batch").integer(about.batch);
    json.key("negatives").integer(about.negatives);
    json.key("learning_rate").number(about.learning_rate);
    json.key("regularization").number(about.regularization).key("seed").integer(about.seed);
    json.key("losses").open('[');
    for (const double loss : about.losses) json.number(loss);
    json.close(']');
  }
  if (!about.fairness.empty()) {
    json.key("fairness");
    describe(about.fairness, graph.dimensions(), json);
  }
  if (!about.table.empty()) json.key("table").text(about.table);
  json.key("columns").open('{').key("head").text(about.columns[0]);
  json.key("relation").text(about.columns[1]).key("tail").text(about.columns[2]).close('}');
  json.key("fingerprint").text(std::to_string(about.fingerprint)).close('}');
}

}  // namespace fairdb
