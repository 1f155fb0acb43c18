// The dense arithmetic that training lives on: products of matrices and exponentials, for the
// instruction set of the machine that runs it rather than of the one that built it.
//
// A package is built for the oldest processors, whose vectors hold two doubles. Every function here
// is compiled for those and for AVX2, and runs as what use_instruction_set() has chosen, by default
// the widest that the machine has. Both give the same bits: each element of a product is one sum in
// the order of the inner index, in parts of kInner terms, of doubles in two roundings a term and of
// floats in one (a fused multiply-add, computed in double precision where the machine has none);
// and sums of arrays run in kLanes lanes whatever a vector of the machine holds. So a model does
// not depend on where it was trained.
//
// Matrices are row-major. None of these functions allocates more than some hundred kilobytes for
// its panels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/names.hpp"
#include "core/base/views.hpp"

namespace fairdb {

enum class InstructionSet : std::uint8_t { Baseline, Avx2 };
template <>
struct NameTable<InstructionSet> {
  static constexpr std::string_view kWhat = "instruction_set";
  static constexpr std::pair<InstructionSet, std::string_view> kNames[] = {
      {InstructionSet::Baseline, "baseline"}, {InstructionSet::Avx2, "avx2"}};
};

// The widest that this machine has and the library was built with.
InstructionSet best_instruction_set() noexcept;
// The one in use, for all threads: the best one until another is chosen.
InstructionSet instruction_set() noexcept;
// Errors: InvalidArgument for one that this machine does not have.
void use_instruction_set(InstructionSet wanted);

// Terms of a product's element that are summed before they are added to what there is.
inline constexpr Index kInner = 256;
// Partial sums of a sum over an array: term i goes to lane i mod kLanes.
inline constexpr std::size_t kLanes = 8;

// A matrix of T by its elements: (i, j) stands at data[i * row + j * column], so that a transpose
// is one with the steps exchanged.
template <class T>
struct Strided {
  const T* data;
  Index rows;
  Index columns;
  Index row;
  Index column;

  Strided transpose() const noexcept { return {data, columns, rows, column, row}; }
};
template <class Matrix>
Strided<typename Matrix::Scalar> strided(const Matrix& m) noexcept {
  return {m.data(), m.rows(), m.cols(), Matrix::IsRowMajor ? m.outerStride() : 1,
          Matrix::IsRowMajor ? 1 : m.outerStride()};
}

// Which part of a product is computed: all of it, or of a symmetric one what lies on and above the
// diagonal, which is the lower triangle of a column-major matrix. Below it some elements may be
// written too.
enum class ProductPart : std::uint8_t { Whole, Upper };

enum class Into : std::uint8_t { Set, Add };

// c = a b or c += a b, m x n from m x k and k x n; c is row-major with `step`
// elements from row to row. Time: 2 m n k operations. The inner dimension is cut from its beginning
// in parts of kInner.
void product(const Strided<double>& a,
             const Strided<double>& b,
             double* c,
             Index step,
             Into into,
             ProductPart part = ProductPart::Whole);
void product(const Strided<float>& a,
             const Strided<float>& b,
             float* c,
             Index step,
             Into into,
             ProductPart part = ProductPart::Whole);

// The lower triangle of x'x added to that of a column-major matrix, from m x n; above it some
// elements may be written too.
void add_gram(const MatrixView& x, Eigen::MatrixXd& lower);

// x_i <- exp(x_i), to within 3 units in the last place; below -708 (float: -87) it is 0, above 709
// (88) that of 709 (88). The x_i are no NaN. Source: reduction to |r| <= ln 2 / 2 by two parts of
// ln 2 after Cody and Waite, "Software manual for the elementary functions", 1980, chapter 6, and
// the Taylor polynomial.
void exponentials(double* x, std::size_t n);
void exponentials(float* x, std::size_t n);

// A sum of Gaussian kernels over squared distances d_i, and its derivative in them. With t =
// exp(-rate d),
//   k(d) = sum_m share t^(power_m),  power_m = 1, 4, 16, 64, 256   (mixture), or t alone
// which takes one exponential for all five.
struct GaussianSum {
  double rate;   // > 0: 1 / (2 sigma^2) of the widest kernel
  bool mixture;  // else one kernel
};
// d_i: squared distances (negative ones count as 0). Writes k(d_i) to value and k'(d_i) to d; value
// and d must not overlap.
void gaussian_kernels(const GaussianSum& kernel, double* d, double* value, std::size_t n);

// sum_i x_i y_i, in lanes.
double lane_dot(const double* x, const double* y, std::size_t n);
float lane_dot(const float* x, const float* y, std::size_t n);
// The same of x and each of `count` rows of n numbers.
void lane_dots(const float* x, const float* rows, std::size_t count, std::size_t n, float* result);
// y_i += factor x_i.
void add_scaled(double factor, const double* x, double* y, std::size_t n);
void add_scaled(float factor, const float* x, float* y, std::size_t n);

// x_i <- exp(x_i) / sum_j exp(x_j), of n > 0 numbers; one that lies 87 below the largest becomes 0.
// Returns log sum_j exp(x_j).
double softmax(float* x, std::size_t n);
// x_i <- of + b_i - 2 x_i, and no less than 0: squared distances from squared norms and inner
// products. Returns whether one is at most kCancelled times the sum of its norms, so that what
// rounding has left of it may be of any size.
inline constexpr double kCancelled = 1e-6;
bool distances_from_products(double of, const double* b, double* x, std::size_t n);

}  // namespace fairdb
