#include "core/audit/regression.hpp"

#include <cmath>

namespace fairdb {

void RegressionErrors::add(const ErrorSums& part) {
  sums_.rows += part.rows;
  if (part.n == 0) return;
  const auto before = static_cast<double>(sums_.n);
  const auto n = static_cast<double>(part.n);
  const double apart = sums_.n > 0 ? part.mean_true - sums_.mean_true : 0;
  scatter_ += n * part.variance_true + apart * apart * before * n / (before + n);
  sums_.mean_true += (part.mean_true - sums_.mean_true) * n / (before + n);
  sums_.mean_predicted += (part.mean_predicted - sums_.mean_predicted) * n / (before + n);
  sums_.absolute += part.absolute;
  sums_.squared += part.squared;
  sums_.signed_errors += part.signed_errors;
  sums_.n += part.n;
}

bool RegressionErrors::finite() const noexcept {
  return std::isfinite(sums_.squared) && std::isfinite(scatter_);
}

double RegressionErrors::mean_absolute_error() const noexcept {
  return sums_.absolute / static_cast<double>(sums_.n);
}

double RegressionErrors::root_mean_squared_error() const noexcept {
  return std::sqrt(sums_.squared / static_cast<double>(sums_.n));
}

double RegressionErrors::bias() const noexcept {
  return sums_.signed_errors / static_cast<double>(sums_.n);
}

std::optional<double> RegressionErrors::r_squared() const noexcept {
  if (!(scatter_ > 0)) return std::nullopt;
  return 1 - sums_.squared / scatter_;
}

}  // namespace fairdb
