// The kernels of dense_kernels.hpp over vectors of W bytes, by the compiler's vector extension:
// included by dense_kernels.cpp alone, which instantiates them in functions compiled for one
// instruction set each. All is inlined there, so that no code for one machine can stand for that of
// another.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "core/base/dense_kernels.hpp"

#define FAIRDB_INLINE inline __attribute__((always_inline))

namespace fairdb::dense {

template <class T, int Bytes>
struct VectorOf {
  typedef T Type __attribute__((vector_size(Bytes)));
};
template <class T>
struct BitsOf;
template <>
struct BitsOf<double> {
  using Type = std::uint64_t;
};
template <>
struct BitsOf<float> {
  using Type = std::uint32_t;
};

template <class V, class T>
FAIRDB_INLINE void load(V& v, const T* from) {
  std::memcpy(&v, from, sizeof v);
}
template <class V, class T>
FAIRDB_INLINE void store(const V& v, T* to) {
  std::memcpy(to, &v, sizeof v);
}

// --- products ---

// sum <- sum + a b. Of doubles in two roundings; of floats in one, as fused multiply-adds of a
// machine compute it.
template <class V>
FAIRDB_INLINE void add_product(V& sum, const V& a, const V& b, double /*of*/) {
  sum += a * b;
}

// Where the machine has no such instruction: the product is exact in double precision, its sum with
// what there is rounds to odd there, that is towards zero with the last bit set if it is inexact,
// and so rounds rightly to float (Boldo, Melquiond, "Emulation of FMA and correctly rounded sums",
// IEEE Transactions on Computers 57, 2008).
template <class V>
FAIRDB_INLINE void add_exact_product(V& sum, const V& a, const V& b) {
  // Two at a time: vectors of doubles that the machine does not have would be taken apart.
  using Pair = typename VectorOf<float, 2 * sizeof(float)>::Type;
  using D = typename VectorOf<double, 2 * sizeof(double)>::Type;
  using Bits = typename VectorOf<std::int64_t, 2 * sizeof(double)>::Type;
  Pair pairs[3][sizeof(V) / sizeof(Pair)];
  std::memcpy(pairs[0], &a, sizeof a);
  std::memcpy(pairs[1], &b, sizeof b);
  std::memcpy(pairs[2], &sum, sizeof sum);
#pragma GCC unroll 4
  for (std::size_t i = 0; i < sizeof(V) / sizeof(Pair); ++i) {
    const D product =
        __builtin_convertvector(pairs[0][i], D) * __builtin_convertvector(pairs[1][i], D);
    const D old = __builtin_convertvector(pairs[2][i], D);
    const D rounded = product + old;
    const D part = rounded - product;
    const D error = (product - (rounded - part)) + (old - part);  // exact, after Knuth
    const Bits inexact = (Bits)(error > 0) | (Bits)(error < 0);
    const Bits away =
        ((Bits)(error > 0) & (Bits)(rounded < 0)) | ((Bits)(error < 0) & (Bits)(rounded > 0));
    const Bits odd = ((Bits)rounded + away) | (inexact & 1);
    pairs[2][i] = __builtin_convertvector((D)odd, Pair);
  }
  std::memcpy(&sum, pairs[2], sizeof sum);
}

// Whether vectors of so many bytes are computed by a machine with the instruction. It is written as
// what the assembler reads, in a macro: an intrinsic cannot stand in a function that is not yet
// part of one for its processor, and behind a reference the sum would leave its register.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
template <class T, int Bytes>
inline constexpr bool kFused = std::is_same_v<T, float>&& Bytes == 32;
#define FAIRDB_FUSED(sum, a, b) asm("vfmadd231ps %2, %1, %0" : "+x"(sum) : "x"(a), "x"(b))
#else
template <class T, int Bytes>
inline constexpr bool kFused = false;
#define FAIRDB_FUSED(sum, a, b) add_product(sum, a, b, 0.0F)
#endif

template <class V>
FAIRDB_INLINE void add_product(V& sum, const V& a, const V& b, float /*of*/) {
#if defined(__aarch64__)
  for (std::size_t i = 0; i < sizeof(V) / sizeof(float); ++i) {
    sum[i] = __builtin_fmaf(a[i], b[i], sum[i]);
  }
#else
  add_exact_product(sum, a, b);
#endif
}

// A tile of the product is kTileRows x kTileColumns: as many rows as leave registers for a row of
// b, two vectors wide, an element of a, and a product on its way to a sum.
inline constexpr Index kTileRows = 6;
template <class T, int Bytes>
inline constexpr Index kTileColumns = 2 * Bytes / static_cast<Index>(sizeof(T));

// One element of a times a row of b.
#define FAIRDB_ADD_ROW(element, l, r)  \
  do {                                 \
    const V all = (element)-V{};       \
    if constexpr (kFused<T, Bytes>) {  \
      FAIRDB_FUSED(l, all, left);      \
      FAIRDB_FUSED(r, all, right);     \
    } else {                           \
      add_product(l, all, left, T{});  \
      add_product(r, all, right, T{}); \
    }                                  \
  } while (false)

// a: kTileRows numbers for each of k inner indices, `row` and `column` apart; b: kTileColumns.
// Writes or adds to c, of which `rows` x `columns` are there.
template <class T, int Bytes>
FAIRDB_INLINE void tile(const T* a,
                        Index row,
                        Index column,
                        const T* b,
                        Index k,
                        T* c,
                        Index step,
                        Index rows,
                        Index columns,
                        bool add) {
  using V = typename VectorOf<T, Bytes>::Type;
  constexpr Index kHalf = kTileColumns<T, Bytes> / 2;
  V c00{}, c01{}, c10{}, c11{}, c20{}, c21{}, c30{}, c31{}, c40{}, c41{}, c50{}, c51{};
  for (Index p = 0; p < k; ++p) {
    V left;
    V right;
    load(left, b);
    load(right, b + kHalf);
    FAIRDB_ADD_ROW(a[0], c00, c01);
    FAIRDB_ADD_ROW(a[row], c10, c11);
    FAIRDB_ADD_ROW(a[2 * row], c20, c21);
    FAIRDB_ADD_ROW(a[3 * row], c30, c31);
    FAIRDB_ADD_ROW(a[4 * row], c40, c41);
    FAIRDB_ADD_ROW(a[5 * row], c50, c51);
    a += column;
    b += 2 * kHalf;
  }
  const V sums[kTileRows][2] = {{c00, c01}, {c10, c11}, {c20, c21},
                                {c30, c31}, {c40, c41}, {c50, c51}};
  if (rows == kTileRows && columns == 2 * kHalf) {
#pragma GCC unroll 6
    for (Index i = 0; i < kTileRows; ++i) {
      V left = sums[i][0];
      V right = sums[i][1];
      if (add) {
        V old;
        load(old, c + i * step);
        left = old + left;
        load(old, c + i * step + kHalf);
        right = old + right;
      }
      store(left, c + i * step);
      store(right, c + i * step + kHalf);
    }
    return;
  }
  for (Index i = 0; i < rows; ++i) {
    T row_sums[2 * kHalf];
    store(sums[i][0], row_sums);
    store(sums[i][1], row_sums + kHalf);
    for (Index j = 0; j < columns; ++j)
      c[i * step + j] = add ? c[i * step + j] + row_sums[j] : row_sums[j];
  }
}

// Panels of kWidth rows of m, inner index by inner index; what is missing of the last panel is 0.
template <class T, Index kWidth>
FAIRDB_INLINE void pack(const Strided<T>& m, Index from, Index rows, Index inner, Index k, T* to) {
  for (Index i = 0; i < rows; i += kWidth) {
    const Index here = std::min(kWidth, rows - i);
    const T* at = m.data + (from + i) * m.row + inner * m.column;
    if (here == kWidth && m.row == 1) {  // numbers in a row, which are copied as vectors
      for (Index p = 0; p < k; ++p, at += m.column, to += kWidth)
        std::memcpy(to, at, kWidth * sizeof(T));
      continue;
    }
    for (Index p = 0; p < k; ++p, at += m.column, to += kWidth) {
      for (Index r = 0; r < here; ++r) to[r] = at[r * m.row];
      for (Index r = here; r < kWidth; ++r) to[r] = 0;
    }
  }
}

// Panels that stay in the cache nearest but one: kRows of a and kColumns of b.
inline constexpr Index kPanelRows = 96;
inline constexpr Index kPanelColumns = 128;

template <class T, int Bytes>
FAIRDB_INLINE void product(const Strided<T>& a,
                           const Strided<T>& b,
                           T* c,
                           Index step,
                           Into into,
                           ProductPart part,
                           T* panel_a,
                           T* panel_b) {
  constexpr Index kColumns = kTileColumns<T, Bytes>;
  const Strided<T> columns = b.transpose();
  for (Index i = 0; into == Into::Set && a.columns == 0 && i < a.rows; ++i) {  // an empty sum
    std::fill_n(c + i * step, b.columns, T{0});
  }
  for (Index p = 0; p < a.columns; p += kInner) {
    const Index k = std::min(kInner, a.columns - p);
    for (Index j = 0; j < b.columns; j += kPanelColumns) {
      const Index n = std::min(kPanelColumns, b.columns - j);
      pack<T, kColumns>(columns, j, n, p, k, panel_b);
      for (Index i = 0; i < (part == ProductPart::Upper ? std::min(a.rows, j + n) : a.rows);
           i += kPanelRows) {
        const Index m = std::min(kPanelRows, a.rows - i);
        // Rows that are contiguous are read where they stand.
        const Index direct = a.column == 1 ? m - m % kTileRows : 0;
        pack<T, kTileRows>(a, i + direct, m - direct, p, k, panel_a);
        for (Index jj = 0; jj < n; jj += kColumns) {
          for (Index ii = 0; ii < m; ii += kTileRows) {
            if (part == ProductPart::Upper && j + jj + kColumns <= i + ii) continue;
            const bool packed = ii >= direct;
            const T* const rows =
                packed ? panel_a + (ii - direct) * k : a.data + (i + ii) * a.row + p;
            tile<T, Bytes>(rows, packed ? 1 : a.row, packed ? kTileRows : a.column,
                           panel_b + jj * k, k, c + (i + ii) * step + j + jj, step,
                           std::min(kTileRows, m - ii), std::min(kColumns, n - jj),
                           into == Into::Add || p > 0);
          }
        }
      }
    }
  }
}

// --- exponentials ---

template <class T>
struct ExpNumbers;
template <>
struct ExpNumbers<double> {
  static constexpr double kLeast = -708;
  static constexpr double kMost = 709;
  static constexpr double kLog2E = 1.4426950408889634;
  static constexpr double kLn2High =
      6.93145751953125e-1;  // few digits: its product with n is exact
  static constexpr double kLn2Low = 1.42860682030941723212e-6;
  static constexpr double kRound =
      6755399441055744.0;  // 1.5 x 2^52: what is added rounds to a whole number
  static constexpr int kExponent = 52;
  // 1 / 2!, 1 / 3!, ...
  static constexpr double kTerms[] = {0.5,           1.0 / 6,        1.0 / 24,       1.0 / 120,
                                      1.0 / 720,     1.0 / 5040,     1.0 / 40320,    1.0 / 362880,
                                      1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600};
};
template <>
struct ExpNumbers<float> {
  static constexpr float kLeast = -87;
  static constexpr float kMost = 88;
  static constexpr float kLog2E = 1.44269504F;
  static constexpr float kLn2High = 0.693359375F;
  static constexpr float kLn2Low = -2.12194440e-4F;
  static constexpr float kRound = 12582912.0F;  // 1.5 x 2^23
  static constexpr int kExponent = 23;
  static constexpr float kTerms[] = {0.5F,       1.0F / 6,   1.0F / 24,
                                     1.0F / 120, 1.0F / 720, 1.0F / 5040};
};

// x <- exp(x).
template <class T, int Bytes>
FAIRDB_INLINE void exponential(typename VectorOf<T, Bytes>::Type& x) {
  using Numbers = ExpNumbers<T>;
  using V = typename VectorOf<T, Bytes>::Type;
  using Bits = typename VectorOf<typename BitsOf<T>::Type, Bytes>::Type;
  const Bits counts = (Bits)(x >= Numbers::kLeast);
  x = x > Numbers::kMost ? V{} + Numbers::kMost : x;
  const V shifted = x * Numbers::kLog2E + Numbers::kRound;
  const V n = shifted - Numbers::kRound;
  const V r = (x - n * Numbers::kLn2High) - n * Numbers::kLn2Low;
  // 1 + (r + r^2 q): the large terms come last. q in pairs, and pairs of those, whose sums do not
  // wait for one another (Estrin's scheme).
  constexpr const auto& c = Numbers::kTerms;
  const V r2 = r * r;
  const V r4 = r2 * r2;
  V q = (c[0] + c[1] * r) + (c[2] + c[3] * r) * r2;
  if constexpr (std::size(c) > 6) {
    q += ((c[4] + c[5] * r) + (c[6] + c[7] * r) * r2) * r4 +
         ((c[8] + c[9] * r) + c[10] * r2) * (r4 * r4);
  } else {
    q += (c[4] + c[5] * r) * r4;
  }
  const V sum = 1 + (r + r2 * q);
  // The low bits of `shifted` are n; shifted to the exponent they are a factor 2^n.
  const Bits bits = ((Bits)sum + ((Bits)shifted << Numbers::kExponent)) & counts;
  x = (V)bits;
}

// body(v, i): on vectors of an array of n; the last may be filled up with `rest`.
template <class T, int Bytes, class Body>
FAIRDB_INLINE void over(T* x, std::size_t n, Body body) {
  using V = typename VectorOf<T, Bytes>::Type;
  constexpr std::size_t kWidth = Bytes / sizeof(T);
  std::size_t i = 0;
  V v;
  for (; i + kWidth <= n; i += kWidth) {
    load(v, x + i);
    body(v);
    store(v, x + i);
  }
  if (i == n) return;
  T rest[kWidth] = {};
  std::copy(x + i, x + n, rest);
  load(v, rest);
  body(v);
  store(v, rest);
  std::copy(rest, rest + (n - i), x + i);
}

template <class T, int Bytes>
FAIRDB_INLINE void exponentials(T* x, std::size_t n) {
  using V = typename VectorOf<T, Bytes>::Type;
  over<T, Bytes>(
      x, n, [](V & v) __attribute__((always_inline)) { exponential<T, Bytes>(v); });
}

// --- Gaussian kernels ---

template <int Bytes>
FAIRDB_INLINE void gaussian(const GaussianSum& kernel,
                            typename VectorOf<double, Bytes>::Type& d,
                            typename VectorOf<double, Bytes>::Type& value) {
  using V = typename VectorOf<double, Bytes>::Type;
  d = d > 0 ? d : V{};
  V t = d * -kernel.rate;
  exponential<double, Bytes>(t);
  if (!kernel.mixture) {
    value = t;
    d = t * -kernel.rate;
    return;
  }
  const V t2 = t * t;
  const V t4 = t2 * t2;
  const V t8 = t4 * t4;
  const V t16 = t8 * t8;
  const V t32 = t16 * t16;
  const V t64 = t32 * t32;
  const V t128 = t64 * t64;
  const V t256 = t128 * t128;
  value = 0.2 * ((t + t4) + (t16 + t64) + t256);
  d = (-0.2 * kernel.rate) * ((t + 4 * t4) + (16 * t16 + 64 * t64) + 256 * t256);
}

template <int Bytes>
FAIRDB_INLINE void gaussian_kernels(const GaussianSum& kernel,
                                    double* d,
                                    double* value,
                                    std::size_t n) {
  using V = typename VectorOf<double, Bytes>::Type;
  constexpr std::size_t kWidth = Bytes / sizeof(double);
  V distance;
  V result;
  std::size_t i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    load(distance, d + i);
    gaussian<Bytes>(kernel, distance, result);
    store(distance, d + i);
    store(result, value + i);
  }
  if (i == n) return;
  double rest[kWidth] = {};
  std::copy(d + i, d + n, rest);
  load(distance, rest);
  gaussian<Bytes>(kernel, distance, result);
  store(distance, rest);
  std::copy(rest, rest + (n - i), d + i);
  store(result, rest);
  std::copy(rest, rest + (n - i), value + i);
}

