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

class Histogram {
 public:
  // hidden: groups of which nothing is shown, not even where their scores end. Bins of fewer than k
  // people, and others that would tell them, are suppressed. A score on an edge belongs to the bin
  // above, the largest one to the last bin. `distribution` must outlive the histogram.
  // Errors: InvalidArgument unless 1 <= bins <= 100000.
  Histogram(const Distribution& distribution,
            std::vector<bool> hidden,
            std::int32_t bins,
            std::int64_t k);

  std::int32_t groups() const noexcept { return static_cast<std::int32_t>(laws_.size()); }
  // bins + 1 of them, ascending; empty when no group that is shown has scores.
  const std::vector<double>& edges() const noexcept { return edges_; }
  // Of one group at a time: those of all may take gigabytes.
  std::vector<HistogramBin> bins_of(std::int32_t group) const;

 private:
  const Distribution& distribution_;
  std::vector<bool> hidden_;
  std::size_t bins_;
  std::int64_t k_;
  std::vector<ScoreLaw> laws_;  // by group
  std::vector<double> edges_;
};

}  // namespace fairdb
