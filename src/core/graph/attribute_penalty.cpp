#include "core/graph/attribute_penalty.hpp"

#include <cmath>
#include <numeric>

#include "core/base/dense_kernels.hpp"

namespace fairdb {

Index AttributePenalty::values() const noexcept {
  return std::accumulate(terms_.begin(), terms_.end(), Index{0}, [](Index sum, const Term& term) {
    return sum + static_cast<Index>(term.values.size());
  });
}

void AttributePenalty::begin(const GraphVectors& vectors, std::int64_t persons) {
  persons_ = persons;
  const Index d = vectors.entities.cols();
  slopes_.setZero(values(), d);
  levels_.resize(static_cast<std::size_t>(values()));
  const Eigen::VectorXf nobody = Eigen::VectorXf::Zero(d);
  Eigen::VectorXf query(d);
  Index at = 0;
  for (const Term& term : terms_) {
    const float* const relation = vectors.relations.row(term.relation).data();
    graph_query(model_, nobody.data(), relation, d, query.data());
    for (const std::int32_t value : term.values) {
      const float* const vector = vectors.entities.row(value).data();
      add_entity_gradient(model_, relation, vector, d, slopes_.row(at).data());
      levels_[static_cast<std::size_t>(at)] =
          lane_dot(query.data(), vector, static_cast<std::size_t>(d));
      ++at;
    }
  }
  transposed_ = slopes_.transpose();
}

void AttributePenalty::differentiate(const FloatMatrix& persons,
                                     FloatMatrix& gradients,
                                     std::span<double> divergences) const {
  const Index m = persons.rows();
  const Index d = persons.cols();
  FloatMatrix scores(m, values());  // then shares, then the derivatives by the scores
  product(strided(persons), strided(transposed_), scores.data(), values(), Into::Set);
  for (Index i = 0; i < m; ++i) {
    float* score = scores.row(i).data();
    const float* level = levels_.data();
    double& divergence = divergences[static_cast<std::size_t>(i)];
    divergence = 0;
    for (const Term& term : terms_) {
      const std::size_t n = term.values.size();
      // KL(G || P) = sum_v G_v (log G_v - score_v) + log sum_v exp score_v
      for (std::size_t v = 0; v < n; ++v) {
        score[v] += level[v];
        const auto share = static_cast<double>(term.target[v]);
        if (share > 0) divergence += share * (std::log(share) - static_cast<double>(score[v]));
      }
      divergence += softmax(score, n);
      double weight = term.weight;
      if (reduction_ == KlReduction::Mean) {
        weight /= static_cast<double>(persons_) * static_cast<double>(terms_.size());
      }
      for (std::size_t v = 0; v < n; ++v) {
        score[v] = static_cast<float>(weight) * (score[v] - term.target[v]);
      }
      score += n;
      level += n;
    }
  }
  product(strided(scores), strided(slopes_), gradients.data(), d, Into::Set);
}

}  // namespace fairdb
