// The penalty on what an embedding's own scores tell of a person's sensitive attributes.
//
// For a person p and an attribute j with the values v, P_v = softmax_v score(p, j, v) is what the
// embedding says, G its target, and
//
//   L = sum_p sum_j weight_j KL(G_j || P_pj)      over the persons of a batch
//
// or with KlReduction::Mean the mean over persons and attributes in place of the sums. Only the
// person's vector feels it: dL / de_p = weight_j J'( sum_v (P_v - G_v) e_v ), J the derivative of
// the query by the entity, while relation and values learn from the cross-entropy alone. Source:
// Fisher, Mittal, Palfrey, Christodoulopoulos, "Debiasing knowledge graph embeddings", EMNLP 2020,
// section 3.2.
//
// A query is affine in the entity, so a person's score of a value is
//
//   score(p, j, v) = <e_p, J' e_v> + <query(0, j), e_v>
//
// and the scores of many persons for all values of all attributes are one product of matrices, the
// derivatives another.
#pragma once

#include <span>
#include <vector>

#include "core/graph/fairness.hpp"
#include "core/graph/train.hpp"

namespace fairdb {

// Persons that a thread looks at together, at most: what their scores take is bounded by it.
inline constexpr Index kPersonsAtOnce = 256;

class AttributePenalty {
 public:
  struct Term {
    Index relation;                    // row of the vector that asks for a person's values
    std::vector<std::int32_t> values;  // entities
    std::vector<float> target;
    double weight;
  };
  AttributePenalty(GraphModel model, KlReduction reduction, std::vector<Term> terms)
      : model_(model), reduction_(reduction), terms_(std::move(terms)) {}

  std::size_t attributes() const noexcept { return terms_.size(); }
  // Those of all attributes.
  Index values() const noexcept;
  // Remembers the values as the vectors are now; `persons` will be looked at.
  void begin(const GraphVectors& vectors, std::int64_t persons);
  // Sets `gradients` to the derivatives by the vectors of m persons, m x d both, and divergences,
  // of m, to the sums of each person's divergences, unweighted. What a person gets does not depend
  // on those beside. May be called by several threads.
  void differentiate(const FloatMatrix& persons,
                     FloatMatrix& gradients,
                     std::span<double> divergences) const;

 private:
  GraphModel model_;
  KlReduction reduction_;
  std::vector<Term> terms_;
  std::int64_t persons_ = 1;
  // Of the values of all attributes, one after the other.
  FloatMatrix slopes_;         // J' e_v, values x d
  FloatMatrix transposed_;     // d x values
  std::vector<float> levels_;  // <query(0, j), e_v>
};

}  // namespace fairdb
