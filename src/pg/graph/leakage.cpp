// graph_leakage: what a person's vector tells of a sensitive attribute.
#include "core/graph/leakage.hpp"

#include "core/base/suppression.hpp"

#include "pg/bridge/memory.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/graph/graph_source.hpp"
#include "pg/graph/graph_value.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {
namespace {

LeakageQuestion leakage_question(const Arguments& arguments) {
  LeakageQuestion question;
  question.sensitive = {arguments.text("sensitive_relation"),
                        arguments.boolean("sensitive_inverse")};
  question.seed = static_cast<std::uint64_t>(arguments.integer("seed"));
  question.top = arguments.small_integer("top");
  question.min_count = arguments.integer("min_count");
  if (question.top < 2) {
    throw Error(ErrorKind::InvalidArgument, "top must be at least 2: one value tells nothing");
  }
  if (question.min_count < 1) {
    throw Error(ErrorKind::InvalidArgument, "min_count must be at least 1");
  }
  if (const auto target = arguments.optional_text("target_relation")) {
    question.target = PersonRelation{*target, arguments.boolean("target_inverse")};
  } else if (arguments.boolean("target_inverse")) {
    throw Error(ErrorKind::InvalidArgument, "target_inverse needs target_relation");
  }
  return question;
}

void put_probe(RowWriter& out,
               std::string_view name,
               const std::optional<Probe>& probe,
               const Leakage& leakage) {
  // The majority tells how many have another value.
  const bool hidden = too_few(leakage.held_out, min_group()) || too_few(leakage.fewer, min_group());
  const bool known = probe && !hidden;
  const auto shown = [&](auto number) { return known ? std::optional(number) : std::nullopt; };
  const Probe of = probe.value_or(Probe{});
  const auto unless_hidden = [&](std::optional<double> number) {
    return hidden ? std::nullopt : number;
  };
  out.text(name).number(shown(of.accuracy)).number(shown(of.majority));
  out.number(known ? of.auc : std::nullopt).number(unless_hidden(leakage.score_difference));
  out.number(unless_hidden(leakage.mean_population_gap));
  out.integer(shown(of.rows)).boolean(hidden).end_row();
}

void note_left_out(const Leakage& leakage) {
  if (leakage.several == 0 || too_few(leakage.several, min_group())) return;
  const auto left_out = static_cast<long long>(leakage.several);
  const auto all = left_out + static_cast<long long>(leakage.persons);
  const auto values = static_cast<long long>(leakage.values);
  backend([&] {
    ereport(NOTICE, (errmsg("probes leave out %lld of %lld persons, who do not have exactly one of "
                            "the %lld most frequent values",
                            left_out, all, values)));
  });
}

}  // namespace

FAIRDB_FUNCTION(graph_leakage) {
  RowWriter out(fcinfo);
  const Arguments arguments(fcinfo);
  const LeakageQuestion question = leakage_question(arguments);
  if (!PG_ARGISNULL(0)) {
    const std::shared_ptr<DecodedGraph> value = graph_argument(fcinfo);
    const GraphEmbedding& graph = value->graph();
    require_vectors(graph, "graph_leakage");
    const GraphColumns columns = graph_columns(arguments, graph.about().columns);
    SpiSession session;
    {
      BackendMonitor monitor;
      std::vector<std::pair<std::string, const char*>> relations = {
          {question.sensitive.name, "sensitive_relation"}};
      if (question.target) relations.emplace_back(question.target->name, "target_relation");
      const Source source(arguments.text("source"));
      const ReadGraph people =
          read_graph(part_of_relations(source, relations, columns), columns, 0, monitor);
      note_skipped(people);
      check_memory(leakage_bytes(graph, people.graph, question.top),
                   "probes of " + std::to_string(people.graph.entities.names().size()) +
                       " persons or fewer");
      const Leakage leakage = graph_leakage(graph, people.graph, question, monitor);
      note_left_out(leakage);
      put_probe(out, "logistic", leakage.logistic, leakage);
      put_probe(out, "network", leakage.network, leakage);
    }
    session.finish();
  }
  out.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
