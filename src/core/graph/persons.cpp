#include "core/graph/persons.hpp"

#include <algorithm>
#include <map>

#include "core/base/error.hpp"
#include "core/base/polled_sort.hpp"

namespace fairdb {

namespace {

constexpr std::size_t kPolledRows = 1 << 16;

// Who has what by a relation.
std::vector<PersonValue> pairs_of(std::span<const Triple> triples,
                                  std::int32_t relation,
                                  bool inverse,
                                  Monitor& monitor) {
  std::vector<PersonValue> pairs;
  for (std::size_t i = 0; i < triples.size(); ++i) {
    if (i % kPolledRows == 0) monitor.poll();
    if (triples[i].relation != relation) continue;
    const PersonValue pair = person_value(triples[i], inverse);
    if (pair.person != kUnseen) pairs.push_back(pair);
  }
  return pairs;
}

AttributeHolders holders_in(std::vector<PersonValue> pairs,
                            std::vector<std::int32_t> values,
                            Monitor& monitor) {
  AttributeHolders result;
  std::map<std::int32_t, std::int32_t> place;
  for (std::size_t v = 0; v < values.size(); ++v) {
    if (values[v] != kUnseen) place[values[v]] = static_cast<std::int32_t>(v);
  }
  result.counts.resize(values.size());
  result.values = std::move(values);
  for (PersonValue& pair : pairs) {
    const auto found = place.find(pair.value);
    pair.value = found == place.end() ? kUnseen : found->second;
  }
  polled_sort(pairs, monitor, [](const PersonValue& a, const PersonValue& b) {
    return std::tie(a.person, a.value) < std::tie(b.person, b.value);
  });
  for (const PersonValue& pair : pairs) {
    if (result.persons.empty() || result.persons.back() != pair.person) {
      result.persons.push_back(pair.person);
      result.begin.push_back(static_cast<Index>(result.held.size()));
    }
    if (pair.value == kUnseen) continue;
    result.held.push_back(pair.value);
    ++result.counts[static_cast<std::size_t>(pair.value)];
  }
  result.begin.push_back(static_cast<Index>(result.held.size()));
  return result;
}

}  // namespace

AttributeHolders holders_of(std::span<const Triple> triples,
                            std::int32_t relation,
                            bool inverse,
                            Index top,
                            Monitor& monitor) {
  std::vector<PersonValue> pairs = pairs_of(triples, relation, inverse, monitor);
  std::map<std::int32_t, std::int64_t> counts;
  for (const PersonValue& pair : pairs) {
    if (pair.value != kUnseen) ++counts[pair.value];
  }
  std::vector<std::pair<std::int32_t, std::int64_t>> by_count(counts.begin(), counts.end());
  std::stable_sort(by_count.begin(), by_count.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (static_cast<Index>(by_count.size()) > top) by_count.resize(static_cast<std::size_t>(top));
  std::vector<std::int32_t> values;
  values.reserve(by_count.size());
  for (const auto& [value, count] : by_count) values.push_back(value);
  AttributeHolders result = holders_in(std::move(pairs), std::move(values), monitor);
  result.different = static_cast<Index>(counts.size());
  return result;
}

namespace {

// The same but for persons and values that are left out.
template <class KeepsPerson, class KeepsValue>
AttributeHolders selected(const AttributeHolders& holders,
                          KeepsPerson keeps_person,
                          KeepsValue keeps_value) {
  AttributeHolders result;
  result.different = holders.different;
  std::vector<std::int32_t> place(holders.values.size(), kUnseen);
  for (std::size_t v = 0; v < holders.values.size(); ++v) {
    if (!keeps_value(v)) continue;
    place[v] = static_cast<std::int32_t>(result.values.size());
    result.values.push_back(holders.values[v]);
  }
  result.counts.resize(result.values.size());
  for (std::size_t i = 0; i < holders.persons.size(); ++i) {
    if (!keeps_person(holders.persons[i])) continue;
    result.persons.push_back(holders.persons[i]);
    result.begin.push_back(static_cast<Index>(result.held.size()));
    for (const std::int32_t held : holders.held_by(i)) {
      const std::int32_t v = place[static_cast<std::size_t>(held)];
      if (v == kUnseen) continue;
      result.held.push_back(v);
      ++result.counts[static_cast<std::size_t>(v)];
    }
  }
  result.begin.push_back(static_cast<Index>(result.held.size()));
  return result;
}

}  // namespace

AttributeHolders with_frequent(const AttributeHolders& holders, std::int64_t min_count) {
  return selected(
      holders, [](std::int32_t /*person*/) { return true; },
      [&](std::size_t v) { return holders.counts[v] >= min_count; });
}

AttributeHolders without(const AttributeHolders& holders, const std::vector<bool>& left_out) {
  return selected(
      holders, [&](std::int32_t person) { return !left_out[static_cast<std::size_t>(person)]; },
      [](std::size_t /*value*/) { return true; });
}

AttributeHolders holders_of(std::span<const Triple> triples,
                            std::int32_t relation,
                            bool inverse,
                            const std::vector<std::int32_t>& values,
                            Monitor& monitor) {
  return holders_in(pairs_of(triples, relation, inverse, monitor), values, monitor);
}

bool AttributeHolders::has(std::int32_t person) const noexcept {
  return std::binary_search(persons.begin(), persons.end(), person);
}

std::span<const std::int32_t> AttributeHolders::held_by_person(std::int32_t person) const noexcept {
  const auto found = std::lower_bound(persons.begin(), persons.end(), person);
  if (found == persons.end() || *found != person) return {};
  return held_by(static_cast<std::size_t>(found - persons.begin()));
}

PeopleOf::PeopleOf(const SortedNames& entities, const Graph& people, Monitor& monitor)
    : entities_(entities), people_(people) {
  const SortedNames names = people.entities.names();
  for (Index i = 0; i < names.size(); ++i) {
    if (static_cast<std::size_t>(i) % kPolledRows == 0) monitor.poll();
    codes_.push_back(
        entities.find(names[i]).value_or(static_cast<std::int32_t>(entities.size() + i)));
  }
}

std::string_view PeopleOf::name(std::int32_t code) const {
  return known(code) ? entities_[code]
                     : people_.entities.names()[code - static_cast<std::int32_t>(entities_.size())];
}

// The triples of a relation; a person whom the embedding lacks is none.
std::vector<Triple> PeopleOf::coded(const PersonRelation& relation,
                                    std::int32_t of,
                                    Monitor& monitor) const {
  std::vector<Triple> triples;
  for (std::size_t i = 0; i < people_.triples.size(); ++i) {
    if (i % kPolledRows == 0) monitor.poll();
    const Triple& t = people_.triples[i];
    if (t.relation != of) continue;
    Triple coded{code(t.head), of, code(t.tail)};
    std::int32_t& person = relation.inverse ? coded.tail : coded.head;
    if (!known(person)) person = kUnseen;
    triples.push_back(coded);
  }
  return triples;
}

AttributeHolders PeopleOf::holders(const PersonRelation& relation,
                                   Index top,
                                   Monitor& monitor) const {
  const auto r = people_.relations.names().find(relation.name);
  if (!r) {
    throw Error(ErrorKind::UnknownGroup,
                "the relation \"" + relation.name + "\" is not in the source");
  }
  AttributeHolders result =
      holders_of(coded(relation, *r, monitor), *r, relation.inverse, top, monitor);
  require_direction(relation, result);
  require_values(relation, result, result.values.empty() ? "" : name(result.values[0]));
  return result;
}

AttributeHolders PeopleOf::holders(const PersonRelation& relation,
                                   const std::vector<std::string>& values,
                                   Monitor& monitor) const {
  const auto r = people_.relations.names().find(relation.name);
  if (!r) return {};
  std::vector<std::int32_t> codes;
  for (const std::string& value : values) {
    const auto of_people = people_.entities.names().find(value);
    codes.push_back(of_people ? code(*of_people) : kUnseen);
  }
  return holders_of(coded(relation, *r, monitor), *r, relation.inverse, codes, monitor);
}

std::size_t holders_bytes(const Graph& people) noexcept {
  // A triple in the embedding's codes, a pair of them and its twin while they are sorted, and what
  // stays of it: a person, where its values begin, one of them; once more without some.
  constexpr std::size_t kOfTriple =
      sizeof(Triple) + 2 * sizeof(PersonValue) + 2 * (sizeof(Index) + 2 * sizeof(std::int32_t));
  return kOfTriple * people.triples.size() +
         sizeof(std::int32_t) * static_cast<std::size_t>(people.entities.names().size());
}

void require_asked(const Graph& people,
                   const PersonRelation& relation,
                   const std::string& attribute,
                   const std::function<bool(std::int32_t)>& has_value,
                   Monitor& monitor) {
  const auto r = people.relations.names().find(relation.name);
  if (!r) return;
  bool other_side = false;
  for (std::size_t i = 0; i < people.triples.size(); ++i) {
    if (i % kPolledRows == 0) monitor.poll();
    const Triple& t = people.triples[i];
    if (t.relation != *r) continue;
    const PersonValue of = person_value(t, relation.inverse);
    if (has_value(of.person)) return;
    other_side = other_side || has_value(of.value);
  }
  if (!other_side) return;
  throw Error(ErrorKind::InvalidData,
              "those who have a value of \"" + attribute + "\" are the " +
                  (relation.inverse ? "heads" : "tails") + " of the whitelist's relation \"" +
                  relation.name + "\", and none is a " + (relation.inverse ? "tail" : "head"),
              relation.inverse
                  ? "A relation that has persons as its heads is in the whitelist with inverse "
                    "false."
                  : "A relation that has persons as its tails is in the whitelist with inverse "
                    "true.");
}

void require_values(const PersonRelation& relation,
                    const AttributeHolders& holders,
                    std::string_view first) {
  if (holders.values.size() >= 2) return;
  const std::string of = "the relation \"" + relation.name + "\"";
  if (holders.values.empty()) {
    throw Error(ErrorKind::InvalidData,
                "nobody whom the embedding knows has a value by " + of + " in the source",
                kDirectionHint);
  }
  throw Error(
      ErrorKind::InvalidData,
      "all persons have one and the same value by " + of + ": \"" + std::string(first) + "\"",
      "An attribute needs two values at least.");
}

void require_direction(const PersonRelation& relation, const AttributeHolders& holders) {
  const auto persons = static_cast<Index>(holders.persons.size());
  if (holders.different <= persons) return;
  throw Error(ErrorKind::InvalidData,
              "by the relation \"" + relation.name + "\" " + std::to_string(persons) +
                  " persons have " + std::to_string(holders.different) +
                  " different values, more than there are persons",
              kDirectionHint);
}

}  // namespace fairdb
