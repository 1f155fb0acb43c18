// Every solver on problems whose optimum is known.
#include <cmath>
#include <numeric>

#include "core/optimize/adam.hpp"
#include "core/optimize/dense.hpp"
#include "core/optimize/interior_point.hpp"
#include "core/optimize/lbfgs.hpp"
#include "core/optimize/newton.hpp"
#include "core/optimize/polyhedron.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

using test::Random;

// 1/2 (x - a)' D (x - a) with eigenvalues from 1 to the condition number.
struct Quadratic {
  Vector a;
  Vector d;

  static Quadratic of(Index n, double condition) {
    Quadratic q{Vector::LinSpaced(n, -1, 2), Vector(n)};
    for (Index j = 0; j < n; ++j) {
      q.d(j) = std::pow(condition, static_cast<double>(j) / static_cast<double>(n - 1));
    }
    return q;
  }
  Index size() const { return a.size(); }
  double evaluate(const VectorView& x, VectorSpan gradient) const {
    gradient = d.cwiseProduct(x - a);
    return 0.5 * gradient.dot(x - a);
  }
  double evaluate(const VectorView& x, VectorSpan gradient, Eigen::MatrixXd& hessian) const {
    hessian = d.asDiagonal();
    return evaluate(x, gradient);
  }
};

// Rosenbrock's valley, whose floor is curved: 100 (y - x^2)^2 + (1 - x)^2, pair by pair.
struct Rosenbrock {
  Index n;
  Index size() const { return n; }
  double evaluate(const VectorView& x, VectorSpan gradient) const {
    double value = 0;
    for (Index j = 0; j < n; j += 2) {
      const double across = x(j + 1) - x(j) * x(j);
      value += 100 * across * across + (1 - x(j)) * (1 - x(j));
      gradient(j) = -400 * x(j) * across - 2 * (1 - x(j));
      gradient(j + 1) = 200 * across;
    }
    return value;
  }
};

// sum of log cosh (x_j - j): smooth, convex, with a bounded gradient. Its minimum is 0 at x_j = j.
struct LogCosh {
  Index n;
  Index size() const { return n; }
  double evaluate(const VectorView& x, VectorSpan gradient) const {
    double value = 0;
    for (Index j = 0; j < n; ++j) {
      const double r = x(j) - static_cast<double>(j);
      value += std::abs(r) + std::log1p(std::exp(-2 * std::abs(r))) - std::log(2.0);
      gradient(j) = std::tanh(r);
    }
    return value;
  }
};

TEST(Newton, TakesOneStepToTheMinimumOfAQuadratic) {
  const Quadratic f = Quadratic::of(10, 1e8);
  Vector x = Vector::Zero(10);
  Monitor quiet;
  const Report report = minimize_newton(f, x, FreeStep{}, {}, quiet);
  EXPECT_EQ(report.outcome, Outcome::Converged);
  EXPECT_LE(report.iterations, 2);
  EXPECT_LT((x - f.a).lpNorm<Eigen::Infinity>(), 1e-8);
}

TEST(Newton, StopsAtTheEdgeOfAPolytope) {
  // x_0 + x_1 <= 0 of a quadratic whose minimum has x_0 + x_1 = 2: the nearest point, (0, 0).
  const Quadratic f{Vector::Ones(2), Vector::Ones(2)};
  RowMatrix a(1, 2);
  a << -1, -1;
  const auto inside = [](const Vector& x) { return x.sum() <= 0; };
  Monitor quiet;
  const PolytopeStep step(a, Vector::Zero(1), inside, quiet);
  Vector x(2);
  x << -3, 1;
  const Report report = minimize_newton(f, x, step, {.tolerance = 1e-9}, quiet);
  EXPECT_EQ(report.outcome, Outcome::Converged);
  EXPECT_LT(x.norm(), 1e-6);
}

TEST(Lbfgs, FindsTheMinimumOfABadlyConditionedQuadratic) {
  for (const double condition : {1.0, 1e2, 1e4}) {
    const Quadratic f = Quadratic::of(50, condition);
    Vector x = Vector::Zero(50);
    Monitor quiet;
    const Report report = minimize_lbfgs(f, x, {}, quiet);
    EXPECT_EQ(report.outcome, Outcome::Converged) << condition;
    EXPECT_LT(report.objective, 1e-9) << condition;
    EXPECT_LT(report.evaluations, 1200) << condition;
    EXPECT_EQ(report.trace.size(), static_cast<std::size_t>(report.iterations) + 1);
  }
}

TEST(Lbfgs, FollowsAValley) {
  const Rosenbrock f{20};
  Vector x(20);
  for (Index j = 0; j < 20; ++j) x(j) = j % 2 == 0 ? -1.2 : 1.0;
  Monitor quiet;
  const Report report = minimize_lbfgs(f, x, {}, quiet);
  EXPECT_EQ(report.outcome, Outcome::Converged);
  EXPECT_LT((x - Vector::Ones(20)).lpNorm<Eigen::Infinity>(), 1e-6);
  EXPECT_LT(report.evaluations, 120);
}

