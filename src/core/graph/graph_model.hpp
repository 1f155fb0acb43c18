// How plausible a triple (head, relation, tail) is, in the three models that are one inner product:
//
//   score(h, r, t) = <query(e_h, r), e_t>
//
//   TransE     query = e_h + r             Bordes et al., "Translating embeddings for modeling
//                                          multi-relational data", NeurIPS 2013, with the inner
//                                          product of Fisher et al., EMNLP 2020, for its norm
//   DistMult   query = e_h r, elementwise  Yang et al., "Embedding entities and relations for
//                                          learning and inference in knowledge bases", ICLR 2015
//   ComplEx    query = e_h r, of complex   Trouillon et al., "Complex embeddings for simple link
//              numbers                     prediction", ICML 2016: Re <h, r, conj t>
//
// A relation has two vectors, one to ask for tails and a reciprocal one to ask for heads (Lacroix
// et al., "Canonical tensor decomposition for knowledge base completion", ICML 2018): with one,
// TransE's inner product would rank heads without regard to the relation.
//
// The query is affine in the entity, and its derivatives are linear maps; both are here, for
// training and for the measures of bias. Vectors have d numbers; of ComplEx d is even, the real
// parts stand before the imaginary ones.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/names.hpp"
#include "core/base/views.hpp"

namespace fairdb {

using FloatMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

enum class GraphModel : std::uint8_t { TransE, DistMult, ComplEx };
template <>
struct NameTable<GraphModel> {
  static constexpr std::string_view kWhat = "model";
  static constexpr std::pair<GraphModel, std::string_view> kNames[] = {
      {GraphModel::TransE, "transe"},
      {GraphModel::DistMult, "distmult"},
      {GraphModel::ComplEx, "complex"}};
};

// Which of a relation's vectors: to ask for the tails of a head, or for the heads of a tail.
enum class Direction : std::uint8_t { Tails, Heads };

namespace detail {

template <class T>
using Numbers = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;
template <class T>
using ConstNumbers = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;

// The derivative of <query(e, r), g> by e where the other is r, and by r where it is e, added to
// `sum`.
template <class T>
void add_by_factor(GraphModel model, const T* other, const T* gradient, Index d, T* sum) {
  const ConstNumbers<T> o(other, d);
  const ConstNumbers<T> g(gradient, d);
  Numbers<T> to(sum, d);
  switch (model) {
    case GraphModel::TransE:
      to += g;
      return;
    case GraphModel::DistMult:
      to += o * g;
      return;
    case GraphModel::ComplEx: {  // conj(o) g
      const Index half = d / 2;
      to.head(half) += o.head(half) * g.head(half) + o.tail(half) * g.tail(half);
      to.tail(half) += o.head(half) * g.tail(half) - o.tail(half) * g.head(half);
      return;
    }
  }
}

}  // namespace detail

// query(e, r).
template <class T>
void graph_query(GraphModel model, const T* entity, const T* relation, Index d, T* query) {
  const detail::ConstNumbers<T> e(entity, d);
  const detail::ConstNumbers<T> r(relation, d);
  detail::Numbers<T> q(query, d);
  switch (model) {
    case GraphModel::TransE:
      q = e + r;
      return;
    case GraphModel::DistMult:
      q = e * r;
      return;
    case GraphModel::ComplEx: {
      const Index half = d / 2;
      q.head(half) = e.head(half) * r.head(half) - e.tail(half) * r.tail(half);
      q.tail(half) = e.head(half) * r.tail(half) + e.tail(half) * r.head(half);
      return;
    }
  }
}

// The derivative of <query(e, r), g> by e, and by r, added to `sum`.
template <class T>
void add_entity_gradient(GraphModel model, const T* relation, const T* g, Index d, T* sum) {
  detail::add_by_factor(model, relation, g, d, sum);
}
template <class T>
void add_relation_gradient(GraphModel model, const T* entity, const T* g, Index d, T* sum) {
  detail::add_by_factor(model, entity, g, d, sum);
}

}  // namespace fairdb
