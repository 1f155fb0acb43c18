#include "core/graph/triples.hpp"

#include <algorithm>
#include <optional>

#include "core/base/hash.hpp"
#include "core/base/polled_sort.hpp"

namespace fairdb {
namespace {

constexpr Index kPolledNames = 1 << 16;

// Names in their order, each with its place in the list that it comes from.
struct Place {
  std::string_view name;
  std::size_t place;
  bool operator<(const Place& other) const noexcept { return name < other.name; }
};

std::vector<Place> in_order(const std::vector<std::string_view>& names, Monitor& monitor) {
  std::vector<Place> places;
  places.reserve(names.size());
  for (const std::string_view name : names) places.push_back({name, places.size()});
  polled_sort(places, monitor);
  return places;
}

// The different names of two lists in their order.
NameBytes joined(const std::vector<Place>& a, const std::vector<Place>& b, Monitor& monitor) {
  NameBytes result;
  std::optional<std::string_view> last;
  auto i = a.begin();
  auto j = b.begin();
  while (i != a.end() || j != b.end()) {
    const bool first = j == b.end() || (i != a.end() && i->name < j->name);
    const std::string_view name = first ? (i++)->name : (j++)->name;
    if (last != name) result.add(name);
    if (result.names().size() % kPolledNames == 0) monitor.poll();
    last = name;
  }
  return result;
}

// The code of each name of a list, by its place there, among names that hold them all.
std::vector<std::int32_t> codes_in(const SortedNames& names,
                                   const std::vector<Place>& places,
                                   Monitor& monitor) {
  std::vector<std::int32_t> codes(places.size());
  std::int32_t code = 0;
  Index done = 0;
  for (const Place& p : places) {
    if (++done % kPolledNames == 0) monitor.poll();
    while (names[code] != p.name) ++code;
    codes[p.place] = code;
  }
  return codes;
}

std::int32_t code_in(const std::vector<std::int32_t>& codes, std::int32_t code) {
  return codes[static_cast<std::size_t>(code)];
}

// The names that are kept, and their new codes; kUnseen for the others.
NameBytes kept_names(const SortedNames& names,
                     const std::vector<bool>& kept,
                     std::vector<std::int32_t>& codes) {
  NameBytes result;
  codes.assign(kept.size(), kUnseen);
  std::int32_t next = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (!kept[i]) continue;
    codes[i] = next++;
    result.add(names[static_cast<Index>(i)]);
  }
  return result;
}

}  // namespace

Graph graph_of(ReadTriples read, Monitor& monitor) {
  const std::vector<Place> heads = in_order(read.heads, monitor);
  const std::vector<Place> tails = in_order(read.tails, monitor);
  const std::vector<Place> relations = in_order(read.relations, monitor);
  Graph graph;
  graph.entities = joined(heads, tails, monitor);
  graph.relations = joined(relations, {}, monitor);
  const std::vector<std::int32_t> of_head = codes_in(graph.entities.names(), heads, monitor);
  const std::vector<std::int32_t> of_tail = codes_in(graph.entities.names(), tails, monitor);
  const std::vector<std::int32_t> of_relation =
      codes_in(graph.relations.names(), relations, monitor);
  graph.triples = std::move(read.triples);
  for (Triple& t : graph.triples) {
    t = {code_in(of_head, t.head), code_in(of_relation, t.relation), code_in(of_tail, t.tail)};
  }
  polled_sort(graph.triples, monitor);
  const auto end = std::unique(graph.triples.begin(), graph.triples.end());
  graph.duplicates = graph.triples.end() - end;
  graph.triples.erase(end, graph.triples.end());
  return graph;
}

namespace {

// Which triples a name stands in, of all names one after the other.
class Incidence {
 public:
  // each(t, use): calls use with each name of t once.
  template <class Each>
  Incidence(Index names, const std::vector<Triple>& triples, Each each)
      : begin_(static_cast<std::size_t>(names) + 1) {
    for (const Triple& t : triples)
      each(t, [&](std::int32_t name) { ++begin_[static_cast<std::size_t>(name) + 1]; });
    for (std::size_t i = 1; i < begin_.size(); ++i) begin_[i] += begin_[i - 1];
    list_.resize(begin_.back());
    std::vector<std::size_t> next(begin_.begin(), begin_.end() - 1);
    for (std::size_t i = 0; i < triples.size(); ++i) {
      each(triples[i],
           [&](std::int32_t name) { list_[next[static_cast<std::size_t>(name)]++] = i; });
    }
  }
  std::span<const std::size_t> of(std::size_t name) const noexcept {
    return std::span(list_).subspan(begin_[name], begin_[name + 1] - begin_[name]);
  }
  std::size_t names() const noexcept { return begin_.size() - 1; }

 private:
  std::vector<std::size_t> begin_;
  std::vector<std::size_t> list_;
};

// Names of one kind, entities or relations, that fall below a count as others go.
struct Peeled {
  Peeled(Incidence incidence, std::int64_t min_count)
      : triples(std::move(incidence)), kept(triples.names(), true), counts(triples.names()) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      counts[i] = static_cast<std::int64_t>(triples.of(i).size());
      if (counts[i] < min_count) leave(i);
    }
  }
  void leave(std::size_t name) {
    kept[name] = false;
    waiting.push_back(name);
  }

  Incidence triples;
  std::vector<bool> kept;
  std::vector<std::int64_t> counts;
  std::vector<std::size_t> waiting;  // whose triples are still there
};

