// graph_score and graph_query: of names, row after row.
#include "core/graph/embedding.hpp"

#include "pg/bridge/arguments.hpp"
#include "pg/graph/graph_value.hpp"
#include "pg/graph/real_array.hpp"

namespace fairdb::pg {
namespace {

struct ScoreCall : GraphCall {
  using GraphCall::GraphCall;
  ArgumentNames names{nullptr};
};

struct QueryOptions {
  UnseenName on_unseen;
  Direction direction;
};
QueryOptions query_options(FunctionCallInfo fcinfo, ScoreCall& call) {
  const Arguments arguments(fcinfo, call.names);
  return {named<UnseenName>(arguments.text("on_unseen")),
          arguments.boolean("inverse") ? Direction::Heads : Direction::Tails};
}

// Whether one of the first arguments is NULL: the embedding or a name.
bool unknown(FunctionCallInfo fcinfo, int arguments) {
  for (int i = 0; i < arguments; ++i) {
    if (PG_ARGISNULL(i)) return true;
  }
  return false;
}

}  // namespace

FAIRDB_FUNCTION(graph_score) {
  if (unknown(fcinfo, 4)) PG_RETURN_NULL();
  ScoreCall& call = cache_of<ScoreCall>(fcinfo);
  const QueryOptions options = query_options(fcinfo, call);
  const GraphEmbedding& graph = call.graph(fcinfo);
  const auto head = call.name(fcinfo, 1);
  const auto relation = call.name(fcinfo, 2);
  const auto tail = call.name(fcinfo, 3);
  if (!head || !relation || !tail) PG_RETURN_NULL();
  const auto h = entity_code(graph, *head, options.on_unseen);
  const auto r = relation_code(graph, *relation, options.on_unseen);
  const auto t = entity_code(graph, *tail, options.on_unseen);
  if (!h || !r || !t) PG_RETURN_NULL();
  const bool tails = options.direction == Direction::Tails;
  const float score = graph.score(tails ? *h : *t, *r, options.direction, tails ? *t : *h);
  PG_RETURN_FLOAT8(static_cast<double>(score));
}

FAIRDB_FUNCTION(graph_query) {
  if (unknown(fcinfo, 3)) PG_RETURN_NULL();
  ScoreCall& call = cache_of<ScoreCall>(fcinfo);
  const QueryOptions options = query_options(fcinfo, call);
  const GraphEmbedding& graph = call.graph(fcinfo);
  const auto entity = call.name(fcinfo, 1);
  const auto relation = call.name(fcinfo, 2);
  if (!entity || !relation) PG_RETURN_NULL();
  const auto e = entity_code(graph, *entity, options.on_unseen);
  const auto r = relation_code(graph, *relation, options.on_unseen);
  if (!e || !r) PG_RETURN_NULL();
  const std::vector<float> query = graph.query(*e, *r, options.direction);
  return backend([&] { return real_array(query); });
}

}  // namespace fairdb::pg
