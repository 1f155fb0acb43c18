#include "core/graph/given_back.hpp"

#include <algorithm>
#include <map>

namespace fairdb {
namespace {

// Adds the mean of the held values' vectors of each attribute that is set.
std::vector<float> query_of(const GraphEmbedding& graph,
                            std::int32_t entity,
                            std::int32_t relation,
                            Direction direction,
                            const HeldValues& held,
                            const std::vector<bool>& attributes) {
  const Index d = graph.dimensions();
  Eigen::VectorXf person = Eigen::Map<const Eigen::VectorXf>(graph.entity(entity), d);
  for (std::size_t a = 0; a < attributes.size(); ++a) {
    if (!attributes[a] || held[a].empty()) continue;
    const float share = 1 / static_cast<float>(held[a].size());
    const FloatMatrix& vectors = graph.about().fairness.attributes[a].vectors;
    for (const std::int32_t v : held[a]) person += share * vectors.row(v).transpose();
  }
  std::vector<float> query(static_cast<std::size_t>(d));
  graph_query(graph.model(), person.data(), graph.relation(relation, direction), d, query.data());
  return query;
}

}  // namespace

const std::vector<float>& AttributeQuery::of(std::int32_t entity) const noexcept {
  const auto found =
      std::lower_bound(others.begin(), others.end(), entity,
                       [](const Other& other, std::int32_t e) { return other.entity < e; });
  return found == others.end() || found->entity != entity ? query : found->query;
}

AttributeQuery query_with_attributes(const GraphEmbedding& graph,
                                     std::int32_t entity,
                                     std::int32_t relation,
                                     Direction direction,
                                     const HeldValues& held) {
  AttributeQuery result;
  const GraphFairness& fairness = graph.about().fairness;
  std::vector<bool> for_all(fairness.attributes.size());
  std::map<std::int32_t, std::vector<std::size_t>> for_one;
  const std::string_view name = graph.relations()[relation];
  for (const Whitelisted& entry : fairness.whitelist) {
    const auto a = static_cast<std::size_t>(entry.attribute);
    if (held.empty() || held[a].empty() || entry.relation.name != name ||
        entry.relation.direction() != direction) {
      continue;
    }
    if (entry.other.empty()) {
      for_all[a] = true;
    } else if (const auto other = graph.entities().find(entry.other)) {
      for_one[*other].push_back(a);
    }
  }
  result.query = query_of(graph, entity, relation, direction, held, for_all);
  for (const auto& [other, attributes] : for_one) {
    std::vector<bool> with = for_all;
    for (const std::size_t a : attributes) with[a] = true;
    if (with == for_all) continue;
    result.others.push_back({other, query_of(graph, entity, relation, direction, held, with)});
  }
  return result;
}

PersonValues::PersonValues(const GraphEmbedding& graph,
                           std::span<const Triple> triples,
                           Monitor& monitor) {
  for (const SensitiveAttribute& attribute : graph.about().fairness.attributes) {
    const auto relation = graph.relations().find(attribute.relation.name);
    std::vector<std::int32_t> values;
    for (const std::string& value : attribute.values) {
      values.push_back(graph.entities().find(value).value_or(kUnseen));
    }
    holders_.push_back(
        !relation ? AttributeHolders{}
                  : holders_of(triples, *relation, attribute.relation.inverse, values, monitor));
  }
}

HeldValues PersonValues::of(std::int32_t person) const {
  HeldValues result;
  for (const AttributeHolders& holders : holders_) {
    const auto held = holders.held_by_person(person);
    result.emplace_back(held.begin(), held.end());
  }
  return result;
}

}  // namespace fairdb
