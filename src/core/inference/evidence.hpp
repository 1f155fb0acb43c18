// Evidence that grows with every look and may be looked at as often as one likes.
#pragma once

#include "core/inference/gap.hpp"

namespace fairdb {

// That one proportion is beyond a threshold away from another one, from looks at samples of them
// both: at least one of all looks, if the evidence is large. The proportions may differ from look
// to look.
//
// In look k let w be n_a n_b / (n_a + n_b), and of a difference D_k = w (a - b - threshold), of a
// ratio D_k = w (threshold b - a). Where none of the looks is beyond the threshold, the sum S of
// the D_k has a mean of at most 0, and is sub-Gaussian with the variance V, the sum of w^2 (1 / n_a
// + c^2 / n_b) / 4 with c = 1 or the threshold (Hoeffding 1963). Mixed over a half-normal law of
// the exponent, 2 sqrt(r / (V + r)) exp(S^2 / (2 (V + r))) Phi(S / sqrt(V + r)) is a
// supermartingale that begins at 1 (Howard, Ramdas, McAuliffe, Sekhon 2021, Time-uniform,
// nonparametric, nonasymptotic confidence sequences, proposition 6): it ever reaches 1 / error with
// a probability of at most `error` (Ville). r is four times the variance of the first look.
class Evidence {
 public:
  explicit Evidence(Contrast contrast) noexcept : contrast_(contrast) {}

  void look(const Proportion& a, const Proportion& b) noexcept;
  // At a threshold; at most 1e300.
  [[nodiscard]] double value(double threshold) const noexcept;

 private:
  Contrast contrast_;
  double weight_ = 0;    // of a difference the sum of w, of a ratio of w b
  double sum_ = 0;       // of w (a - b), or of w a
  double variance_ = 0;  // of the part without the threshold
  double scaled_ = 0;    // of the part that the threshold squared multiplies
  double first_variance_ = 0;
  double first_scaled_ = 0;
};

}  // namespace fairdb
