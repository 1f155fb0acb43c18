// histogram: each group's weight in bins of equal width.
#include "core/distribution/histogram.hpp"

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/distribution/distribution_value.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {

FAIRDB_FUNCTION(histogram) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const std::int32_t bins = Arguments(fcinfo).small_integer("bins");
  const Distribution& distribution = distribution_argument(fcinfo, 0);
  check_working_memory(distribution, kLaws);
  const Histogram result =
      histogram(distribution, hidden_groups_of(distribution), bins, min_group());
  const auto edge = [&](std::size_t k) {
    return result.edges.empty() ? std::nullopt : std::optional(result.edges[k]);
  };
  for (std::size_t g = 0; g < result.groups.size(); ++g) {
    const std::string_view label = distribution.group(static_cast<std::int32_t>(g)).label;
    for (std::size_t k = 0; k < result.groups[g].size(); ++k) {
      const HistogramBin& bin = result.groups[g][k];
      rows.text(label).integer(static_cast<std::int64_t>(k) + 1);
      rows.number(edge(k)).number(edge(k + 1)).number(bin.weight).number(bin.share);
      rows.boolean(bin.suppressed).end_row();
    }
  }
  rows.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
