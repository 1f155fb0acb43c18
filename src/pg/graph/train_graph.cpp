// train_graph and graph_extend: read triples and return an embedding.
#include "core/graph/extend.hpp"

#include "pg/bridge/memory.hpp"
#include "pg/graph/graph_source.hpp"
#include "pg/graph/graph_value.hpp"

namespace fairdb::pg {
namespace {

// As many as the server lets one maintenance command use, its own process among them.
void check_threads(std::int32_t threads) {
  const int most = max_parallel_maintenance_workers + 1;
  if (threads <= most) return;
  throw Error(ErrorKind::InvalidArgument,
              "threads is " + std::to_string(threads) +
                  ", but max_parallel_maintenance_workers allows " + std::to_string(most),
              "Fewer threads give the same result. SET max_parallel_maintenance_workers = " +
                  std::to_string(threads - 1) + " allows so many for this session.");
}

// What both trainers take.
void read_options(const Arguments& arguments, double regularization, GraphOptions& options) {
  options.epochs = arguments.small_integer("epochs");
  options.batch = arguments.small_integer("batch");
  options.negatives = arguments.small_integer("negatives");
  options.learning_rate = arguments.number("learning_rate");
  options.regularization = arguments.optional_number("regularization").value_or(regularization);
  options.seed = arguments.integer("seed");
  options.threads = arguments.small_integer("threads");
}

void note_dropped(const GraphAbout& about) {
  if (about.min_count <= 1) return;
  const auto min_count = static_cast<long long>(about.min_count);
  const auto entities = static_cast<long long>(about.dropped.entities);
  const auto relations = static_cast<long long>(about.dropped.relations);
  const auto triples = static_cast<long long>(about.dropped.triples);
  backend([&] {
    ereport(NOTICE, (errmsg("min_count => %lld leaves out %lld entities, %lld relations and %lld "
                            "triples",
                            min_count, entities, relations, triples)));
  });
}

void check_trainable(const Graph& graph, const GraphAbout& about) {
  if (graph.triples.empty() && about.dropped.triples > 0) {
    throw Error(ErrorKind::InvalidData,
                "no triple is left: each has an entity or a relation that stands in fewer than "
                "min_count triples",
                "A smaller min_count leaves more.");
  }
  if (graph.triples.empty()) {
    std::string message = "the source has no triples";
    if (about.skipped > 0)
      message += ": each of its " + std::to_string(about.skipped) + " rows has a NULL";
    throw Error(ErrorKind::InvalidData, message);
  }
  if (graph.entities.names().size() < 2) {
    throw Error(ErrorKind::InvalidData, "the graph has one entity, and nothing to tell it from");
  }
}

// Columns that were exchanged: in a graph there are few relations, and many entities.
void note_many_relations(const Graph& graph) {
  const Index relations = graph.relations.names().size();
  if (relations < 100 || 2 * relations < graph.entities.names().size()) return;
  const auto many = static_cast<long long>(relations);
  const auto entities = static_cast<long long>(graph.entities.names().size());
  backend([&] {
    ereport(NOTICE, (errmsg("the graph has %lld relations and %lld entities: are relation and tail "
                            "the right columns?",
                            many, entities)));
  });
}

// What training and the value that it makes take: the vectors beside what training needs, then
// beside the value, twice. triples: as often as training lists them.
std::size_t bytes_to_train(std::size_t value,
                           const GraphOptions& options,
                           Index entities,
                           Index relations,
                           std::size_t triples) {
  return triples * sizeof(Triple) +
         std::max(graph_training_bytes(options, static_cast<std::size_t>(entities),
                                       static_cast<std::size_t>(relations), triples),
                  3 * value);
}

}  // namespace

FAIRDB_FUNCTION(train_graph) {
  const Arguments arguments(fcinfo);
  GraphOptions options;
  options.model = named<GraphModel>(arguments.text("model"));
  options.dimensions = arguments.small_integer("dimensions");
  read_options(arguments, usual_regularization(options.model), options);
  validate(options);
  check_threads(options.threads);
  GraphAbout about;
  about.model = options.model;
  about.source = arguments.text("source");
  about.columns = {arguments.text("head"), arguments.text("relation"), arguments.text("tail")};
  about.min_count = arguments.integer("min_count");
  if (about.min_count < 1) {
    throw Error(ErrorKind::InvalidArgument, "min_count must be at least 1");
  }
  SpiSession session;
  std::vector<std::byte> content;
  {
    const Source source(about.source);
    BackendMonitor monitor;
    ReadGraph read = read_graph(source, about.columns, 0, monitor);
    about.skipped = read.skipped;
    about.duplicates = read.graph.duplicates;
    if (about.min_count > 1) {
      about.dropped = keep_frequent(read.graph, about.min_count, monitor);
    }
    check_trainable(read.graph, about);
    note_skipped(read);
    note_dropped(about);
    note_many_relations(read.graph);
    const Graph& graph = read.graph;
    const SortedNames entities = graph.entities.names();
    const SortedNames relations = graph.relations.names();
    const std::size_t value_bytes = graph_value_bytes(
        entities, relations, TripleFilter::words_for(graph.triples.size()), options.dimensions);
    check_memory(bytes_to_train(value_bytes, options, entities.size(), relations.size(),
                                graph.triples.size()),
                 "an embedding of " + std::to_string(entities.size()) + " entities in " +
                     std::to_string(options.dimensions) + " dimensions");
    about.triples = static_cast<std::int64_t>(graph.triples.size());
    about.fingerprint = digest_of(graph);
    about.epochs = options.epochs;
    about.batch = options.batch;
    about.negatives = options.negatives;
    about.learning_rate = options.learning_rate;
    about.regularization = options.regularization;
    about.seed = options.seed;
    GraphFit fit = train_graph(graph, options, monitor);
    about.losses = std::move(fit.losses);
    content = encode_graph(about, graph.entities.names(), graph.relations.names(),
                           filter_of(graph, monitor), fit.vectors);
  }
  session.finish();
  return graph_value(content);
}

FAIRDB_FUNCTION(graph_extend) {
  const Arguments arguments(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const std::shared_ptr<DecodedGraph> value = graph_argument(fcinfo);
  const GraphEmbedding& graph = value->graph();
  GraphOptions options;
  options.model = graph.model();
  options.dimensions = graph.dimensions();
  const bool trained = !graph.about().losses.empty();
  read_options(arguments,
               trained ? graph.about().regularization : usual_regularization(options.model),
               options);
  validate(options);
  check_threads(options.threads);
  SpiSession session;
  std::vector<std::byte> content;
  {
    const Source source(arguments.text("source"));
    BackendMonitor monitor;
    const ReadGraph read =
        read_graph(source, graph_columns(arguments, graph.about().columns), 0, monitor);
    note_skipped(read);
    // All of the source's names may be new.
    const SortedNames named = read.graph.entities.names();
    const std::size_t value_bytes =
        graph_value_bytes(graph.entities(), graph.relations(), graph.trained().words().size(),
                          graph.dimensions()) +
        static_cast<std::size_t>(named.size() * graph.dimensions()) * sizeof(float) +
        named.bytes().size();
    constexpr std::size_t kLists = 4;  // of triples: those of new entities, others, an epoch, all
    check_memory(
        value_bytes + bytes_to_train(value_bytes, options, graph.entities().size() + named.size(),
                                     graph.relations().size(), kLists * read.graph.triples.size()),
        "an embedding of " + std::to_string(graph.entities().size()) +
            " entities and new ones in " + std::to_string(graph.dimensions()) + " dimensions");
    GraphExtension extension = extend_graph(graph, read.graph, options, monitor);
    if (extension.unusable > 0) {
      const auto unusable = static_cast<long long>(extension.unusable);
      backend([&] {
        ereport(NOTICE, (errmsg("triples of relations that the embedding does not know are left "
                                "out: %lld",
                                unusable)));
      });
    }
    if (extension.of_others == 0) {
      backend([] {
        ereport(NOTICE, (errmsg("the source has triples of new entities only, which will be found "
                                "plausible everywhere"),
                         errhint("Give the whole graph as source: its other triples are what new "
                                 "entities are told apart from.")));
      });
    }
    graph_value_bytes(extension.entities.names(), graph.relations(),
                      extension.trained.words().size(), graph.dimensions());
    content = encode_graph(extension.about, extension.entities.names(), graph.relations(),
                           extension.trained, extension.vectors);
  }
  session.finish();
  return graph_value(content);
}

}  // namespace fairdb::pg
