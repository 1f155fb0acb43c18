#include "core/graph/triples.hpp"

#include <algorithm>
#include <numeric>

#include "core/base/hash.hpp"
#include "core/base/polled_sort.hpp"

namespace fairdb {
namespace {

// Lists of names joined into one, and the code in it of each name of each list.
class JoinedNames {
 public:
  explicit JoinedNames(Monitor& monitor) : monitor_(monitor) {}

  void join(const std::vector<std::string_view>& names) {
    std::vector<std::string_view> sorted(names);
    polled_sort(sorted, monitor_);
    std::vector<std::string_view> all;
    all.reserve(all_.size() + sorted.size());
    std::set_union(all_.begin(), all_.end(), sorted.begin(), sorted.end(), std::back_inserter(all));
    all_ = std::move(all);
    all_.erase(std::unique(all_.begin(), all_.end()), all_.end());
  }
  std::vector<std::int32_t> codes(const std::vector<std::string_view>& names) const {
    std::vector<std::int32_t> result;
    result.reserve(names.size());
    for (const std::string_view name : names) {
      result.push_back(static_cast<std::int32_t>(std::lower_bound(all_.begin(), all_.end(), name) -
                                                 all_.begin()));
    }
    return result;
  }
  NameBytes bytes() const {
    NameBytes result;
    for (const std::string_view name : all_) result.add(name);
    return result;
  }

 private:
  Monitor& monitor_;
  std::vector<std::string_view> all_;
};

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
  JoinedNames entities(monitor);
  entities.join(read.heads);
  entities.join(read.tails);
  JoinedNames relations(monitor);
  relations.join(read.relations);
  const std::vector<std::int32_t> heads = entities.codes(read.heads);
  const std::vector<std::int32_t> tails = entities.codes(read.tails);
  const std::vector<std::int32_t> of_relations = relations.codes(read.relations);
  Graph graph;
  graph.entities = entities.bytes();
  graph.relations = relations.bytes();
  graph.triples = std::move(read.triples);
  for (Triple& t : graph.triples) {
    t = {code_in(heads, t.head), code_in(of_relations, t.relation), code_in(tails, t.tail)};
  }
  polled_sort(graph.triples, monitor);
  const auto end = std::unique(graph.triples.begin(), graph.triples.end());
  graph.duplicates = graph.triples.end() - end;
  graph.triples.erase(end, graph.triples.end());
  return graph;
}

Graph::Dropped keep_frequent(Graph& graph, std::int64_t min_count, Monitor& monitor) {
  const SortedNames entities = graph.entities.names();
  const SortedNames relations = graph.relations.names();
  Graph::Dropped dropped;
  std::vector<bool> entity_kept;
  std::vector<bool> relation_kept;
  for (;;) {
    std::vector<std::int64_t> of_entity(static_cast<std::size_t>(entities.size()));
    std::vector<std::int64_t> of_relation(static_cast<std::size_t>(relations.size()));
    for (const Triple& t : graph.triples) {
      ++of_entity[static_cast<std::size_t>(t.head)];
      if (t.tail != t.head) ++of_entity[static_cast<std::size_t>(t.tail)];
      ++of_relation[static_cast<std::size_t>(t.relation)];
    }
    monitor.poll();
    const auto kept = [&](const std::vector<std::int64_t>& counts) {
      std::vector<bool> result;
      for (const std::int64_t count : counts)
        result.push_back(count >= std::max<std::int64_t>(1, min_count));
      return result;
    };
    entity_kept = kept(of_entity);
    relation_kept = kept(of_relation);
    const std::size_t before = graph.triples.size();
    std::erase_if(graph.triples, [&](const Triple& t) {
      return !entity_kept[static_cast<std::size_t>(t.head)] ||
             !entity_kept[static_cast<std::size_t>(t.tail)] ||
             !relation_kept[static_cast<std::size_t>(t.relation)];
    });
    dropped.triples += static_cast<std::int64_t>(before - graph.triples.size());
    if (before == graph.triples.size()) break;
  }
  std::vector<std::int32_t> entity_codes;
  std::vector<std::int32_t> relation_codes;
  NameBytes kept_entities = kept_names(entities, entity_kept, entity_codes);
  NameBytes kept_relations = kept_names(relations, relation_kept, relation_codes);
  dropped.entities = entities.size() - kept_entities.names().size();
  dropped.relations = relations.size() - kept_relations.names().size();
  for (Triple& t : graph.triples) {
    t = {code_in(entity_codes, t.head), code_in(relation_codes, t.relation),
         code_in(entity_codes, t.tail)};
  }
  graph.entities = std::move(kept_entities);
  graph.relations = std::move(kept_relations);
  return dropped;
}

std::size_t graph_bytes(std::size_t rows, std::size_t names, std::size_t name_bytes) noexcept {
  // Views, sorted views, joined views, codes and ends of each name.
  constexpr std::size_t kOfName = 5 * sizeof(std::string_view) + 2 * sizeof(std::int32_t);
  return 2 * rows * sizeof(Triple) + names * kOfName + 2 * name_bytes;
}

std::uint64_t digest_of(const Graph& graph) noexcept {
  ContentDigest content;
  for (const NameBytes* names : {&graph.entities, &graph.relations}) {
    content.add(digest(names->names().bytes()));
    for (const std::uint32_t end : names->names().ends()) content.add(std::uint64_t{end});
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
  const auto codes_in = [](const SortedNames& from, const SortedNames& to) {
    std::vector<std::int32_t> codes;
    for (Index i = 0; i < from.size(); ++i) codes.push_back(to.find(from[i]).value_or(kUnseen));
    return codes;
  };
  const std::vector<std::int32_t> of_entity = codes_in(graph.entities.names(), entities);
  const std::vector<std::int32_t> of_relation = codes_in(graph.relations.names(), relations);
  std::vector<Triple> result;
  result.reserve(graph.triples.size());
  for (const Triple& t : graph.triples) {
    result.push_back(
        {code_in(of_entity, t.head), code_in(of_relation, t.relation), code_in(of_entity, t.tail)});
  }
  return result;
}

}  // namespace fairdb
