// graph_predict and graph_predict_heads: the entities that complete a triple best.
#include "core/graph/evaluate.hpp"

#include <algorithm>

#include "pg/bridge/memory.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/graph/graph_source.hpp"
#include "pg/graph/graph_value.hpp"
#include "pg/graph/person_arguments.hpp"

namespace fairdb::pg {
namespace {

// Those that complete (entity, relation) in the source, sorted.
std::vector<std::int32_t> known_others(const std::string& text,
                                       const GraphEmbedding& graph,
                                       const std::string& entity,
                                       const std::string& relation,
                                       Direction direction) {
  const bool tails = direction == Direction::Tails;
  const GraphColumns& columns = graph.about().columns;
  const Source source(text);
  BackendMonitor monitor;
  const ReadGraph read =
      read_graph(part_of(source,
                         {{{tails ? std::size_t{0} : 2, entity, tails ? "head" : "tail"},
                           {1, relation, "relation"}}},
                         columns),
                 columns, 0, monitor);
  const KnownTriples known(in_names_of(read.graph, graph.entities(), graph.relations()), monitor);
  const auto others =
      known.others(*graph.entities().find(entity), *graph.relations().find(relation), direction);
  return {others.begin(), others.end()};
}

Datum predict(FunctionCallInfo fcinfo, Direction direction) {
  const bool tails = direction == Direction::Tails;
  RowWriter out(fcinfo);
  const Arguments arguments(fcinfo);
  const std::int32_t k = arguments.small_integer("k");
  if (k < 0) throw Error(ErrorKind::InvalidArgument, "k must be at least 0");
  const bool skip_known = arguments.boolean("skip_known");
  const UnseenName on_unseen = named<UnseenName>(arguments.text("on_unseen"));
  const std::optional<std::string> known = arguments.optional_text("known");
  if (skip_known && !known) {
    throw Error(ErrorKind::InvalidArgument, "skip_known needs known",
                "known => '...' names the triples that are known.");
  }
  GraphCall& call = cache_of<GraphCall>(fcinfo);
  std::optional<std::string> entity;
  std::optional<std::string> relation;
  if (!PG_ARGISNULL(0)) {
    entity = call.name(fcinfo, tails ? 1 : 2);
    relation = call.name(fcinfo, tails ? 2 : 1);
  }
  if (entity && relation) {
    const GraphEmbedding& graph = call.graph(fcinfo);
    require_vectors(graph, tails ? "graph_predict" : "graph_predict_heads");
    const HeldValues held = held_values(graph, arguments, on_unseen, call);
    const auto e = entity_code(graph, *entity, on_unseen);
    const auto r = relation_code(graph, *relation, on_unseen);
    if (e && r) {
      std::vector<std::int32_t> others;
      if (known) {
        SpiSession session;
        others = known_others(*known, graph, *entity, *relation, direction);
        session.finish();
      }
      const auto is_known = [&](std::int32_t other) {
        return std::binary_search(others.begin(), others.end(), other);
      };
      BackendMonitor monitor;
      const std::vector<std::int32_t> none;
      const auto most = std::min<std::size_t>(static_cast<std::size_t>(k),
                                              static_cast<std::size_t>(graph.entities().size()));
      check_memory(2 * most * sizeof(Prediction) + attribute_query_bytes(graph),
                   "the best " + std::to_string(most) + " entities");
      for (const Prediction& p :
           predict_graph(graph, query_with_attributes(graph, *e, *r, direction, held), most,
                         skip_known ? others : none, monitor)) {
        out.text(graph.entities()[p.entity]).number(static_cast<double>(p.score)).integer(p.rank);
        out.boolean(known ? std::optional(is_known(p.entity)) : std::nullopt).end_row();
      }
    }
  }
  out.finish();
  PG_RETURN_NULL();
}

}  // namespace

FAIRDB_FUNCTION(graph_predict) {
  return predict(fcinfo, Direction::Tails);
}

FAIRDB_FUNCTION(graph_predict_heads) {
  return predict(fcinfo, Direction::Heads);
}

}  // namespace fairdb::pg
