// distribution_agg, rollup and +, and the largest distances between two groups, of rows or of a
// value.
#include "core/distribution/distances.hpp"

#include "pg/bridge/labels.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/bridge/weight_argument.hpp"
#include "pg/distribution/distribution_value.hpp"

namespace fairdb::pg {
namespace {

using Label = std::optional<std::string_view>;

struct State {
  Collector collector = bounded_collector();
};

// (state, score, sensitive [, weight])
Datum count(FunctionCallInfo fcinfo, State& state, const Label& label) {
  constexpr int kScore = 1;
  constexpr int kWeight = 3;
  const bool weighted = PG_NARGS() > kWeight;
  if (weighted && PG_ARGISNULL(0)) require_weight(fcinfo, kWeight);
  Collector& collector = state.collector;
  const std::int32_t group = label ? collector.group(*label) : -1;
  if (PG_ARGISNULL(kScore)) {
    collector.count_unknown({0, 1, 0});
  } else if (weighted && PG_ARGISNULL(kWeight)) {
    collector.count_unknown({0, 0, 1});
  } else if (!label) {
    collector.count_unknown({1, 0, 0});
  } else {
    collector.add(PG_GETARG_FLOAT8(kScore), group, weighted ? PG_GETARG_FLOAT8(kWeight) : 1);
  }
  PG_RETURN_POINTER(&state);
}

Datum largest(FunctionCallInfo fcinfo, double Distances::*which, const Distribution& distribution) {
  check_working_memory(distribution, kLaws);
  BackendMonitor monitor;
  const std::vector<ScoreLaw> laws = laws_of(distribution);
  if (which == &Distances::ks) {
    const std::optional<double> ks = largest_ks(laws, monitor);
    if (ks) PG_RETURN_FLOAT8(*ks);
    PG_RETURN_NULL();
  }
  const std::optional<Distances> all = largest_distances(laws, monitor);
  if (all) PG_RETURN_FLOAT8((*all).*which);
  PG_RETURN_NULL();
}

Datum largest_of_state(FunctionCallInfo fcinfo, double Distances::*which) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Datum value = distribution_value(aggregate_state<State>(fcinfo).collector);
  const auto bytes = backend([&] { return value_bytes(value); });
  return largest(fcinfo, which, Distribution::open(bytes));
}

}  // namespace

FAIRDB_FUNCTION(score_count_text) {
  State& state = aggregate_state<State>(fcinfo);
  return count(fcinfo, state, text_label(fcinfo, 2));
}

FAIRDB_FUNCTION(score_count_any) {
  State& state = aggregate_state<State>(fcinfo);
  return count(fcinfo, state, any_label(fcinfo, 2));
}

// rollup: (state, distribution)
FAIRDB_FUNCTION(distribution_merge) {
  State& state = aggregate_state<State>(fcinfo);
  if (!PG_ARGISNULL(1)) state.collector.merge(distribution_argument(fcinfo, 1));
  PG_RETURN_POINTER(&state);
}

FAIRDB_FUNCTION(distribution_combine) {
  if (PG_ARGISNULL(1)) {
    if (PG_ARGISNULL(0)) PG_RETURN_NULL();
    PG_RETURN_DATUM(PG_GETARG_DATUM(0));
  }
  State& other = *reinterpret_cast<State*>(PG_GETARG_POINTER(1));
  if (PG_ARGISNULL(0)) {
    State& state = aggregate_state<State>(fcinfo);
    state.collector = std::move(other.collector);
    PG_RETURN_POINTER(&state);
  }
  State& state = aggregate_state<State>(fcinfo);
  BackendMonitor monitor;
  for (const ScoreGroup& group : other.collector.sorted(monitor)) state.collector.merge(group);
  state.collector.count_unknown(other.collector.unknown());
  PG_RETURN_POINTER(&state);
}

FAIRDB_FUNCTION(distribution_serialize) {
  return distribution_value(aggregate_state<State>(fcinfo).collector);
}

FAIRDB_FUNCTION(distribution_deserialize) {
  require_aggregate(fcinfo);
  State& state = keep_in(CurrentMemoryContext, State{});
  state.collector.merge(distribution_argument(fcinfo, 0));
  PG_RETURN_POINTER(&state);
}

FAIRDB_FUNCTION(distribution_final) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  return distribution_value(aggregate_state<State>(fcinfo).collector);
}

FAIRDB_FUNCTION(distribution_plus) {
  Collector& collector = keep_in(CurrentMemoryContext, bounded_collector());
  collector.merge(distribution_argument(fcinfo, 0));
  collector.merge(distribution_argument(fcinfo, 1));
  return distribution_value(collector);
}

// --- the largest distances of any two groups ----------------------------------------------------

FAIRDB_FUNCTION(ks_distance) {
  return largest(fcinfo, &Distances::ks, distribution_argument(fcinfo, 0));
}
FAIRDB_FUNCTION(ks_distance_final) {
  return largest_of_state(fcinfo, &Distances::ks);
}
FAIRDB_FUNCTION(wasserstein_distance) {
  return largest(fcinfo, &Distances::wasserstein, distribution_argument(fcinfo, 0));
}
FAIRDB_FUNCTION(wasserstein_distance_final) {
  return largest_of_state(fcinfo, &Distances::wasserstein);
}
FAIRDB_FUNCTION(wasserstein2_distance) {
  return largest(fcinfo, &Distances::wasserstein2, distribution_argument(fcinfo, 0));
}
FAIRDB_FUNCTION(wasserstein2_distance_final) {
  return largest_of_state(fcinfo, &Distances::wasserstein2);
}
FAIRDB_FUNCTION(quantile_gap) {
  return largest(fcinfo, &Distances::quantile_gap, distribution_argument(fcinfo, 0));
}
FAIRDB_FUNCTION(quantile_gap_final) {
  return largest_of_state(fcinfo, &Distances::quantile_gap);
}

}  // namespace fairdb::pg
