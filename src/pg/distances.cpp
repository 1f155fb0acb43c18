// How far the groups' laws of the score are apart, pair by pair.
#include "core/distribution/distances.hpp"

#include "core/inference/tables.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/bridge/session.hpp"
#include "pg/distribution.hpp"

namespace fairdb::pg {

namespace {

struct Pair {
  std::size_t a;
  std::size_t b;
  std::optional<Distances> distances;  // nullopt when one has no scores or is hidden
  KsTest test;
};

std::vector<Pair> pairs_of(const Distribution& distribution,
                           const std::vector<bool>& hidden,
                           Monitor& monitor) {
  const auto groups = static_cast<std::size_t>(distribution.groups());
  constexpr std::size_t kMostGroups = 1000;  // half a million pairs
  if (groups > kMostGroups) {
    throw Error(ErrorKind::TooLarge,
                "the distribution has " + std::to_string(groups) + " groups, pairs are listed of " +
                    std::to_string(kMostGroups) + " at most",
                "ks_distance and its kin give the largest distance of any number of groups.");
  }
  const std::vector<Law> laws = laws_of(distribution);
  std::vector<Pair> pairs;
  for (std::size_t a = 0; a < groups; ++a) {
    for (std::size_t b = a + 1; b < groups; ++b) {
      Pair& pair = pairs.emplace_back(Pair{a, b, std::nullopt, {}});
      if (laws[a].empty() || laws[b].empty() || hidden[a] || hidden[b]) continue;
      pair.distances = distances(laws[a], laws[b], monitor);
      pair.test = ks_test(laws[a], laws[b], pair.distances->ks, monitor);
    }
  }
  return pairs;
}

}  // namespace

FAIRDB_FUNCTION(distances) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Distribution& distribution = distribution_argument(fcinfo, 0);
  check_working_memory(distribution, kLaws);
  BackendMonitor monitor;
  const std::vector<bool> hidden = hidden_groups_of(distribution);
  const std::vector<Pair> pairs = pairs_of(distribution, hidden, monitor);
  std::vector<double> p_values;
  for (const Pair& pair : pairs) {
    if (pair.distances) p_values.push_back(pair.test.p_value);
  }
  const std::vector<double> adjusted = holm(p_values);
  std::size_t next = 0;
  for (const Pair& pair : pairs) {
    rows.text(distribution.group(static_cast<std::int32_t>(pair.a)).label);
    rows.text(distribution.group(static_cast<std::int32_t>(pair.b)).label);
    const auto& d = pair.distances;
    rows.number(d ? std::optional(d->ks) : std::nullopt)
        .number(d ? std::optional(pair.test.p_value) : std::nullopt)
        .number(d ? std::optional(adjusted[next++]) : std::nullopt)
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
