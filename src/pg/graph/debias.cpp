// graph_debias: sensitive attributes are taken out of the persons' vectors.
#include "core/graph/debias.hpp"

#include <algorithm>

#include "core/graph/fairness_value.hpp"

#include "pg/bridge/memory.hpp"
#include "pg/graph/graph_source.hpp"
#include "pg/graph/graph_value.hpp"
#include "pg/graph/person_arguments.hpp"

namespace fairdb::pg {
namespace {

DebiasOptions debias_options(const Arguments& arguments,
                             const std::vector<PersonRelation>& relations) {
  DebiasOptions options;
  if (relations.empty()) {
    throw Error(ErrorKind::InvalidArgument, "sensitive must not be NULL",
                "It names the relations that lead from persons to what is sensitive: sensitive => "
                "'{gender}'.");
  }
  const std::vector<Index> top = tops(arguments, relations.size());
  for (std::size_t j = 0; j < relations.size(); ++j) {
    options.attributes.push_back({relations[j], top[j]});
  }
  if (const auto method = arguments.optional_text("method")) {
    options.method = named<DebiasMethod>(*method);
  }
  options.min_count = arguments.integer("min_count");
  if (options.min_count < 1) {
    throw Error(ErrorKind::InvalidArgument, "min_count must be at least 1");
  }
  return options;
}

// What is new stands behind what there is.
void add_to(GraphFairness& fairness, DebiasedGraph& debiased, const DebiasOptions& options) {
  if (fairness.attributes.size() + debiased.attributes.size() > kMaxAttributes) {
    throw Error(ErrorKind::TooLarge, "an embedding has at most " + std::to_string(kMaxAttributes) +
                                         " attributes with vectors");
  }
  for (PersonMap& step : debiased.maps) fairness.maps.push_back(std::move(step));
  for (const Whitelisted& entry : options.whitelist) {
    const PersonRelation& relation =
        options.attributes[static_cast<std::size_t>(entry.attribute)].relation;
    const auto place = std::find_if(debiased.attributes.begin(), debiased.attributes.end(),
                                    [&](const auto& a) { return a.relation == relation; }) -
                       debiased.attributes.begin();
    Whitelisted added = entry;
    added.attribute =
        static_cast<std::int32_t>(fairness.attributes.size()) + static_cast<std::int32_t>(place);
    fairness.whitelist.push_back(std::move(added));
  }
  for (SensitiveAttribute& a : debiased.attributes) fairness.attributes.push_back(std::move(a));
}

void note_values_left(const DebiasedGraph& debiased) {
  if (debiased.values_left == 0) return;
  const auto left = static_cast<long long>(debiased.values_left);
  backend([&] {
    ereport(NOTICE, (errmsg("values that are persons, too, are left as they are: %lld", left)));
  });
}

}  // namespace

FAIRDB_FUNCTION(graph_debias) {
  const Arguments arguments(fcinfo);
  const std::vector<PersonRelation> sensitive = sensitive_relations(arguments);
  DebiasOptions options = debias_options(arguments, sensitive);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const std::shared_ptr<DecodedGraph> value = graph_argument(fcinfo);
  const GraphEmbedding& graph = value->graph();
  require_vectors(graph, "graph_debias");
  const GraphColumns columns = graph_columns(arguments, graph.about().columns);
  SpiSession session;
  std::vector<std::byte> content;
  {
    BackendMonitor monitor;
    std::vector<std::pair<std::string, const char*>> relations;
    for (const DebiasedAttribute& attribute : options.attributes) {
      relations.emplace_back(attribute.relation.name, "sensitive");
    }
    if (const auto whitelist = arguments.optional_text("whitelist")) {
      options.whitelist = read_whitelist(Source(*whitelist), sensitive);
    }
    for (const Whitelisted& entry : options.whitelist) {
      relations.emplace_back(entry.relation.name, "whitelist");
    }
    const Source source(arguments.text("source"));
    const ReadGraph people =
        read_graph(part_of_relations(source, relations, columns), columns, 0, monitor);
    note_skipped(people);
    std::vector<bool> persons =
        named_persons(graph.entities(), arguments.optional_text("persons"), monitor);
    const std::size_t value_bytes = graph_value_bytes(
        graph.entities(), graph.relations(), graph.trained().words().size(), graph.dimensions());
    check_memory(debias_bytes(graph, people.graph, options) + 3 * value_bytes,
                 "debiasing an embedding of " + std::to_string(graph.entities().size()) +
                     " entities in " + std::to_string(graph.dimensions()) + " dimensions");
    DebiasedGraph debiased =
        debias_graph(graph, people.graph, std::move(persons), options, monitor);
    note_values_left(debiased);
    GraphAbout about = graph.about();
    add_to(about.fairness, debiased, options);
    graph_value_bytes(graph.entities(), graph.relations(), graph.trained().words().size(),
                      graph.dimensions(), fairness_bytes(about.fairness, graph.dimensions()));
    content = encode_graph(about, graph.entities(), graph.relations(), graph.trained(),
                           {std::move(debiased.entities), graph.relation_matrix()});
  }
  session.finish();
  return graph_value(content);
}

}  // namespace fairdb::pg
