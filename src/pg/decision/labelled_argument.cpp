#include "pg/decision/labelled_argument.hpp"

namespace fairdb::pg {

// Laws, and the points of a hull or of a map.
static constexpr WorkingMemory kCurves{32, 42, 80};

std::vector<LabelledScores> labelled_argument(FunctionCallInfo fcinfo, int argument) {
  const Distribution& distribution = distribution_argument(fcinfo, argument);
  check_working_memory(distribution, kCurves);
  return labelled_scores(distribution);
}

}  // namespace fairdb::pg
