// The law of an estimated proportion.
//
// Where a count takes few values it is the binomial one. Where it takes many, it is modelled on the
// arcsine scale (Anscombe 1948): asin sqrt((x + 3/8) / (n + 3/4)) is about normal with variance
// 1 / (4 n + 2).
#pragma once

#include <cmath>
#include <vector>

namespace fairdb {

// sin^2 of an angle, continued monotonically beyond [0, pi/2] to [-1, 2], so that no mass gathers
// at the ends; and back.
[[nodiscard]] double share_at(double angle) noexcept;
[[nodiscard]] double angle_at(double share) noexcept;

// The law of the estimate X / n of a proportion p, with X binomial.
class Estimate {
 public:
  // size: of rows, or an effective size, which is rounded where values are told apart. floor: what
  // X = 0 counts as, in rows. most_values: that are told apart.
  Estimate(double p, double size, double floor, int most_values);

  // Whether its values are told apart.
  bool discrete() const noexcept { return !cumulated_.empty(); }
  // P(estimate <= y), and P(estimate < y).
  double up_to(double y) const noexcept;
  double below(double y) const noexcept;
  // P(X = 0), of a discrete one.
  double none() const noexcept { return first_ == 0 && discrete() ? cumulated_[0] : 0; }

  // The values that a discrete estimate takes: all of them, the least, the largest.
  void values(std::vector<double>& into) const;
  double least() const noexcept;
  double most() const noexcept;

  // Of one that is not discrete: the point z standard deviations from its middle, and one over a
  // standard deviation, as an angle.
  double quantile(double z) const noexcept {
    return ((n_ + 0.75) * share_at(mean_ + z / scale_) - 0.375) / n_;
  }
  double scale() const noexcept { return scale_; }

  // The middle of the law of an estimate of p from n rows, and an estimate, as angles.
  static double mean_angle(double p, double n) noexcept {
    return std::asin(std::sqrt((n * p + 0.125) / (n + 0.25)));
  }
  static double seen_angle(double successes, double n) noexcept {
    return std::asin(std::sqrt((successes + 0.375) / (n + 0.75)));
  }

 private:
  void tell_apart(double p, double low, double high);
  double cumulated(double x) const noexcept;
  double smooth(double y) const noexcept;

  double n_;
  double floor_;
  double first_ = 0;               // the least value of X
  std::vector<double> cumulated_;  // P(X <= first + i); empty when they are not told apart
  double scale_ = 0;
  double mean_ = 0;
};

}  // namespace fairdb
