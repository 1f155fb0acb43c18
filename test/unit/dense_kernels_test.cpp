// The dense kernels: right, and the same bits for every instruction set that this machine has.
#include "core/base/dense_kernels.hpp"

#include <array>
#include <cmath>
#include <cstring>

#include "unit/support/support.hpp"

namespace fairdb {
namespace {

// Runs f with each instruction set of the machine in turn, and leaves the best in use.
template <class F>
void with_each_set(F f) {
  for (const InstructionSet set : {InstructionSet::Baseline, InstructionSet::Avx2}) {
    if (set > best_instruction_set()) continue;
    use_instruction_set(set);
    f(set);
  }
  use_instruction_set(best_instruction_set());
}

RowMatrix random_matrix(Random& random, Index rows, Index columns) {
  RowMatrix m(rows, columns);
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) m(i, j) = random.normal();
  }
  return m;
}

// The sum of each element in the order that the header promises.
RowMatrix promised_product(const RowMatrix& a, const RowMatrix& b, const RowMatrix& start) {
  RowMatrix c = start;
  for (Index i = 0; i < a.rows(); ++i) {
    for (Index j = 0; j < b.cols(); ++j) {
      for (Index p = 0; p < a.cols(); p += kInner) {
        double sum = 0;
        for (Index q = p; q < std::min(a.cols(), p + kInner); ++q) sum += a(i, q) * b(q, j);
        c(i, j) += sum;
      }
    }
  }
  return c;
}

TEST(DenseKernels, ProductsAreTheirSumsInOrderWhateverTheShape) {
  Random random(1);
  const Index shapes[][3] = {{1, 1, 1},     {3, 5, 2},      {4, 8, 7},
                             {65, 130, 10}, {130, 65, 300}, {17, 33, 257}};
  for (const auto& [m, n, k] : shapes) {
    const RowMatrix a = random_matrix(random, m, k);
    const RowMatrix b = random_matrix(random, k, n);
    const RowMatrix start = random_matrix(random, m, n);
    const RowMatrix expected = promised_product(a, b, start);
    const RowMatrix fresh = promised_product(a, b, RowMatrix::Zero(m, n));
    with_each_set([&](InstructionSet set) {
      RowMatrix c = start;
      product(strided(a), strided(b), c.data(), n, Into::Add);
      EXPECT_EQ(c, expected) << name(set) << " " << m << " " << n << " " << k;
      product(strided(a), strided(b), c.data(), n, Into::Set);
      EXPECT_EQ(c, fresh) << name(set);
      // Of transposes, and into columns of a wider matrix.
      const RowMatrix at = a.transpose();
      const Eigen::MatrixXd columns = b;
      RowMatrix wide = RowMatrix::Constant(m, n + 3, 7);
      product(strided(at).transpose(), strided(columns), wide.data() + 1, n + 3, Into::Set);
      EXPECT_EQ(RowMatrix(wide.middleCols(1, n)), fresh) << name(set);
      EXPECT_TRUE((wide.col(0).array() == 7).all() && (wide.rightCols(2).array() == 7).all());
    });
  }
}

TEST(DenseKernels, TheUpperPartOfASymmetricProductIsThatOfTheWhole) {
  Random random(2);
  for (const Index d : {Index{1}, Index{21}, Index{150}}) {
    const RowMatrix x = random_matrix(random, 300, d);
    with_each_set([&](InstructionSet set) {
      RowMatrix whole(d, d);
      RowMatrix upper = RowMatrix::Zero(d, d);
      Eigen::MatrixXd lower = Eigen::MatrixXd::Zero(d, d);
      product(strided(x).transpose(), strided(x), whole.data(), d, Into::Set);
      product(strided(x).transpose(), strided(x), upper.data(), d, Into::Set, ProductPart::Upper);
      add_gram(x, lower);
      EXPECT_EQ(RowMatrix(whole.triangularView<Eigen::Upper>()),
                RowMatrix(upper.triangularView<Eigen::Upper>()))
          << name(set);
      EXPECT_EQ(RowMatrix(whole.triangularView<Eigen::Lower>()),
                RowMatrix(lower.triangularView<Eigen::Lower>()))
          << name(set);
    });
  }
}

using Floats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Numbers of very different sizes, so that sums of floats round in every way.
Floats wild_matrix(Random& random, Index rows, Index columns) {
  Floats m(rows, columns);
  for (Index i = 0; i < m.size(); ++i) {
    m.data()[i] = static_cast<float>(std::ldexp(random.normal(), random.below(60) - 30));
  }
  return m;
}

