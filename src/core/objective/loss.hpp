// The loss of one row as a function of its score f, with its derivatives in f.
//
// A loss is a small function object: it knows no data, no weights and no solver. To add one: write
// the struct, add it to AnyLoss, and add it to the list in test/unit/objective_test.cpp that checks
// the derivatives of every loss.
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
  double curvature;  // d2 loss / d f2
};

template <class L>
concept Loss = std::is_trivially_copyable_v<L> && requires(const L loss, double f, double y) {
  { loss(f, y) }
  noexcept->std::same_as<LossValue>;
  { L::kName } -> std::convertible_to<std::string_view>;
};

// log(1 + exp(-y f)), y in {-1, +1}. Safe for any finite f: the exponential never overflows.
struct Logistic {
  static constexpr std::string_view kName = "logistic";
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
  LossValue operator()(double f, double y) const noexcept {
    const double residual = f - y;
    return {0.5 * residual * residual, residual, 1.0};
  }
};

static_assert(Loss<Logistic> && Loss<Squared>);

using AnyLoss = std::variant<Logistic, Squared>;

// Errors: InvalidArgument that lists the known names.
inline AnyLoss loss_named(std::string_view name) {
  if (name == Logistic::kName) return Logistic{};
  if (name == Squared::kName) return Squared{};
  throw Error(ErrorKind::InvalidArgument, "unknown loss \"" + std::string(name) + "\"",
              "Known losses: logistic, squared.");
}

inline std::string_view name(const AnyLoss& loss) {
  return std::visit([](const auto& l) { return std::string_view(l.kName); }, loss);
}

}  // namespace fairdb
