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

// What a call asks: how plausible `other` is where `entity` and the relation are given, or, without
// another one, for their query.
struct Question {
  const GraphEmbedding& graph;
  UnseenName on_unseen;
  Direction direction;
  std::string entity;
  std::optional<std::string> other;
  std::int32_t relation;
};
// The arguments of graph_score (embedding, head, relation, tail) or graph_query (embedding, entity,
// relation). nullopt where the answer is NULL.
enum class Asks : std::uint8_t { Score, Query };
std::optional<Question> question(FunctionCallInfo fcinfo,
                                 ScoreCall& call,
                                 const Arguments& arguments,
                                 Asks asks) {
  const auto on_unseen = named<UnseenName>(arguments.text("on_unseen"));
  const Direction direction = arguments.boolean("inverse") ? Direction::Heads : Direction::Tails;
  const GraphEmbedding& graph = call.graph(fcinfo);
  auto entity = call.name(fcinfo, 1);
  const auto relation = call.name(fcinfo, 2);
  std::optional<std::string> other;
  if (asks == Asks::Score) {
    other = call.name(fcinfo, 3);
    if (direction == Direction::Heads) std::swap(entity, other);
  }
  if (!entity || !relation || (asks == Asks::Score && !other)) return std::nullopt;
  const auto r = relation_code(graph, *relation, on_unseen);
  if (!r) return std::nullopt;
  return Question{graph, on_unseen, direction, *std::move(entity), std::move(other), *r};
}

// Whether one of the first arguments is NULL: the embedding or a name.
bool unknown(FunctionCallInfo fcinfo, Asks asks) {
  const int arguments = asks == Asks::Score ? 4 : 3;
  for (int i = 0; i < arguments; ++i) {
    if (PG_ARGISNULL(i)) return true;
  }
  return false;
}

Datum score_of(const std::vector<float>& query, const float* other) {
  return Float8GetDatum(static_cast<double>(lane_dot(query.data(), other, query.size())));
}

// The vectors of the entities of a question that stand in the table `vectors`. nullopt for an
// entity that it lacks and on_unseen 'null'.
std::optional<std::vector<std::vector<float>>> from_table(const Question& of, Oid vectors) {
  const GraphEmbedding& graph = of.graph;
  require_in_table(graph);
  std::vector<std::string_view> names = {of.entity};
  if (of.other) names.push_back(*of.other);
  std::vector<std::string_view> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<std::vector<float>> found(sorted.size());
  SpiSession session;
  visit_vectors(source_of_table(vectors), sorted, graph.dimensions(),
                [&](std::size_t i, const float* x) { found[i].assign(x, x + graph.dimensions()); });
  session.finish();
  std::vector<std::vector<float>> result;
  for (const std::string_view name : names) {
    const auto place = std::lower_bound(sorted.begin(), sorted.end(), name) - sorted.begin();
    const std::vector<float>& vector = found[static_cast<std::size_t>(place)];
    if (vector.empty()) {
      if (of.on_unseen == UnseenName::Null) return std::nullopt;
      throw Error(ErrorKind::UnknownGroup, "entity \"" + std::string(name) + "\" is not in vectors",
                  "on_unseen => 'null' gives NULL instead of this error.");
    }
    result.push_back(vector);
  }
  return result;
}

}  // namespace

FAIRDB_FUNCTION(graph_score) {
  if (unknown(fcinfo, Asks::Score)) PG_RETURN_NULL();
  ScoreCall& call = cache_of<ScoreCall>(fcinfo);
  const Arguments arguments(fcinfo, call.names);
  const auto of = question(fcinfo, call, arguments, Asks::Score);
  require_vectors(call.graph(fcinfo), "graph_score without vectors");
  if (!of) PG_RETURN_NULL();
  const auto e = entity_code(of->graph, of->entity, of->on_unseen);
  const auto other = entity_code(of->graph, *of->other, of->on_unseen);
  if (!e || !other) PG_RETURN_NULL();
  const HeldValues held = held_values(of->graph, arguments, of->on_unseen, call);
  if (held.empty()) {
    PG_RETURN_FLOAT8(static_cast<double>(of->graph.score(*e, of->relation, of->direction, *other)));
  }
  return score_of(query_for(of->graph, *e, of->relation, of->direction, held, *other),
                  of->graph.entity(*other));
}

FAIRDB_FUNCTION(graph_query) {
  if (unknown(fcinfo, Asks::Query)) PG_RETURN_NULL();
  ScoreCall& call = cache_of<ScoreCall>(fcinfo);
  const Arguments arguments(fcinfo, call.names);
  const auto of = question(fcinfo, call, arguments, Asks::Query);
  require_vectors(call.graph(fcinfo), "graph_query without vectors");
  if (!of) PG_RETURN_NULL();
  const auto e = entity_code(of->graph, of->entity, of->on_unseen);
  if (!e) PG_RETURN_NULL();
  const HeldValues held = held_values(of->graph, arguments, of->on_unseen, call);
  const AttributeQuery asked =
      query_with_attributes(of->graph, *e, of->relation, of->direction, held);
  return backend([&] { return real_array(asked.queries[0]); });
}

FAIRDB_FUNCTION(graph_score_from_table) {
  if (unknown(fcinfo, Asks::Score)) PG_RETURN_NULL();
  ScoreCall& call = cache_of<ScoreCall>(fcinfo);
  const Arguments arguments(fcinfo, call.names);
  const auto of = question(fcinfo, call, arguments, Asks::Score);
  if (!of) PG_RETURN_NULL();
  const auto found = from_table(*of, DatumGetObjectId(arguments.datum("vectors")));
  if (!found) PG_RETURN_NULL();
  return score_of(of->graph.query_of((*found)[0].data(), of->relation, of->direction),
                  (*found)[1].data());
}

FAIRDB_FUNCTION(graph_query_from_table) {
  if (unknown(fcinfo, Asks::Query)) PG_RETURN_NULL();
  ScoreCall& call = cache_of<ScoreCall>(fcinfo);
  const Arguments arguments(fcinfo, call.names);
  const auto of = question(fcinfo, call, arguments, Asks::Query);
  if (!of) PG_RETURN_NULL();
  const auto found = from_table(*of, DatumGetObjectId(arguments.datum("vectors")));
  if (!found) PG_RETURN_NULL();
  const std::vector<float> query =
      of->graph.query_of((*found)[0].data(), of->relation, of->direction);
  return backend([&] { return real_array(query); });
}

}  // namespace fairdb::pg
