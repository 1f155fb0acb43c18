// Metrics of a confusion by name, their gaps, and these with intervals and tests.
#include <cmath>

#include "core/audit/catalog.hpp"
#include "core/audit/disclosure.hpp"
#include "core/audit/inequality.hpp"
#include "core/audit/uncertainty.hpp"
#include "core/inference/tails.hpp"
#include "pg/audit/confusion_value.hpp"
#include "pg/audit/groups.hpp"
#include "pg/audit/metric_arguments.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/bridge/owned.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {
namespace {

Datum result(FunctionCallInfo fcinfo, const std::optional<double>& value) {
  if (!value) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*value);
}

// difference and ratio: of all groups, or signed when a group or a reference is named.
Datum gap_of(FunctionCallInfo fcinfo, bool ratio) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo, cache_of<ArgumentNames>(fcinfo));
  const Rate rate = rate_argument(arguments);
  const auto reference = arguments.optional_text("reference");
  const auto group = arguments.optional_text("sensitive");
  const bool to_overall = named<ComparedWith>(arguments.text("method")) == ComparedWith::Overall;
  if (to_overall && (reference || group)) {
    throw Error(ErrorKind::InvalidArgument,
                "method 'to_overall' compares with all groups together, not with a reference");
  }
  const Confusion confusion = decoded(PG_GETARG_DATUM(0));
  const std::string kind = ratio ? "_ratio" : "_difference";
  if (reference || group) {
    return result(fcinfo, metric(confusion, std::string(name(rate)) + kind + "_signed", view(group),
                                 view(reference)));
  }
  return result(
      fcinfo,
      aggregate(confusion, rate,
                ratio ? (to_overall ? Aggregate::RatioToOverall : Aggregate::Ratio)
                      : (to_overall ? Aggregate::DifferenceToOverall : Aggregate::Difference)));
}

// The labels of groups whose rate fairdb.min_group withholds, sorted for contains(): as by_group
// does, so that neither tells what the other does not.
std::vector<std::string_view> withheld_labels(const Confusion& confusion,
                                              Rate rate,
                                              Monitor& monitor) {
  const std::vector<Withheld> withheld =
      withhold(confusion, published_by_group(), min_group(), monitor);
  std::vector<std::string_view> labels;
  for (std::size_t g = 0; g < withheld.size(); ++g) {
    if (withheld[g].rate(rate) && confusion.groups[g].label) {
      labels.push_back(*confusion.groups[g].label);
    }
  }
  std::sort(labels.begin(), labels.end());
  return labels;
}

bool contains(const std::vector<std::string_view>& sorted, std::string_view label) {
  return std::binary_search(sorted.begin(), sorted.end(), label);
}

}  // namespace

FAIRDB_FUNCTION(metric) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo, cache_of<ArgumentNames>(fcinfo));
  const std::string wanted = arguments.text("name");
  const auto reference = arguments.optional_text("reference");
  const auto group = arguments.optional_text("sensitive");
  return result(fcinfo, metric(decoded(PG_GETARG_DATUM(0)), wanted, view(group), view(reference)));
}

FAIRDB_FUNCTION(difference) {
  return gap_of(fcinfo, false);
}

FAIRDB_FUNCTION(ratio) {
  return gap_of(fcinfo, true);
}

FAIRDB_FUNCTION(extreme_groups) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Rate rate = rate_argument(Arguments(fcinfo));
  const Confusion confusion = decoded(PG_GETARG_DATUM(0));
  if (const auto found = extremes(confusion, rate)) {
    rows.text(found->low)
        .number(found->low_rate)
        .text(found->high)
        .number(found->high_rate)
        .end_row();
  }
  rows.finish();
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(group_min) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo, cache_of<ArgumentNames>(fcinfo));
  const Rate rate = rate_argument(arguments);
  return result(fcinfo, aggregate(decoded(PG_GETARG_DATUM(0)), rate, Aggregate::GroupMin));
}

FAIRDB_FUNCTION(group_max) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo, cache_of<ArgumentNames>(fcinfo));
  const Rate rate = rate_argument(arguments);
  return result(fcinfo, aggregate(decoded(PG_GETARG_DATUM(0)), rate, Aggregate::GroupMax));
}

