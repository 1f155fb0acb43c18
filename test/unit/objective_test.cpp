#include <algorithm>
#include <cmath>
#include <limits>

#include "core/objective/constraint.hpp"
#include "core/objective/risk.hpp"
#include "core/objective/summary.hpp"
#include "core/optimize/newton.hpp"
#include "core/optimize/subspace.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

TEST(Losses, SlopeAndCurvatureMatchFiniteDifferencesOnBothTails) {
  constexpr double kStep = 1e-4;
  for (const AnyLoss& any : kLosses) {
    SCOPED_TRACE(name(any));
    std::visit(
        [&](const auto& loss) {
          for (const double y : {-1.0, 1.0}) {
            for (int k = -80; k <= 80; ++k) {
              const double f = 0.37 * k;
              if (std::abs(1 - y * f) < 0.01) continue;            // the kink of the hinges
              if (std::abs(std::abs(f - y) - 1) < 0.01) continue;  // of Huber's curvature
              const LossValue at = loss(f, y);
              const LossValue up = loss(f + kStep, y);
              const LossValue down = loss(f - kStep, y);
              // Central differences: error of order step^2, rounding of order eps / step.
              EXPECT_NEAR(at.slope, (up.value - down.value) / (2 * kStep), 1e-6);
              EXPECT_NEAR(at.curvature, (up.slope - down.slope) / (2 * kStep), 1e-6);
              EXPECT_GE(at.curvature, 0);
            }
          }
        },
        any);
  }
}

TEST(Losses, StayFiniteForHugeScores) {
  for (const double f : {-1e300, -800.0, 800.0, 1e300}) {
    const LossValue loss = Logistic{}(f, 1);
    EXPECT_TRUE(std::isfinite(loss.value) && std::isfinite(loss.slope) &&
                std::isfinite(loss.curvature));
    EXPECT_DOUBLE_EQ(loss.value, f < 0 ? -f : 0);
  }
}

TEST(Losses, AreFoundByTheirNames) {
  for (const AnyLoss& any : kLosses) EXPECT_EQ(loss_named(loss_text(any)).index(), any.index());
  for (const char* wrong : {"hinges", "hinge(1)", "huber", "huber()", "huber(x)", "huber(0)",
                            "huber(-1)", "huber(inf)", "huber(1", "(1)", ""}) {
    EXPECT_THROW(loss_named(wrong), Error) << wrong;
  }
  EXPECT_EQ(*parameter(loss_named("huber(0.1)")), 0.1);
  EXPECT_EQ(loss_text(loss_named("huber(0.1)")), "huber(0.1)");
  EXPECT_EQ(*parameter(loss_named(loss_text(with_parameter(Huber{}, 1.0 / 3)))), 1.0 / 3);
}

TEST(Fairness, IsFoundByItsNames) {
  for (const auto f : {Fairness::None, Fairness::DemographicParity, Fairness::EqualOpportunity,
                       Fairness::PredictiveEquality, Fairness::EqualizedOdds}) {
    EXPECT_EQ(named<Fairness>(name(f)), f);
  }
  EXPECT_THROW(named<Fairness>(""), Error);
}

Monitor quiet;

WeightSpace space_of(const RowMatrix& directions) {
  return {directions, Vector::Ones(directions.cols()), quiet};
}

RowMatrix random_matrix(test::Random& random, Index rows, Index columns) {
  RowMatrix matrix(rows, columns);
  for (Index i = 0; i < matrix.size(); ++i) matrix.data()[i] = random.normal();
  return matrix;
}

void expect_orthonormal(const RowMatrix& basis, Index d, Index free) {
  ASSERT_EQ(basis.rows(), d);
  ASSERT_EQ(basis.cols(), free);
  EXPECT_LT((basis.transpose() * basis - RowMatrix::Identity(free, free)).norm(), 1e-12);
}

