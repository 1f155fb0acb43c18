// Kernels: the inner products of a feature space that is never written down.
//
//   linear        <x, z>
//   rbf           exp(-gamma |x - z|^2)
//   polynomial    (gamma <x, z> + coef0)^degree
#pragma once

#include <string_view>

#include "core/base/views.hpp"

namespace fairdb {

enum class KernelKind : std::uint8_t { Linear, Rbf, Polynomial };
// Errors: InvalidArgument that lists the known names.
KernelKind kernel_named(std::string_view name);
std::string_view name(KernelKind kind) noexcept;

struct Kernel {
  KernelKind kind = KernelKind::Rbf;
  double gamma = 1;
  std::int32_t degree = 3;
  double coef0 = 1;
};
// Errors: InvalidArgument.
void validate(const Kernel& kernel);

// The matrix k(a_i, b_j): rows(a) x rows(b), from points in rows (of equal length).
RowMatrix kernel_matrix(const Kernel& kernel, const MatrixView& a, const MatrixView& b);

// Points in rows, with what repeated rows k(b_i, b_j) of their matrix share.
class KernelRows {
 public:
  // b must outlive this.
  KernelRows(const Kernel& kernel, const RowMatrix& b);

  // Writes k(b_i, b_j) for all j: inner products in double precision, their function in single.
  void row(Index i, Eigen::VectorXf& out);

 private:
  Kernel kernel_;
  const RowMatrix& b_;
  Vector squares_;
  Vector products_;  // work space
};

// k(x, x).
double kernel_diagonal(const Kernel& kernel, const VectorView& x);

}  // namespace fairdb
