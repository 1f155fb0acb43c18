// Whether so many scores are equal that adjusting them together may not bring the groups nearer.
#pragma once

#include "core/base/monitor.hpp"
#include "core/distribution/law.hpp"

namespace fairdb {

// More than a tenth of a group's rows have one score, or no less than the groups are apart (in the
// sense of largest_ks). False with fewer than two groups that have scores.
[[nodiscard]] bool ties_prevail(const Distribution& distribution, Monitor& monitor);

}  // namespace fairdb
