// Stored bytes of an embedding of a graph: what is read can be asked.
#include "core/graph/evaluate.hpp"

#include "fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fairdb;
  return fuzz::attempt([&] {
    const std::vector<std::byte> bytes = fuzz::copy(data, size);
    Monitor monitor;
    const GraphEmbedding graph = GraphEmbedding::decode(bytes, monitor);
    JsonWriter json;
    describe(graph, json);
    for (Index e = 0; e < graph.entities().size(); ++e) {
      fuzz::require(graph.entities().find(graph.entities()[e]) == e,
                    "a name is found in its place");
    }
    if (graph.entities().size() == 0 || graph.relations().size() == 0) return;
    (void)graph.trained().may_have(digest_of("a", "b", "c"));
    HeldValues held;
    for (const SensitiveAttribute& attribute : graph.about().fairness.attributes) {
      held.push_back(attribute.vectors.rows() > 0 ? std::vector<std::int32_t>{0}
                                                  : std::vector<std::int32_t>{});
    }
    const AttributeQuery asked = query_with_attributes(graph, 0, 0, Direction::Tails, held);
    fuzz::require(asked.of(0) == query_for(graph, 0, 0, Direction::Tails, held, 0),
                  "a query for one answer is that of all");
    std::vector<float> person(static_cast<std::size_t>(graph.dimensions()));
    for (const PersonMap& step : graph.about().fairness.maps) step.map.apply(person.data());
    const auto best = predict_graph(
        graph, query_with_attributes(graph, 0, graph.relations().size() - 1, Direction::Heads, {}),
        3, {}, monitor);
    for (const Prediction& p : best) {
      fuzz::require(
          p.score == graph.score(0, graph.relations().size() - 1, Direction::Heads, p.entity),
          "a prediction has the score of its triple");
    }
  });
}