// --- sums ---

// The lanes in the same tree whatever the vectors hold.
template <class T>
FAIRDB_INLINE T sum_of(const T (&lanes)[kLanes]) {
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
         ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

template <class T, int Bytes>
FAIRDB_INLINE T lane_dot(const T* x, const T* y, std::size_t n) {
  using V = typename VectorOf<T, Bytes>::Type;
  constexpr std::size_t kWidth = Bytes / sizeof(T);
  constexpr std::size_t kVectors = kLanes / kWidth;
  V sums[kVectors] = {};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) {
      V a;
      V b;
      load(a, x + i + v * kWidth);
      load(b, y + i + v * kWidth);
      sums[v] += a * b;
    }
  }
  T lanes[kLanes];
#pragma GCC unroll 4
  for (std::size_t v = 0; v < kVectors; ++v) store(sums[v], lanes + v * kWidth);
  for (std::size_t lane = 0; i < n; ++i, ++lane) lanes[lane] += x[i] * y[i];
  return sum_of(lanes);
}

template <class T, int Bytes>
FAIRDB_INLINE void lane_dots(
    const T* x, const T* rows, std::size_t count, std::size_t n, T* result) {
  for (std::size_t i = 0; i < count; ++i) result[i] = lane_dot<T, Bytes>(x, rows + i * n, n);
}

