// Kernels: the inner products of a feature space that is never written down.
//
//   linear        <x, z>
//   rbf           exp(-gamma |x - z|^2)
//   polynomial    (gamma <x, z> + coef0)^degree
#pragma once

#include "core/base/names.hpp"
#include "core/base/views.hpp"

namespace fairdb {

enum class KernelKind : std::uint8_t { Linear, Rbf, Polynomial };
template <>
struct NameTable<KernelKind> {
  static constexpr std::string_view kWhat = "kernel";
  static constexpr std::pair<KernelKind, std::string_view> kNames[] = {
      {KernelKind::Linear, "linear"},
      {KernelKind::Rbf, "rbf"},
      {KernelKind::Polynomial, "polynomial"}};
};

struct Kernel {
  KernelKind kind = KernelKind::Rbf;
  double gamma = 1;
  std::int32_t degree = 3;
  double coef0 = 1;
};
// Errors: InvalidArgument.
void validate(const Kernel& kernel);

// Of so many standardised features: products of two rows are then of order 1.
inline double default_gamma(Index features) noexcept {
  return 1.0 / static_cast<double>(features);
}

// The matrix k(a_i, b_j): rows(a) x rows(b), from points in rows (of equal length).
RowMatrix kernel_matrix(const Kernel& kernel, const MatrixView& a, const MatrixView& b);

// k(a_i, 0), for the points in rows.
Vector kernel_at_origin(const Kernel& kernel, const MatrixView& a);

// The matrix of k(x, z) - k(x, 0) - k(0, z) + k(0, 0), the kernel of phi(x) - phi(0). In sums whose
// coefficients add up to 0 it stands for k, and it keeps the digits of a k that is nearly constant.
RowMatrix centred_kernel_matrix(const Kernel& kernel, const MatrixView& a, const MatrixView& b);

// Points in rows, with what repeated rows of their matrix share: of k or, where much of k is a
// constant, of the centred kernel.
class KernelRows {
 public:
  // b must outlive this.
  KernelRows(const Kernel& kernel, const RowMatrix& b);

  bool centred() const noexcept { return centred_; }
  // Writes row i, in single precision.
  void row(Index i, Eigen::VectorXf& out);
  double diagonal(Index i) const noexcept { return diagonal_(i); }

 private:
  Kernel kernel_;
  const RowMatrix& b_;
  bool centred_;
  Vector squares_;
  Vector origin_;  // k(b_i, 0) - k(0, 0), when centred
  Vector diagonal_;
  Vector products_;  // work space
};

}  // namespace fairdb