TEST(DenseKernels, ProductsOfFloatsAreFusedSumsInOrderEverywhere) {
  Random random(3);
  const Index shapes[][3] = {{1, 1, 1},      {5, 3, 2},      {6, 16, 7},    {37, 29, 300},
                             {97, 130, 100}, {130, 97, 600}, {100, 8, 257}, {6, 17, 1}};
  for (const auto& [m, n, k] : shapes) {
    const Floats a = wild_matrix(random, m, k);
    const Floats b = wild_matrix(random, k, n);
    Floats expected(m, n);
    for (Index i = 0; i < m; ++i) {
      for (Index j = 0; j < n; ++j) {
        for (Index p = 0; p < k; p += kInner) {
          float sum = 0;
          for (Index q = p; q < std::min(k, p + kInner); ++q) sum = std::fma(a(i, q), b(q, j), sum);
          expected(i, j) = p == 0 ? sum : expected(i, j) + sum;
        }
      }
    }
    with_each_set([&](InstructionSet set) {
      Floats c(m, n);
      product(strided(a), strided(b), c.data(), n, Into::Set);
      EXPECT_EQ(c, expected) << name(set) << " " << m << " " << n << " " << k;
      const Floats at = a.transpose();
      const Floats bt = b.transpose();
      product(strided(at).transpose(), strided(bt).transpose(), c.data(), n, Into::Set);
      EXPECT_EQ(c, expected) << name(set) << " " << m << " " << n << " " << k;
    });
  }
}

TEST(DenseKernels, SoftmaxOfFloats) {
  Random random(4);
  for (const std::size_t n : {1U, 2U, 7U, 8U, 9U, 63U, 500U, 501U}) {
    std::vector<float> x(n);
    for (float& v : x) v = static_cast<float>(10 * random.normal());
    if (n > 2) x[1] = -1e30F;
    double largest = -INFINITY;
    for (const float v : x) largest = std::max<double>(largest, v);
    double sum = 0;
    for (const float v : x) sum += std::exp(v - largest);
    std::vector<std::vector<float>> results;
    with_each_set([&](InstructionSet) {
      std::vector<float> y = x;
      EXPECT_NEAR(softmax(y.data(), n), largest + std::log(sum), 1e-5);
      results.push_back(y);
    });
    for (std::size_t i = 0; i < n; ++i) {
      EXPECT_NEAR(results[0][i], std::exp(x[i] - largest) / sum, 1e-6);
      for (const auto& y : results) EXPECT_EQ(y[i], results[0][i]);
    }
  }
}

TEST(DenseKernels, DotsOfFloatsAreTheSameEverywhere) {
  Random random(5);
  for (const Index n : {1, 7, 8, 9, 100, 101}) {
    const Floats rows = random_matrix(random, 5, n).cast<float>();
    const Floats x = random_matrix(random, 1, n).cast<float>();
    std::vector<std::array<float, 5>> results;
    with_each_set([&](InstructionSet) {
      std::array<float, 5> dots{};
      lane_dots(x.data(), rows.data(), 5, static_cast<std::size_t>(n), dots.data());
      results.push_back(dots);
      EXPECT_EQ(dots[3], lane_dot(x.data(), rows.row(3).data(), static_cast<std::size_t>(n)));
    });
    for (const auto& dots : results) EXPECT_EQ(dots, results.front());
    EXPECT_NEAR(results[0][2], rows.row(2).cast<double>().dot(x.row(0).cast<double>()), 1e-4);
  }
}

TEST(DenseKernels, ExponentialsAreWithinThreeUnitsInTheLastPlace) {
  std::vector<double> x;
  for (double at = -707.9; at < 709; at += 0.01371) x.push_back(at);
  for (const double at : {0.0, -0.0, 1e-300, -1e-17, 1.0, -1.0, 708.99}) x.push_back(at);
  std::vector<std::vector<double>> results;
  with_each_set([&](InstructionSet) {
    std::vector<double> y = x;
    exponentials(y.data(), y.size());
    results.push_back(y);
  });
  for (std::size_t i = 0; i < x.size(); ++i) {
    const long double exact = std::exp(static_cast<long double>(x[i]));
    const double unit =
        std::nextafter(static_cast<double>(exact), INFINITY) - static_cast<double>(exact);
    EXPECT_LE(std::abs(static_cast<double>(results[0][i] - exact)), 3 * unit) << x[i];
    for (const auto& y : results) EXPECT_EQ(y[i], results[0][i]) << x[i];
  }
  std::vector<double> ends = {-708.5, -1e300, -INFINITY, 1e300};
  exponentials(ends.data(), ends.size());
  EXPECT_EQ(ends[0], 0);
  EXPECT_EQ(ends[1], 0);
  EXPECT_EQ(ends[2], 0);
  EXPECT_NEAR(ends[3] / std::exp(709.0), 1, 1e-15);
}

