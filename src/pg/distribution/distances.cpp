// distances: how far the groups' laws of the score are apart, pair by pair.
#include "core/distribution/pairs.hpp"

#include "pg/bridge/monitor.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/distribution/distribution_value.hpp"

namespace fairdb::pg {

FAIRDB_FUNCTION(distances) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Distribution& distribution = distribution_argument(fcinfo, 0);
  check_working_memory(distribution, kLaws);
  BackendMonitor monitor;
  const std::vector<bool> hidden = hidden_groups_of(distribution);
  for (const PairDistances& pair : pair_distances(laws_of(distribution), hidden, monitor)) {
    const auto& d = pair.distances;
    const auto shown = [&](double value) { return d ? std::optional(value) : std::nullopt; };
    rows.text(distribution.group(static_cast<std::int32_t>(pair.a)).label);
    rows.text(distribution.group(static_cast<std::int32_t>(pair.b)).label);
    rows.number(d ? std::optional(d->ks) : std::nullopt)
        .number(shown(pair.test.p_value))
        .number(shown(pair.p_adjusted))
        .text(d ? std::optional(pair.test.exact ? "exact" : "asymptotic") : std::nullopt)
        .number(d ? std::optional(d->wasserstein) : std::nullopt)
        .number(d ? std::optional(d->wasserstein2) : std::nullopt)
        .number(d ? std::optional(d->quantile_gap) : std::nullopt)
        .boolean(hidden[pair.a] || hidden[pair.b])
        .end_row();
  }
  rows.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
