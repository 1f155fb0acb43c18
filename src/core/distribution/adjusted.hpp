// The laws of the fair scores: what an adjustment makes of a distribution, as one.
#pragma once

#include "core/distribution/adjustment.hpp"
#include "core/distribution/collector.hpp"

namespace fairdb {

// Adds every group to the collector with its scores moved, rows without scores included; of a
// sketch its points, with their rank error. Errors: those of the collector.
void collect_adjusted(const Distribution& distribution,
                      const Adjustment& adjustment,
                      Collector& into,
                      Monitor& monitor);

}  // namespace fairdb
