#include "core/representation/sinkhorn.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/dense_kernels.hpp"
#include "core/base/error.hpp"

namespace fairdb {
namespace {

// exp(-kDeepest), and factors beyond exp(kLargest), leave their products room in a double.
constexpr double kDeepest = 400;
constexpr double kLargest = 100;

// One transport problem between two groups, or of a group with itself. With potentials f and g the
// plan is
//   pi_ij = a_i b_j exp((f_i + g_j - cost_ij) / epsilon),
// of which the matrix k holds the exponentials for the absorbed f and g, and u, v the factors found
// since.
class Transport {
  // The weights of the rows and of the columns.
  auto a() const { return points_.weight().segment(row_, n_); }
  auto b() const { return points_.weight().segment(column_, m_); }

 public:
  Transport(const PointGroups& points, Index g, Index h, Monitor& monitor)
      : points_(points),
        row_(points.begin(g)),
        column_(points.begin(h)),
        n_(points.size(g)),
        m_(points.size(h)),
        symmetric_(g == h),
        monitor_(monitor) {
    k_.resize(n_, m_);
    f_.setZero(n_);
    g_.setZero(m_);
    u_.setOnes(n_);
    v_.setOnes(m_);
  }

  // Epsilon comes down by halves from where no exponential vanishes.
  SinkhornValue solve(const SinkhornOptions& options) {
    SinkhornValue result;
    constexpr double kWidest = 1e30;  // of costs in units of epsilon
    if (!(most_cost() <= kWidest * options.epsilon)) {
      throw Error(ErrorKind::OutOfRange, "some vectors are too far apart for this epsilon",
                  "One of them may be an error in the data; a larger epsilon allows more.");
    }
    double epsilon = std::max(options.epsilon, most_cost() / kDeepest);
    for (;;) {
      const bool last = epsilon <= options.epsilon;
      epsilon_ = last ? options.epsilon : epsilon;
      fill();
      iterate(last ? options.tolerance : 0.01, options.max_iterations, result);
      if (last) break;
      absorb();
      epsilon /= 2;
    }
    result.converged = result.marginal_error <= options.tolerance;
    result.value =
        a().dot(f_) + b().dot(g_) + epsilon_ * (a().dot(logarithm(u_)) + b().dot(logarithm(v_)));
    return result;
  }

  // Adds factor x the gradient of the value that solve() found; the potentials stay as they are
  // (envelope theorem): sum_j pi_ij (x_i - y_j).
  void add_gradient(double factor, RowMatrix& gradient) {
    const Index d = points_.dimensions();
    const Vector by_row = a().cwiseProduct(u_);
    const Vector by_column = b().cwiseProduct(v_);
    const auto x = points_.x().middleRows(row_, n_);
    const auto y = points_.x().middleRows(column_, m_);
    const RowMatrix of_rows = weighted_points(x, by_row);
    const RowMatrix of_columns = weighted_points(y, by_column);
    RowMatrix row_sums = RowMatrix::Zero(n_, d + 1);
    RowMatrix column_sums = RowMatrix::Zero(m_, d + 1);
    RowMatrix& mirror_sums = symmetric_ ? row_sums : column_sums;
    each_tile([&](const PairTile& tile, double* at) {
      const Index i0 = tile.row - row_;
      const Index j0 = tile.column - column_;
      const Strided<double> k{at, tile.rows, tile.columns, m_, 1};
      product(k, strided(of_columns.middleRows(j0, tile.columns)), row_sums.row(i0).data(), d + 1,
              Into::Add);
      if (symmetric_ && i0 == j0) return;
      product(k.transpose(), strided(of_rows.middleRows(i0, tile.rows)), mirror_sums.row(j0).data(),
              d + 1, Into::Add);
    });
    const double by = symmetric_ ? 2 * factor : factor;  // twice: both arguments move
    gradient.middleRows(row_, n_) += (by * by_row).asDiagonal() * pulls(x, row_sums);
    if (symmetric_) return;
    gradient.middleRows(column_, m_) += (by * by_column).asDiagonal() * pulls(y, column_sums);
  }

 private:
  static Vector logarithm(const Vector& x) { return x.array().log(); }

  // No cost is larger: by the triangle inequality from the mean.
  double most_cost() const {
    const auto farthest = [&](Index from, Index n) {
      return std::sqrt(points_.squares().segment(from, n).maxCoeff());
    };
    const double most = farthest(row_, n_) + farthest(column_, m_);
    return 0.5 * most * most;
  }

  // each(tile, its place in k): of a symmetric matrix those on and below the diagonal.
  template <class Each>
  void each_tile(Each each) {
    for (Index i = 0; i < n_; i += kTilePoints) {
      for (Index j = 0; j < (symmetric_ ? i + 1 : m_); j += kTilePoints) {
        monitor_.poll();
        each(PairTile{row_ + i, std::min(kTilePoints, n_ - i), column_ + j,
                      std::min(kTilePoints, m_ - j)},
             k_.data() + i * m_ + j);
      }
    }
  }

  void fill() {
    each_tile([&](const PairTile& tile, double* at) {
      squared_distances(points_, tile, at, m_);
      const Index i0 = tile.row - row_;
      const Index j0 = tile.column - column_;
      for (Index i = 0; i < tile.rows; ++i) {
        Eigen::Map<Eigen::ArrayXd> row(at + i * m_, tile.columns);
        row = (g_.segment(j0, tile.columns).array() + f_(i0 + i) - 0.5 * row) / epsilon_;
        exponentials(row.data(), static_cast<std::size_t>(tile.columns));
      }
    });
  }

