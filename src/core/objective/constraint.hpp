// The fairness constraint: the groups' mean scores agree, exactly or up to a slack.
//
//   |<w, m_g - m_h>| <= epsilon   for all groups g, h of a condition
//
// m_g is the mean feature vector of group g over the rows that the condition looks at. It says
// nothing of where the means live: columns of a table, a kernel's feature space or learned features
// serve alike. At epsilon = 0 the constraint is a subspace in which the weights must lie.
//
// Source: Donini, Oneto, Ben-David, Shawe-Taylor, Pontil, "Empirical risk minimization under
// fairness constraints", NeurIPS 2018, section 4 (linear loss in the constraint), for any number of
// groups, and for bins of a number as target after Oneto, Donini, Pontil, "General fair empirical
// risk minimization", IJCNN 2020.
#pragma once

#include <string_view>
#include <vector>

#include "core/base/monitor.hpp"
#include "core/base/views.hpp"

namespace fairdb {

// EqualOpportunity looks at the positive rows, PredictiveEquality at the negative ones,
// EqualizedOdds at both, each by itself (with a number as target: at each of its bins).
enum class Fairness : std::uint8_t {
  None,
  DemographicParity,
  EqualOpportunity,
  PredictiveEquality,
  EqualizedOdds
};

// Errors: InvalidArgument that lists the known names.
Fairness fairness_named(std::string_view name);
std::string_view name(Fairness fairness) noexcept;

// How the constraint is brought into the weights at epsilon = 0. Projection keeps the regulariser
// of the problem. Elimination is the paper's preprocessing: one feature for each independent
// condition is expressed by the others and dropped, which changes the regulariser.
enum class Method : std::uint8_t { Projection, Elimination };
Method method_named(std::string_view name);
std::string_view name(Method method) noexcept;

// Differences of the means to the first one: (k - 1) x d from k x d. Their span is the span of the
// differences of all pairs.
RowMatrix differences_of_means(const MatrixView& means);

// The differences of all conditions, one below the other.
RowMatrix constraint_directions(const std::vector<RowMatrix>& conditions, Index columns);

// An orthonormal basis of the orthogonal complement of the rows of `directions`: d x free, from
// c x d. A direction counts as dependent on others when what they leave of it is at most
// `tolerance` times the longest one (or times 1, for directions shorter than a standardised
// feature's unit). Not for features of very different scales: standardise first. O(c d rank) time,
// O(d (c + d)) memory.
RowMatrix null_basis(const MatrixView& directions, Monitor& monitor, double tolerance = 1e-10);

// A basis of the same space (d x free) in which the eliminated features are combinations of the
// others: w = basis t, t the weights of the features that stay. The pivots are the largest entries
// in absolute value. Source: Donini et al. 2018, section 4, equation 12, for several conditions.
RowMatrix elimination_basis(const MatrixView& directions,
                            Monitor& monitor,
                            double tolerance = 1e-10);

// The features that elimination_basis drops, ascending.
std::vector<Index> eliminated_features(const MatrixView& directions,
                                       Monitor& monitor,
                                       double tolerance = 1e-10);

// The constraint with slack as inequalities  a (w, b, t) >= beta: a score's distance to a centre t
// of its condition is at most epsilon / 2, which is the same as every pair within epsilon, with a
// row for each group instead of one for each pair.
struct Inequalities {
  RowMatrix a;  // rows x (d + 1 + conditions)
  Vector beta;
};
Inequalities slack_inequalities(const std::vector<RowMatrix>& conditions, double epsilon);

// The largest |<w, m_g - m_h>| over all pairs of means: the spread of the scores <w, m_g>.
double spread_of_scores(const MatrixView& means, const VectorView& w);
// The largest of all conditions.
double spread_of_scores(const std::vector<RowMatrix>& conditions, const VectorView& w);

}  // namespace fairdb
