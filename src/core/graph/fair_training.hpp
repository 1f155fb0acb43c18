// What training heeds of persons' sensitive attributes, in the codes of a graph.
//
// The penalty (attribute_penalty.hpp) concerns persons who stand in a triple of the batch. Where a
// whitelist allows it a person's vector stands in a query with the vectors of the person's values
// added (given_back.hpp); these vectors learn with all others, and beside from a twin of each
// sensitive triple, asked with the values added and by a relation of its own, which goes when
// training ends. A twin asks for the value only. Source: Fisher et al. 2020, sections 3.2 to 3.4.
#pragma once

#include "core/graph/attribute_penalty.hpp"
#include "core/graph/triples.hpp"
#include "core/graph/whitelist.hpp"

namespace fairdb {

class FairTraining {
 public:
  // Names of fairness that are not among the names concern nothing. triples: of the graph, which
  // tell who has what. persons: of each entity whether the penalty concerns it, beside those who
  // have a value of a penalised attribute.
  FairTraining(const GraphFairness& fairness,
               GraphModel model,
               const SortedNames& entities,
               const SortedNames& relations,
               std::span<const Triple> triples,
               std::vector<bool> persons,
               Monitor& monitor);

  // nullptr without one.
  AttributePenalty* penalty() noexcept { return penalty_.attributes() > 0 ? &penalty_ : nullptr; }
  bool concerns(std::int32_t entity) const noexcept {
    return persons_[static_cast<std::size_t>(entity)];
  }
  std::int64_t persons() const noexcept;

  // Vectors of values, all attributes one after the other; where those of one begin.
  Index value_vectors() const noexcept { return begin_.back(); }
  Index first_vector(Index attribute) const noexcept {
    return begin_[static_cast<std::size_t>(attribute)];
  }
  Index attributes() const noexcept { return static_cast<Index>(holders_.size()); }
  // Codes, or kUnseen.
  std::int32_t relation_of(Index attribute) const noexcept {
    return relation_of_[static_cast<std::size_t>(attribute)];
  }
  const std::vector<std::int32_t>& values_of(Index attribute) const noexcept {
    return holders_[static_cast<std::size_t>(attribute)].values;
  }

  Index twin_relations() const noexcept { return value_vectors() > 0 ? attributes() : 0; }
  // The twins of the sensitive triples among these, added behind them.
  void add_twins(std::vector<Triple>& triples) const;
  // Whether nothing is learnt from this side of a triple.
  bool silent(const Triple& t, Direction direction) const noexcept;

  // Whether vectors may be added to anybody who is asked by this row of the relations.
  bool adds(Index relation_row) const noexcept {
    return !allowed_[static_cast<std::size_t>(relation_row)].empty();
  }
  // each(vector, share): what is added to `entity` when it is asked by this row and the answer is
  // `other`.
  template <class Each>
  void each_added(std::int32_t entity, Index relation_row, std::int32_t other, Each each) const {
    AttributeSet attributes = allowed_[static_cast<std::size_t>(relation_row)].of(other);
    for (std::size_t a = 0; attributes != 0; ++a, attributes >>= 1) {
      if ((attributes & 1) == 0) continue;
      const auto held = holders_[a].held_by_person(entity);
      for (const std::int32_t v : held) each(begin_[a] + v, 1 / static_cast<float>(held.size()));
    }
  }

 private:
  std::int32_t relations_;
  std::vector<bool> persons_;
  AttributePenalty penalty_;
  std::vector<AttributeHolders> holders_;  // by attribute
  std::vector<std::int32_t> relation_of_;  // by attribute, or kUnseen
  std::vector<bool> inverse_;
  std::vector<Index> begin_;
  std::vector<AllowedAttributes> allowed_;  // by row of the relations, those of twins behind
};

// Bytes that training takes for it, beside those of train_graph: who has what, the twins of
// sensitive triples and the lists that hold them, the vectors of values with what moves them, and
// the penalty's scores.
std::size_t fair_training_bytes(const GraphFairness& fairness,
                                const GraphOptions& options,
                                std::size_t triples) noexcept;

}  // namespace fairdb
