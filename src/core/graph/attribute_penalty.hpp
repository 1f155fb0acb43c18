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
#pragma once

#include <vector>

#include "core/graph/fairness.hpp"
#include "core/graph/train.hpp"

namespace fairdb {

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
  // Remembers the values' vectors as they are now; `persons` will be looked at. The relations'
  // vectors must stay until then, and `vectors` must outlive this.
  void begin(const GraphVectors& vectors, std::int64_t persons);
  // Adds the derivative by the person's vector. Returns the sum of the divergences, unweighted. May
  // be called by several threads.
  double add_gradient(const float* person, float* gradient) const;

 private:
  GraphModel model_;
  KlReduction reduction_;
  std::vector<Term> terms_;
  const GraphVectors* vectors_ = nullptr;
  std::int64_t persons_ = 1;
  std::vector<FloatMatrix> values_;  // by attribute, values x d
};

}  // namespace fairdb
