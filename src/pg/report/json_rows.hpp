// Rows of other functions, as jsonb_agg makes a list of them, and what else reports take as jsonb.
#pragma once

#include "core/report/figures.hpp"
#include "core/report/page.hpp"
#include "pg/bridge/json_tree.hpp"

namespace fairdb::pg {

// The rows of tradeoff(). Errors: InvalidArgument for other ones. error: whether they have a mean
// squared error in place of an accuracy.
struct TradeoffRows {
  std::vector<TradeoffPoint> points;
  bool squared_error;
};
TradeoffRows tradeoff_rows(const JsonTree& rows, const char* argument);

// The rows of history() or of the view verdicts. metric: what their values are, where they do not
// say it. Errors: InvalidArgument.
struct HistoryRows {
  std::vector<HistoryPoint> points;
  std::string metric;
  std::string by;
};
HistoryRows history_rows(const JsonTree& rows,
                         const std::optional<std::string>& metric,
                         const char* argument);

// {"demographic_parity_difference": 0.1}: limits by metric. Errors: InvalidArgument.
struct NamedLimit {
  std::string metric;
  double limit;
};
std::vector<NamedLimit> named_limits(const JsonTree& object);

// What the limits of a run have decided. Errors: InvalidArgument.
std::vector<DecidedLimit> decided_limits(const JsonTree& rows);

// {"Source": "applications"}, or a list of such objects, which keeps its order. A value in a list
// of one, ["select 1"], is code. Errors: InvalidArgument.
std::vector<Fact> facts_of(const JsonTree& tree);

}  // namespace fairdb::pg
