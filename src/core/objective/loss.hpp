// The loss of one row as a function of its score f, with its derivatives in f.
//
// A loss is a small function object: it knows no data, no weights and no solver. To add one: write
// the struct, add it to AnyLoss and to kLosses, and the unit tests check its derivatives.
#pragma once

#include <cmath>
#include <concepts>
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

// kSmooth: whether the slope is continuous, so that Newton's method applies.
template <class L>
concept Loss = std::is_trivially_copyable_v<L> && requires(const L loss, double f, double y) {
  { loss(f, y) }
  noexcept->std::same_as<LossValue>;
  { L::kName } -> std::convertible_to<std::string_view>;
  { L::kSmooth } -> std::convertible_to<bool>;
};

// log(1 + exp(-y f)), y in {-1, +1}. Safe for any finite f: the exponential never overflows.
struct Logistic {
  static constexpr std::string_view kName = "logistic";
  static constexpr bool kSmooth = true;
  LossValue operator()(double f, double y) const noexcept {
    const double margin = y * f;
    const double e = std::exp(-std::abs(margin));
    const double wrong = (margin >= 0 ? e : 1.0) / (1.0 + e);  // 1 / (1 + exp(margin))
    const double value = std::log1p(e) + (margin >= 0 ? 0.0 : -margin);
    return {value, -y * wrong, wrong * (1.0 - wrong)};
  }
};

// (f - y)^2 / 2, y any number.
struct Squared {
  static constexpr std::string_view kName = "squared";
  static constexpr bool kSmooth = true;
  LossValue operator()(double f, double y) const noexcept {
    const double residual = f - y;
    return {0.5 * residual * residual, residual, 1.0};
  }
};

// max(0, 1 - y f)^2, y in {-1, +1}: the L2-loss support vector machine.
struct SquaredHinge {
  static constexpr std::string_view kName = "squared_hinge";
  static constexpr bool kSmooth = true;
  LossValue operator()(double f, double y) const noexcept {
    const double missing = 1 - y * f;
    if (missing <= 0) return {0, 0, 0};
    return {missing * missing, -2 * y * missing, 2};
  }
};

// max(0, 1 - y f), y in {-1, +1}: the support vector machine.
struct Hinge {
  static constexpr std::string_view kName = "hinge";
  static constexpr bool kSmooth = false;
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