TEST(WeightSpace, IsOrthogonalToTheDirections) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    test::Random random(seed);
    const Index d = 1 + random.below(12);
    const Index c = random.below(6);
    RowMatrix directions = random_matrix(random, c, d);
    // A dependent row, and one that differs from another by rounding only.
    if (c > 2) directions.row(2) = 2 * directions.row(0) - directions.row(1);
    if (c > 3) directions.row(3) = directions.row(0) * (1 + 1e-14);
    const Index rank = std::min<Index>(d, c > 3 ? c - 2 : c > 2 ? c - 1 : c);
    const RowMatrix z = space_of(directions).orthonormal_basis(quiet);
    expect_orthonormal(z, d, d - rank);
    if (c > 0 && z.cols() > 0) {
      EXPECT_LT((directions * z).cwiseAbs().maxCoeff(), 1e-12);
    }
  }
}

// More directions than features, of a smaller rank, and long beside short ones.
TEST(WeightSpace, FindsTheRankOfManyDirections) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    test::Random random(seed);
    const Index d = 10 + random.below(20);
    const Index rank = 1 + random.below(static_cast<int>(d));
    RowMatrix left = random_matrix(random, 3 * d, rank);
    left.col(0) *= 1e4;
    const RowMatrix directions = left * random_matrix(random, rank, d);
    const WeightSpace space = space_of(directions);
    const RowMatrix z = space.orthonormal_basis(quiet);
    expect_orthonormal(z, d, d - rank);
    EXPECT_LT((directions * z).norm(), 1e-11 * directions.norm());
    EXPECT_EQ(space.elimination_basis().cols(), d - rank);
  }
}

// Features of any scale: the same rank, and each direction holds to the digits of its own length.
TEST(WeightSpace, DoesNotDependOnTheScalesOfTheFeatures) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    test::Random random(seed);
    const Index d = 3 + random.below(10);
    const Index c = 1 + random.below(3);
    Vector deviation(d);
    for (double& s : deviation) s = std::pow(10.0, 12 * random.normal() / 2);
    const RowMatrix directions = random_matrix(random, c, d) * deviation.asDiagonal();
    const WeightSpace space(directions, deviation, quiet);
    const Index free = d - std::min(c, d);
    const RowMatrix z = space.orthonormal_basis(quiet);
    expect_orthonormal(z, d, free);
    for (Index i = 0; i < c; ++i) {
      for (Index k = 0; k < free; ++k) {
        const Vector terms = directions.row(i).transpose().cwiseProduct(z.col(k));
        EXPECT_LE(std::abs(terms.sum()), 1e-11 * terms.cwiseAbs().maxCoeff());
      }
    }
  }
}

TEST(WeightSpace, TakesDirectionsThatVanishForNone) {
  EXPECT_EQ(space_of(RowMatrix::Constant(2, 3, 1e-13)).free(), 3);
  EXPECT_EQ(space_of(RowMatrix(0, 3)).orthonormal_basis(quiet),
            RowMatrix(RowMatrix::Identity(3, 3)));
}

TEST(WeightSpace, MayBeEmpty) {
  test::Random random(1);
  const WeightSpace space = space_of(random_matrix(random, 5, 3));
  EXPECT_EQ(space.orthonormal_basis(quiet).cols(), 0);
  EXPECT_EQ(space.elimination_basis().rows(), 3);
  EXPECT_EQ(space.eliminated(), (std::vector<Index>{0, 1, 2}));
}

TEST(WeightSpace, EliminationSpansTheSameAndKeepsFeatures) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    test::Random random(seed);
    const Index d = 4 + random.below(8);
    const RowMatrix directions = random_matrix(random, 1 + random.below(3), d);
    const WeightSpace space = space_of(directions);
    const RowMatrix e = space.elimination_basis();
    const RowMatrix z = space.orthonormal_basis(quiet);
    ASSERT_EQ(e.cols(), z.cols());
    EXPECT_LT((directions * e).cwiseAbs().maxCoeff(), 1e-10);
    EXPECT_LT((e - z * (z.transpose() * e)).norm(), 1e-10);
    const auto dropped = space.eliminated();
    ASSERT_EQ(static_cast<Index>(dropped.size()), d - e.cols());
    Index column = 0;
    for (Index j = 0; j < d; ++j) {
      if (std::find(dropped.begin(), dropped.end(), j) != dropped.end()) continue;
      EXPECT_EQ(Vector(e.row(j)), Vector(Vector::Unit(e.cols(), column)));
      ++column;
    }
  }
}

