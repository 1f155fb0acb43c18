// Which triples are known: exactly, of a list, or nearly, of all that an embedding was trained on.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/graph/graph_model.hpp"
#include "core/graph/triples.hpp"

namespace fairdb {

// Which entities complete (entity, relation) or (relation, entity) to a triple of the list.
class KnownTriples {
 public:
  // Those with kUnseen in them are left out.
  KnownTriples(std::span<const Triple> triples, Monitor& monitor);

  // Sorted.
  std::span<const std::int32_t> others(std::int32_t entity,
                                       std::int32_t relation,
                                       Direction direction) const noexcept;
  static std::size_t bytes(std::size_t triples) noexcept;

 private:
  // The triples by what is asked with, and the answers in the same order.
  struct Side {
    std::vector<std::uint64_t> keys;
    std::vector<std::int32_t> others;
  };
  Side sides_[2];
};

// A Bloom filter (Bloom, Communications of the ACM 13, 1970) of triples by the names in them: so
// that a test on triples that were trained on can be told. One that is not in is found with a
// probability of about 1 in 100, or more when more were added than it was made for.
class TripleFilter {
 public:
  TripleFilter() = default;
  // For so many triples.
  explicit TripleFilter(std::size_t triples);
  TripleFilter(std::span<const std::uint32_t> words) : words_(words) {}

  void add(std::uint64_t triple);
  bool may_have(std::uint64_t triple) const noexcept;
  std::span<const std::uint32_t> words() const noexcept {
    return own_.empty() ? words_ : std::span<const std::uint32_t>(own_);
  }
  // The probability that one that is not in is found: by how many bits are set.
  double false_rate() const noexcept;
  // A copy that can be added to.
  TripleFilter copy() const;

  static std::size_t words_for(std::size_t triples) noexcept;

 private:
  std::span<const std::uint32_t> words_;
  std::vector<std::uint32_t> own_;
};

// Of all triples of a graph.
TripleFilter filter_of(const Graph& graph, Monitor& monitor);

// What stands for a triple in a filter.
std::uint64_t digest_of(std::string_view head, std::string_view relation, std::string_view tail);

}  // namespace fairdb
