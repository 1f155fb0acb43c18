// A point of a group as a rule: bands of scores, each with the share of its rows that are selected.
#pragma once

#include <optional>

#include "core/decision/parity.hpp"

namespace fairdb {

// Scores from `threshold` up to the next band's are selected with this probability. Those below the
// first band are not.
struct Band {
  double threshold;
  double share;  // above 0, at most 1, and ascending with the threshold
};

// The bands, at most three, whose expected false and true positives are the point's, on or below
// the hull. A point on the hull mixes two thresholds: rows between them are selected by chance. A
// point below it lies on a line from a threshold to a mixture of two others; of all such lines the
// one with the least weight of rows that are decided by chance is taken.
[[nodiscard]] std::vector<Band> bands_of(const RocHull& hull, const GroupPoint& point);

// The chance of a score to be selected.
[[nodiscard]] inline double share_at(const std::vector<Band>& bands, double score) noexcept {
  double share = 0;
  for (const Band& band : bands) {
    if (score < band.threshold) break;
    share = band.share;
  }
  return share;
}

// The expected false and true positives of bands whose thresholds are the group's own scores.
[[nodiscard]] GroupPoint reached_by(const std::vector<Band>& bands,
                                    const LabelledScores& scores) noexcept;

}  // namespace fairdb