template <class F>
void expect_derivatives(const F& f, const Vector& x) {
  constexpr double kStep = 1e-5;
  Eigen::MatrixXd hessian;
  Eigen::MatrixXd unused;
  Vector gradient(f.size());
  f.evaluate(x, gradient, hessian);
  for (Index j = 0; j < f.size(); ++j) {
    const Vector e = Vector::Unit(f.size(), j);
    Vector up(f.size());
    Vector down(f.size());
    const double above = f.evaluate(x + kStep * e, up, unused);
    const double below = f.evaluate(x - kStep * e, down, unused);
    EXPECT_NEAR(gradient(j), (above - below) / (2 * kStep), 1e-5 * (1 + std::abs(gradient(j))));
    const Vector product = hessian.selfadjointView<Eigen::Lower>() * e;
    EXPECT_LT((product - (up - down) / (2 * kStep)).norm(), 1e-5 * (1 + product.norm()));
  }
}

TEST(Risk, MatchesFiniteDifferencesAlsoInOtherCoordinates) {
  for (const AnyLoss& any : {AnyLoss(Logistic{}), AnyLoss(Squared{}), AnyLoss(SquaredHinge{})}) {
    std::visit(
        [&](const auto& loss) {
          const auto problem = test::random_problem(3, 230, 4, 3, true);
          const Risk risk(problem.rows, loss, RowCosts{0.7, 1, 3}, quiet);
          const Vector at = 0.01 * Vector::LinSpaced(5, -1, 1);
          expect_derivatives(risk, at);
          const Coordinates coordinates{Vector::LinSpaced(4, 0.5, 2), Vector::LinSpaced(4, -1, 1),
                                        space_of(RowMatrix::Ones(1, 4)).orthonormal_basis(quiet)};
          expect_derivatives(Regularised(risk, coordinates, quiet), at.head(4));
        },
        any);
  }
}

TEST(Moments, OfWeightedRowsAreThoseOfRepeatedOnes) {
  test::Random random(4);
  RowMatrix rows(30, 3);
  RowMatrix repeated(60, 3);
  Vector weight(30);
  Index n = 0;
  for (Index i = 0; i < 30; ++i) {
    for (Index j = 0; j < 3; ++j) rows(i, j) = 100 + random.normal();
    weight(i) = random.below(3);
    for (int k = 0; k < static_cast<int>(weight(i)); ++k) repeated.row(n++) = rows.row(i);
  }
  Moments a(3);
  a.add(rows.topRows(11), weight.head(11));
  Moments rest(3);
  rest.add(rows.bottomRows(19), weight.tail(19));
  a.merge(rest);
  Moments b(3);
  b.add(repeated.topRows(n), Vector());
  EXPECT_NEAR(a.weight(), static_cast<double>(n), 1e-12);
  EXPECT_LT((a.mean() - b.mean()).norm(), 1e-11);
  EXPECT_LT((a.scatter() - b.scatter()).norm(), 1e-9);
}

// min 1/2 |x - p|^2 with x_1 >= 1 hard and 2 max(0, 3 - x_2) soft.
TEST(InteriorPoint, SolvesWhatCanBeSolvedByHand) {
  PiecewiseProblem problem;
  problem.q = Eigen::MatrixXd::Identity(2, 2);
  problem.linear = Vector::Zero(2);
  problem.beta.resize(2);
  problem.beta << 1, 3;
  problem.cost.resize(2);
  problem.cost << std::numeric_limits<double>::infinity(), 2;
  Vector x;
  Vector multipliers;
  Monitor quiet;
  const Report report = minimize_piecewise(problem, DenseRows(RowMatrix::Identity(2, 2)), x,
                                           multipliers, InteriorPointOptions{}, quiet);
  EXPECT_EQ(report.outcome, Outcome::Converged);
  EXPECT_NEAR(x(0), 1, 1e-7);
  EXPECT_NEAR(x(1), 2, 1e-7);
  EXPECT_NEAR(multipliers(0), 1, 1e-7);
  EXPECT_NEAR(multipliers(1), 2, 1e-7);
  EXPECT_NEAR(report.objective, 0.5 * 5 + 2 * 1, 1e-7);
}

}  // namespace
}  // namespace fairdb
