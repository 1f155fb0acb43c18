#include "core/graph/attribute_penalty.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/dense_kernels.hpp"

namespace fairdb {

void AttributePenalty::begin(const GraphVectors& vectors, std::int64_t persons) {
  vectors_ = &vectors;
  persons_ = persons;
  values_.resize(terms_.size());
  for (std::size_t j = 0; j < terms_.size(); ++j) {
    const std::vector<std::int32_t>& values = terms_[j].values;
    values_[j].resize(static_cast<Index>(values.size()), vectors.entities.cols());
    for (std::size_t v = 0; v < values.size(); ++v) {
      values_[j].row(static_cast<Index>(v)) = vectors.entities.row(values[v]);
    }
  }
}

double AttributePenalty::add_gradient(const float* person, float* gradient) const {
  const Index d = vectors_->entities.cols();
  const auto n = static_cast<std::size_t>(d);
  std::vector<float> query(n);
  std::vector<float> pull(n);
  std::vector<float> shares;
  double sum = 0;
  for (std::size_t j = 0; j < terms_.size(); ++j) {
    const Term& term = terms_[j];
    const std::size_t values = term.values.size();
    const float* const relation = vectors_->relations.row(term.relation).data();
    graph_query(model_, person, relation, d, query.data());
    shares.resize(values);
    lane_dots(query.data(), values_[j].data(), values, n, shares.data());
    // KL(G || P) = sum_v G_v (log G_v - score_v) + log sum_v exp score_v
    double divergence = 0;
    for (std::size_t v = 0; v < values; ++v) {
      const auto share = static_cast<double>(term.target[v]);
      if (share > 0) divergence += share * (std::log(share) - static_cast<double>(shares[v]));
    }
    divergence += softmax(shares.data(), values);
    sum += divergence;
    double weight = term.weight;
    if (reduction_ == KlReduction::Mean) {
      weight /= static_cast<double>(persons_) * static_cast<double>(terms_.size());
    }
    std::fill(pull.begin(), pull.end(), 0.0F);
    for (std::size_t v = 0; v < values; ++v) {
      const float by_score = static_cast<float>(weight) * (shares[v] - term.target[v]);
      add_scaled(by_score, values_[j].row(static_cast<Index>(v)).data(), pull.data(), n);
    }
    add_entity_gradient(model_, relation, pull.data(), d, gradient);
  }
  return sum;
}

}  // namespace fairdb