template <class T, int Bytes>
FAIRDB_INLINE void add_scaled(T factor, const T* x, T* y, std::size_t n) {
  using V = typename VectorOf<T, Bytes>::Type;
  constexpr std::size_t kWidth = Bytes / sizeof(T);
  std::size_t i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    V a;
    V b;
    load(a, x + i);
    load(b, y + i);
    store(V(b + factor * a), y + i);
  }
  for (; i < n; ++i) y[i] += factor * x[i];
}

// x_i <- exp(x_i - shift); returns their sum, in lanes.
template <class T, int Bytes>
FAIRDB_INLINE T shifted_exponentials(T shift, T* x, std::size_t n) {
  using V = typename VectorOf<T, Bytes>::Type;
  constexpr std::size_t kWidth = Bytes / sizeof(T);
  constexpr std::size_t kVectors = kLanes / kWidth;
  V sums[kVectors] = {};
  const auto eight = [&](T * at) __attribute__((always_inline)) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) {
      V e;
      load(e, at + v * kWidth);
      e -= shift;
      exponential<T, Bytes>(e);
      store(e, at + v * kWidth);
      sums[v] += e;
    }
  };
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) eight(x + i);
  if (i < n) {
    T rest[kLanes];
    std::fill(std::copy(x + i, x + n, rest), rest + kLanes, shift + 2 * ExpNumbers<T>::kLeast);
    eight(rest);
    std::copy(rest, rest + (n - i), x + i);
  }
  T lanes[kLanes];
