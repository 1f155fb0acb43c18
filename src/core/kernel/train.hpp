// Fair models in the feature space phi of a kernel.
//
//   min_{w, b}  1/2 |w|^2 + c sum_i weight_i max(0, 1 - y_i (<w, phi(z_i)> + b))
//   subject to  |<w, m_g - m_h>| <= epsilon,   m_g the mean of phi over rows of group g
//
// z are the standardised features. Solved exactly by the dual (core/kernel/smo.hpp), or in the span
// of a sample of landmarks (Nystroem), where every loss of the linear chapter is allowed and rows
// need not have a matrix of their pairs. A linear kernel is the linear problem, and solved so.
//
// A model is f(x) = sum_j coefficient_j k(vector_j, z) + b: its vectors are the support vectors
// and, where the constraint binds, the rows that its means are over; of a linear kernel the one
// vector w. Source: Donini et al. 2018, section 3; Williams and Seeger, "Using the Nystroem method
// to speed up kernel machines", NIPS 2000, equation 8.
#pragma once

#include <memory>

#include "core/kernel/kernel.hpp"
#include "core/linear/train.hpp"

namespace fairdb {

struct SmoSolution;

// The exact solver keeps the rows and looks at their pairs; above this it takes landmarks.
inline constexpr Index kMaxKernelRows = 50000;
inline constexpr Index kMaxComponents = 1000;
// So many means may a constraint compare in the exact solution: it decomposes their products.
inline constexpr Index kMaxKernelMeans = 512;
// With slack the dual projects onto a polytope of all pairs of groups at each of its steps.
inline constexpr Index kMaxSlackGroups = 20;

struct KernelOptions {
  Kernel kernel;
  Index components = 0;  // landmarks; 0 for the exact solution
  std::uint64_t seed = 0;

  // Whether the dual over all rows is solved.
  bool exact() const noexcept { return components == 0 && kernel.kind != KernelKind::Linear; }
};
// Errors: TooLarge when it is, for more than kMaxKernelRows.
void check_rows(const KernelOptions& kernel, std::int64_t rows);
// Errors: InvalidArgument.
void validate(const FairOptions& options, const KernelOptions& kernel);

struct KernelFit {
  Vector mean;   // d, of the training rows
  Vector scale;  // d, > 0
  Kernel kernel;
  RowMatrix vectors;  // m x d, standardised
  Vector coefficients;
  double intercept = 0;
  Index support_vectors = 0;  // rows with alpha > 0, or landmarks
  double relative_gap = kUnknown;
  Report report;
};

// Scores of points in standardised units.
Vector scores(const KernelFit& fit, const MatrixView& z, Monitor& monitor);

// Bytes that a KernelProblem needs for each row beside the row itself, and for itself, without the
// cache.
std::size_t kernel_row_bytes(Index columns, const KernelOptions& kernel);
std::size_t kernel_bytes(const KernelOptions& kernel);

// Bytes that the constraint of the exact solution takes for each row beside them.
// Errors: TooLarge for more than kMaxKernelMeans means.
std::size_t constraint_row_bytes(const Summary& summary,
                                 Fairness fairness,
                                 const KernelOptions& kernel);

// A problem that is solved for several c and epsilon: what they share is made once. Fairness, loss,
// class weights and kernel are those of the constructor; a fit takes c and epsilon of its own.
class KernelProblem {
 public:
  // rows: in the units of `stored`. cache_bytes: for rows of the kernel matrix. summary, names and
  // monitor must outlive this.
  KernelProblem(const Summary& summary,
                const RowStore& rows,
                const Scaling& stored,
                const GroupNames& names,
                const FairOptions& options,
                const KernelOptions& kernel,
                std::size_t cache_bytes,
                Monitor& monitor);
  KernelProblem(const KernelProblem&) = delete;
  KernelProblem& operator=(const KernelProblem&) = delete;
  ~KernelProblem();

  // relative_gap: how near to the optimum, of the exact solution.
  KernelFit fit(double c, double epsilon, double relative_gap = 1e-6);

  // The scores of the rows under the last fit, in their order, where solving left them behind;
  // else empty.
  const Vector& training_scores() const noexcept { return training_scores_; }

  // Whether the last fit has one score for all rows, beside what its multipliers could tell: the
  // constraint leaves nothing else.
  bool one_score() const noexcept;

 private:
  struct Exact;
  struct Mapped;
  void fit_exactly(double relative_gap, KernelFit& fit);
  void settle_scores(const SmoSolution& solution, const Vector& cost, KernelFit& fit);

  const Summary& summary_;
  const GroupNames& names_;
  FairOptions options_;
  Scaling standard_;
  Kernel kernel_;
  Monitor& monitor_;
  Vector training_scores_;
  std::unique_ptr<Exact> exact_;
  std::unique_ptr<Mapped> mapped_;
};

}  // namespace fairdb
