// How far each pair of groups of vectors is apart, by each divergence, with its parameter as asked
// for or taken from the vectors themselves.
#pragma once

#include <optional>

#include "core/representation/kernel_means.hpp"
#include "core/representation/sinkhorn.hpp"

namespace fairdb {

// The kernel of the maximum mean discrepancy: one of this bandwidth, or the mixture around the
// median distance of the points. Errors: InvalidArgument for a number that is not positive.
GaussianSum mmd_kernel(const PointGroups& points,
                       std::optional<double> bandwidth,
                       Monitor& monitor);

// The epsilon of the Sinkhorn divergence: a factor, kDefaultEpsilon unless given, times the median
// cost of the points. Errors: InvalidArgument for a number that is not positive.
inline constexpr double kDefaultEpsilon = 0.5;
double sinkhorn_epsilon(const PointGroups& points,
                        std::optional<double> relative,
                        Monitor& monitor);

// Errors: InvalidArgument for a factor beyond 1e-6 to 1e6, where rounding would tell.
void require_epsilon(double relative);

// What the median distance takes beside so many points.
std::size_t median_bytes(Index points) noexcept;

// Of the means of a kernel by group: those over pairs of different rows, which make the divergence
// unbiased (U-statistic). rows: of each group. NaN for a group of one row.
Eigen::MatrixXd unbiased_means(Eigen::MatrixXd means, double at_itself, const VectorView& rows);

// The divergences of all pairs, groups x groups, 0 on the diagonal.
Eigen::MatrixXd divergences_of(const Eigen::MatrixXd& means);

// The largest of all pairs; nullopt where one is not known (NaN), or with fewer than two groups.
std::optional<double> largest_of_pairs(const Eigen::MatrixXd& divergences);

}  // namespace fairdb
