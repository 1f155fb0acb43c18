// Decisions by one threshold for everybody: score >= threshold.
#pragma once

#include "core/audit/confusion.hpp"
#include "core/decision/roc.hpp"

namespace fairdb {

// The rows of a group by label and decision at a threshold: their numbers, weights and squares of
// weights. Numbers are of LabelledScores::rows_from, which knows no rows of weight 0; the squares
// are as much of those of a label as its weight. The group's name lives as long as `scores`.
[[nodiscard]] GroupCells cells_at(const LabelledScores& scores, double threshold);

// As many points of a curve as are wanted, two at least, evenly spread, the ends among them.
[[nodiscard]] std::vector<RocPoint> thinned(const std::vector<RocPoint>& curve,
                                            std::int64_t wanted);

}  // namespace fairdb
