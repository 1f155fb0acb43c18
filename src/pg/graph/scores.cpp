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
                                                          const std::string& vectors,
                                                          const std::vector<std::string>& names,
                                                          UnseenName on_unseen) {
  std::vector<std::string_view> asked(names.begin(), names.end());
  std::sort(asked.begin(), asked.end());
  asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
  std::vector<std::vector<float>> found(asked.size());
  SpiSession session;
  visit_vectors(Source(vectors), asked, graph.dimensions(),
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

std::vector<float> query_from(const GraphEmbedding& graph,
                              const std::vector<float>& entity,
                              std::int32_t relation,
                              Direction direction) {
  std::vector<float> query(entity.size());
  graph_query(graph.model(), entity.data(), graph.relation(relation, direction), graph.dimensions(),
              query.data());
  return query;
}

void refuse_attributes(const Arguments& arguments) {
  if (arguments.null("attributes")) return;
  throw Error(ErrorKind::InvalidArgument,
              "attributes needs an embedding that holds its vectors itself");
}

}  // namespace

FAIRDB_FUNCTION(graph_score) {
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
  const std::string& source = tails ? *head : *tail;
  const std::string& other = tails ? *tail : *head;
  const auto vectors = arguments.optional_text("vectors");
  check_vectors_argument(graph, vectors.has_value());
  if (vectors) {
    refuse_attributes(arguments);
    const auto found = from_table(graph, *vectors, {source, other}, options.on_unseen);
    if (!found) PG_RETURN_NULL();
    const std::vector<float> query = query_from(graph, (*found)[0], *r, options.direction);
    PG_RETURN_FLOAT8(static_cast<double>(lane_dot(query.data(), (*found)[1].data(), query.size())));
  }
  const auto e = entity_code(graph, source, options.on_unseen);
  const auto o = entity_code(graph, other, options.on_unseen);
  if (!e || !o) PG_RETURN_NULL();
  const HeldValues held = held_values(graph, arguments, options.on_unseen);
  if (held.empty()) {
    PG_RETURN_FLOAT8(static_cast<double>(graph.score(*e, *r, options.direction, *o)));
  }
  const AttributeQuery asked = query_with_attributes(graph, *e, *r, options.direction, held);
  const std::vector<float>& query = asked.of(*o);
  PG_RETURN_FLOAT8(static_cast<double>(lane_dot(query.data(), graph.entity(*o), query.size())));
}

FAIRDB_FUNCTION(graph_query) {
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
  const auto vectors = arguments.optional_text("vectors");
  check_vectors_argument(graph, vectors.has_value());
  std::vector<float> query;
  if (vectors) {
    refuse_attributes(arguments);
    const auto found = from_table(graph, *vectors, {*entity}, options.on_unseen);
    if (!found) PG_RETURN_NULL();
    query = query_from(graph, (*found)[0], *r, options.direction);
  } else {
    const auto e = entity_code(graph, *entity, options.on_unseen);
    if (!e) PG_RETURN_NULL();
    const HeldValues held = held_values(graph, arguments, options.on_unseen);
    query = query_with_attributes(graph, *e, *r, options.direction, held).query;
  }
  return backend([&] { return real_array(query); });
}

}  // namespace fairdb::pg
