// The loss of one row as a function of its score f, with its derivatives in f.
//
// A loss is a small function object: it knows no data, no weights and no solver. To add one: write
// the struct with what it needs, add it to AnyLoss and to kLosses, and the unit tests check its
// derivatives and optimum. A solver that nothing handles does not compile.
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
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
  Numbers,  // any number, classes among them: the loss depends on f - y alone, and is least at 0
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

// (f - y)^2 / 2 up to |f - y| = delta, and delta |f - y| - delta^2 / 2 beyond: single rows far off
// hardly move it. Source: Huber, "Robust estimation of a location parameter", Annals of
// Mathematical Statistics 1964.
struct Huber {
  static constexpr std::string_view kName = "huber";
  static constexpr LossSolver kSolver = LossSolver::Newton;
  static constexpr LossTarget kTarget = LossTarget::Numbers;
  static constexpr LossScore kScore = LossScore::Target;
  double delta = 1;  // in units of the target

  static constexpr double Huber::*kParameter = &Huber::delta;
  static constexpr std::string_view kAsk =
      "Say where it turns from squared to absolute, in units of the target: loss => 'huber(1.5)'. "
      "1.35 times the usual size of a residual is common; a smaller one needs a larger c.";

  LossValue operator()(double f, double y) const noexcept {
    const double residual = f - y;
    if (std::abs(residual) <= delta) return {0.5 * residual * residual, residual, 1};
    return {delta * (std::abs(residual) - 0.5 * delta), std::copysign(delta, residual), 0};
  }
  double bound(double f, double y) const noexcept { return std::min(1.0, delta / std::abs(f - y)); }
};

// What a loss is that computes another one's value in its own way.
template <class L>
struct LossLike {
  static constexpr std::string_view kName = L::kName;
  static constexpr LossSolver kSolver = L::kSolver;
  static constexpr LossTarget kTarget = L::kTarget;
  static constexpr LossScore kScore = L::kScore;
};

// A loss without curvature in places, with that of the parabola which touches it at f and lies
// above it everywhere: a step to the minimum of such parabolas never goes up. Of Huber's loss these
// are iteratively reweighted least squares.
template <class L>
requires requires(L loss) {
  loss.bound(0.0, 0.0);
}
struct Bounded : LossLike<L> {
  explicit Bounded(L l) : loss(l) {}
  LossValue operator()(double f, double y) const noexcept {
    LossValue value = loss(f, y);
    value.curvature = loss.bound(f, y);
    return value;
  }

  L loss;
};

// A loss of numbers, by scores that are counted from `origin`: far from 0 a score and its target
// would lose the digits in which they differ.
template <class L>
struct Centred : LossLike<L> {
  Centred(L l, double o) : loss(l), origin(o) {}
  LossValue operator()(double f, double y) const noexcept { return loss(f, y - origin); }

  L loss;
  double origin;
};

static_assert(Loss<Logistic> && Loss<Squared> && Loss<SquaredHinge> && Loss<Hinge> && Loss<Huber>);

using AnyLoss = std::variant<Logistic, Squared, SquaredHinge, Hinge, Huber>;
inline constexpr AnyLoss kLosses[] = {Logistic{}, SquaredHinge{}, Hinge{}, Squared{}, Huber{}};

inline std::string_view name(const AnyLoss& loss) {
  return std::visit([](const auto& l) { return std::string_view(l.kName); }, loss);
}

// A loss with a parameter, a positive number, names it by kParameter and asks for it by kAsk.
template <class L>
concept LossWithParameter = requires {
  L::kParameter;
  { L::kAsk } -> std::convertible_to<std::string_view>;
};
// nullopt for a loss that has none.
inline std::optional<double> parameter(const AnyLoss& loss) {
  return std::visit(
      [](const auto& l) -> std::optional<double> {
        using L = std::decay_t<decltype(l)>;
        if constexpr (LossWithParameter<L>) return l.*L::kParameter;
        return std::nullopt;
      },
      loss);
}
// The same loss with another parameter, for one that has one. Errors: InvalidArgument unless it is
// a positive number.
inline AnyLoss with_parameter(AnyLoss loss, double value) {
  std::visit(
      [&](auto& l) {
        using L = std::decay_t<decltype(l)>;
        if constexpr (LossWithParameter<L>) {
          if (!(value > 0) || !std::isfinite(value)) {
            throw Error(ErrorKind::InvalidArgument,
                        "loss \"" + std::string(L::kName) + "\" needs a positive number",
                        std::string(L::kAsk));
          }
          l.*L::kParameter = value;
        }
      },
      loss);
  return loss;
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

// A name, with the parameter of a loss that has one: "huber(1.5)". Errors: InvalidArgument that
// lists the known names, or asks for the parameter.
AnyLoss loss_named(std::string_view wanted);
// As loss_named reads it.
std::string loss_text(const AnyLoss& loss);

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
