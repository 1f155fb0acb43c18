// The loss of one row as a function of its score f, with its derivatives in f.
//
// A loss is a small function object: it knows no data, no weights and no solver. To add one: write
// the struct with what it needs, add it to AnyLoss and to kLosses, and the unit tests check its
// derivatives. A solver or target that nothing handles does not compile.
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "core/base/error.hpp"

namespace fairdb {

struct LossValue {
  double value;
  double slope;      // d loss / d f
  double curvature;  // d2 loss / d f2, where it exists
};

// How the linear trainer minimises it.
enum class LossSolver : std::uint8_t {
  ClosedForm,  // quadratic: one linear system in the moments of the rows, or Newton's one step
  Newton,      // its slope is continuous
  Hinge,       // exactly the hinge: core/linear/hinge.hpp
};

// What y may be.
enum class LossTarget : std::uint8_t {
  Classes,  // -1 or +1
  Numbers,  // any number, classes among them
};

// What the score f of a minimiser estimates.
enum class LossScore : std::uint8_t {
  Margin,   // nothing but the side of 0
  LogOdds,  // log(P(y = 1) / P(y = -1))
  Target,   // y itself
};

template <class L>
concept Loss = std::is_trivially_copyable_v<L> && requires(const L loss, double f, double y) {
  { loss(f, y) }
  noexcept->std::same_as<LossValue>;
  { L::kName } -> std::convertible_to<std::string_view>;
  { L::kSolver } -> std::convertible_to<LossSolver>;
  { L::kTarget } -> std::convertible_to<LossTarget>;
  { L::kScore } -> std::convertible_to<LossScore>;
};

// log(1 + exp(-y f)), y in {-1, +1}. Safe for any finite f: the exponential never overflows.
struct Logistic {
  static constexpr std::string_view kName = "logistic";
  static constexpr LossSolver kSolver = LossSolver::Newton;
  static constexpr LossTarget kTarget = LossTarget::Classes;
  static constexpr LossScore kScore = LossScore::LogOdds;
  LossValue operator()(double f, double y) const noexcept {
    const double margin = y * f;
    const double e = std::exp(-std::abs(margin));
    const double wrong = (margin >= 0 ? e : 1.0) / (1.0 + e);  // 1 / (1 + exp(margin))
    const double value = std::log1p(e) + (margin >= 0 ? 0.0 : -margin);
    return {value, -y * wrong, wrong * (1.0 - wrong)};
  }
  // P(y = 1) at log-odds f.
  static double probability(double f) noexcept { return 1.0 / (1.0 + std::exp(-f)); }
};

// (f - y)^2 / 2, y any number.
struct Squared {
  static constexpr std::string_view kName = "squared";
  static constexpr LossSolver kSolver = LossSolver::ClosedForm;
  static constexpr LossTarget kTarget = LossTarget::Numbers;
  static constexpr LossScore kScore = LossScore::Target;
  LossValue operator()(double f, double y) const noexcept {
    const double residual = f - y;
    return {0.5 * residual * residual, residual, 1.0};
  }
};

// max(0, 1 - y f)^2, y in {-1, +1}: the L2-loss support vector machine.
struct SquaredHinge {
  static constexpr std::string_view kName = "squared_hinge";
  static constexpr LossSolver kSolver = LossSolver::Newton;
  static constexpr LossTarget kTarget = LossTarget::Classes;
  static constexpr LossScore kScore = LossScore::Margin;
  LossValue operator()(double f, double y) const noexcept {
    const double missing = 1 - y * f;
    if (missing <= 0) return {0, 0, 0};
    return {missing * missing, -2 * y * missing, 2};
  }
};

// max(0, 1 - y f), y in {-1, +1}: the support vector machine.
struct Hinge {
  static constexpr std::string_view kName = "hinge";
  static constexpr LossSolver kSolver = LossSolver::Hinge;
  static constexpr LossTarget kTarget = LossTarget::Classes;
  static constexpr LossScore kScore = LossScore::Margin;
  LossValue operator()(double f, double y) const noexcept {
    const double missing = 1 - y * f;
    if (missing <= 0) return {0, 0, 0};
    return {missing, -y, 0};
  }
};

static_assert(Loss<Logistic> && Loss<Squared> && Loss<SquaredHinge> && Loss<Hinge>);

using AnyLoss = std::variant<Logistic, Squared, SquaredHinge, Hinge>;
inline constexpr AnyLoss kLosses[] = {Logistic{}, Squared{}, SquaredHinge{}, Hinge{}};

inline std::string_view name(const AnyLoss& loss) {
  return std::visit([](const auto& l) { return std::string_view(l.kName); }, loss);
}

inline LossSolver solver_of(const AnyLoss& loss) {
  return std::visit([](const auto& l) { return l.kSolver; }, loss);
}
inline LossTarget target_of(const AnyLoss& loss) {
  return std::visit([](const auto& l) { return l.kTarget; }, loss);
}
inline LossScore score_of(const AnyLoss& loss) {
  return std::visit([](const auto& l) { return l.kScore; }, loss);
}

// Errors: InvalidArgument that lists the known names.
inline AnyLoss loss_named(std::string_view wanted) {
  for (const AnyLoss& loss : kLosses) {
    if (name(loss) == wanted) return loss;
  }
  throw Error(ErrorKind::InvalidArgument, "unknown loss \"" + std::string(wanted) + "\"",
              "Known losses: logistic, squared_hinge, hinge, squared.");
}

// What a row's loss counts: c times its weight times the factor of its class.
struct RowCosts {
  double c = 1;
  double negative = 1;
  double positive = 1;

  double of(double y, double weight) const noexcept {
    return c * weight * (y > 0 ? positive : negative);
  }
};

}  // namespace fairdb