TEST(Lbfgs, FindsAMinimumFromFarAway) {
  const LogCosh f{30};
  Vector x = Vector::Constant(30, 1e4);
  Monitor quiet;
  const Report report = minimize_lbfgs(f, x, {}, quiet);
  EXPECT_EQ(report.outcome, Outcome::Converged);
  EXPECT_LT((x - Vector::LinSpaced(30, 0, 29)).lpNorm<Eigen::Infinity>(), 1e-6);
}

// The value never rises, whatever the function does beyond a wall.
TEST(Lbfgs, KeepsItsBestPointBesideAWall) {
  struct Barrier {
    Index size() const { return 1; }
    double evaluate(const VectorView& x, VectorSpan gradient) const {
      gradient(0) = 1 - 1e-3 / x(0);
      return x(0) > 0 ? x(0) - 1e-3 * std::log(x(0)) : std::nan("");
    }
  };
  Vector x = Vector::Constant(1, 5);
  Monitor quiet;
  const Report report = minimize_lbfgs(Barrier{}, x, {}, quiet);
  EXPECT_EQ(report.outcome, Outcome::Converged);
  EXPECT_NEAR(x(0), 1e-3, 1e-9);
  for (std::size_t k = 1; k < report.trace.size(); ++k) {
    EXPECT_LE(report.trace[k].objective, report.trace[k - 1].objective);
  }
}

TEST(Lbfgs, ReportsALimitAndABadStart) {
  const Rosenbrock f{2};
  Vector x(2);
  x << -1.2, 1;
  Monitor quiet;
  EXPECT_EQ(minimize_lbfgs(f, x, {.max_iterations = 3}, quiet).outcome, Outcome::IterationLimit);
  x(0) = std::nan("");
  EXPECT_EQ(minimize_lbfgs(f, x, {}, quiet).outcome, Outcome::Stalled);
}

TEST(Lbfgs, CanBeCancelledAtAnyStep) {
  const Rosenbrock f{2};
  for (int calls = 0; calls < 10; ++calls) {
    Vector x(2);
    x << -1.2, 1;
    test::StopAfter monitor(calls);
    EXPECT_THROW((void)minimize_lbfgs(f, x, {}, monitor), test::Cancelled);
    EXPECT_TRUE(x.allFinite());
  }
}

// Least squares by rows: the batch b of m holds the rows b, b + m, b + 2 m, ...
struct LeastSquares {
  RowMatrix z;
  Vector y;
  Index batches;
  Index size() const { return z.cols(); }
  double evaluate(std::int64_t batch, const VectorView& x, VectorSpan gradient) const {
    double value = 0;
    double n = 0;
    gradient.setZero();
    for (Index i = static_cast<Index>(batch % batches); i < z.rows(); i += batches, n += 1) {
      const double residual = z.row(i).dot(x) - y(i);
      value += 0.5 * residual * residual;
      gradient += residual * z.row(i).transpose();
    }
    gradient /= n;
    return value / n;
  }
};

TEST(Adam, FindsALeastSquaresSolutionFromBatches) {
  Random random(3);
  LeastSquares f{RowMatrix(400, 5), Vector(400), 8};
  Vector truth = Vector::LinSpaced(5, -1, 1);
  for (Index i = 0; i < 400; ++i) {
    for (Index j = 0; j < 5; ++j) f.z(i, j) = random.normal();
    f.y(i) = f.z.row(i).dot(truth);
  }
  Vector x = Vector::Zero(5);
  Monitor quiet;
  const Report report =
      minimize_adam(f, x, {.batches = 8, .epochs = 100, .learning_rate = 0.05}, quiet);
  EXPECT_EQ(report.outcome, Outcome::IterationLimit);
  EXPECT_EQ(report.iterations, 100);
  EXPECT_LT((x - truth).lpNorm<Eigen::Infinity>(), 1e-3);
  EXPECT_LT(report.objective, 1e-5);
}

TEST(Adam, IsTheSameEachTimeAndNeverWorseThanItsStart) {
  LeastSquares f{RowMatrix::Identity(3, 3), Vector::Ones(3), 3};
  Monitor quiet;
  Vector a = Vector::Ones(3);
  // The start is the optimum: steps of noise must not leave it.
  const Report report =
      minimize_adam(f, a, {.batches = 3, .epochs = 2, .learning_rate = 10}, quiet);
  EXPECT_EQ(a, Vector::Ones(3));
  EXPECT_EQ(report.objective, 0);
  Vector b = Vector::Zero(3);
  Vector c = Vector::Zero(3);
  (void)minimize_adam(f, b, {.batches = 3, .epochs = 7}, quiet);
  (void)minimize_adam(f, c, {.batches = 3, .epochs = 7}, quiet);
  EXPECT_EQ(b, c);
}

TEST(Adam, StopsWhereNumbersEnd) {
  struct Falling {
    Index size() const { return 1; }
    double evaluate(std::int64_t, const VectorView& x, VectorSpan gradient) const {
      gradient(0) = -1;
      return x(0) > 1 ? std::nan("") : -x(0);
    }
  };
  Vector x = Vector::Zero(1);
  Monitor quiet;
  const Report report =
      minimize_adam(Falling{}, x, {.batches = 1, .epochs = 50, .learning_rate = 0.5}, quiet);
  EXPECT_EQ(report.outcome, Outcome::Stalled);
  EXPECT_LE(x(0), 1);
}

