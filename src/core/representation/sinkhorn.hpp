// The Sinkhorn divergence between groups of vectors, for the cost |x - y|^2 / 2:
//
//   S(P, Q) = OT(P, Q) - OT(P, P) / 2 - OT(Q, Q) / 2
//   OT(P, Q) = min over plans pi with marginals P and Q of  E_pi |x - y|^2 / 2 + epsilon KL(pi | P
//   x Q)
//
// 0 for equal laws and for no others; for epsilon towards infinity half the squared distance of the
// means, towards 0 the squared Wasserstein distance by 2. Memory: one matrix of n x m numbers.
// Everything is polled. Source: Feydy et al. 2019, equations 1 to 3 and 8, and the averaged
// iteration for the symmetric terms of their section 3.1; scaling with absorption after Schmitzer,
// "Stabilized sparse scaling algorithms for entropy regularized transport problems", SIAM Journal
// on Scientific Computing 2019, sections 3.1 and 3.2.
#pragma once

#include "core/base/monitor.hpp"
#include "core/representation/point_groups.hpp"

namespace fairdb {

// epsilon: > 0, in units of the cost. tolerance: how far the first marginal of the plan may be from
// P, summed over its points (the second one is met exactly); max_iterations: for each epsilon on
// the way.
struct SinkhornOptions {
  double epsilon;
  double tolerance = 1e-9;
  std::int32_t max_iterations = 1000;
};

// marginal_error: the largest left by a transport problem; converged: whether it is within the
// tolerance. Without that the value, and more so the gradient, is an estimate.
struct SinkhornValue {
  double value = 0;
  double marginal_error = 0;
  std::int32_t iterations = 0;  // of all problems
  bool converged = true;
};

// The bytes that the matrices of so many points at most take.
std::size_t sinkhorn_bytes(Index of_a_group, Index of_another) noexcept;

// groups x groups: the divergences of all pairs, 0 on the diagonal. The report's value is the
// largest.
SinkhornValue sinkhorn_divergences(const PointGroups& points,
                                   const SinkhornOptions& options,
                                   Eigen::MatrixXd& divergences,
                                   Monitor& monitor);

// The mean over all pairs of groups; gradient: n x d, in the points, right as far as the transport
// problems have converged (envelope theorem). At least two groups.
SinkhornValue mean_sinkhorn(const PointGroups& points,
                            const SinkhornOptions& options,
                            RowMatrix& gradient,
                            Monitor& monitor);

}  // namespace fairdb
