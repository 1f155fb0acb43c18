// Times the divergences with their gradients, on vectors of a file: as training uses them, without
// a server.
//
//   divergences FILE N M D BANDWIDTH EPSILON
//   divergences test FILE RUNS N M D PERMUTATIONS
//
// FILE: (N + M) x D doubles, the vectors of two groups. Prints a line for each instruction set and
// divergence: value, |gradient|, milliseconds (the best of ROUNDS); and the same for the products
// and exponentials that none can avoid. Or of RUNS such files in one the p-values of the test, a
// line of mmd and energy for each.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "core/base/dense_kernels.hpp"
#include "core/representation/divergence_test.hpp"
#include "core/representation/kernel_means.hpp"
#include "core/representation/sinkhorn.hpp"

namespace fairdb {
namespace {

constexpr int kRounds = 7;

template <class F>
double milliseconds(F f) {
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    f();
    const std::chrono::duration<double, std::milli> passed =
        std::chrono::steady_clock::now() - start;
    best = std::min(best, passed.count());
  }
  return best;
}

// The tiles of a matrix of pairs: one product to distances, one exponential each, and two products
// for the gradients of rows and columns; of the pairs within a group half.
void unavoidable(const PointGroups& points, RowMatrix& sums) {
  std::vector<double> tile(static_cast<std::size_t>(kTilePoints * kTilePoints));
  const Index d = points.dimensions();
  for (Index g = 0; g < points.groups(); ++g) {
    for (Index h = 0; h <= g; ++h) {
      for (Index i = points.begin(g); i < points.begin(g + 1); i += kTilePoints) {
        const Index end = g == h ? i + 1 : points.begin(h + 1);
        for (Index j = points.begin(h); j < end; j += kTilePoints) {
          const Index rows = std::min(kTilePoints, points.begin(g + 1) - i);
          const Index columns = std::min(kTilePoints, points.begin(h + 1) - j);
          const auto x = points.x().middleRows(i, rows);
          const auto y = points.x().middleRows(j, columns);
          product(strided(x), strided(y).transpose(), tile.data(), kTilePoints, Into::Set);
          for (Index k = 0; k < rows; ++k)
            exponentials(tile.data() + k * kTilePoints, static_cast<std::size_t>(columns));
          const Strided<double> k{tile.data(), rows, columns, kTilePoints, 1};
          product(k, strided(y), sums.row(i).data(), d, Into::Set);
          product(k.transpose(), strided(x), sums.row(j).data(), d, Into::Set);
        }
      }
    }
  }
}

// The next rows of a file.
RowMatrix read_rows(std::ifstream& file, Index rows, Index columns) {
  RowMatrix x(rows, columns);
  file.read(reinterpret_cast<char*>(x.data()),
            static_cast<std::streamsize>(sizeof(double)) * x.size());
  if (!file) {
    std::fprintf(stderr, "the file is too short\n");
    std::exit(1);
  }
  return x;
}

int test(char** arguments) {
  std::ifstream file(arguments[2], std::ios::binary);
  const long runs = std::atol(arguments[3]);
  const Index n = std::atol(arguments[4]);
  const Index m = std::atol(arguments[5]);
  const Index d = std::atol(arguments[6]);
  const auto permutations = static_cast<std::int32_t>(std::atol(arguments[7]));
  Monitor monitor;
  for (long run = 0; run < runs; ++run) {
    const RowMatrix x = read_rows(file, n + m, d);
    VectorSample sample;
    for (Index i = 0; i < n + m; ++i)
      sample.add({x.row(i).data(), static_cast<std::size_t>(d)}, i < n ? "a" : "b");
    const auto p_value = [&](Divergence divergence) {
      return test_divergence(sample,
                             {.divergence = divergence,
                              .permutations = permutations,
                              .seed = static_cast<std::uint64_t>(run)},
                             monitor)
          .p_value.value();
    };
    std::printf("%.17g %.17g\n", p_value(Divergence::Mmd), p_value(Divergence::Energy));
  }
  return 0;
}

int run(char** arguments) {
  const Index n = std::atol(arguments[2]);
  const Index m = std::atol(arguments[3]);
  const Index d = std::atol(arguments[4]);
  std::ifstream file(arguments[1], std::ios::binary);
  const RowMatrix x = read_rows(file, n + m, d);
  const PointGroups points(x, {0, n, n + m}, Vector::Ones(n + m));
  const PairKernel gaussian = gaussian_of(std::atof(arguments[5]));
  const SinkhornOptions sinkhorn{std::atof(arguments[6])};
  Monitor monitor;
  RowMatrix gradient(n + m, d);
  for (const InstructionSet set : {InstructionSet::Baseline, InstructionSet::Avx2}) {
    if (set > best_instruction_set()) continue;
    use_instruction_set(set);
    const auto tell = [&](const char* what, double value, double time) {
      std::printf("%s %s %.15g %.15g %.3f\n", std::string(name(set)).c_str(), what, value,
                  gradient.norm(), time);
    };
    double value = 0;
    double time = milliseconds(
        [&] { value = mean_divergence(points, gaussian, Estimate::Biased, gradient, monitor); });
    tell("mmd", value, time);
    const PairKernel mixture = gaussian_mixture(points.median_squared_distance(2000, monitor));
    time = milliseconds(
        [&] { value = mean_divergence(points, mixture, Estimate::Biased, gradient, monitor); });
    tell("mixture", value, time);
    time = milliseconds([&] { value = mean_sinkhorn(points, sinkhorn, gradient, monitor).value; });
    tell("sinkhorn", value, time);
    time = milliseconds([&] { unavoidable(points, gradient); });
    tell("unavoidable", 0, time);
  }
  return 0;
}

}  // namespace
}  // namespace fairdb

int main(int count, char** arguments) {
  if (count == 8 && std::string(arguments[1]) == "test") return fairdb::test(arguments);
  if (count != 7) {
    std::fprintf(stderr,
                 "usage: divergences FILE N M D BANDWIDTH EPSILON\n"
                 "       divergences test FILE RUNS N M D PERMUTATIONS\n");
    return 1;
  }
  return fairdb::run(arguments);
}