// Projection onto the simplex: min 1/2 |x - p|^2, x >= 0, sum x = 1 as two inequalities.
TEST(InteriorPoint, ProjectsOntoTheSimplex) {
  const Index n = 4;
  Vector p(n);
  p << 0.9, 0.6, -0.2, 0.1;
  RowMatrix a(n + 2, n);
  a << RowMatrix::Identity(n, n), RowMatrix::Ones(1, n), -RowMatrix::Ones(1, n);
  PiecewiseProblem problem;
  problem.q = Eigen::MatrixXd::Identity(n, n);
  problem.linear = -p;
  problem.beta = Vector::Zero(n + 2);
  problem.beta(n) = 1;
  problem.beta(n + 1) = -1;
  problem.cost = Vector::Constant(n + 2, std::numeric_limits<double>::infinity());
  Vector x;
  Vector alpha;
  Monitor quiet;
  const Report report = minimize_piecewise(problem, DenseRows(a), x, alpha, {}, quiet);
  // Equality as two inequalities has no interior; the answer is as good as its report says.
  EXPECT_LE(report.gradient_norm, 1e-6);
  Vector expected(n);
  expected << 0.65, 0.35, 0, 0;
  EXPECT_LT((x - expected).lpNorm<Eigen::Infinity>(), 1e-5);
}

// min 1/2 x^2 + cost max(0, 1 - x): the multiplier is x until it reaches the cost.
TEST(InteriorPoint, PaysAPenaltyUpToItsCost) {
  for (const double cost : {0.25, 4.0}) {
    PiecewiseProblem problem;
    problem.q = Eigen::MatrixXd::Identity(1, 1);
    problem.linear = Vector::Zero(1);
    problem.beta = Vector::Ones(1);
    problem.cost = Vector::Constant(1, cost);
    Vector x;
    Vector alpha;
    Monitor quiet;
    const Report report =
        minimize_piecewise(problem, DenseRows(RowMatrix::Ones(1, 1)), x, alpha, {}, quiet);
    EXPECT_EQ(report.outcome, Outcome::Converged);
    EXPECT_NEAR(x(0), std::min(cost, 1.0), 1e-6);
    EXPECT_NEAR(alpha(0), std::min(cost, 1.0), 1e-6);
  }
}

TEST(Polyhedron, FindsTheLargestValueOfATransport) {
  // Two sources of 3 and 2, two sinks of 4 and 1: x = (x11, x12, x21, x22).
  RowMatrix a(4, 4);
  a << 1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 1, 0, 0, 1, 0, 1;
  Vector inside(4);
  inside << 2.4, 0.6, 1.6, 0.4;
  Monitor quiet;
  Polyhedron polyhedron(a, inside, quiet);
  Vector c(4);
  c << 0, 1, 1, 0;  // x12 + x21 = 1 + 2
  EXPECT_NEAR(polyhedron.maximize(c, std::numeric_limits<double>::infinity(), quiet), 3, 1e-12);
  EXPECT_NEAR(polyhedron.point()(1), 1, 1e-12);
  c = -c;  // x12 = 0 and x21 = 1
  EXPECT_NEAR(polyhedron.maximize(c, std::numeric_limits<double>::infinity(), quiet), -1, 1e-12);
}

TEST(Polyhedron, SaysWhenThereIsNoBound) {
  RowMatrix a(1, 2);
  a << 1, -1;
  Monitor quiet;
  Polyhedron polyhedron(a, Vector::Ones(2), quiet);
  EXPECT_TRUE(std::isinf(
      polyhedron.maximize(Vector::Ones(2), std::numeric_limits<double>::infinity(), quiet)));
}

TEST(Dense, InvertsAFactorAndSolves) {
  Random random(4);
  Eigen::MatrixXd b(6, 6);
  for (Index i = 0; i < b.size(); ++i) b.data()[i] = random.normal();
  const Eigen::MatrixXd a = b * b.transpose();
  Monitor quiet;
  const Eigen::MatrixXd r = inverse_factor(a, quiet);
  EXPECT_LT((r.transpose() * a * r - Eigen::MatrixXd::Identity(6, 6)).norm(), 1e-6);
  bool solved = false;
  const Vector x = Vector::LinSpaced(6, 1, 6);
  EXPECT_LT((solve_positive(a, a * x, &solved) - x).norm(), 1e-6);
  EXPECT_TRUE(solved);
  // A singular matrix has a solution where the right side is in its range, and else none.
  Eigen::MatrixXd singular = Eigen::MatrixXd::Zero(2, 2);
  singular(0, 0) = 1;
  (void)solve_positive(singular, Vector::Unit(2, 0), &solved);
  EXPECT_TRUE(solved);
  (void)solve_positive(singular, Vector::Unit(2, 1), &solved);
  EXPECT_FALSE(solved);
}

}  // namespace
}  // namespace fairdb
