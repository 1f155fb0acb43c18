#include <cmath>

#include "core/objective/constraint.hpp"
#include "core/objective/risk.hpp"
#include "core/optimize/restricted.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

// Every loss stands here: a new one is checked by adding it.
const std::vector<AnyLoss> kLosses = {Logistic{}, Squared{}};

TEST(Losses, SlopeAndCurvatureMatchFiniteDifferencesOnBothTails) {
  constexpr double kStep = 1e-4;
  for (const AnyLoss& any : kLosses) {
    SCOPED_TRACE(name(any));
    std::visit(
        [&](const auto& loss) {
          for (const double y : {-1.0, 1.0}) {
            for (double f = -30; f <= 30; f += 0.37) {
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
  for (const AnyLoss& any : kLosses) EXPECT_EQ(loss_named(name(any)).index(), any.index());
  EXPECT_THROW(loss_named("hinges"), Error);
}

TEST(Fairness, IsFoundByItsNames) {
  for (const auto f : {Fairness::None, Fairness::DemographicParity, Fairness::EqualOpportunity,
                       Fairness::EqualizedOdds}) {
    EXPECT_EQ(fairness_named(name(f)), f);
  }
  EXPECT_THROW(fairness_named(""), Error);
}

TEST(NullBasis, IsOrthonormalAndOrthogonalToTheDirections) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    test::Random random(seed);
    const Index d = 1 + random.below(12);
    const Index c = random.below(6);
    RowMatrix directions(c, d);
    for (Index i = 0; i < directions.size(); ++i) directions.data()[i] = random.normal();
    // A dependent row, and one that differs from another by rounding only.
    if (c > 2) directions.row(2) = 2 * directions.row(0) - directions.row(1);
    if (c > 3) directions.row(3) = directions.row(0) * (1 + 1e-14);
    const Index rank = std::min<Index>(d, c > 3 ? c - 2 : c > 2 ? c - 1 : c);
    const RowMatrix z = null_basis(directions);
    ASSERT_EQ(z.rows(), d);
    ASSERT_EQ(z.cols(), d - rank);
    EXPECT_LT((z.transpose() * z - RowMatrix::Identity(d - rank, d - rank)).norm(), 1e-12);
    if (c > 0 && z.cols() > 0) {
      EXPECT_LT((directions * z).cwiseAbs().maxCoeff(), 1e-12);
    }
  }
}

TEST(NullBasis, TakesDirectionsThatVanishForNone) {
  EXPECT_EQ(null_basis(RowMatrix::Constant(2, 3, 1e-13)).cols(), 3);
  EXPECT_EQ(null_basis(RowMatrix(0, 3)).cols(), 3);
}

template <class F>
void expect_derivatives(const F& f, const Vector& x) {
  constexpr double kStep = 1e-5;
  typename F::Point point;
  Vector gradient(f.size());
  f.evaluate(x, gradient, point);
  Vector unused(f.size());
  for (Index j = 0; j < f.size(); ++j) {
    const Vector e = Vector::Unit(f.size(), j);
    typename F::Point up_point, down_point;
    Vector up(f.size()), down(f.size()), product(f.size());
    const double above = f.evaluate(x + kStep * e, up, up_point);
    const double below = f.evaluate(x - kStep * e, down, down_point);
    EXPECT_NEAR(gradient(j), (above - below) / (2 * kStep), 1e-5 * (1 + std::abs(gradient(j))));
    f.hessian_times(point, e, product);
    EXPECT_LT((product - (up - down) / (2 * kStep)).norm(), 1e-5 * (1 + product.norm()));
  }
}

TEST(Risk, MatchesFiniteDifferencesAlsoWhenRestricted) {
  for (const AnyLoss& any : kLosses) {
    std::visit(
        [&](const auto& loss) {
          const auto problem = test::random_problem(3, 230, 4, 3, true);
          Monitor quiet;
          const Risk risk(problem.rows, loss, 0.7, quiet);
          expect_derivatives(risk, Vector::LinSpaced(5, -1, 1));
          const RowMatrix z = null_basis(RowMatrix::Ones(1, 4));
          expect_derivatives(Restricted(risk, z), Vector::LinSpaced(4, -1, 1));
        },
        any);
  }
}

}  // namespace
}  // namespace fairdb
