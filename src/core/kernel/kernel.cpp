#include "core/kernel/kernel.hpp"

#include <cmath>
#include <string>

#include "core/base/dense_kernels.hpp"
#include "core/base/error.hpp"

namespace fairdb {

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

namespace {

// a b'
RowMatrix inner_products(const MatrixView& a, const MatrixView& b) {
  RowMatrix k(a.rows(), b.rows());
  product(strided(a), strided(b).transpose(), k.data(), k.cols(), Into::Set);
  return k;
}

}  // namespace

RowMatrix kernel_matrix(const Kernel& kernel, const MatrixView& a, const MatrixView& b) {
  RowMatrix k = inner_products(a, b);
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
        double* const row = k.row(i).data();
        const auto n = static_cast<std::size_t>(k.cols());
        (void)distances_from_products(of_a(i), of_b.data(), row, n);
        k.row(i) *= -kernel.gamma;
        exponentials(row, n);
      }
      break;
    }
  }
  return k;
}

namespace {

// k(0, 0).
double kernel_of_origin(const Kernel& kernel) {
  switch (kernel.kind) {
    case KernelKind::Linear:
      return 0;
    case KernelKind::Polynomial:
      return std::pow(kernel.coef0, kernel.degree);
    case KernelKind::Rbf:
      break;
  }
  return 1;
}

// k(x, z) - k(0, 0) from |x - z|^2 (rbf) or <x, z>, without loss where it is small.
template <class Array>
auto above_origin(const Kernel& kernel, const Array& of) {
  Eigen::ArrayXd result;
  switch (kernel.kind) {
    case KernelKind::Linear:
      result = of;
      break;
    case KernelKind::Polynomial:
      result = (kernel.gamma * of + kernel.coef0).pow(kernel.degree) - kernel_of_origin(kernel);
      break;
    case KernelKind::Rbf:
      result = of.unaryExpr([&](double squared) { return std::expm1(-kernel.gamma * squared); });
      break;
  }
  return result;
}

// k(a_i, 0) - k(0, 0).
Vector origin_column(const Kernel& kernel, const MatrixView& a) {
  if (kernel.kind == KernelKind::Rbf) {
    return above_origin(kernel, a.rowwise().squaredNorm().array());
  }
  return Vector::Zero(a.rows());
}

}  // namespace

Vector kernel_at_origin(const Kernel& kernel, const MatrixView& a) {
  return origin_column(kernel, a).array() + kernel_of_origin(kernel);
}

RowMatrix centred_kernel_matrix(const Kernel& kernel, const MatrixView& a, const MatrixView& b) {
  RowMatrix k = inner_products(a, b);
  const bool rbf = kernel.kind == KernelKind::Rbf;
  const Vector of_a = a.rowwise().squaredNorm();
  const Vector of_b = b.rowwise().squaredNorm();
  const Vector at_a = origin_column(kernel, a);
  const Vector at_b = origin_column(kernel, b);
  for (Index i = 0; i < k.rows(); ++i) {
    Eigen::ArrayXd row = k.row(i).transpose().array();
    // Rounding may leave a distance of 0 a little below it.
    if (rbf) row = (of_a(i) + of_b.array() - 2 * row).max(0.0);
    k.row(i) = (above_origin(kernel, row) - at_a(i) - at_b.array()).matrix().transpose();
  }
  return k;
}

// The function of a kernel that is far from constant is taken in single precision, for its speed.
KernelRows::KernelRows(const Kernel& kernel, const RowMatrix& b)
    : kernel_(kernel), b_(b), squares_(b.rowwise().squaredNorm()) {
  constexpr double kNearlyConstant = 0.01;
  centred_ =
      kernel.kind == KernelKind::Polynomial ||
      (kernel.kind == KernelKind::Rbf && kernel.gamma * squares_.maxCoeff() < kNearlyConstant);
  if (!centred_) {
    diagonal_ = kernel.kind == KernelKind::Rbf ? Vector::Ones(b.rows()) : squares_;
    return;
  }
  origin_ = origin_column(kernel, b);
  // <x, x>, or |x - x|^2.
  const double share = kernel.kind == KernelKind::Rbf ? 0 : 1;
  const Eigen::ArrayXd at_itself = share * squares_.array();
  diagonal_ = above_origin(kernel, at_itself) - 2 * origin_.array();
}

void KernelRows::row(Index i, Eigen::VectorXf& out) {
  products_.noalias() = b_ * b_.row(i).transpose();
  if (kernel_.kind == KernelKind::Rbf) {
    products_ = (squares_.array() + squares_(i) - 2 * products_.array()).max(0.0);
  }
  if (centred_) {
    out = (above_origin(kernel_, products_.array()) - origin_(i) - origin_.array()).cast<float>();
  } else if (kernel_.kind == KernelKind::Rbf) {
    out = (-kernel_.gamma * products_).cast<float>();
    exponentials(out.data(), static_cast<std::size_t>(out.size()));
  } else {
    out = products_.cast<float>();
  }
}

}  // namespace fairdb
