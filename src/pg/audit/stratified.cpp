// stratified: the same comparison within strata.
#include "core/audit/strata.hpp"

#include "pg/audit/confusion_value.hpp"
#include "pg/audit/groups.hpp"
#include "pg/audit/metric_arguments.hpp"
#include "pg/bridge/monitor.hpp"

namespace fairdb::pg {

static RowWriter& put(RowWriter& rows, const std::optional<TestResult>& test) {
  return rows.number(test ? std::optional(test->statistic) : std::nullopt)
      .number(test ? std::optional(test->p_value) : std::nullopt);
}

// One for each stratum; NULLs are left out.
static std::vector<Confusion> strata_of(Datum list, Monitor& monitor) {
  std::vector<Confusion> strata;
  for (auto& confusion : confusions_of(list, monitor)) {
    if (confusion) strata.push_back(std::move(*confusion));
  }
  return strata;
}

FAIRDB_FUNCTION(stratified) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo);
  const Rate outcome = rate_argument(arguments);
  const auto reference = arguments.optional_text("reference");
  const auto group = arguments.optional_text("sensitive");
  const double level = level_argument(arguments);
  BackendMonitor monitor;
  const Stratified s = stratify(strata_of(PG_GETARG_DATUM(0), monitor), outcome, view(group),
                                view(reference), level, monitor);
  rows.integer(s.strata)
      .integer(s.informative)
      .number(s.difference)
      .number(s.conditional_difference)
      .number(s.disparity)
      .number(s.conditional_disparity)
      .boolean(s.reversed)
      .number(s.odds_ratio)
      .number(s.mantel_haenszel);
  put_interval(rows, s.mantel_haenszel_interval);
  put(put(put(rows, s.cmh), s.cmh_uncorrected), s.homogeneity);
  rows.integer(s.homogeneity ? std::optional(s.homogeneity->df) : std::nullopt).end_row();
  rows.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
