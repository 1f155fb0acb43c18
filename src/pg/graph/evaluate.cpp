// graph_evaluate: the ranks of a test's triples.
#include "core/graph/evaluate.hpp"

#include "pg/bridge/memory.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/graph/graph_source.hpp"
#include "pg/graph/graph_value.hpp"

namespace fairdb::pg {
namespace {

void put_ranks(RowWriter& out,
               std::string_view side,
               std::optional<std::string_view> relation,
               const RankTally& tally) {
  const auto known = [&](double value) {
    return tally.n == 0 || std::isnan(value) ? std::nullopt : std::optional(value);
  };
  out.text(side).text(relation).integer(tally.n).number(known(tally.mean_reciprocal_rank()));
  out.number(known(tally.mean_rank())).number(known(tally.adjusted_mean_rank_index()));
  for (std::size_t k = 0; k < kHitsAt.size(); ++k) out.number(known(tally.hits_at(k)));
  out.integer(tally.unseen).end_row();
}

void put_sides(RowWriter& out,
               std::optional<std::string_view> relation,
               const std::array<RankTally, 2>& sides) {
  RankTally both = sides[0];
  both.add(sides[1]);
  put_ranks(out, "tail", relation, sides[0]);
  put_ranks(out, "head", relation, sides[1]);
  put_ranks(out, "both", relation, both);
}

void warn_of_training(const GraphEmbedding& graph, const Graph& test, Monitor& monitor) {
  constexpr double kTold = 0.02;  // chance finds some, of a small test a few percent
  const double share = trained_share(graph, test, monitor);
  if (share * static_cast<double>(test.triples.size()) < 3 || share < kTold) return;
  backend([&] {
    ereport(WARNING, (errmsg("about %.0f %% of the test's triples were trained on, and rank better "
                             "than new ones would",
                             100 * share),
                      errhint("Leave them out of the test.")));
  });
}

// A test in other words than the training, or of another graph.
void warn_of_unseen(const std::array<RankTally, 2>& sides) {
  constexpr double kMany = 0.2;
  const std::int64_t n = sides[0].n + sides[1].n;
  const std::int64_t unseen = sides[0].unseen + sides[1].unseen;
  if (static_cast<double>(unseen) <= kMany * static_cast<double>(n)) return;
  const auto few = static_cast<long long>(unseen);
  const auto all = static_cast<long long>(n);
  backend([&] {
    ereport(WARNING,
            (errmsg("%lld of %lld ranks are of names that the embedding lacks", few, all),
             errhint("embeddings(g) and relation_vectors(g) list its names: they are texts "
                     "as fairdb writes values of the columns it was trained on.")));
  });
}

void note_unfiltered() {
  backend([] {
    ereport(NOTICE, (errmsg("known is not given: true triples that are not in the test count as "
                            "mistakes"),
                     errhint("known => '...' names all that are true, those that were trained on "
                             "among them.")));
  });
}

// What persons have, by the triples of a source. beside: bytes that are in use.
PersonValues read_values(const GraphEmbedding& graph,
                         const std::string& text,
                         const GraphColumns& columns,
                         std::size_t beside,
                         Monitor& monitor) {
  std::vector<std::pair<std::string, const char*>> relations;
  for (const SensitiveAttribute& attribute : graph.about().fairness.attributes) {
    if (attribute.vectors.rows() > 0) relations.emplace_back(attribute.relation.name, "attributes");
  }
  if (relations.empty()) {
    throw Error(ErrorKind::InvalidArgument, "the embedding has no attribute vectors to add",
                "train_graph and graph_debias make them for the attributes of a whitelist.");
  }
  const ReadGraph read =
      read_graph(part_of_relations(Source(text), relations, columns), columns, beside, monitor);
  check_memory(beside + holders_bytes(read.graph) + asking_bytes(graph),
               "queries with the values of persons");
  PersonValues values(graph, read.graph, monitor);
  if (values.empty()) {
    throw Error(ErrorKind::InvalidData,
                "nobody whom the embedding knows has a value in the source of attributes",
                "Its triples tell who has what by the sensitive relations.");
  }
  return values;
}

}  // namespace

FAIRDB_FUNCTION(graph_evaluate) {
  RowWriter out(fcinfo);
  const Arguments arguments(fcinfo);
  const bool by_relation = arguments.boolean("by_relation");
  if (!PG_ARGISNULL(0)) {
    const std::shared_ptr<DecodedGraph> value = graph_argument(fcinfo);
    const GraphEmbedding& graph = value->graph();
    require_vectors(graph, "graph_evaluate");
    const GraphColumns columns = graph_columns(arguments, graph.about().columns);
    const std::optional<std::string> known_text = arguments.optional_text("known");
    const std::optional<std::string> attributes = arguments.optional_text("attributes");
    SpiSession session;
    {
      BackendMonitor monitor;
      const ReadGraph test = read_graph(Source(arguments.text("test")), columns, 0, monitor);
      note_skipped(test);
      const std::size_t of_test = evaluation_bytes(test.graph);
      std::vector<Triple> triples = in_names_of(test.graph, graph.entities(), graph.relations());
      const auto check_known = [&](std::size_t others) {
        check_memory(2 * of_test + KnownTriples::bytes(test.graph.triples.size() + others),
                     "the triples that are known");
      };
      check_known(0);
      if (known_text) {
        const ReadGraph known = read_graph(Source(*known_text), columns, 2 * of_test, monitor);
        check_known(known.graph.triples.size());
        const std::vector<Triple> more =
            in_names_of(known.graph, graph.entities(), graph.relations());
        triples.insert(triples.end(), more.begin(), more.end());
      }
      const KnownTriples known(triples, monitor);
      std::optional<PersonValues> values;
      if (attributes) {
        values.emplace(read_values(graph, *attributes, columns, 2 * of_test, monitor));
      }
      const RanksByRelation ranks =
          evaluate_graph(graph, test.graph, known, values ? &*values : nullptr, monitor);
      std::array<RankTally, 2> all;
      for (const auto& sides : ranks) {
        all[0].add(sides[0]);
        all[1].add(sides[1]);
      }
      put_sides(out, std::nullopt, all);
      for (std::size_t r = 0; by_relation && r < ranks.size(); ++r) {
        put_sides(out, test.graph.relations.names()[static_cast<Index>(r)], ranks[r]);
      }
      warn_of_training(graph, test.graph, monitor);
      warn_of_unseen(all);
      if (!known_text && !test.graph.triples.empty()) note_unfiltered();
    }
    session.finish();
  }
  out.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
