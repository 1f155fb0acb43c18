#include "core/audit/regression.hpp"

#include <algorithm>
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
  sums_.fourth += part.fourth;
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

namespace {

// Of a mean of n numbers, from the mean of their squares; 0 where they differ by rounding only.
double error_of_mean(double mean, double mean_of_squares, std::int64_t n) noexcept {
  constexpr double kRounding = 1e-13;
  const double variance = mean_of_squares - mean * mean;
  if (n < 2 || variance <= kRounding * mean_of_squares) return 0;
  return std::sqrt(variance / static_cast<double>(n - 1));
}

}  // namespace

double RegressionErrors::error_of_mean_absolute_error() const noexcept {
  return error_of_mean(mean_absolute_error(), sums_.squared / static_cast<double>(sums_.n),
                       sums_.n);
}

double RegressionErrors::error_of_bias() const noexcept {
  return error_of_mean(bias(), sums_.squared / static_cast<double>(sums_.n), sums_.n);
}

double RegressionErrors::error_of_root_mean_squared_error() const noexcept {
  const double root = root_mean_squared_error();
  if (!(root > 0)) return 0;
  const auto n = static_cast<double>(sums_.n);
  return error_of_mean(sums_.squared / n, sums_.fourth / n, sums_.n) / (2 * root);
}

std::optional<double> RegressionErrors::r_squared() const noexcept {
  if (!(scatter_ > 0)) return std::nullopt;
  return 1 - sums_.squared / scatter_;
}

}  // namespace fairdb
