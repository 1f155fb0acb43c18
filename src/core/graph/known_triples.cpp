#include "core/graph/known_triples.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/hash.hpp"
#include "core/base/polled_sort.hpp"

namespace fairdb {
namespace {

std::uint64_t key_of(std::int32_t entity, std::int32_t relation) noexcept {
  return (static_cast<std::uint64_t>(relation) << 32) | static_cast<std::uint32_t>(entity);
}

constexpr std::size_t kBitsOfTriple = 10;
constexpr int kProbes = 7;

// The bit of each probe, from one digest (Kirsch, Mitzenmacher, "Less hashing, same performance",
// 2006).
template <class Use>
void each_probe(std::uint64_t triple, std::size_t words, Use use) {
  const std::uint64_t bits = 32 * static_cast<std::uint64_t>(words);
  const std::uint64_t step = mix(triple) | 1;
  for (int i = 0; i < kProbes; ++i) {
    const std::uint64_t bit = (triple + static_cast<std::uint64_t>(i) * step) % bits;
    use(static_cast<std::size_t>(bit / 32), std::uint32_t{1} << (bit % 32));
  }
}

}  // namespace

KnownTriples::KnownTriples(std::span<const Triple> triples, Monitor& monitor) {
  struct Entry {
    std::uint64_t key;
    std::int32_t other;
    bool operator<(const Entry& b) const { return key != b.key ? key < b.key : other < b.other; }
    bool operator==(const Entry& b) const { return key == b.key && other == b.other; }
  };
  for (const bool heads : {false, true}) {
    std::vector<Entry> entries;
    entries.reserve(triples.size());
    for (const Triple& t : triples) {
      if (t.head == kUnseen || t.relation == kUnseen || t.tail == kUnseen) continue;
      entries.push_back(heads ? Entry{key_of(t.tail, t.relation), t.head}
                              : Entry{key_of(t.head, t.relation), t.tail});
    }
    polled_sort(entries, monitor);
    entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
    Side& side = sides_[heads ? 1 : 0];
    for (const Entry& e : entries) {
      side.keys.push_back(e.key);
      side.others.push_back(e.other);
    }
  }
}

std::span<const std::int32_t> KnownTriples::others(std::int32_t entity,
                                                   std::int32_t relation,
                                                   Direction direction) const noexcept {
  const Side& side = sides_[direction == Direction::Heads ? 1 : 0];
  const auto [begin, end] =
      std::equal_range(side.keys.begin(), side.keys.end(), key_of(entity, relation));
  return std::span(side.others)
      .subspan(static_cast<std::size_t>(begin - side.keys.begin()),
               static_cast<std::size_t>(end - begin));
}

std::size_t KnownTriples::bytes(std::size_t triples) noexcept {
  return 60 * triples;  // entries of one side, doubling lists of both
}

TripleFilter::TripleFilter(std::size_t triples) : own_(words_for(triples)) {}

std::size_t TripleFilter::words_for(std::size_t triples) noexcept {
  return std::max<std::size_t>(1, (kBitsOfTriple * triples + 31) / 32);
}

void TripleFilter::add(std::uint64_t triple) {
  each_probe(triple, own_.size(), [&](std::size_t word, std::uint32_t bit) { own_[word] |= bit; });
}

bool TripleFilter::may_have(std::uint64_t triple) const noexcept {
  const std::span<const std::uint32_t> all = words();
  if (all.empty()) return false;
  bool has = true;
  each_probe(triple, all.size(),
             [&](std::size_t word, std::uint32_t bit) { has = has && (all[word] & bit) != 0; });
  return has;
}

double TripleFilter::false_rate() const noexcept {
  std::int64_t set = 0;
  for (const std::uint32_t word : words()) set += __builtin_popcount(word);
  const double bits = 32 * static_cast<double>(words().size());
  return bits == 0 ? 0 : std::pow(static_cast<double>(set) / bits, kProbes);
}

TripleFilter TripleFilter::copy() const {
  TripleFilter result;
  result.own_.assign(words().begin(), words().end());
  return result;
}

TripleFilter filter_of(const Graph& graph, Monitor& monitor) {
  const SortedNames entities = graph.entities.names();
  const SortedNames relations = graph.relations.names();
  TripleFilter filter(graph.triples.size());
  constexpr std::int64_t kPolled = 1 << 14;
  std::int64_t added = 0;
  for (const Triple& t : graph.triples) {
    if (++added % kPolled == 0) monitor.poll();
    filter.add(digest_of(entities[t.head], relations[t.relation], entities[t.tail]));
  }
  return filter;
}

std::uint64_t digest_of(std::string_view head, std::string_view relation, std::string_view tail) {
  ContentDigest content;
  for (const std::string_view part : {head, relation, tail}) content.add(digest(part));
  return content.value();
}

}  // namespace fairdb
