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

#include "core/base/fairness.hpp"
#include "core/base/monitor.hpp"
#include "core/base/names.hpp"
#include "core/base/views.hpp"

namespace fairdb {

// How the constraint is brought into the weights at epsilon = 0. Projection keeps the regulariser
// of the problem. Elimination is the paper's preprocessing: one feature for each independent
// condition is expressed by the others and dropped, which changes the regulariser.
enum class Method : std::uint8_t { Projection, Elimination };
template <>
struct NameTable<Method> {
  static constexpr std::string_view kWhat = "method";
  static constexpr std::pair<Method, std::string_view> kNames[] = {
      {Method::Projection, "projection"}, {Method::Elimination, "elimination"}};
};

// Differences of the means to the first one: (k - 1) x d from k x d. Their span is the span of the
// differences of all pairs.
RowMatrix differences_of_means(const MatrixView& means);

// The differences of all conditions, one below the other.
RowMatrix constraint_directions(const std::vector<RowMatrix>& conditions, Index columns);

// The weights w that are orthogonal to all directions, in reduced echelon form: the weights of some
// features, the pivots, follow from those of the others.
//
// Elimination with complete pivoting, in two steps. In units of `deviation`, the features' standard
// deviations in the units of the directions, an entry counts as zero up to `tolerance` times the
// largest one (or times 1: a difference of means that is nothing beside the deviation is none);
// this tells how many directions are independent, whatever the scales of the features. Then, in the
// units of the weights, the largest entries become the pivots, so that no multiplier is large.
// Source: Donini et al. 2018, section 4, equation 12, for several conditions.
class WeightSpace {
 public:
  // directions: c x d. deviation: d, > 0. O(c d rank) time.
  WeightSpace(const MatrixView& directions,
              const VectorView& deviation,
              Monitor& monitor,
              double tolerance = 1e-10);

  Index free() const noexcept { return multipliers_.cols(); }
  // The pivots, ascending.
  std::vector<Index> eliminated() const;

  // w = basis t, d x free. Orthonormal; or t the weights of the features that are not eliminated.
  RowMatrix orthonormal_basis(Monitor& monitor) const;
  RowMatrix elimination_basis() const;

 private:
  std::vector<Index> order_;  // of the features: pivots, then the others, ascending
  RowMatrix multipliers_;     // w_pivots = -multipliers w_others
};

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
