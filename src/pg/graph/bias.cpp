// graph_bias: which entities an embedding holds for the ones or the others.
#include "core/graph/bias.hpp"

#include <algorithm>
#include <array>

#include "core/base/suppression.hpp"

#include "pg/bridge/rows.hpp"
#include "pg/graph/graph_source.hpp"
#include "pg/graph/graph_value.hpp"
#include "pg/graph/vector_table.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {
namespace {

BiasQuestion bias_question(const Arguments& arguments) {
  BiasQuestion question;
  question.sensitive = {arguments.text("sensitive_relation"),
                        arguments.boolean("sensitive_inverse")};
  question.a = arguments.text("value_a");
  question.b = arguments.text("value_b");
  question.target = {arguments.text("target_relation"), arguments.boolean("target_inverse")};
  question.alpha = arguments.number("alpha");
  if (question.a == question.b) {
    throw Error(ErrorKind::InvalidArgument, "value_a and value_b are both \"" + question.a + "\"");
  }
  if (!(question.alpha >= 0 && question.alpha <= 1e6)) {
    throw Error(ErrorKind::InvalidArgument, "alpha must be 0 to 1e6");
  }
  return question;
}

// A relation that leads the other way is what is forgotten most easily.
void require_persons(const Graph& people, const BiasQuestion& question) {
  const auto relation = people.relations.names().find(question.sensitive.name);
  for (const std::string& value : {question.a, question.b}) {
    const auto code = people.entities.names().find(value);
    bool found = false;
    bool other_way = false;
    for (const Triple& t : people.triples) {
      if (!relation || !code || t.relation != *relation) continue;
      const bool inverse = question.sensitive.inverse;
      found = found || (inverse ? t.head : t.tail) == *code;
      other_way = other_way || (inverse ? t.tail : t.head) == *code;
    }
    if (found) continue;
    throw Error(
        ErrorKind::InvalidData,
        "nobody in the source has \"" + value + "\" by the relation \"" + question.sensitive.name +
            "\"",
        !other_way ? ""
        : question.sensitive.inverse
            ? "If its triples lead from persons to values: sensitive_inverse => false."
            : "If its triples lead from values to persons: sensitive_inverse => true. value_a "
              "and value_b are values, not persons.");
  }
}

// Both values must be in a table of vectors.
void require_values_in_table(const Source& vectors, const BiasQuestion& question, Index d) {
  const std::array<std::string_view, 2> values = {question.a, question.b};
  std::array<bool, 2> found{};
  visit_vectors(vectors, values, d, [&](std::size_t i, const float* /*x*/) { found[i] = true; });
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (found[i]) continue;
    throw Error(ErrorKind::UnknownGroup,
                "entity \"" + std::string(values[i]) + "\" is not in vectors",
                "on_unseen => 'null' gives NULL biases instead of this error.");
  }
}

void note(const std::string& message) {
  backend([&] { ereport(NOTICE, (errmsg("%s", message.c_str()))); });
}

// By the target relation; a forgotten or wrong target_inverse finds nothing.
std::vector<EntityBias> biases(const GraphEmbedding& graph,
                               const Graph& people,
                               const EntityVectors& vectors,
                               const BiasQuestion& question,
                               Monitor& monitor) {
  std::vector<EntityBias> found = graph_bias(graph, people, vectors, question, monitor);
  if (!found.empty()) return found;
  const std::string message = "nobody with \"" + question.a + "\" or \"" + question.b +
                              "\" has anything by the relation \"" + question.target.name + "\"";
  BiasQuestion other = question;
  other.target.inverse = !other.target.inverse;
  if (!graph_bias(graph, people, vectors, other, monitor).empty()) {
    throw Error(ErrorKind::InvalidData, message,
                std::string("Its triples lead the other way: target_inverse => ") +
                    (other.target.inverse ? "true." : "false."));
  }
  note(message);
  return found;
}

}  // namespace

FAIRDB_FUNCTION(graph_bias) {
  RowWriter out(fcinfo);
  const Arguments arguments(fcinfo);
  const BiasQuestion question = bias_question(arguments);
  const std::int64_t min_count = arguments.integer("min_count");
  if (min_count < 0) throw Error(ErrorKind::InvalidArgument, "min_count must be at least 0");
  const UnseenName on_unseen = named<UnseenName>(arguments.text("on_unseen"));
  if (!PG_ARGISNULL(0)) {
    const std::shared_ptr<DecodedGraph> value = graph_argument(fcinfo);
    const GraphEmbedding& graph = value->graph();
    const bool from_table = !arguments.null("vectors");
    if (from_table) {
      require_in_table(graph);
    } else {
      require_vectors(graph, "graph_bias without vectors");
      entity_code(graph, question.a, on_unseen);
      entity_code(graph, question.b, on_unseen);
    }
    relation_code(graph, question.sensitive.name, on_unseen);
    relation_code(graph, question.target.name, on_unseen);
    const GraphColumns columns = graph_columns(arguments, graph.about().columns);
    SpiSession session;
    {
      BackendMonitor monitor;
      const Source source(arguments.text("source"));
      const ReadGraph people =
          read_graph(part_of_relations(source,
                                       {{question.sensitive.name, "sensitive_relation"},
                                        {question.target.name, "target_relation"}},
                                       columns),
                     columns, 0, monitor);
      note_skipped(people);
      require_persons(people.graph, question);
      std::optional<Source> table;
      if (from_table) table.emplace(source_of_table(DatumGetObjectId(arguments.datum("vectors"))));
      if (table && on_unseen == UnseenName::Error) {
        require_values_in_table(*table, question, graph.dimensions());
      }
      const EntityVectors vectors =
          table ? vectors_in(*table, people.graph, graph.dimensions(), monitor)
                : vectors_in(graph, people.graph, monitor);
      std::vector<EntityBias> found = biases(graph, people.graph, vectors, question, monitor);
      const std::size_t all = found.size();
      // Of hidden counts min_count must not tell: it leaves out whatever they are.
      const auto hides = [](const EntityBias& b) {
        return too_few(b.count_a, min_group()) || too_few(b.count_b, min_group());
      };
      const auto left_out = std::count_if(found.begin(), found.end(), hides);
      if (left_out > 0 && min_count > 0) {
        note("entities with fewer persons than fairdb.min_group are left out: " +
             std::to_string(left_out) + "; min_count => 0 lists them without their counts");
      }
      std::erase_if(found, [&](const EntityBias& b) {
        return (hides(b) ? 0 : b.count_a + b.count_b) < min_count;
      });
      if (found.empty() && all > 0) {
        note("min_count => " + std::to_string(min_count) + " leaves out all of " +
             std::to_string(all) + " entities");
      }
      std::stable_sort(found.begin(), found.end(), [](const EntityBias& a, const EntityBias& b) {
        return a.bias.value_or(-HUGE_VAL) > b.bias.value_or(-HUGE_VAL);
      });
      std::int64_t rank = 0;
      for (std::size_t i = 0; i < found.size(); ++i) {
        const EntityBias& b = found[i];
        if (i == 0 || b.bias != found[i - 1].bias) rank = static_cast<std::int64_t>(i) + 1;
        const bool hidden = hides(b);
        const auto shown = [&](auto number) {
          return hidden ? std::nullopt : std::optional(number);
        };
        out.text(b.entity).number(b.bias).integer(shown(b.count_a)).integer(shown(b.count_b));
        out.number(hidden ? std::nullopt : b.population_gap);
        out.integer(b.bias ? std::optional(rank) : std::nullopt).boolean(hidden).end_row();
      }
    }
    session.finish();
  }
  out.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
