// compact: a distribution of a chosen size.
#include "core/distribution/compact.hpp"

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/distribution/distribution_value.hpp"

namespace fairdb::pg {

FAIRDB_FUNCTION(compact) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const std::int32_t points = Arguments(fcinfo).small_integer("points");
  const Distribution& distribution = distribution_argument(fcinfo, 0);
  check_working_memory(distribution, kLaws);
  BackendMonitor monitor;
  Collector& collector = keep_in(CurrentMemoryContext, bounded_collector());
  collect_compact(distribution, points, collector, monitor);
  return distribution_value(collector);
}

}  // namespace fairdb::pg