TEST(DenseKernels, ExponentialsOfFloats) {
  std::vector<float> x;
  for (float at = -86.9F; at < 88; at += 0.0137F) x.push_back(at);
  std::vector<std::vector<float>> results;
  with_each_set([&](InstructionSet) {
    std::vector<float> y = x;
    exponentials(y.data(), y.size());
    results.push_back(y);
  });
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_NEAR(results[0][i] / std::exp(static_cast<double>(x[i])), 1, 3e-7) << x[i];
    for (const auto& y : results) EXPECT_EQ(y[i], results[0][i]);
  }
}

TEST(DenseKernels, GaussianKernelsAndTheirSlopes) {
  std::vector<double> d;
  for (double at = -0.1; at < 50; at += 0.0371) d.push_back(at);
  for (const bool mixture : {false, true}) {
    const GaussianSum kernel{0.03, mixture};
    std::vector<std::vector<double>> results;
    with_each_set([&](InstructionSet) {
      std::vector<double> slope = d;
      std::vector<double> value(d.size());
      gaussian_kernels(kernel, slope.data(), value.data(), d.size());
      results.push_back(value);
      results.push_back(slope);
    });
    for (std::size_t i = 0; i < d.size(); ++i) {
      double value = 0;
      double slope = 0;
      for (const double power : {1.0, 4.0, 16.0, 64.0, 256.0}) {
        if (!mixture && power > 1) continue;
        const double share = mixture ? 0.2 : 1;
        const double k = share * std::exp(-0.03 * power * std::max(0.0, d[i]));
        value += k;
        slope -= 0.03 * power * k;
      }
      EXPECT_NEAR(results[0][i], value, 1e-13);
      EXPECT_NEAR(results[1][i], slope, 1e-13);
      for (std::size_t set = 2; set < results.size(); ++set)
        EXPECT_EQ(results[set][i], results[set % 2][i]);
    }
  }
}

TEST(DenseKernels, SumsRunInLanes) {
  Random random(4);
  for (const std::size_t n : {0U, 1U, 7U, 8U, 100U, 1003U}) {
    std::vector<double> x(n);
    std::vector<double> y(n);
    double lanes[kLanes] = {};
    for (std::size_t i = 0; i < n; ++i) {
      x[i] = random.normal();
      y[i] = random.normal();
      lanes[i % kLanes] += x[i] * y[i];
    }
    const double expected = ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
                            ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
    with_each_set([&](InstructionSet set) {
      EXPECT_EQ(lane_dot(x.data(), y.data(), n), expected) << name(set);
      std::vector<double> z = y;
      add_scaled(0.3, x.data(), z.data(), n);
      std::vector<double> distance = x;
      const bool cancelled = distances_from_products(0.5, y.data(), distance.data(), n);
      bool small = false;
      for (std::size_t i = 0; i < n; ++i) {
        EXPECT_EQ(z[i], y[i] + 0.3 * x[i]);
        EXPECT_EQ(distance[i], std::max(0.0, 0.5 + y[i] - 2 * x[i]));
        small = small || 0.5 + y[i] - 2 * x[i] <= kCancelled * (0.5 + y[i]);
      }
      EXPECT_EQ(cancelled, small);
    });
  }
}

TEST(DenseKernels, OnlyWhatTheMachineHasCanBeChosen) {
  if (best_instruction_set() == InstructionSet::Baseline) {
    EXPECT_THROW(use_instruction_set(InstructionSet::Avx2), Error);
  }
  use_instruction_set(InstructionSet::Baseline);
  EXPECT_EQ(instruction_set(), InstructionSet::Baseline);
  use_instruction_set(best_instruction_set());
  EXPECT_EQ(instruction_set(), best_instruction_set());
}

}  // namespace
}  // namespace fairdb
