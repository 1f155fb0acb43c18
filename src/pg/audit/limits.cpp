// judge: whether the gaps of successive windows keep within a limit.
#include "core/audit/limits.hpp"

#include "pg/audit/confusion_value.hpp"
#include "pg/audit/metric_arguments.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/bridge/rows.hpp"

namespace fairdb::pg {
namespace {

// A difference has an upper limit, a ratio a lower one.
double bound_argument(const Arguments& arguments, const std::string& metric, Contrast contrast) {
  const bool difference = contrast == Contrast::Difference;
  const auto bound = arguments.optional_number(difference ? "at_most" : "at_least");
  if (bound && arguments.null(difference ? "at_least" : "at_most")) return *bound;
  throw Error(ErrorKind::InvalidArgument,
              "metric \"" + metric + "\" has a limit " + (difference ? "at_most" : "at_least") +
                  ", and no other",
              difference ? "A difference is 0 where groups are treated alike: at_most => 0.1."
                         : "A ratio is 1 where groups are treated alike: at_least => 0.8.");
}

Limit limit_argument(const Arguments& arguments) {
  const std::string metric = arguments.text("metric");
  Limit limit;
  limit.gap = limited_gap(metric);
  limit.bound = bound_argument(arguments, metric, limit.gap.contrast);
  limit.rule = named<LimitRule>(arguments.text("rule"));
  limit.budget = arguments.number("budget");
  if (const auto looks = arguments.optional_integer("looks")) {
    if (limit.rule == LimitRule::Anytime) {
      throw Error(ErrorKind::InvalidArgument, "rule \"anytime\" has no number of looks",
                  "It keeps its budget however often one looks: leave looks out.");
    }
    limit.looks = *looks;
  }
  limit.min_coverage = arguments.number("min_coverage");
  limit.min_n = arguments.integer("min_n");
  check_limit(limit);
  return limit;
}

}  // namespace

FAIRDB_FUNCTION(judge) {
  RowWriter rows(fcinfo);
  const Arguments arguments(fcinfo);
  const Limit limit = limit_argument(arguments);
  if (!arguments.null("windows")) {
    BackendMonitor monitor;
    std::int64_t number = 0;
    for (const Judged& judged :
         judge(confusions_of(arguments.datum("windows"), monitor), limit, monitor)) {
      rows.integer(++number)
          .number(judged.value)
          .number(judged.lower)
          .number(judged.upper)
          .text(name(judged.verdict))
          .boolean(judged.alert)
          .text(not_empty(judged.reason))
          .end_row();
    }
  }
  rows.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