#pragma GCC unroll 4
  for (std::size_t v = 0; v < kVectors; ++v) store(sums[v], lanes + v * kWidth);
  return sum_of(lanes);
}

// n > 0.
template <class T, int Bytes>
FAIRDB_INLINE T largest_of(const T* x, std::size_t n) {
  using V = typename VectorOf<T, Bytes>::Type;
  constexpr std::size_t kWidth = Bytes / sizeof(T);
  V most = V{} + x[0];
  std::size_t i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    V v;
    load(v, x + i);
    most = v > most ? v : most;
  }
  T largest = x[0];
  for (std::size_t k = 0; k < kWidth; ++k) largest = std::max<T>(largest, most[k]);
  for (; i < n; ++i) largest = std::max(largest, x[i]);
  return largest;
}

template <class T, int Bytes>
FAIRDB_INLINE void scale(T factor, T* x, std::size_t n) {
  using V = typename VectorOf<T, Bytes>::Type;
  over<T, Bytes>(
      x, n, [&](V & v) __attribute__((always_inline)) { v *= factor; });
}

template <class T, int Bytes>
FAIRDB_INLINE T softmax(T* x, std::size_t n, T& largest) {
  largest = largest_of<T, Bytes>(x, n);
  const T sum = shifted_exponentials<T, Bytes>(largest, x, n);
  scale<T, Bytes>(1 / sum, x, n);
  return sum;
}

template <int Bytes>
FAIRDB_INLINE bool distances_from_products(double of, const double* b, double* x, std::size_t n) {
  using V = typename VectorOf<double, Bytes>::Type;
  constexpr std::size_t kWidth = Bytes / sizeof(double);
  V least = V{} + 1;
  std::size_t i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    V square;
    V product;
    load(square, b + i);
    load(product, x + i);
    const V norms = of + square;
    const V distance = norms - 2 * product;
    store(V(distance > 0 ? distance : V{}), x + i);
    const V beyond = distance - kCancelled * norms;
    least = beyond < least ? beyond : least;
  }
  double smallest = 1;
  for (std::size_t k = 0; k < kWidth; ++k) smallest = std::min<double>(smallest, least[k]);
  for (; i < n; ++i) {
    const double norms = of + b[i];
    const double distance = norms - 2 * x[i];
    x[i] = std::max(0.0, distance);
    smallest = std::min(smallest, distance - kCancelled * norms);
  }
  return smallest <= 0;
}

}  // namespace fairdb::dense
