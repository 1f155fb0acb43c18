// Divergences that are squared distances between means in the feature space of a kernel:
//
//   D(P, Q) = E k(X, X') + E k(Y, Y') - 2 E k(X, Y),   X, X' of P and Y, Y' of Q, independent
//
// the squared maximum mean discrepancy for a Gaussian kernel, or a mean of such of several widths,
// and the energy distance 2 E|X - Y| - E|X - X'| - E|Y - Y'| for k(x, y) = -|x - y|. Both are 0 for
// equal laws and for no others.
//
// Time: O(n^2 d) for n vectors; memory: O(n d) beside a tile. Everything is polled.
// Source: Gretton et al. 2012, lemma 6 and equations 3 (unbiased) and 5 (biased); Sejdinovic,
// Sriperumbudur, Gretton, Fukumizu, "Equivalence of distance-based and RKHS-based statistics",
// Annals of Statistics 2013, for the energy.
#pragma once

#include <variant>

#include "core/base/dense_kernels.hpp"
#include "core/base/monitor.hpp"
#include "core/representation/point_groups.hpp"

namespace fairdb {

// -|x - y|. Its derivative at 0 counts as 0.
struct NegativeDistance {};
using PairKernel = std::variant<GaussianSum, NegativeDistance>;

// k(x, x).
double at_itself(const PairKernel& kernel);

// exp(-|x - y|^2 / (2 bandwidth^2)). bandwidth: positive.
GaussianSum gaussian_of(double bandwidth);
// The mean of five at .25, .5, 1, 2 and 4 times the distance; squared_distance: its square. Of 0,
// where all vectors are alike, one that is 1 at 0.
GaussianSum gaussian_mixture(double squared_distance);

// k(x_i, x_j) of a tile, in rows of `step` numbers; slope: room for as many, receives the
// derivative in |x_i - x_j|^2.
void kernel_tile(const PointGroups& points,
                 const PairKernel& kernel,
                 const PairTile& tile,
                 double* value,
                 double* slope,
                 Index step);

// groups x groups: E k(X, Y) for X of one group and Y of the other, independent; symmetric.
Eigen::MatrixXd kernel_means(const PointGroups& points, const PairKernel& kernel, Monitor& monitor);

// Of a batch of rows the estimate that is right on average over batches leaves the pairs of a row
// with itself out.
enum class Estimate : std::uint8_t { Biased, Unbiased };

// The mean of the divergences of all pairs of groups; gradient: n x d, in the points. At least two
// groups, and for the unbiased estimate two points in each.
double mean_divergence(const PointGroups& points,
                       const PairKernel& kernel,
                       Estimate estimate,
                       RowMatrix& gradient,
                       Monitor& monitor);

// The same for the squared distance of the groups' means, in O(n d).
double mean_squared_gap(const PointGroups& points, Estimate estimate, RowMatrix& gradient);

}  // namespace fairdb
