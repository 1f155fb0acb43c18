// train_graph and graph_extend: read triples and return an embedding.
#include "core/graph/extend.hpp"

#include <algorithm>

#include "core/graph/fair_training.hpp"
#include "core/graph/fairness_request.hpp"
#include "core/graph/fairness_value.hpp"

#include "pg/bridge/json.hpp"
#include "pg/bridge/memory.hpp"
#include "pg/graph/graph_source.hpp"
#include "pg/graph/graph_value.hpp"
#include "pg/graph/person_arguments.hpp"
#include "pg/graph/vector_table.hpp"

extern "C" {
#include <utils/jsonb.h>
}

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

// With the sensitive triples go entities that stood in no others, or in fewer than min_count.
void drop_sensitive(GraphAbout& about, Graph& graph, Monitor& monitor) {
  delete_sensitive(about.fairness, graph);
  const Graph::Dropped dropped = keep_frequent(graph, about.min_count, monitor);
  about.dropped.entities += dropped.entities;
  about.dropped.triples += dropped.triples;
  check_trainable(graph, about);
  if (dropped.entities == 0) return;
  const auto entities = static_cast<long long>(dropped.entities);
  const auto min_count = static_cast<long long>(about.min_count);
  backend([&] {
    ereport(NOTICE, (errmsg("without the sensitive triples %lld entities have too few, and get no "
                            "vector (min_count => %lld)",
                            entities, min_count)));
  });
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

// Who is not known to be a person is not kept from telling anything.
void note_persons(const GraphExtension& extension, bool persons_given) {
  if (extension.old_persons > 0) {
    const auto old = static_cast<long long>(extension.old_persons);
    backend([&] {
      ereport(NOTICE, (errmsg("persons that are not new stay as they are: %lld", old),
                       errhint("graph_debias with persons changes them.")));
    });
  }
  const auto persons = static_cast<long long>(extension.persons);
  const auto added = static_cast<long long>(extension.added);
  if (persons == added) return;
  backend([&] {
    ereport(NOTICE,
            (errmsg("%lld of %lld new entities are taken for persons, and debiased as those of the "
                    "embedding are",
                    persons, added),
             persons_given ? 0
                           : errhint("Those that have a sensitive relation in the source. persons "
                                     "=> '...' names others.")));
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

// {"relation": {"value": share}}
void read_shares(Datum json, FairnessRequest& request) {
  constexpr const char* kWhat = "target_shares";
  struct Share {
    std::string relation;
    std::string value;
    double share;
  };
  std::vector<Share> shares;
  const bool good = backend([&] {
    JsonbContainer* const object = &DatumGetJsonbP(json)->root;
    if (!JsonContainerIsObject(object)) return false;
    bool all = true;
    each_member(object, [&](std::string_view relation, const JsonbValue& values) {
      if (!is_object(values)) {
        all = false;
        return;
      }
      each_member(values.val.binary.data, [&](std::string_view value, const JsonbValue& share) {
        const double number = number_of(share, kWhat);  // before there is anything to destroy
        shares.push_back({std::string(relation), std::string(value), number});
      });
    });
    return all;
  });
  if (!good) {
    throw Error(ErrorKind::InvalidArgument, "target_shares must be an object of objects",
                "For example '{\"gender\": {\"male\": 1, \"female\": 1}}'.");
  }
  for (Share& share : shares) {
    const auto found =
        std::find_if(request.attributes.begin(), request.attributes.end(),
                     [&](const auto& a) { return a.relation.name == share.relation; });
    if (found == request.attributes.end()) {
      throw Error(ErrorKind::InvalidArgument,
                  "target_shares names \"" + share.relation + "\", which is not sensitive");
    }
    found->shares.emplace_back(std::move(share.value), share.share);
  }
}

// Throws where an argument is given that needs another one.
void require_with(const Arguments& arguments,
                  std::initializer_list<const char*> given,
                  bool allowed,
                  const char* needed) {
  for (const char* const name : given) {
    if (allowed || arguments.null(name)) continue;
    throw Error(ErrorKind::InvalidArgument, std::string(name) + " needs " + needed);
  }
}

// Without the whitelist, which needs a session. nullopt where nothing is sensitive.
std::optional<FairnessRequest> fairness_request(const Arguments& arguments,
                                                const std::vector<PersonRelation>& relations) {
  require_with(arguments,
               {"top", "debias", "weights", "target", "target_shares", "kl_reduction", "persons",
                "whitelist"},
               !relations.empty(), "sensitive");
  if (relations.empty()) return std::nullopt;
  FairnessRequest request;
  request.debias = GraphDebias::Kl;
  if (const auto debias = arguments.optional_text("debias")) {
    request.debias = named<GraphDebias>(*debias);
  }
  const bool kl = request.debias == GraphDebias::Kl;
  require_with(arguments, {"weights", "target", "target_shares", "kl_reduction", "persons"}, kl,
               "debias => 'kl'");
  require_with(arguments, {"whitelist"}, request.debias != GraphDebias::Delete,
               "the sensitive triples, which debias => 'delete' leaves out");
  const std::vector<Index> top = tops(arguments, relations.size());
  const auto weights = arguments.optional_numbers("weights");
  if (weights) check_length("weights", weights->size(), relations.size());
  for (std::size_t j = 0; j < relations.size(); ++j) {
    request.attributes.push_back(
        {relations[j], top[j], weights ? std::optional((*weights)[j]) : std::nullopt, {}});
  }
  if (const auto target = arguments.optional_text("target")) {
    request.target = named<KlTarget>(*target);
  }
  require_with(arguments, {"target_shares"}, request.target == KlTarget::Given,
               "target => 'given'");
  if (!arguments.null("target_shares")) read_shares(arguments.datum("target_shares"), request);
  if (const auto reduction = arguments.optional_text("kl_reduction")) {
    request.reduction = named<KlReduction>(*reduction);
  }
  require_with(arguments, {"kl_reduction"},
               request.reduction == KlReduction::Sum || weights.has_value(),
               "weights with 'mean': the usual ones are for sums");
  validate(request);
  return request;
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
  const std::vector<PersonRelation> sensitive = sensitive_relations(arguments);
  std::optional<FairnessRequest> request = fairness_request(arguments, sensitive);
  const std::optional<std::string> persons = arguments.optional_text("persons");
  const std::optional<std::string> into_table = arguments.optional_text("into_table");
  if (into_table && !arguments.null("whitelist")) {
    throw Error(ErrorKind::InvalidArgument,
                "whitelist and into_table exclude each other: scores from a table have no "
                "attribute vectors");
  }
  SpiSession session;
  std::vector<std::byte> content;
  {
    const Source source(about.source);
    BackendMonitor monitor;
    if (const auto whitelist = arguments.optional_text("whitelist")) {
      request->whitelist = read_whitelist(Source(*whitelist), sensitive);
    }
    // Before the time of a training is spent.
    if (into_table) about.table = make_vector_table(*into_table);
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
    if (request) {
      about.fairness = fairness_for(*request, read.graph, monitor);
      if (request->debias == GraphDebias::Delete) {
        drop_sensitive(about, read.graph, monitor);
      }
    }
    const Graph& graph = read.graph;
    const SortedNames entities = graph.entities.names();
    const SortedNames relations = graph.relations.names();
    const SortedNames in_value = into_table ? SortedNames() : entities;
    const std::size_t value_bytes =
        graph_value_bytes(in_value, relations, TripleFilter::words_for(graph.triples.size()),
                          options.dimensions, fairness_bytes(about.fairness, options.dimensions));
    check_memory(bytes_to_train(value_bytes, options, entities.size(), relations.size(),
                                graph.triples.size()) +
                     fair_training_bytes(about.fairness, options, graph.triples.size()),
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
    FairTraining fair(about.fairness, options.model, entities, relations, graph.triples,
                      named_persons(entities, persons, monitor), monitor);
    if (fair.penalty() != nullptr) about.fairness.persons = fair.persons();
    GraphFit fit = train_graph(graph, options, &fair, monitor);
    about.losses = std::move(fit.losses);
    about.fairness.divergences = std::move(fit.divergences);
    for (std::size_t a = 0; a < about.fairness.attributes.size(); ++a) {
      FloatMatrix& vectors = about.fairness.attributes[a].vectors;
      vectors =
          fit.vectors.values.middleRows(fair.first_vector(static_cast<Index>(a)), vectors.rows());
    }
    const TripleFilter trained = filter_of(graph, monitor);
    if (into_table) {
      write_vectors(about.table, entities, fit.vectors.entities);
      about.table_entities = static_cast<std::int64_t>(entities.size());
      fit.vectors.entities.resize(0, options.dimensions);
    }
    content = encode_graph(about, in_value, relations, trained, fit.vectors);
  }
  session.finish();
  return graph_value(content);
}

FAIRDB_FUNCTION(graph_extend) {
  const Arguments arguments(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const std::shared_ptr<DecodedGraph> value = graph_argument(fcinfo);
  const GraphEmbedding& graph = value->graph();
  require_vectors(graph, "graph_extend");
  const GraphFairness& fairness = graph.about().fairness;
  const std::optional<std::string> persons_text = arguments.optional_text("persons");
  if (persons_text && !fairness.concerns_new()) {
    throw Error(ErrorKind::InvalidArgument,
                "persons is given, but the embedding keeps nothing from telling anything of them",
                "It is for embeddings of graph_debias, and of train_graph with sensitive.");
  }
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
    NameBytes persons;
    if (persons_text) persons = read_persons(Source(*persons_text), monitor);
    // All of the source's names may be new.
    const SortedNames named = read.graph.entities.names();
    const std::size_t value_bytes =
        graph_value_bytes(graph.entities(), graph.relations(), graph.trained().words().size(),
                          graph.dimensions(), fairness_bytes(fairness, graph.dimensions())) +
        static_cast<std::size_t>(named.size() * graph.dimensions()) * sizeof(float) +
        named.bytes().size();
    constexpr std::size_t kLists = 4;  // of triples: those of new entities, others, an epoch, all
    check_memory(value_bytes +
                     bytes_to_train(value_bytes, options, graph.entities().size() + named.size(),
                                    graph.relations().size(), kLists * read.graph.triples.size()) +
                     fair_training_bytes(fairness, options, read.graph.triples.size()),
                 "an embedding of " + std::to_string(graph.entities().size()) +
                     " entities and new ones in " + std::to_string(graph.dimensions()) +
                     " dimensions");
    GraphExtension extension = extend_graph(graph, read.graph, persons.names(), options, monitor);
    if (fairness.concerns_new()) note_persons(extension, persons_text.has_value());
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
                      extension.trained.words().size(), graph.dimensions(),
                      fairness_bytes(extension.about.fairness, graph.dimensions()));
    content = encode_graph(extension.about, extension.entities.names(), graph.relations(),
                           extension.trained, extension.vectors);
  }
  session.finish();
  return graph_value(content);
}

}  // namespace fairdb::pg
