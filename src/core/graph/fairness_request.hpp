// What train_graph is asked for the sake of persons, and what that means for a graph.
#pragma once

#include <optional>
#include <utility>

#include "core/graph/fairness.hpp"

namespace fairdb {

struct FairnessRequest {
  struct Attribute {
    PersonRelation relation;
    Index top = 30;                // values that are minded: the most frequent
    std::optional<double> weight;  // of its divergence
    std::vector<std::pair<std::string, double>> shares;  // of a given target, by value
  };
  GraphDebias debias = GraphDebias::None;
  std::vector<Attribute> attributes;
  KlTarget target = KlTarget::Uniform;
  KlReduction reduction = KlReduction::Sum;
  std::vector<Whitelisted> whitelist;
};
// Errors: InvalidArgument for weights and shares out of range.
void validate(const FairnessRequest& request);

// The attributes with their values and targets; where the whitelist needs vectors of values there
// are so many rows without columns, for training to make. Errors: UnknownGroup for a name that the
// graph does not have; InvalidData for an attribute with fewer than two values.
GraphFairness fairness_for(const FairnessRequest& request, const Graph& graph, Monitor& monitor);

// Leaves out the triples of the attributes; names that no triple has then stay. Errors: InvalidData
// where no triple is left.
void delete_sensitive(const GraphFairness& fairness, Graph& graph);

}  // namespace fairdb
