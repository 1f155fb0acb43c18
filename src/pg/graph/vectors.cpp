// embeddings and relation_vectors: what an embedding holds, as rows; graph_import: the way back,
// for vectors that were trained elsewhere too.
#include "core/base/polled_sort.hpp"
#include "core/graph/embedding.hpp"

#include "pg/bridge/memory.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/bridge/table_reader.hpp"
#include "pg/graph/graph_source.hpp"
#include "pg/graph/graph_value.hpp"
#include "pg/graph/real_array.hpp"

namespace fairdb::pg {
namespace {

// One row for each of n: fill(i, values, nulls), plain.
template <class Fill>
void put_rows(FunctionCallInfo fcinfo, Index n, Fill fill) {
  backend([&] {
    const ResultRows result = begin_rows(fcinfo);
    MemoryContext const memory =
        AllocSetContextCreate(CurrentMemoryContext, "fairdb vectors", ALLOCSET_SMALL_SIZES);
    MemoryContext const previous = MemoryContextSwitchTo(memory);
    for (Index i = 0; i < n; ++i) {
      CHECK_FOR_INTERRUPTS();
      Datum values[3];
      bool nulls[3] = {};
      fill(i, values);
      tuplestore_putvalues(result.store, result.desc, values, nulls);
      MemoryContextReset(memory);
    }
    MemoryContextSwitchTo(previous);
    MemoryContextDelete(memory);
  });
}

Datum text_datum(std::string_view text) {
  return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
}

// Named vectors of a source.
struct ReadVectors {
  std::vector<std::string> names;
  std::vector<bool> inverse;
  Index dimensions = 0;
  std::vector<float> numbers;  // a vector after the other

