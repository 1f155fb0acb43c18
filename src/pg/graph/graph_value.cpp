#include "pg/graph/graph_value.hpp"

#include "pg/bridge/memory.hpp"
#include "pg/bridge/monitor.hpp"

namespace fairdb::pg {
std::string shown(std::string_view name) {
  constexpr std::size_t kMost = 100;
  return name.size() <= kMost
             ? std::string(name)
             : std::string(name.substr(0, static_cast<std::size_t>(backend([&] {
                                         return pg_mbcliplen(name.data(),
                                                             static_cast<int>(name.size()),
                                                             static_cast<int>(kMost));
                                       })))) +
                   "...";
}

namespace {

// others: the names of the other kind, with which it may have been confused.
std::optional<std::int32_t> code_in(const SortedNames& names,
                                    const SortedNames& others,
                                    std::string_view name,
                                    UnseenName on_unseen,
                                    const char* what,
                                    const char* hint) {
  const auto code = names.find(name);
  if (!code && on_unseen == UnseenName::Error) {
    throw Error(ErrorKind::UnknownGroup,
                std::string(what) + " \"" + shown(name) + "\" is not in the embedding",
                others.find(name)
                    ? "It is there as the other kind, an entity or a relation: are the "
                      "arguments in another order?"
                    : hint);
  }
  return code;
}

// The names, which stand one behind the other, must each be valid: their joints are too.
void check_names(const SortedNames& names) {
  std::vector<std::string_view> list;
  for (Index i = 0; i < names.size(); ++i) list.push_back(names[i]);
  check_encoding(list);
}

Datum received_graph(std::span<const std::byte> content) {
  // Placed as it will be used: what is received may stand anywhere.
  const Datum value = graph_value(content);
  const std::span<const std::byte> bytes = backend([&] { return value_bytes(value); });
  BackendMonitor monitor;
  const GraphEmbedding graph = GraphEmbedding::decode(coded_content(bytes), monitor);
  check_names(graph.entities());
  check_names(graph.relations());
  const GraphAbout& about = graph.about();
  std::vector<std::string_view> texts = {about.source, about.columns[0], about.columns[1],
                                         about.columns[2], about.table};
  for (const SensitiveAttribute& attribute : about.fairness.attributes) {
    texts.push_back(attribute.relation.name);
    texts.insert(texts.end(), attribute.values.begin(), attribute.values.end());
  }
  for (const Whitelisted& entry : about.fairness.whitelist) {
    texts.push_back(entry.relation.name);
    if (entry.other) texts.push_back(*entry.other);
  }
  for (const PersonMap& step : about.fairness.maps) {
    for (const PersonRelation& relation : step.relations) texts.push_back(relation.name);
  }
  check_encoding(texts);
  return value;
}

constexpr OpaqueType kGraphType = {"graph_embedding", sent_coded_content, received_graph};

void describe_graph_argument(FunctionCallInfo fcinfo, JsonWriter& json) {
  describe(graph_argument(fcinfo)->graph(), json);
}

}  // namespace

DecodedGraph::DecodedGraph(Datum value) : bytes_(value) {
  BackendMonitor monitor;
  graph_ = decode_value("graph_embedding", [&] {
    return GraphEmbedding::decode(coded_content(bytes_.span()), monitor);
  });
}

std::shared_ptr<DecodedGraph> graph_argument(FunctionCallInfo fcinfo) {
  const Datum value = PG_GETARG_DATUM(0);
  return session_value<DecodedGraph>(value, "",
                                     [&] { return std::make_shared<DecodedGraph>(value); });
}

Datum graph_value(std::span<const std::byte> content) {
  return coded_value(content, "a graph_embedding");
}

void require_vectors(const GraphEmbedding& graph, const char* function) {
  if (graph.about().table.empty()) return;
  throw Error(
      ErrorKind::InvalidArgument,
      std::string(function) +
          " needs an embedding that holds its vectors; those of this "
          "one's entities are in the table " +
          shown(graph.about().table),
      "graph_score, graph_query and graph_bias read from there: vectors => '...'. Of a part "
      "of the table graph_import makes an embedding.");
}

std::optional<std::int32_t> entity_code(const GraphEmbedding& graph,
                                        std::string_view name,
                                        UnseenName on_unseen) {
  return code_in(graph.entities(), graph.relations(), name, on_unseen, "entity",
                 "embeddings(g) lists the entities, and graph_extend learns new ones. on_unseen => "
                 "'null' gives NULL, or no row, instead of this error.");
}

std::optional<std::int32_t> relation_code(const GraphEmbedding& graph,
                                          std::string_view name,
                                          UnseenName on_unseen) {
  return code_in(graph.relations(), graph.entities(), name, on_unseen, "relation",
                 "relation_vectors(g) lists the relations. on_unseen => 'null' gives NULL, or no "
                 "row, instead of this error.");
}

std::optional<std::string> GraphCall::name(FunctionCallInfo fcinfo, int argument) {
  struct Label {
    const char* data;
    std::size_t size;
  };
  const Label label = backend([&]() -> Label {
    if (types_[argument] == InvalidOid)
      types_[argument] = get_fn_expr_argtype(fcinfo->flinfo, argument);
    if (types_[argument] == TEXTOID && !PG_ARGISNULL(argument)) {  // of any length
      const std::string_view text = text_bytes(PG_GETARG_DATUM(argument));
      return {text.data(), text.size()};
    }
    const auto found = any_label(fcinfo, argument, &readers_[argument]);
    return found ? Label{found->data(), found->size()} : Label{nullptr, 0};
  });
  if (label.data == nullptr) return std::nullopt;
  return std::string(label.data, label.size);
}

FAIRDB_OPAQUE_TYPE(graph_embedding, kGraphType)
FAIRDB_EQUALITY(graph_embedding, sent_coded_content)
FAIRDB_DESCRIBE(describe_graph_embedding, describe_graph_argument)

}  // namespace fairdb::pg
