// The social bias that an embedding of a graph encodes (Fisher, Palfrey, Christodoulopoulos,
// Mittal, "Measuring social bias in knowledge graph embeddings", 2019).
//
// A person's vector is moved by one gradient step of size alpha towards value a of a sensitive
// relation and away from value b; the bias of another entity p, say a profession, is by how much
// that raises the plausibility that the person has p, on average over persons. The three models are
// affine in the person, so that the step is the same for all of them and
//
//   B_p = alpha < J_s' (e_a - e_b), J_p' e_p >,   J_r the derivative of query(e, r) by e
//
// exactly: alpha <e_a - e_b, e_p> for TransE, alpha sum r_s (e_a - e_b) r_p e_p for DistMult. B_p
// > 0 leans to a; a and b exchanged give -B_p.
//
// Beside it stands what the persons themselves say, the population gap
//
//   G_p = mean of score(j, r_p, p) over persons with a, less that over persons with b.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/graph/embedding.hpp"
#include "core/graph/persons.hpp"

namespace fairdb {

struct BiasQuestion {
  PersonRelation sensitive;
  std::string a;
  std::string b;
  PersonRelation target;
  double alpha = 0.1;
};

struct EntityBias {
  std::string_view entity;     // of the graph that was counted
  std::optional<double> bias;  // unknown where the embedding lacks a part of it
  std::int64_t count_a = 0;    // persons with a, and with b, who have it
  std::int64_t count_b = 0;
  std::optional<double> population_gap;
};

// The vectors of a graph's entities: calls visit(code, vector) for each of its entities that has
// one, in any order, once; it may be called again. The vector is good during the call.
using VisitVector = std::function<void(std::int32_t code, const float* vector)>;
using EntityVectors = std::function<void(const VisitVector& visit)>;
// Those that stand in an embedding.
EntityVectors vectors_in(const GraphEmbedding& graph, const Graph& people, Monitor& monitor);

// For each entity that a person with a or b has by the target relation in `people`, in the order of
// their names. Persons with both count under each. vectors: of the entities of `people`.
std::vector<EntityBias> graph_bias(const GraphEmbedding& graph,
                                   const Graph& people,
                                   const EntityVectors& vectors,
                                   const BiasQuestion& question,
                                   Monitor& monitor);

}  // namespace fairdb