// The names of a triple, each once.
constexpr auto kEntitiesOf = [](const Triple& t, auto use) {
  use(t.head);
  if (t.tail != t.head) use(t.tail);
};
constexpr auto kRelationOf = [](const Triple& t, auto use) { use(t.relation); };

}  // namespace

// Each triple goes once, with the first of its names: O(triples + names).
Graph::Dropped keep_frequent(Graph& graph, std::int64_t min_count, Monitor& monitor) {
  const SortedNames entities = graph.entities.names();
  const SortedNames relations = graph.relations.names();
  const std::int64_t least = std::max<std::int64_t>(1, min_count);
  Peeled by_entity(Incidence(entities.size(), graph.triples, kEntitiesOf), least);
  monitor.poll();
  Peeled by_relation(Incidence(relations.size(), graph.triples, kRelationOf), least);
  monitor.poll();
  std::vector<bool> gone(graph.triples.size());
  const auto lose = [&](Peeled& names, std::int32_t name) {
    const auto i = static_cast<std::size_t>(name);
    if (--names.counts[i] < least && names.kept[i]) names.leave(i);
  };
  while (!by_entity.waiting.empty() || !by_relation.waiting.empty()) {
    Peeled& names = by_entity.waiting.empty() ? by_relation : by_entity;
    const std::size_t name = names.waiting.back();
    names.waiting.pop_back();
    for (const std::size_t i : names.triples.of(name)) {
      if (gone[i]) continue;
      gone[i] = true;
      kEntitiesOf(graph.triples[i], [&](std::int32_t e) { lose(by_entity, e); });
      kRelationOf(graph.triples[i], [&](std::int32_t r) { lose(by_relation, r); });
    }
  }
  std::vector<std::int32_t> entity_codes;
  std::vector<std::int32_t> relation_codes;
  NameBytes kept_entities = kept_names(entities, by_entity.kept, entity_codes);
  NameBytes kept_relations = kept_names(relations, by_relation.kept, relation_codes);
  Graph::Dropped dropped;
  dropped.entities = entities.size() - kept_entities.names().size();
  dropped.relations = relations.size() - kept_relations.names().size();
  std::vector<Triple> kept;
  kept.reserve(graph.triples.size());
  for (std::size_t i = 0; i < gone.size(); ++i) {
    const Triple& t = graph.triples[i];
    if (gone[i]) continue;
    kept.push_back({code_in(entity_codes, t.head), code_in(relation_codes, t.relation),
                    code_in(entity_codes, t.tail)});
  }
  dropped.triples = static_cast<std::int64_t>(graph.triples.size() - kept.size());
  graph.triples = std::move(kept);
  graph.entities = std::move(kept_entities);
  graph.relations = std::move(kept_relations);
  return dropped;
}

std::size_t graph_bytes(std::size_t rows, std::size_t names, std::size_t name_bytes) noexcept {
  // Views, places, codes and ends of each name; a triple as it was read, three places of its names
  // and the one that is kept.
  constexpr std::size_t kOfName = sizeof(std::string_view) + sizeof(Place) + 32;
  constexpr std::size_t kOfTriple = 3 * sizeof(Triple) + 3 * sizeof(std::size_t);
  return rows * kOfTriple + names * kOfName + 2 * name_bytes;
}

std::uint64_t digest_of(const Graph& graph) noexcept {
  ContentDigest content;
  for (const SortedNames names : {graph.entities.names(), graph.relations.names()}) {
    content.add(digest(names.bytes()));
    for (const std::uint32_t end : names.ends()) content.add(std::uint64_t{end});
  }
  for (const Triple& t : graph.triples) {
    content.add((static_cast<std::uint64_t>(t.head) << 32) | static_cast<std::uint32_t>(t.tail));
    content.add(static_cast<std::uint64_t>(t.relation));
  }
  return content.value();
}

std::vector<Triple> in_names_of(const Graph& graph,
                                const SortedNames& entities,
                                const SortedNames& relations) {
  // Both lists are in order.
  const auto codes = [](const SortedNames& from, const SortedNames& to) {
    std::vector<std::int32_t> result;
    result.reserve(static_cast<std::size_t>(from.size()));
    Index code = 0;
    for (Index i = 0; i < from.size(); ++i) {
      while (code < to.size() && to[code] < from[i]) ++code;
      const bool found = code < to.size() && to[code] == from[i];
      result.push_back(found ? static_cast<std::int32_t>(code) : kUnseen);
    }
    return result;
  };
  const std::vector<std::int32_t> of_entity = codes(graph.entities.names(), entities);
  const std::vector<std::int32_t> of_relation = codes(graph.relations.names(), relations);
  std::vector<Triple> result;
  result.reserve(graph.triples.size());
  for (const Triple& t : graph.triples) {
    result.push_back(
        {code_in(of_entity, t.head), code_in(of_relation, t.relation), code_in(of_entity, t.tail)});
  }
  return result;
}

}  // namespace fairdb
