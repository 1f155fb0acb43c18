// The law of the gap between the largest and the smallest of independent estimates.
#pragma once

#include <vector>

#include "core/inference/estimate.hpp"
#include "core/inference/gap.hpp"

namespace fairdb {

// Probabilities of an event with and without its border.
struct Within {
  double closed;
  double open;
};

// The gap of estimates of the proportions p from groups of the family's sizes. In a ratio a count
// of 0 stands for kRatioFloor rows, and tables in which every count is 0 have no ratio: the law is
// that of the others.
class GapLaw {
 public:
  GapLaw(const std::vector<double>& p, const std::vector<Proportion>& family, Contrast contrast);

  // That the gap is at most r (Difference), or at least r (Ratio); open: less, or more. One sum
  // over the values of the smallest or the largest estimate, at most some thousand cells.
  [[nodiscard]] Within within(double r) const;

 private:
  struct Cell {
    double from;
    double to;
    bool closed;
  };
  std::vector<Cell> cells(double r) const;
  std::vector<double> smooth_nodes(double r, double from, double to) const;

  Contrast contrast_;
  std::vector<Estimate> estimates_;  // different ones
  std::vector<int> alike_;           // groups of each
  double none_ = 1;                  // P(every count is 0)
  double none_ratio_ = 1;            // what the ratio then is
};

}  // namespace fairdb
