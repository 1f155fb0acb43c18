// What an adjustment changes: how far the groups are apart before and after, how far scores and
// ranks move, and how many rows cross a threshold. Over the calibrated scores.
#pragma once

#include "core/distribution/adjustment.hpp"

namespace fairdb {

struct BeforeAndAfter {
  double before = 0;
  double after = 0;
};

struct AdjustmentCost {
  double weight = 0;
  BeforeAndAfter mean;
  // The largest distances to another group of the stratum; nullopt without another one.
  std::optional<BeforeAndAfter> ks;
  std::optional<BeforeAndAfter> wasserstein;
  // The mean of (after - before)^2. With all groups weighed by their shares and alpha 0 it is
  // overall sum_g p_g W2(law of g, barycenter)^2, the least that any fair score costs (Chzhen et
  // al. 2020, theorem 2.3), up to one row's share of the line of ranks.
  double squared_shift = 0;
  // The mean of |rank after - rank before| among all rows, as a share of them.
  double rank_change = 0;
  // The shares of the weight that come from below the threshold to it or above, and the other way.
  double moved_up = 0;
  double moved_down = 0;
  // The share of a group's rows that have one score: they move together unless a key spreads them,
  // so that the groups cannot come nearer than about so far. Overall: the largest.
  double largest_tie = 0;
};

struct CostReport {
  std::vector<std::optional<AdjustmentCost>> groups;  // of the distribution; nullopt without scores
  AdjustmentCost overall;                             // distances: the largest of any group
};
// O(groups * points + points log points). Errors: TooLarge for more pairs than kMostPairs.
[[nodiscard]] CostReport adjustment_cost(const Distribution& distribution,
                                         const Adjustment& adjustment,
                                         std::optional<double> threshold,
                                         Monitor& monitor);

}  // namespace fairdb
