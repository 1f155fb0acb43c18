// The fairness constraint of the linear chapter: a subspace in which the weights must lie.
//
//   <w, m_g - m_h> = 0   for all groups g, h,
//
// m_g the mean feature vector of group g over some of its rows (all, the positive or the negative
// ones). It says nothing of where the means live: columns of a table, a kernel's feature space or
// learned features serve alike.
//
// Source: Donini, Oneto, Ben-David, Shawe-Taylor, Pontil, "Empirical risk minimization under
// fairness constraints", NeurIPS 2018, section 4 (linear loss in the constraint, epsilon = 0), for
// any number of groups; solved by projection, which keeps the regulariser of the problem, instead
// of the paper's elimination of one feature, which changes it.
#pragma once

#include <string_view>

#include "core/base/views.hpp"

namespace fairdb {

enum class Fairness : std::uint8_t { None, DemographicParity, EqualOpportunity, EqualizedOdds };

// Errors: InvalidArgument that lists the known names.
Fairness fairness_named(std::string_view name);
std::string_view name(Fairness fairness) noexcept;

// Differences of the means to the first one: (k - 1) x d from k x d. Their span is the span of the
// differences of all pairs.
RowMatrix differences_of_means(const MatrixView& means);

// An orthonormal basis of the orthogonal complement of the rows of `directions`: d x free, from
// c x d. A singular value counts as zero up to `tolerance` times the largest one (or times 1, for
// directions shorter than a standardised feature's unit). Not for features of very different
// scales: standardise first. O(c d min(c, d) + c d^2) time, O(d^2) memory.
RowMatrix null_basis(const MatrixView& directions, double tolerance = 1e-10);

// The largest |<w, m_g - m_h>| over all pairs of means: the spread of the scores <w, m_g>.
double spread_of_scores(const MatrixView& means, const VectorView& w);

}  // namespace fairdb
