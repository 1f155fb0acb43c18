#include "core/graph/fair_training.hpp"

#include <algorithm>
#include <set>

namespace fairdb {

FairTraining::FairTraining(const GraphFairness& fairness,
                           GraphModel model,
                           const SortedNames& entities,
                           const SortedNames& relations,
                           std::span<const Triple> triples,
                           std::vector<bool> persons,
                           Monitor& monitor)
    : relations_(static_cast<std::int32_t>(relations.size())),
      persons_(std::move(persons)),
      penalty_(model, fairness.reduction, {}) {
  std::vector<AttributePenalty::Term> terms;
  begin_ = {0};
  for (const SensitiveAttribute& a : fairness.attributes) {
    const auto relation = relations.find(a.relation.name);
    std::vector<std::int32_t> values;
    for (const std::string& value : a.values) {
      values.push_back(entities.find(value).value_or(kUnseen));
    }
    relation_of_.push_back(relation.value_or(kUnseen));
    inverse_.push_back(a.relation.inverse);
    holders_.push_back(!relation
                           ? AttributeHolders{}
                           : holders_of(triples, *relation, a.relation.inverse, values, monitor));
    begin_.push_back(begin_.back() + a.trained_vectors());
    const bool known = std::find(values.begin(), values.end(), kUnseen) == values.end();
    if (fairness.debias != GraphDebias::Kl || a.target.empty() || !relation || !known) continue;
    std::vector<float> target;
    for (const double share : a.target) target.push_back(static_cast<float>(share));
    terms.push_back({relation_row(*relation, a.relation.direction()), std::move(values),
                     std::move(target), a.weight});
    for (const std::int32_t person : holders_.back().persons) {
      persons_[static_cast<std::size_t>(person)] = true;
    }
  }
  for (const AttributePenalty::Term& term : terms) {  // values are no persons
    for (const std::int32_t value : term.values) persons_[static_cast<std::size_t>(value)] = false;
  }
  penalty_ = AttributePenalty(model, fairness.reduction, std::move(terms));
  allowed_.resize(2 * (fairness.attributes.size() + static_cast<std::size_t>(relations_)));
  if (value_vectors() == 0) return;
  std::set<PersonRelation> asked;
  std::vector<Whitelisted> whitelist;  // of attributes whose vectors are trained
  for (const Whitelisted& entry : fairness.whitelist) {
    const auto a = static_cast<std::size_t>(entry.attribute);
    if (begin_[a + 1] == begin_[a]) continue;
    whitelist.push_back(entry);
    asked.insert(entry.relation);
  }
  for (const PersonRelation& by : asked) {
    const auto relation = relations.find(by.name);
    if (!relation) continue;
    allowed_[static_cast<std::size_t>(relation_row(*relation, by.direction()))] =
        allowed_attributes(whitelist, entities, by.name, by.direction());
  }
  for (std::size_t a = 0; a < fairness.attributes.size(); ++a) {
    if (begin_[a + 1] == begin_[a]) continue;
    const Index twin = relation_row(relations_ + static_cast<Index>(a),
                                    fairness.attributes[a].relation.direction());
    allowed_[static_cast<std::size_t>(twin)].for_all = set_of(a);
  }
}

std::int64_t FairTraining::persons() const noexcept {
  return std::count(persons_.begin(), persons_.end(), true);
}

void FairTraining::add_twins(std::vector<Triple>& triples) const {
  if (value_vectors() == 0) return;
  const std::size_t n = triples.size();
  for (std::size_t a = 0; a < holders_.size(); ++a) {
    if (begin_[a + 1] == begin_[a]) continue;
    std::vector<bool> is_value(persons_.size());
    for (const std::int32_t value : holders_[a].values) {
      if (value != kUnseen) is_value[static_cast<std::size_t>(value)] = true;
    }
    for (std::size_t i = 0; i < n; ++i) {
      const Triple t = triples[i];
      if (t.relation != relation_of_[a] ||
          !is_value[static_cast<std::size_t>(person_value(t, inverse_[a]).value)]) {
        continue;
      }
      triples.push_back({t.head, relations_ + static_cast<std::int32_t>(a), t.tail});
    }
  }
}

bool FairTraining::silent(const Triple& t, Direction direction) const noexcept {
  if (t.relation < relations_) return false;
  const bool inverse = inverse_[static_cast<std::size_t>(t.relation - relations_)];
  return (direction == Direction::Heads) != inverse;
}

std::size_t fair_training_bytes(const GraphFairness& fairness,
                                const GraphOptions& options,
                                std::size_t triples) noexcept {
  if (fairness.attributes.empty()) return 0;
  const auto d = static_cast<std::size_t>(options.dimensions);
  std::size_t values = 0;
  for (const SensitiveAttribute& a : fairness.attributes) values += a.values.size();
  const std::size_t lists = fairness.whitelist.empty() ? 3 : 6;
  const std::size_t at_once = static_cast<std::size_t>(kPersonsAtOnce * options.threads);
  return lists * triples * sizeof(Triple) +
         sizeof(float) * (6 * values * d + at_once * (values + 2 * d));
}

}  // namespace fairdb