  // While the lists grow, in order, as the value's content, or that and the value.
  std::size_t bytes() const noexcept {
    return numbers.size() * 4 * sizeof(float) + names.size() * 600;
  }
};

ReadVectors read_vectors(const Source& source,
                         const char* name,
                         const char* vector,
                         bool with_direction,
                         const char* argument,
                         std::size_t beside) {
  const SourceColumn& vectors = source.column(vector, argument);
  if (backend([&] {
        return !OidIsValid(array_access(vectors.base_type, CurrentMemoryContext).element);
      })) {
    wrong_type(vectors, argument, "an array of numbers", "Cast it: embedding::real[].");
  }
  const auto d = array_elements(source, vector, argument);
  if (!d) throw Error(ErrorKind::InvalidData, std::string(argument) + " has no vectors");
  if (*d < 1 || *d > kMaxGraphDimensions) {
    throw Error(ErrorKind::InvalidData, std::string("the vectors of ") + argument +
                                            " must have 1 to " +
                                            std::to_string(kMaxGraphDimensions) + " numbers");
  }
  const SourceColumn& names = source.column(name, argument);
  const SourceColumn& numbers = source.column(vector, argument);
  std::vector<ReadColumn> reads = {{quoted(name), name, names.type, ReadAs::Label, kMostNames, 1},
                                   {quoted(vector), vector, numbers.type, ReadAs::Numbers, 0, *d}};
  if (with_direction) {
    const SourceColumn& inverse = source.column("inverse", argument);
    if (inverse.base_type != BOOLOID) wrong_type(inverse, argument, "a boolean");
    reads.push_back({"inverse", "inverse", inverse.type, ReadAs::Number, 0, 1});
  }
  TableReader reader(source, reads);
  ReadVectors result;
  result.dimensions = *d;
  while (reader.next()) {
    if (reader.block_has_nulls()) {
      throw Error(ErrorKind::InvalidData, std::string("a row of ") + argument + " has a NULL");
    }
    const MatrixView block = reader.numbers();
    for (Index i = 0; i < reader.rows(); ++i) {
      result.names.emplace_back(reader.label(0, reader.codes()[static_cast<std::size_t>(i)]));
      for (Index j = 0; j < *d; ++j) result.numbers.push_back(static_cast<float>(block(i, j)));
      if (with_direction) result.inverse.push_back(block(i, *d) != 0);
    }
    check_memory(beside + result.bytes(),
                 "vectors of " + std::to_string(result.names.size()) + " names or more");
  }
  return result;
}

// The rows by the order of their names; each name `times` times.
std::vector<std::size_t> in_order(const ReadVectors& read,
                                  std::size_t times,
                                  const char* argument,
                                  Monitor& monitor) {
  std::vector<std::size_t> order(read.names.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  polled_sort(order, monitor, [&](std::size_t a, std::size_t b) {
    if (read.names[a] != read.names[b]) return read.names[a] < read.names[b];
    return !read.inverse.empty() && read.inverse[a] < read.inverse[b];
  });
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::string& name = read.names[order[i]];
    const std::size_t first = i / times * times;
    const bool begins = i == first && i > 0 && read.names[order[i - 1]] == name;
    const bool differs = read.names[order[first]] != name;
    const bool repeats =
        i > first && !read.inverse.empty() && read.inverse[order[i]] == read.inverse[order[i - 1]];
    if (begins || differs || repeats || order.size() % times != 0) {
      throw Error(ErrorKind::InvalidData,
                  std::string(argument) + (times == 1 ? " has \"" + name + "\" twice"
                                                      : " must have two rows for \"" + name +
                                                            "\", with inverse false and true"),
                  times == 1
                      ? ""
                      : "Of a model without reciprocal relations the inverse is, for transe, "
                        "the negative vector, for distmult the same, for complex the "
                        "conjugate.");
    }
  }
  return order;
}

NameBytes names_in(const ReadVectors& read,
                   const std::vector<std::size_t>& order,
                   std::size_t step) {
  NameBytes names;
  for (std::size_t i = 0; i < order.size(); i += step) names.add(read.names[order[i]]);
  return names;
}

// Lets go of the numbers as they were read.
FloatMatrix vectors_in(ReadVectors& read, const std::vector<std::size_t>& order) {
  FloatMatrix result(static_cast<Index>(order.size()), read.dimensions);
  const Eigen::Map<const FloatMatrix> rows(read.numbers.data(), result.rows(), result.cols());
  for (std::size_t i = 0; i < order.size(); ++i)
    result.row(static_cast<Index>(i)) = rows.row(static_cast<Index>(order[i]));
  read.numbers = {};
  return result;
}

}  // namespace

FAIRDB_FUNCTION(embeddings) {
  if (PG_ARGISNULL(0)) {
    backend([&] { begin_rows(fcinfo); });
    PG_RETURN_NULL();
  }
  const std::shared_ptr<DecodedGraph> value = graph_argument(fcinfo);
  const GraphEmbedding& graph = value->graph();
  require_vectors(graph, "embeddings");
  const Index d = graph.dimensions();
  put_rows(fcinfo, graph.entities().size(), [&](Index e, Datum* values) {
    values[0] = text_datum(graph.entities()[e]);
    values[1] = real_array({graph.entity(e), static_cast<std::size_t>(d)});
  });
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(relation_vectors) {
  if (PG_ARGISNULL(0)) {
    backend([&] { begin_rows(fcinfo); });
    PG_RETURN_NULL();
  }
  const std::shared_ptr<DecodedGraph> value = graph_argument(fcinfo);
  const GraphEmbedding& graph = value->graph();
  const Index d = graph.dimensions();
  put_rows(fcinfo, 2 * graph.relations().size(), [&](Index row, Datum* values) {
    const Direction direction = row % 2 == 0 ? Direction::Tails : Direction::Heads;
    values[0] = text_datum(graph.relations()[row / 2]);
    values[1] = BoolGetDatum(direction == Direction::Heads);
    values[2] = real_array({graph.relation(row / 2, direction), static_cast<std::size_t>(d)});
  });
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(graph_import) {
  const Arguments arguments(fcinfo);
  GraphAbout about;
  about.model = named<GraphModel>(arguments.text("model"));
  about.columns = {"head", "relation", "tail"};
  for (std::size_t i = 0; i < about.columns.size(); ++i) {
    about.columns[i] = arguments.text(about.columns[i]);
  }
  SpiSession session;
  std::vector<std::byte> content;
  {
    ReadVectors entities = read_vectors(Source(arguments.text("entities")), "entity", "embedding",
                                        false, "entities", 0);
    ReadVectors relations = read_vectors(Source(arguments.text("relations")), "relation", "vector",
                                         true, "relations", entities.bytes());
    const Index d = entities.dimensions;
    if (relations.dimensions != d || (about.model == GraphModel::ComplEx && d % 2 != 0)) {
      throw Error(ErrorKind::InvalidData,
                  relations.dimensions != d
                      ? "the vectors of entities have " + std::to_string(d) +
                            " numbers, those of relations " + std::to_string(relations.dimensions)
                      : "the vectors of the model \"complex\" have an even number of numbers: the "
                        "real parts, then the imaginary ones");
    }
    BackendMonitor monitor;
    const std::vector<std::size_t> of_entities = in_order(entities, 1, "entities", monitor);
    const std::vector<std::size_t> of_relations = in_order(relations, 2, "relations", monitor);
    const NameBytes entity_names = names_in(entities, of_entities, 1);
    const NameBytes relation_names = names_in(relations, of_relations, 2);
    graph_value_bytes(entity_names.names(), relation_names.names(), 1, d);
    content =
        encode_graph(about, entity_names.names(), relation_names.names(), TripleFilter(1),
                     {vectors_in(entities, of_entities), vectors_in(relations, of_relations)});
  }
  session.finish();
  return graph_value(content);
}

}  // namespace fairdb::pg