FAIRDB_FUNCTION(generalized_entropy) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo, cache_of<ArgumentNames>(fcinfo));
  const double alpha = arguments.number("alpha");
  constexpr double kLargestAlpha = 100;
  if (!(std::abs(alpha) <= kLargestAlpha)) {
    throw Error(ErrorKind::InvalidArgument,
                "alpha is " + std::to_string(alpha) + ", expected a number from -100 to 100",
                "Common choices are 0, 1 and 2.");
  }
  const bool between = arguments.boolean("between_groups");
  const Confusion confusion = decoded(PG_GETARG_DATUM(0));
  return result(fcinfo, between ? between_group_entropy(confusion, alpha)
                                : generalized_entropy(confusion, alpha));
}

FAIRDB_FUNCTION(metrics) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo);
  const double level = level_argument(arguments);
  const auto reference = arguments.optional_text("reference");
  const Confusion confusion = decoded(PG_GETARG_DATUM(0));
  BackendMonitor monitor;
  auto names = arguments.optional_names("names");
  if (names) {
    for (std::string& name : *names) name = own_metric_name(name);
  }
  for (const Measured& m : measure(confusion, view(reference), level, names, monitor)) {
    put_interval(rows.text(m.metric).number(m.value), m.interval)
        .number(m.tested.p_value)
        .text(not_empty(m.tested.test))
        .integer(m.estimable.groups)
        .integer(m.estimable.estimable)
        .text(not_empty(m.note))
        .text(m.groups ? std::optional(m.groups->low) : std::nullopt)
        .text(m.groups ? std::optional(m.groups->high) : std::nullopt)
        .end_row();
  }
  rows.finish();
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(rate_by_group) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo);
  const Rate rate = rate_argument(arguments);
  const double z = normal_two_sided_quantile(level_argument(arguments));
  const Confusion confusion = decoded(PG_GETARG_DATUM(0));
  BackendMonitor monitor;
  const auto hidden = withheld_labels(confusion, rate, monitor);
  for (const GroupCells& group : confusion.groups) {
    if (!group.label) continue;
    const bool suppressed = contains(hidden, *group.label);
    const auto p = suppressed ? std::nullopt : proportion(group.masses, rate);
    rows.text(*group.label)
        .number(p ? std::optional(p->size) : std::nullopt)
        .number(p ? std::optional(p->value) : std::nullopt);
    put_interval(rows, p ? std::optional(wilson(*p, z)) : std::nullopt)
        .boolean(suppressed)
        .end_row();
  }
  rows.finish();
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(compare_groups) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo);
  const Rate rate = rate_argument(arguments);
  const auto reference = arguments.optional_text("reference");
  const double level = level_argument(arguments);
  const Confusion confusion = decoded(PG_GETARG_DATUM(0));
  BackendMonitor monitor;
  const auto hidden = withheld_labels(confusion, rate, monitor);
  for (const Comparison& c : compare(confusion, rate, view(reference), level, monitor)) {
    const bool suppressed = contains(hidden, c.group) || contains(hidden, c.reference);
    rows.text(c.group).text(c.reference);
    if (suppressed) {
      for (int column = 0; column < 9; ++column) rows.number(std::nullopt);
      rows.text(std::nullopt).number(std::nullopt);
    } else {
      put_interval(rows.number(c.rate).number(c.reference_rate).number(c.difference),
                   c.difference_interval);
      put_interval(rows.number(c.ratio), c.ratio_interval)
          .number(c.tested.p_value)
          .text(not_empty(c.tested.test))
          .number(c.p_adjusted);
    }
    rows.boolean(suppressed).end_row();
  }
  rows.finish();
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(metric_catalog) {
  RowWriter rows(fcinfo);
  for (const MetricInfo& m : metric_catalog()) {
    const char* const kind = m.kind == MetricKind::Groups   ? "groups"
                             : m.kind == MetricKind::Signed ? "signed"
                                                            : "strata";
    rows.text(m.name)
        .text(kind)
        .text(m.formula)
        .text(m.range)
        .number(m.parity == m.parity ? std::optional(m.parity) : std::nullopt)
        .text(m.orientation)
        .boolean(m.needs_label)
        .boolean(m.needs_prediction)
        .text(not_empty(m.fairlearn))
        .text(not_empty(m.aif360))
        .text(not_empty(m.clarify))
        .text(not_empty(m.note))
        .end_row();
  }
  rows.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
