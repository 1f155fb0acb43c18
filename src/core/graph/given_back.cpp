#include "core/graph/given_back.hpp"

#include <algorithm>
#include <map>

namespace fairdb {
namespace {

AttributeSet held_attributes(const HeldValues& held) noexcept {
  AttributeSet result = 0;
  for (std::size_t a = 0; a < held.size(); ++a) result |= held[a].empty() ? 0 : set_of(a);
  return result;
}

// Adds the mean of the held values' vectors of each attribute of the set.
std::vector<float> query_of(const GraphEmbedding& graph,
                            std::int32_t entity,
                            std::int32_t relation,
                            Direction direction,
                            const HeldValues& held,
                            AttributeSet attributes) {
  const Index d = graph.dimensions();
  Eigen::VectorXf person = Eigen::Map<const Eigen::VectorXf>(graph.entity(entity), d);
  for (std::size_t a = 0; a < held.size(); ++a) {
    if ((attributes & set_of(a)) == 0) continue;
    const float share = 1 / static_cast<float>(held[a].size());
    const FloatMatrix& vectors = graph.about().fairness.attributes[a].vectors;
    for (const std::int32_t v : held[a]) person += share * vectors.row(v).transpose();
  }
  return graph.query_of(person.data(), relation, direction);
}

}  // namespace

AllowedAttributes allowed_attributes(const GraphEmbedding& graph,
                                     std::int32_t relation,
                                     Direction direction) {
  return allowed_attributes(graph.about().fairness.whitelist, graph.entities(),
                            graph.relations()[relation], direction);
}

const std::vector<float>& AttributeQuery::of(std::int32_t entity) const noexcept {
  const auto found =
      std::lower_bound(others.begin(), others.end(), entity,
                       [](const Other& other, std::int32_t e) { return other.entity < e; });
  const bool own = found != others.end() && found->entity == entity;
  return queries[own ? static_cast<std::size_t>(found->query) : 0];
}

AttributeQuery query_with_attributes(const GraphEmbedding& graph,
                                     std::int32_t entity,
                                     std::int32_t relation,
                                     Direction direction,
                                     const AllowedAttributes& allowed,
                                     const HeldValues& held) {
  AttributeQuery result;
  const AttributeSet has = held_attributes(held);
  const AttributeSet for_all = allowed.for_all & has;
  result.queries.push_back(query_of(graph, entity, relation, direction, held, for_all));
  std::map<AttributeSet, std::int32_t> places;
  for (const auto& [other, attributes] : allowed.for_one) {
    const AttributeSet with = (attributes & has) | for_all;
    if (with == for_all) continue;
    const auto place = static_cast<std::int32_t>(result.queries.size());
    const auto [found, is_new] = places.try_emplace(with, place);
    if (is_new) {
      result.queries.push_back(query_of(graph, entity, relation, direction, held, with));
    }
    result.others.push_back({other, found->second});
  }
  return result;
}

AttributeQuery query_with_attributes(const GraphEmbedding& graph,
                                     std::int32_t entity,
                                     std::int32_t relation,
                                     Direction direction,
                                     const HeldValues& held) {
  const AllowedAttributes allowed = held_attributes(held) == 0
                                        ? AllowedAttributes{}
                                        : allowed_attributes(graph, relation, direction);
  return query_with_attributes(graph, entity, relation, direction, allowed, held);
}

std::vector<float> query_for(const GraphEmbedding& graph,
                             std::int32_t entity,
                             std::int32_t relation,
                             Direction direction,
                             const HeldValues& held,
                             std::int32_t other) {
  AttributeSet attributes = 0;
  const std::string_view answer = graph.entities()[other];
  each_entry(graph.about().fairness.whitelist, graph.relations()[relation], direction,
             [&](const Whitelisted& entry) {
               if (entry.other && *entry.other != answer) return;
               attributes |= set_of(static_cast<std::size_t>(entry.attribute));
             });
  return query_of(graph, entity, relation, direction, held, attributes & held_attributes(held));
}

std::size_t attribute_query_bytes(const GraphEmbedding& graph) noexcept {
  // As many sets as there are entries for one answer, or as there are sets of attributes.
  const GraphFairness& fairness = graph.about().fairness;
  const std::size_t entries = fairness.whitelist.size();
  const std::size_t attributes = fairness.attributes.size();
  const std::size_t sets =
      attributes < 20 ? std::min(entries, std::size_t{1} << attributes) : entries;
  return (sets + 1) * static_cast<std::size_t>(graph.dimensions()) * sizeof(float) +
         entries * (sizeof(AttributeQuery::Other) + 64);
}

PersonValues::PersonValues(const GraphEmbedding& graph, const Graph& people, Monitor& monitor) {
  const PeopleOf codes(graph.entities(), people, monitor);
  for (const SensitiveAttribute& attribute : graph.about().fairness.attributes) {
    holders_.push_back(attribute.vectors.rows() == 0
                           ? AttributeHolders{}
                           : codes.holders(attribute.relation, attribute.values, monitor));
  }
}

bool PersonValues::empty() const noexcept {
  return std::all_of(holders_.begin(), holders_.end(),
                     [](const AttributeHolders& of) { return of.held.empty(); });
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
