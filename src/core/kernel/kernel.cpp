#include "core/kernel/kernel.hpp"

#include <cmath>
#include <string>

#include "core/base/error.hpp"

namespace fairdb {

KernelKind kernel_named(std::string_view wanted) {
  for (const KernelKind k : {KernelKind::Linear, KernelKind::Rbf, KernelKind::Polynomial}) {
    if (wanted == name(k)) return k;
  }
  throw Error(ErrorKind::InvalidArgument, "unknown kernel \"" + std::string(wanted) + "\"",
              "Known: linear, rbf, polynomial.");
}

std::string_view name(KernelKind kind) noexcept {
  switch (kind) {
    case KernelKind::Linear:
      return "linear";
    case KernelKind::Rbf:
      return "rbf";
    case KernelKind::Polynomial:
      return "polynomial";
  }
  return "unknown";
}

void validate(const Kernel& kernel) {
  if (!(kernel.gamma > 0) || !std::isfinite(kernel.gamma)) {
    throw Error(ErrorKind::InvalidArgument, "gamma must be a positive number",
                "NULL means 1 / number of features.");
  }
  if (kernel.degree < 1 || kernel.degree > 20) {
    throw Error(ErrorKind::InvalidArgument, "degree must be 1 to 20");
  }
  if (!(kernel.coef0 >= 0) || !std::isfinite(kernel.coef0)) {
    throw Error(ErrorKind::InvalidArgument, "coef0 must be 0 or a positive number",
                "A negative one makes no inner product of the polynomial.");
  }
}

RowMatrix kernel_matrix(const Kernel& kernel, const MatrixView& a, const MatrixView& b) {
  RowMatrix k(a.rows(), b.rows());
  k.noalias() = a * b.transpose();
  switch (kernel.kind) {
    case KernelKind::Linear:
      break;
    case KernelKind::Polynomial:
      k.array() = (kernel.gamma * k.array() + kernel.coef0).pow(kernel.degree);
      break;
    case KernelKind::Rbf: {
      const Vector of_a = a.rowwise().squaredNorm();
      const Vector of_b = b.rowwise().squaredNorm();
      for (Index i = 0; i < k.rows(); ++i) {
        // Rounding may leave a distance of 0 a little below it.
        k.row(i).array() =
            (-kernel.gamma *
             (of_a(i) + of_b.transpose().array() - 2 * k.row(i).array()).cwiseMax(0.0))
                .exp();
      }
      break;
    }
  }
  return k;
}

KernelRows::KernelRows(const Kernel& kernel, const RowMatrix& b)
    : kernel_(kernel), b_(b), squares_(b.rowwise().squaredNorm()) {}

void KernelRows::row(Index i, Eigen::VectorXf& out) {
  products_.noalias() = b_ * b_.row(i).transpose();
  switch (kernel_.kind) {
    case KernelKind::Linear:
      out = products_.cast<float>();
      break;
    case KernelKind::Polynomial:
      out = (kernel_.gamma * products_.array() + kernel_.coef0).pow(kernel_.degree).cast<float>();
      break;
    case KernelKind::Rbf:
      out =
          (-kernel_.gamma * (squares_.array() + squares_(i) - 2 * products_.array()).cwiseMax(0.0))
              .cast<float>();
      out = out.array().exp();
      break;
  }
}

double kernel_diagonal(const Kernel& kernel, const VectorView& x) {
  switch (kernel.kind) {
    case KernelKind::Linear:
      return x.squaredNorm();
    case KernelKind::Polynomial:
      return std::pow(kernel.gamma * x.squaredNorm() + kernel.coef0, kernel.degree);
    case KernelKind::Rbf:
      break;
  }
  return 1;
}

}  // namespace fairdb