  // The factors become part of the potentials.
  void absorb() {
    f_ += epsilon_ * logarithm(u_);
    g_ += epsilon_ * logarithm(v_);
    u_.setOnes();
    v_.setOnes();
  }

  bool too_large() const {
    const double most = std::exp(kLargest);
    return u_.maxCoeff() > most || v_.maxCoeff() > most || u_.minCoeff() < 1 / most ||
           v_.minCoeff() < 1 / most;
  }

  // Until the first marginal is within the tolerance, which each pass tells of the factors that it
  // began with.
  void iterate(double tolerance, std::int32_t max_iterations, SinkhornValue& result) {
    for (std::int32_t t = 0; t < max_iterations; ++t) {
      ++result.iterations;
      Vector u(n_);
      Vector v(m_);
      result.marginal_error = symmetric_ ? symmetric_step(u) : step(u, v);
      if (t > 0 && result.marginal_error <= tolerance) return;
      if (symmetric_) v = u;
      if (!u.allFinite() || !v.allFinite() || !(u.minCoeff() > 0) || !(v.minCoeff() > 0)) return;
      u_.swap(u);
      v_.swap(v);
      if (too_large()) {
        absorb();
        fill();
      }
    }
  }

  // u = 1 / (k (b v)), then v = 1 / (k' (a u)), in one pass over k.
  double step(Vector& u, Vector& v) {
    const Vector bv = b().cwiseProduct(v_);
    Vector sums = Vector::Zero(m_);
    double error = 0;
    for (Index i = 0; i < n_; ++i) {
      if (i % 64 == 0) monitor_.poll();
      const double* const row = k_.data() + i * m_;
      const double sum = lane_dot(row, bv.data(), static_cast<std::size_t>(m_));
      error += a()(i) * std::abs(u_(i) * sum - 1);
      u(i) = 1 / sum;
      add_scaled(a()(i) * u(i), row, sums.data(), static_cast<std::size_t>(m_));
    }
    v = sums.cwiseInverse();
    return error;
  }

  // Half a step in the logarithm: u = sqrt(u / (k (a u))), of the lower half of k.
  double symmetric_step(Vector& u) {
    const Vector au = a().cwiseProduct(u_);
    Vector sums = Vector::Zero(n_);
    for (Index i = 0; i < n_; ++i) {
      if (i % 64 == 0) monitor_.poll();
      const double* const row = k_.data() + i * m_;
      const auto before = static_cast<std::size_t>(i);
      sums(i) += lane_dot(row, au.data(), before + 1);
      add_scaled(au(i), row, sums.data(), before);
    }
    u = u_.cwiseQuotient(sums).cwiseSqrt();
    return a().dot((u_.cwiseProduct(sums).array() - 1).abs().matrix());
  }

  const PointGroups& points_;
  Index row_;
  Index column_;
  Index n_;
  Index m_;
  bool symmetric_;
  Monitor& monitor_;
  double epsilon_ = 1;
  RowMatrix k_;
  Vector f_;
  Vector g_;
  Vector u_;
  Vector v_;
};

// Adds factor x the value of one problem, and of its gradient where one is asked for.
double solve(const PointGroups& points,
             Index g,
             Index h,
             double factor,
             const SinkhornOptions& options,
             SinkhornValue& total,
             RowMatrix* gradient,
             Monitor& monitor) {
  Transport transport(points, g, h, monitor);
  const SinkhornValue solved = transport.solve(options);
  total.iterations += solved.iterations;
  if (!(solved.marginal_error <= total.marginal_error))
    total.marginal_error = solved.marginal_error;
  total.converged = total.converged && solved.converged;
  total.value += factor * solved.value;
  if (gradient != nullptr) transport.add_gradient(factor, *gradient);
  return solved.value;
}

}  // namespace

std::size_t sinkhorn_bytes(Index of_a_group, Index of_another) noexcept {
  return static_cast<std::size_t>(of_a_group) * static_cast<std::size_t>(of_another) *
         sizeof(double);
}

SinkhornValue sinkhorn_divergences(const PointGroups& points,
                                   const SinkhornOptions& options,
                                   Eigen::MatrixXd& divergences,
                                   Monitor& monitor) {
  const Index k = points.groups();
  divergences.setZero(k, k);
  SinkhornValue total;
  Vector own(k);
  for (Index g = 0; g < k; ++g) own(g) = solve(points, g, g, 0, options, total, nullptr, monitor);
  for (Index g = 0; g < k; ++g) {
    for (Index h = 0; h < g; ++h) {
      const double between = solve(points, g, h, 0, options, total, nullptr, monitor);
      divergences(g, h) = divergences(h, g) = between - 0.5 * (own(g) + own(h));
    }
  }
  total.value = divergences.maxCoeff();
  return total;
}

// Each group's own term is in k - 1 of the k (k - 1) / 2 pairs, by half.
SinkhornValue mean_sinkhorn(const PointGroups& points,
                            const SinkhornOptions& options,
                            RowMatrix& gradient,
                            Monitor& monitor) {
  const Index k = points.groups();
  FAIRDB_ASSERT(k >= 2);
  gradient.setZero(points.points(), points.dimensions());
  SinkhornValue total;
  const double pairs = 0.5 * static_cast<double>(k * (k - 1));
  for (Index g = 0; g < k; ++g) {
    for (Index h = 0; h <= g; ++h) {
      const double factor = g == h ? -0.5 * static_cast<double>(k - 1) / pairs : 1 / pairs;
      solve(points, g, h, factor, options, total, &gradient, monitor);
    }
  }
  return total;
}

}  // namespace fairdb
