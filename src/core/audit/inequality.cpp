#include "core/audit/inequality.hpp"

#include <cmath>
#include <limits>
#include <span>

namespace fairdb {
namespace {

struct Benefit {
  double value;
  double mass;
};

// 1 / (n alpha (alpha - 1)) sum((b / mean)^alpha - 1), and its limits at 0 and 1.
std::optional<double> entropy(std::span<const Benefit> benefits, double alpha) noexcept {
  double n = 0;
  double sum = 0;
  for (const Benefit& b : benefits) {
    n += b.mass;
    sum += b.mass * b.value;
  }
  if (!(sum > 0)) return std::nullopt;
  const double mean = sum / n;
  double total = 0;
  for (const Benefit& b : benefits) {
    if (!(b.mass > 0)) continue;
    const double r = b.value / mean;
    if (r <= 0 && alpha <= 0) return std::numeric_limits<double>::infinity();
    double term = 0;
    if (alpha == 1) {
      term = r > 0 ? r * std::log(r) : 0;
    } else if (alpha == 0) {
      term = -std::log(r);
    } else if (std::abs(alpha - 1) < 0.5) {
      // The mean of r is 1, so r may stand for 1: no digits are lost near alpha 1.
      term = r > 0 ? r * std::expm1((alpha - 1) * std::log(r)) / (alpha * (alpha - 1)) : 0;
    } else {
      term = (r > 0 ? std::expm1(alpha * std::log(r)) : -1) / (alpha * (alpha - 1));
    }
    total += b.mass * term;
  }
  return total / n;
}

struct Benefits {
  Benefit part[3];
};
Benefits benefits_of(const Masses& masses) noexcept {
  const auto mass = [&](Truth label, Truth prediction) {
    return masses.mass[cell(label, prediction)];
  };
  return {{{0, mass(Truth::Positive, Truth::Negative)},
           {1, mass(Truth::Positive, Truth::Positive) + mass(Truth::Negative, Truth::Negative)},
           {2, mass(Truth::Negative, Truth::Positive)}}};
}

}  // namespace

std::optional<double> generalized_entropy(const Confusion& confusion, double alpha) noexcept {
  return entropy(benefits_of(total(confusion).masses).part, alpha);
}

std::optional<double> between_group_entropy(const Confusion& confusion, double alpha) {
  std::vector<Benefit> means;
  for (const GroupCells& group : confusion.groups) {
    if (!group.label) continue;
    double n = 0;
    double sum = 0;
    for (const Benefit& b : benefits_of(group.masses).part) {
      n += b.mass;
      sum += b.mass * b.value;
    }
    if (n > 0) means.push_back({sum / n, n});
  }
  return entropy(means, alpha);
}

}  // namespace fairdb
