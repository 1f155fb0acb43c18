// How far the distributions of a label are apart between two groups.
#pragma once

#include <optional>
#include <span>

namespace fairdb {

// All of a group's shares of classes; the definitions of Amazon SageMaker Clarify's documentation,
// natural logarithms. group and reference hold counts or weights of the same classes.
struct Divergences {
  double kl;   // Kullback-Leibler of the group from the reference; infinite when the group lacks a
               // class that the reference has
  double js;   // Jensen-Shannon
  double lp;   // the Euclidean norm of the differences of shares
  double tvd;  // total variation: half the sum of their absolute values
  double ks;   // the largest of them
};
// nullopt when one side has no rows. Errors: none.
[[nodiscard]] std::optional<Divergences> divergences(std::span<const double> group,
                                                     std::span<const double> reference) noexcept;

}  // namespace fairdb
