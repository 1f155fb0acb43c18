// adjusted: the distribution of the fair scores.
#include "core/distribution/adjusted.hpp"

#include "pg/bridge/monitor.hpp"
#include "pg/distribution/adjustment_options.hpp"
#include "pg/distribution/distribution_value.hpp"

namespace fairdb::pg {

FAIRDB_FUNCTION(adjusted) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const AdjustmentOptions options = adjustment_options(Arguments(fcinfo));
  const Distribution& distribution = distribution_argument(fcinfo, 0);
  check_adjustment_memory(distribution, options);
  BackendMonitor monitor;
  Adjustment adjustment(distribution, options, monitor);
  adjustment.prepare();
  Collector& collector = keep_in(CurrentMemoryContext, bounded_collector());
  collect_adjusted(distribution, adjustment, collector, monitor);
  return distribution_value(collector);
}

}  // namespace fairdb::pg
