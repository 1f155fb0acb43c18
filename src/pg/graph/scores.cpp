// graph_score and graph_query: of names, row after row.
#include "core/graph/given_back.hpp"

#include <algorithm>

#include "core/base/dense_kernels.hpp"

#include "pg/graph/person_arguments.hpp"
#include "pg/graph/real_array.hpp"
#include "pg/graph/vector_table.hpp"

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
QueryOptions query_options(const Arguments& arguments) {
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

// The vectors of entities that stand in the table `vectors`. nullopt for an entity that it lacks
// and on_unseen 'null'.
std::optional<std::vector<std::vector<float>>> from_table(const GraphEmbedding& graph,
                                                          Oid vectors,
                                                          const std::vector<std::string>& names,
                                                          UnseenName on_unseen) {
  require_in_table(graph);
  std::vector<std::string_view> asked(names.begin(), names.end());
  std::sort(asked.begin(), asked.end());
  asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
  std::vector<std::vector<float>> found(asked.size());
  SpiSession session;
  visit_vectors(source_of_table(vectors), asked, graph.dimensions(),
                [&](std::size_t i, const float* x) { found[i].assign(x, x + graph.dimensions()); });
  session.finish();
  std::vector<std::vector<float>> result;
  for (const std::string& name : names) {
    const auto place = std::lower_bound(asked.begin(), asked.end(), name) - asked.begin();
    const std::vector<float>& vector = found[static_cast<std::size_t>(place)];
    if (vector.empty()) {
      if (on_unseen == UnseenName::Null) return std::nullopt;
      throw Error(ErrorKind::UnknownGroup, "entity \"" + name + "\" is not in vectors",
                  "on_unseen => 'null' gives NULL instead of this error.");
    }
    result.push_back(vector);
  }
  return result;
}

}  // namespace

FAIRDB_FUNCTION(graph_score) {
  if (unknown(fcinfo, 4)) PG_RETURN_NULL();
  ScoreCall& call = cache_of<ScoreCall>(fcinfo);
  const Arguments arguments(fcinfo, call.names);
  const QueryOptions options = query_options(arguments);
  const GraphEmbedding& graph = call.graph(fcinfo);
  require_vectors(graph, "graph_score without vectors");
  const auto head = call.name(fcinfo, 1);
  const auto relation = call.name(fcinfo, 2);
  const auto tail = call.name(fcinfo, 3);
  if (!head || !relation || !tail) PG_RETURN_NULL();
  const auto h = entity_code(graph, *head, options.on_unseen);
  const auto r = relation_code(graph, *relation, options.on_unseen);
  const auto t = entity_code(graph, *tail, options.on_unseen);
  if (!h || !r || !t) PG_RETURN_NULL();
  const bool tails = options.direction == Direction::Tails;
  const std::int32_t e = tails ? *h : *t;
  const std::int32_t other = tails ? *t : *h;
  const HeldValues held = held_values(graph, arguments, options.on_unseen);
  if (held.empty()) {
    PG_RETURN_FLOAT8(static_cast<double>(graph.score(e, *r, options.direction, other)));
  }
  const std::vector<float> query = query_for(graph, e, *r, options.direction, held, other);
  PG_RETURN_FLOAT8(static_cast<double>(lane_dot(query.data(), graph.entity(other), query.size())));
}

FAIRDB_FUNCTION(graph_query) {
  if (unknown(fcinfo, 3)) PG_RETURN_NULL();
  ScoreCall& call = cache_of<ScoreCall>(fcinfo);
  const Arguments arguments(fcinfo, call.names);
  const QueryOptions options = query_options(arguments);
  const GraphEmbedding& graph = call.graph(fcinfo);
  require_vectors(graph, "graph_query without vectors");
  const auto entity = call.name(fcinfo, 1);
  const auto relation = call.name(fcinfo, 2);
  if (!entity || !relation) PG_RETURN_NULL();
  const auto e = entity_code(graph, *entity, options.on_unseen);
  const auto r = relation_code(graph, *relation, options.on_unseen);
  if (!e || !r) PG_RETURN_NULL();
  const HeldValues held = held_values(graph, arguments, options.on_unseen);
  const AttributeQuery asked = query_with_attributes(graph, *e, *r, options.direction, held);
  return backend([&] { return real_array(asked.queries[0]); });
}

FAIRDB_FUNCTION(graph_score_from_table) {
  if (unknown(fcinfo, 4)) PG_RETURN_NULL();
  ScoreCall& call = cache_of<ScoreCall>(fcinfo);
  const Arguments arguments(fcinfo, call.names);
  const QueryOptions options = query_options(arguments);
  const GraphEmbedding& graph = call.graph(fcinfo);
  const auto head = call.name(fcinfo, 1);
  const auto relation = call.name(fcinfo, 2);
  const auto tail = call.name(fcinfo, 3);
  if (!head || !relation || !tail) PG_RETURN_NULL();
  const auto r = relation_code(graph, *relation, options.on_unseen);
  if (!r) PG_RETURN_NULL();
  const bool tails = options.direction == Direction::Tails;
  const auto found = from_table(graph, DatumGetObjectId(arguments.datum("vectors")),
                                {tails ? *head : *tail, tails ? *tail : *head}, options.on_unseen);
  if (!found) PG_RETURN_NULL();
  const std::vector<float> query = graph.query_of((*found)[0].data(), *r, options.direction);
  PG_RETURN_FLOAT8(static_cast<double>(lane_dot(query.data(), (*found)[1].data(), query.size())));
}

FAIRDB_FUNCTION(graph_query_from_table) {
  if (unknown(fcinfo, 3)) PG_RETURN_NULL();
  ScoreCall& call = cache_of<ScoreCall>(fcinfo);
  const Arguments arguments(fcinfo, call.names);
  const QueryOptions options = query_options(arguments);
  const GraphEmbedding& graph = call.graph(fcinfo);
  const auto entity = call.name(fcinfo, 1);
  const auto relation = call.name(fcinfo, 2);
  if (!entity || !relation) PG_RETURN_NULL();
  const auto r = relation_code(graph, *relation, options.on_unseen);
  if (!r) PG_RETURN_NULL();
  const auto found =
      from_table(graph, DatumGetObjectId(arguments.datum("vectors")), {*entity}, options.on_unseen);
  if (!found) PG_RETURN_NULL();
  const std::vector<float> query = graph.query_of((*found)[0].data(), *r, options.direction);
  return backend([&] { return real_array(query); });
}

}  // namespace fairdb::pg
