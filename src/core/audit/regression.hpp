// Errors of predicted numbers in a group, from sums over parts of its rows.
#pragma once

#include <cstdint>
#include <optional>

namespace fairdb {

// Sums over a part of the rows whose target y and prediction p are both known. rows counts all of
// the part, n those.
struct ErrorSums {
  std::int64_t rows = 0;
  std::int64_t n = 0;
  double absolute = 0;        // of |p - y|
  double squared = 0;         // of (p - y)^2
  double fourth = 0;          // of (p - y)^4
  double signed_errors = 0;   // of p - y
  double mean_true = 0;       // of y
  double mean_predicted = 0;  // of p
  double variance_true = 0;   // of y, population
};

class RegressionErrors {
 public:
  // Adds a part. Source of the joint variance: Chan, Golub, LeVeque, "Algorithms for computing the
  // sample variance", The American Statistician 1983, equation 2.1b.
  void add(const ErrorSums& part);

  std::int64_t rows() const noexcept { return sums_.rows; }
  std::int64_t known() const noexcept { return sums_.n; }
  std::int64_t unknown() const noexcept { return sums_.rows - sums_.n; }
  // Whether no sum exceeds double precision.
  bool finite() const noexcept;

  // Of known() rows, at least one.
  double mean_absolute_error() const noexcept;
  double root_mean_squared_error() const noexcept;
  double bias() const noexcept;
  // Their standard errors; 0 of a single row. That of the root by the delta method.
  double error_of_mean_absolute_error() const noexcept;
  double error_of_root_mean_squared_error() const noexcept;
  double error_of_bias() const noexcept;
  double mean_true() const noexcept { return sums_.mean_true; }
  double mean_predicted() const noexcept { return sums_.mean_predicted; }
  // 1 - sum (p - y)^2 / sum (y - mean y)^2; nullopt where y does not vary.
  std::optional<double> r_squared() const noexcept;

 private:
  ErrorSums sums_;
  double scatter_ = 0;  // sum (y - mean y)^2
};

}  // namespace fairdb
