#include "core/graph/extend.hpp"

#include <algorithm>

#include "core/graph/fair_training.hpp"

namespace fairdb {
namespace {

constexpr std::size_t kPolledEntities = 1 << 16;

std::vector<std::string_view> list_of(const SortedNames& names) {
  std::vector<std::string_view> result;
  for (Index i = 0; i < names.size(); ++i) result.push_back(names[i]);
  return result;
}

// The relations by which persons are known: of attributes that something keeps from being told.
std::vector<PersonRelation> sensitive_relations(const GraphFairness& fairness) {
  std::vector<PersonRelation> result;
  for (const SensitiveAttribute& attribute : fairness.attributes) {
    if (fairness.debias == GraphDebias::Kl || attribute.of_erasure) {
      result.push_back(attribute.relation);
    }
  }
  for (const PersonMap& step : fairness.maps) {
    result.insert(result.end(), step.relations.begin(), step.relations.end());
  }
  return result;
}

// Of the entities the new ones that are persons.
std::vector<bool> new_persons(const GraphFairness& fairness,
                              const Graph& triples,
                              const SortedNames& entities,
                              const std::vector<bool>& is_new,
                              const SortedNames& persons,
                              Monitor& monitor) {
  std::vector<bool> result(is_new.size());
  const auto note = [&](std::string_view name) {
    const auto code = entities.find(name);
    if (code && is_new[static_cast<std::size_t>(*code)])
      result[static_cast<std::size_t>(*code)] = true;
  };
  for (Index i = 0; i < persons.size(); ++i) {
    if (static_cast<std::size_t>(i) % kPolledEntities == 0) monitor.poll();
    note(persons[i]);
  }
  for (const PersonRelation& relation : sensitive_relations(fairness)) {
    const auto code = triples.relations.names().find(relation.name);
    if (!code) continue;
    std::size_t read = 0;
    for (const Triple& t : triples.triples) {
      if (++read % kPolledEntities == 0) monitor.poll();
      if (t.relation != *code) continue;
      note(triples.entities.names()[person_value(t, relation.inverse).person]);
    }
  }
  return result;
}

FloatMatrix value_vectors(const GraphFairness& fairness, Index d) {
  FloatMatrix result(0, d);
  for (const SensitiveAttribute& attribute : fairness.attributes) {
    const Index begin = result.rows();
    const Index vectors = attribute.trained_vectors();
    result.conservativeResize(begin + vectors, d);
    if (vectors > 0) result.bottomRows(vectors) = attribute.vectors;
  }
  return result;
}

}  // namespace

GraphExtension extend_graph(const GraphEmbedding& graph,
                            const Graph& triples,
                            const SortedNames& persons,
                            GraphOptions options,
                            Monitor& monitor) {
  options.stage = "graph_extend";
  options.model = graph.model();
  options.dimensions = graph.dimensions();
  const Index d = graph.dimensions();
  GraphExtension result;
  result.about = graph.about();
  result.trained = graph.trained().copy();

  // New are those that a triple with a known relation names.
  const SortedNames names = triples.entities.names();
  const SortedNames relations = triples.relations.names();
  std::vector<bool> usable(static_cast<std::size_t>(relations.size()));
  for (Index r = 0; r < relations.size(); ++r)
    usable[static_cast<std::size_t>(r)] = graph.relations().find(relations[r]).has_value();
  std::vector<bool> named(static_cast<std::size_t>(names.size()));
  for (const Triple& t : triples.triples) {
    if (!usable[static_cast<std::size_t>(t.relation)]) {
      ++result.unusable;
      continue;
    }
    named[static_cast<std::size_t>(t.head)] = named[static_cast<std::size_t>(t.tail)] = true;
  }
  std::vector<std::string_view> added;
  for (Index e = 0; e < names.size(); ++e) {
    if (static_cast<std::size_t>(e) % kPolledEntities == 0) monitor.poll();
    if (named[static_cast<std::size_t>(e)] && !graph.entities().find(names[e]))
      added.push_back(names[e]);
  }
  if (added.empty()) {
    throw Error(ErrorKind::InvalidData, "the source has no new entity",
                "An entity is new when the embedding lacks it, and is learnt from triples whose "
                "relation the embedding knows.");
  }
  result.added = static_cast<std::int64_t>(added.size());
  result.about.added += result.added;

  const std::vector<std::string_view> old = list_of(graph.entities());
  std::vector<std::string_view> all;
  std::merge(old.begin(), old.end(), added.begin(), added.end(), std::back_inserter(all));
  for (const std::string_view name : all) result.entities.add(name);
  const SortedNames entities = result.entities.names();
  result.vectors.entities.resize(entities.size(), d);
  // Both lists are in order: what is not the next old one is new.
  std::vector<bool> is_new(all.size());
  Index next = 0;
  for (std::size_t place = 0; place < all.size(); ++place) {
    if (place % kPolledEntities == 0) monitor.poll();
    is_new[place] = next == graph.entities().size() || graph.entities()[next] != all[place];
    if (is_new[place]) continue;
    std::copy_n(graph.entity(next++), d,
                result.vectors.entities.row(static_cast<Index>(place)).data());
  }
  result.vectors.relations = graph.relation_matrix();

  std::vector<Triple> learnt_from = in_names_of(triples, entities, graph.relations());
  std::erase_if(learnt_from, [](const Triple& t) { return t.relation == kUnseen; });
  for (const Triple& t : learnt_from) {
    if (!is_new[static_cast<std::size_t>(t.head)] && !is_new[static_cast<std::size_t>(t.tail)]) {
      ++result.of_others;
      continue;
    }
    ++result.about.triples;
    result.trained.add(
        digest_of(entities[t.head], graph.relations()[t.relation], entities[t.tail]));
  }
  GraphFairness& fairness = result.about.fairness;
  const std::vector<bool> of_persons =
      !fairness.concerns_new() ? std::vector<bool>(is_new.size())
                               : new_persons(fairness, triples, entities, is_new, persons, monitor);
  result.persons = std::count(of_persons.begin(), of_persons.end(), true);
  for (Index i = 0; i < persons.size(); ++i) {
    if (static_cast<std::size_t>(i) % kPolledEntities == 0) monitor.poll();
    result.old_persons += graph.entities().find(persons[i]) ? 1 : 0;
  }
  result.vectors.values = value_vectors(fairness, d);
  FairTraining fair(fairness, options.model, entities, graph.relations(), learnt_from, of_persons,
                    monitor);
  train_new_entities(learnt_from, entities, is_new, options, &fair, result.vectors, monitor);
  if (fairness.debias == GraphDebias::Kl) fairness.persons += result.persons;
  for (PersonMap& step : fairness.maps) {
    for (std::size_t e = 0; e < of_persons.size(); ++e) {
      if (!of_persons[e]) continue;
      monitor.poll();
      auto vector = result.vectors.entities.row(static_cast<Index>(e));
      step.map.apply(vector.data());
      if (!(vector.array().abs() <= kMostOfVector).all()) {
        throw Error(ErrorKind::OutOfRange, "the vector of the new person \"" +
                                               std::string(entities[static_cast<Index>(e)]) +
                                               "\" is beyond 1e11 after the map of debiasing");
      }
    }
    step.persons += result.persons;
  }
  return result;
}

}  // namespace fairdb
