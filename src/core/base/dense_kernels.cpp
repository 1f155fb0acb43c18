#include "core/base/dense_kernels.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <string>

#include "core/base/dense_kernels_body.hpp"
#include "core/base/error.hpp"

// Where a function can be compiled for a processor that may not be there, and the machine asked
// whether it is.
#if defined(__x86_64__) && defined(__GNUC__)
#define FAIRDB_HAS_AVX2 1
#endif

namespace fairdb {
namespace {

std::atomic<InstructionSet>& in_use() noexcept {
  static std::atomic<InstructionSet> set{best_instruction_set()};
  return set;
}

}  // namespace

InstructionSet best_instruction_set() noexcept {
#ifdef FAIRDB_HAS_AVX2
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return InstructionSet::Avx2;
#endif
  return InstructionSet::Baseline;
}

InstructionSet instruction_set() noexcept {
  return in_use().load(std::memory_order_relaxed);
}

void use_instruction_set(InstructionSet wanted) {
  if (wanted > best_instruction_set()) {
    throw Error(ErrorKind::InvalidArgument, "this machine has no " + std::string(name(wanted)));
  }
  in_use().store(wanted, std::memory_order_relaxed);
}

namespace {

// Room for the panels of a product, no more than it needs: the allocator hands out large pieces
// slowly.
template <class T>
struct Panels {
  Panels(const Strided<T>& a, const Strided<T>& b)
      : of_a(room(std::min(a.rows, dense::kPanelRows), a.columns)),
        of_b(room(std::min(b.columns, dense::kPanelColumns), a.columns)) {}

  std::unique_ptr<T[]> of_a;
  std::unique_ptr<T[]> of_b;

 private:
  static std::unique_ptr<T[]> room(Index width, Index inner) {
    constexpr Index kWidestTile = 16;  // by which the last tile is filled up at most
    return std::unique_ptr<T[]>(
        new T[static_cast<std::size_t>((width + kWidestTile) * std::min(inner, kInner))]);
  }
};

// The kernels compiled for one instruction set.
// NOLINTBEGIN(bugprone-macro-parentheses): a type and an attribute
#define FAIRDB_KERNELS(SET, BYTES, TARGET)                                                       \
  struct SET {                                                                                   \
    template <class T>                                                                           \
    TARGET static void product(const Strided<T>& a,                                              \
                               const Strided<T>& b,                                              \
                               T* c,                                                             \
                               Index step,                                                       \
                               Into into,                                                        \
                               ProductPart part,                                                 \
                               const Panels<T>& panels) {                                        \
      dense::product<T, BYTES>(a, b, c, step, into, part, panels.of_a.get(), panels.of_b.get()); \
    }                                                                                            \
    template <class T>                                                                           \
    TARGET static void exponentials(T* x, std::size_t n) {                                       \
      dense::exponentials<T, BYTES>(x, n);                                                       \
    }                                                                                            \
    TARGET static void gaussian_kernels(const GaussianSum& kernel,                               \
                                        double* d,                                               \
                                        double* value,                                           \
                                        std::size_t n) {                                         \
      dense::gaussian_kernels<BYTES>(kernel, d, value, n);                                       \
    }                                                                                            \
    template <class T>                                                                           \
    TARGET static T lane_dot(const T* x, const T* y, std::size_t n) {                            \
      return dense::lane_dot<T, BYTES>(x, y, n);                                                 \
    }                                                                                            \
    TARGET static void lane_dots(                                                                \
        const float* x, const float* rows, std::size_t count, std::size_t n, float* result) {    \
      dense::lane_dots<float, BYTES>(x, rows, count, n, result);                                 \
    }                                                                                            \
    template <class T>                                                                           \
    TARGET static void add_scaled(T factor, const T* x, T* y, std::size_t n) {                   \
      dense::add_scaled<T, BYTES>(factor, x, y, n);                                              \
    }                                                                                            \
    TARGET static float softmax(float* x, std::size_t n, float& largest) {                       \
      return dense::softmax<float, BYTES>(x, n, largest);                                        \
    }                                                                                            \
    TARGET static bool distances_from_products(double of,                                        \
                                               const double* b,                                  \
                                               double* x,                                        \
                                               std::size_t n) {                                  \
      return dense::distances_from_products<BYTES>(of, b, x, n);                                 \
    }                                                                                            \
  };
// NOLINTEND(bugprone-macro-parentheses)
FAIRDB_KERNELS(Baseline, 16, )
#ifdef FAIRDB_HAS_AVX2
FAIRDB_KERNELS(Avx2, 32, __attribute__((target("avx2,fma"))))
#endif

// call(set): with the set in use.
template <class Call>
auto with_set_in_use(Call call) {
#ifdef FAIRDB_HAS_AVX2
  if (instruction_set() == InstructionSet::Avx2) return call(Avx2{});
#endif
  return call(Baseline{});
}

}  // namespace

void product(const Strided<double>& a,
             const Strided<double>& b,
             double* c,
             Index step,
             Into into,
             ProductPart part) {
  const Panels<double> panels(a, b);
  with_set_in_use([&](auto set) { set.product(a, b, c, step, into, part, panels); });
}
void product(const Strided<float>& a,
             const Strided<float>& b,
             float* c,
             Index step,
             Into into,
             ProductPart part) {
  const Panels<float> panels(a, b);
  with_set_in_use([&](auto set) { set.product(a, b, c, step, into, part, panels); });
}
void add_gram(const MatrixView& x, Eigen::MatrixXd& lower) {
  product(strided(x).transpose(), strided(x), lower.data(), lower.rows(), Into::Add,
          ProductPart::Upper);
}
void exponentials(double* x, std::size_t n) {
  with_set_in_use([&](auto set) { set.exponentials(x, n); });
}
void exponentials(float* x, std::size_t n) {
  with_set_in_use([&](auto set) { set.exponentials(x, n); });
}
void gaussian_kernels(const GaussianSum& kernel, double* d, double* value, std::size_t n) {
  with_set_in_use([&](auto set) { set.gaussian_kernels(kernel, d, value, n); });
}
double lane_dot(const double* x, const double* y, std::size_t n) {
  return with_set_in_use([&](auto set) { return set.lane_dot(x, y, n); });
}
float lane_dot(const float* x, const float* y, std::size_t n) {
  return with_set_in_use([&](auto set) { return set.lane_dot(x, y, n); });
}
void lane_dots(const float* x, const float* rows, std::size_t count, std::size_t n, float* result) {
  with_set_in_use([&](auto set) { set.lane_dots(x, rows, count, n, result); });
}
void add_scaled(double factor, const double* x, double* y, std::size_t n) {
  with_set_in_use([&](auto set) { set.add_scaled(factor, x, y, n); });
}
void add_scaled(float factor, const float* x, float* y, std::size_t n) {
  with_set_in_use([&](auto set) { set.add_scaled(factor, x, y, n); });
}
double softmax(float* x, std::size_t n) {
  float largest = 0;
  const float sum = with_set_in_use([&](auto set) { return set.softmax(x, n, largest); });
  return static_cast<double>(largest) + std::log(static_cast<double>(sum));
}
bool distances_from_products(double of, const double* b, double* x, std::size_t n) {
  return with_set_in_use([&](auto set) { return set.distances_from_products(of, b, x, n); });
}

}  // namespace fairdb
