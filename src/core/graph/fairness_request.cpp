#include "core/graph/fairness_request.hpp"

#include <algorithm>
#include <numeric>

#include "core/base/error.hpp"
#include "core/graph/whitelist.hpp"

namespace fairdb {
namespace {

constexpr double kMostOfWeight = 1e6;

// Of an attribute's divergence beside summed cross-entropies, unless one is given.
double usual_weight(std::size_t values) noexcept {
  return values == 2 ? 10 : 3;
}

std::vector<double> uniform(std::size_t values) {
  return std::vector<double>(values, 1 / static_cast<double>(values));
}

std::vector<double> to_sum_1(std::vector<double> shares) {
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= sum;
  return shares;
}

std::vector<double> empirical(const AttributeHolders& holders) {
  return to_sum_1({holders.counts.begin(), holders.counts.end()});
}

std::vector<double> given(const FairnessRequest::Attribute& attribute,
                          const std::vector<std::string>& values) {
  std::vector<double> result(values.size(), 0);
  for (const auto& [value, share] : attribute.shares) {
    const auto found = std::find(values.begin(), values.end(), value);
    if (found == values.end()) {
      throw Error(ErrorKind::UnknownGroup,
                  "target_shares has \"" + value + "\", which is not among the " +
                      std::to_string(values.size()) + " most frequent values of \"" +
                      attribute.relation.name + "\"",
                  "A larger top minds more values.");
    }
    result[static_cast<std::size_t>(found - values.begin())] = share;
  }
  return to_sum_1(std::move(result));
}

}  // namespace

void validate(const FairnessRequest& request) {
  for (const FairnessRequest::Attribute& attribute : request.attributes) {
    if (attribute.top < 2) {
      throw Error(ErrorKind::InvalidArgument, "top must be at least 2: one value tells nothing");
    }
    if (attribute.weight && !(*attribute.weight >= 0 && *attribute.weight <= kMostOfWeight)) {
      throw Error(ErrorKind::InvalidArgument, "weights must be 0 to 1e6");
    }
    double sum = 0;
    for (const auto& [value, share] : attribute.shares) {
      if (!(share >= 0 && share <= kMostOfWeight)) {
        throw Error(ErrorKind::InvalidArgument,
                    "target_shares of \"" + value + "\" must be 0 to 1e6");
      }
      sum += share;
    }
    if (request.target == KlTarget::Given && !(sum > 0)) {
      throw Error(ErrorKind::InvalidArgument,
                  "target => 'given' needs target_shares of \"" + attribute.relation.name + "\"",
                  "For example target_shares => '{\"gender\": {\"male\": 1, \"female\": 1}}'.");
    }
  }
}

GraphFairness fairness_for(const FairnessRequest& request, const Graph& graph, Monitor& monitor) {
  GraphFairness result;
  result.debias = request.debias;
  result.target = request.target;
  result.reduction = request.reduction;
  result.whitelist = request.whitelist;
  const SortedNames entities = graph.entities.names();
  for (const Whitelisted& entry : request.whitelist) {
    require_known(entry, entities, graph.relations.names(), "source");
  }
  for (std::size_t a = 0; a < request.attributes.size(); ++a) {
    const FairnessRequest::Attribute& asked = request.attributes[a];
    const auto relation = graph.relations.names().find(asked.relation.name);
    if (!relation) {
      throw Error(ErrorKind::UnknownGroup,
                  "the sensitive relation \"" + asked.relation.name + "\" is not in the source");
    }
    const AttributeHolders holders =
        holders_of(graph.triples, *relation, asked.relation.inverse, asked.top, monitor);
    require_direction(asked.relation, holders);
    require_values(asked.relation, holders,
                   holders.values.empty() ? "" : entities[holders.values[0]]);
    SensitiveAttribute attribute;
    attribute.relation = asked.relation;
    for (const std::int32_t value : holders.values) attribute.values.emplace_back(entities[value]);
    if (request.debias == GraphDebias::Kl) {
      attribute.weight = asked.weight.value_or(usual_weight(attribute.values.size()));
      attribute.target = request.target == KlTarget::Uniform     ? uniform(attribute.values.size())
                         : request.target == KlTarget::Empirical ? empirical(holders)
                                                                 : given(asked, attribute.values);
    }
    const std::set<PersonRelation> asked_by = relations_for(request.whitelist, a);
    for (const PersonRelation& by : asked_by) {
      require_asked(
          graph, by, asked.relation.name, [&](std::int32_t e) { return holders.has(e); }, monitor);
    }
    if (!asked_by.empty()) {
      // Their number; training makes them, when there is memory for it.
      attribute.vectors.resize(static_cast<Index>(attribute.values.size()), 0);
    }
    result.attributes.push_back(std::move(attribute));
  }
  return result;
}

void delete_sensitive(const GraphFairness& fairness, Graph& graph) {
  std::vector<bool> deleted(static_cast<std::size_t>(graph.relations.names().size()));
  for (const SensitiveAttribute& attribute : fairness.attributes) {
    if (const auto relation = graph.relations.names().find(attribute.relation.name)) {
      deleted[static_cast<std::size_t>(*relation)] = true;
    }
  }
  std::erase_if(graph.triples,
                [&](const Triple& t) { return deleted[static_cast<std::size_t>(t.relation)]; });
  if (!graph.triples.empty()) return;
  throw Error(ErrorKind::InvalidData,
              "no triple is left: all are of sensitive relations, which debias => 'delete' leaves "
              "out");
}

}  // namespace fairdb
