// The weight of each group's scores in bins of equal width, the same bins for all groups.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/distribution/law.hpp"

namespace fairdb {

struct HistogramBin {
  std::optional<double> weight;  // nullopt where nothing is shown
  std::optional<double> share;   // of the group
  bool suppressed = false;
};

struct Histogram {
  // bins + 1 of them, ascending; empty when no group that is shown has scores.
  std::vector<double> edges;
  std::vector<std::vector<HistogramBin>> groups;  // by group, then bin
};

// hidden: groups of which nothing is shown, not even where their scores end. Bins of fewer than k
// people, and others that would tell them, are suppressed. A score on an edge belongs to the bin
// above, the largest one to the last bin. Errors: InvalidArgument unless 1 <= bins <= 100000.
[[nodiscard]] Histogram histogram(const Distribution& distribution,
                                  const std::vector<bool>& hidden,
                                  std::int32_t bins,
                                  std::int64_t k);

}  // namespace fairdb
