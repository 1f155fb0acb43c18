#include "core/graph/fairness_value.hpp"

#include <algorithm>

namespace fairdb {
namespace {

void describe(const PersonRelation& relation, JsonWriter& json) {
  json.key("relation").text(relation.name).key("inverse").boolean(relation.inverse);
}

void describe(const SensitiveAttribute& attribute, JsonWriter& json) {
  json.open('{');
  describe(attribute.relation, json);
  json.key("values").open('[');
  for (const std::string& value : attribute.values) json.text(value);
  json.close(']');
  if (!attribute.target.empty()) {
    json.key("weight").number(attribute.weight).key("target").open('[');
    for (const double share : attribute.target) json.number(share);
    json.close(']');
  }
  json.key("attribute_vectors");
  json.text(attribute.vectors.rows() == 0 ? "none" : attribute.of_erasure ? "erased" : "trained");
  json.close('}');
}

void describe(const PersonMap& step, Index dimensions, JsonWriter& json) {
  json.open('{').key("map").text(name(step.kind)).key("attributes").open('[');
  for (std::size_t j = 0; j < step.relations.size(); ++j) {
    json.open('{');
    describe(step.relations[j], json);
    json.key("values").integer(step.values[j]).close('}');
  }
  json.close(']').key("persons").integer(step.persons);
  json.key("dimensions_removed").integer(step.map.rank());
  json.key("of_dimensions").integer(dimensions);
  json.key("variance_removed").number(1 - step.share_kept).close('}');
}

}  // namespace

void check_fairness(const GraphFairness& fairness) {
  if (fairness.attributes.size() > kMaxAttributes) corrupt("it has too many attributes");
  for (const SensitiveAttribute& a : fairness.attributes) {
    const std::size_t values = a.values.size();
    if (values < 1 || (!a.target.empty() && a.target.size() != values) ||
        (a.vectors.rows() > 0 && static_cast<std::size_t>(a.vectors.rows()) != values)) {
      corrupt("an attribute's parts do not fit each other");
    }
    if (!(a.weight >= 0 && a.weight <= 1e6)) corrupt("a weight is impossible");
    for (const double share : a.target) {
      if (!(share >= 0 && share <= 1)) corrupt("a probability is none");
    }
  }
  for (const Whitelisted& entry : fairness.whitelist) {
    const auto place = static_cast<std::size_t>(entry.attribute);
    if (place >= fairness.attributes.size() || fairness.attributes[place].vectors.rows() == 0) {
      corrupt("the whitelist names an attribute without vectors");
    }
  }
  constexpr std::int64_t kMostPersons = std::int64_t{1} << 40;
  if (fairness.persons > kMostPersons) corrupt("a count of the value is impossible");
  for (const PersonMap& step : fairness.maps) {
    if (step.persons > kMostPersons || step.relations.size() > kMaxAttributes) {
      corrupt("a count of the value is impossible");
    }
    if (step.map.left.rows() != step.map.right.rows() ||
        step.map.left.rows() != step.map.constant.size() ||
        (step.map.reach.size() > 0 && step.map.reach.size() != step.map.constant.size()) ||
        (step.map.reach.array() < 0).any() || step.relations.size() != step.values.size()) {
      corrupt("a map's parts do not fit each other");
    }
  }
}

std::size_t fairness_bytes(const GraphFairness& fairness, Index d) noexcept {
  std::size_t numbers = fairness.divergences.size();
  std::size_t text = 0;
  for (const SensitiveAttribute& a : fairness.attributes) {
    numbers += 4 + a.target.size() + static_cast<std::size_t>(a.vectors.rows() * d);
    text += a.relation.name.size();
    for (const std::string& value : a.values) text += value.size() + 4;
  }
  for (const Whitelisted& entry : fairness.whitelist) {
    text += 20 + entry.relation.name.size() + entry.other.value_or("").size();
  }
  for (const PersonMap& step : fairness.maps) {
    numbers += 8 + 2 * static_cast<std::size_t>(step.map.left.size() + step.map.rank());
    for (const PersonRelation& r : step.relations) text += 16 + r.name.size();
  }
  return 64 + 8 * numbers + text;
}

void describe(const GraphFairness& fairness, Index dimensions, JsonWriter& json) {
  const auto of_training = [](const SensitiveAttribute& a) { return !a.of_erasure; };
  json.open('{');
  if (std::any_of(fairness.attributes.begin(), fairness.attributes.end(), of_training)) {
    json.key("debias").text(name(fairness.debias));
  }
  if (fairness.debias == GraphDebias::Kl) {
    json.key("target").text(name(fairness.target));
    json.key("kl_reduction").text(name(fairness.reduction));
    json.key("persons").integer(fairness.persons);
    json.key("divergences").open('[');
    for (const double value : fairness.divergences) json.number(value);
    json.close(']');
  }
  json.key("attributes").open('[');
  for (const SensitiveAttribute& attribute : fairness.attributes) describe(attribute, json);
  json.close(']').key("whitelist").open('[');
  for (const Whitelisted& entry : fairness.whitelist) {
    json.open('{').key("attribute");
    json.text(fairness.attributes[static_cast<std::size_t>(entry.attribute)].relation.name);
    describe(entry.relation, json);
    if (entry.other) json.key("tail").text(*entry.other);
    json.close('}');
  }
  json.close(']').key("maps").open('[');
  for (const PersonMap& step : fairness.maps) describe(step, dimensions, json);
  json.close(']').close('}');
}

}  // namespace fairdb
