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
  const Histogram histogram(distribution, hidden_groups_of(distribution), bins, min_group());
  const std::vector<double>& edges = histogram.edges();
  const auto edge = [&](std::size_t k) {
    return edges.empty() ? std::nullopt : std::optional(edges[k]);
  };
  for (std::int32_t g = 0; g < histogram.groups(); ++g) {
    const std::string_view label = distribution.group(g).label;
    std::size_t k = 0;
    for (const HistogramBin& bin : histogram.bins_of(g)) {
      rows.text(label).integer(static_cast<std::int64_t>(k) + 1);
      rows.number(edge(k)).number(edge(k + 1)).number(bin.weight).number(bin.share);
      rows.boolean(bin.suppressed).end_row();
      ++k;
    }
  }
  rows.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
