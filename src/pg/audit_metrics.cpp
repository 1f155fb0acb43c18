// The audit chapter's functions of a confusion: metrics by name, intervals and tests, strata,
// impact ratios.
#include <cmath>

#include "core/audit/catalog.hpp"
#include "core/audit/disclosure.hpp"
#include "core/audit/impact.hpp"
#include "core/audit/inequality.hpp"
#include "core/audit/strata.hpp"
#include "core/audit/uncertainty.hpp"
#include "core/inference/tails.hpp"
#include "pg/audit.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/bridge/session.hpp"
#include "pg/bridge/value.hpp"

namespace fairdb::pg {

double level_argument(FunctionCallInfo fcinfo, int argument) {
  const double level = number_argument(fcinfo, argument, "level");
  check_level(level);
  return level;
}

RowWriter& put_interval(RowWriter& rows, const std::optional<Interval>& interval) {
  return rows.number(interval ? std::optional(interval->lower) : std::nullopt)
      .number(interval ? std::optional(interval->upper) : std::nullopt);
}

namespace {

using OptionalText = std::optional<std::string>;

std::optional<std::string_view> view(const OptionalText& text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

// A decoded argument. Its labels stay in the argument's bytes.
Confusion decoded(FunctionCallInfo fcinfo, int argument) {
  const ConfusionValue value = backend([&] { return confusion_argument(fcinfo, argument); });
  return decode(value);
}

Rate rate_argument(FunctionCallInfo fcinfo, int argument, const char* name_of_argument) {
  const std::string wanted = text_argument(fcinfo, argument, name_of_argument);
  if (const auto rate = rate_named(wanted)) return *rate;
  std::string known;
  for (const Rate rate : kRates) known += (known.empty() ? "" : ", ") + std::string(name(rate));
  throw Error(ErrorKind::InvalidArgument, "there is no rate \"" + wanted + "\"",
              "The rates are " + known + ". Other metrics: fairdb.metric_catalog.");
}

Datum result(FunctionCallInfo fcinfo, const std::optional<double>& value) {
  if (!value) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*value);
}

// difference and ratio: of all groups, or signed when a group or a reference is named.
Datum gap_of(FunctionCallInfo fcinfo, bool ratio) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Rate rate = rate_argument(fcinfo, 1, "metric");
  const OptionalText reference = optional_text(fcinfo, 2);
  const OptionalText group = optional_text(fcinfo, 3);
  const std::string method = text_argument(fcinfo, 4, "method");
  if (method != "between_groups" && method != "to_overall") {
    throw Error(ErrorKind::InvalidArgument,
                "method is \"" + method + "\", expected 'between_groups' or 'to_overall'");
  }
  const bool to_overall = method == "to_overall";
  if (to_overall && (reference || group)) {
    throw Error(ErrorKind::InvalidArgument,
                "method 'to_overall' compares with all groups together, not with a reference");
  }
  const Confusion confusion = decoded(fcinfo, 0);
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

RowWriter& put(RowWriter& rows, const std::optional<TestResult>& test) {
  return rows.number(test ? std::optional(test->statistic) : std::nullopt)
      .number(test ? std::optional(test->p_value) : std::nullopt);
}

std::optional<std::string_view> not_empty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
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
  const std::string wanted = text_argument(fcinfo, 1, "name");
  const OptionalText reference = optional_text(fcinfo, 2);
  const OptionalText group = optional_text(fcinfo, 3);
  return result(fcinfo, metric(decoded(fcinfo, 0), wanted, view(group), view(reference)));
}

FAIRDB_FUNCTION(difference) {
  return gap_of(fcinfo, false);
}

FAIRDB_FUNCTION(ratio) {
  return gap_of(fcinfo, true);
}

FAIRDB_FUNCTION(group_min) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Rate rate = rate_argument(fcinfo, 1, "metric");
  return result(fcinfo, aggregate(decoded(fcinfo, 0), rate, Aggregate::GroupMin));
}

FAIRDB_FUNCTION(group_max) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Rate rate = rate_argument(fcinfo, 1, "metric");
  return result(fcinfo, aggregate(decoded(fcinfo, 0), rate, Aggregate::GroupMax));
}

FAIRDB_FUNCTION(generalized_entropy) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const double alpha = number_argument(fcinfo, 1, "alpha");
  constexpr double kLargestAlpha = 100;
  if (!(std::abs(alpha) <= kLargestAlpha)) {
    throw Error(ErrorKind::InvalidArgument,
                "alpha is " + std::to_string(alpha) + ", expected a number from -100 to 100",
                "Common choices are 0, 1 and 2.");
  }
  const bool between = bool_argument(fcinfo, 2, "between_groups");
  const Confusion confusion = decoded(fcinfo, 0);
  return result(fcinfo, between ? between_group_entropy(confusion, alpha)
                                : generalized_entropy(confusion, alpha));
}

FAIRDB_FUNCTION(metrics) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const double level = level_argument(fcinfo, 1);
  const OptionalText reference = optional_text(fcinfo, 2);
  const Confusion confusion = decoded(fcinfo, 0);
  BackendMonitor monitor;
  for (const Measured& m : measure(confusion, view(reference), level, monitor)) {
    put_interval(rows.text(m.metric).number(m.value), m.interval)
        .number(m.tested.p_value)
        .text(not_empty(m.tested.test))
        .integer(m.estimable.groups)
        .integer(m.estimable.estimable)
        .text(not_empty(m.note))
        .end_row();
  }
  rows.finish();
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(rate_by_group) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Rate rate = rate_argument(fcinfo, 1, "metric");
  const double z = normal_two_sided_quantile(level_argument(fcinfo, 2));
  const Confusion confusion = decoded(fcinfo, 0);
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
  const Rate rate = rate_argument(fcinfo, 1, "metric");
  const OptionalText reference = optional_text(fcinfo, 2);
  const double level = level_argument(fcinfo, 3);
  const Confusion confusion = decoded(fcinfo, 0);
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

FAIRDB_FUNCTION(impact_ratios) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const double min_share = number_argument(fcinfo, 1, "min_share");
  const double level = number_argument(fcinfo, 2, "level");
  const Confusion confusion = decoded(fcinfo, 0);
  BackendMonitor monitor;
  const std::vector<Withheld> withheld =
      withhold(confusion, published_selection(), min_group(), monitor);
  const std::vector<Impact> list =
      impact_ratios(confusion, min_share, level, monitor, without_selections(withheld));
  for (std::size_t g = 0; g < list.size(); ++g) {
    put_impact(rows, list[g], withheld[g]);
    rows.end_row();
  }
  rows.finish();
  PG_RETURN_NULL();
}

std::vector<bool> without_selections(const std::vector<Withheld>& withheld) {
  std::vector<bool> result;
  result.reserve(withheld.size());
  for (const Withheld& w : withheld) result.push_back(w.rate(Rate::SelectionRate));
  return result;
}

void put_impact(RowWriter& rows, const Impact& row, const Withheld& withheld) {
  const bool rate = withheld.rate(Rate::SelectionRate);
  const auto shown = [](bool hidden, auto value) {
    return hidden ? std::nullopt : std::optional(value);
  };
  const auto of_rate = [&](const auto& value) { return rate ? std::nullopt : value; };
  rows.text(row.group)
      .integer(shown(withheld.row(), row.n))
      .integer(shown(rate, row.selected))
      .integer(shown(withheld.count(cells_with_prediction(Truth::Unknown)), row.unknown_prediction))
      .number(of_rate(row.selection_rate))
      .boolean(shown(withheld.row(), row.excluded))
      .boolean(shown(rate, row.reference))
      .number(of_rate(row.impact_ratio));
  put_interval(rows, of_rate(row.interval))
      .boolean(of_rate(row.below_four_fifths))
      .number(of_rate(row.standard_deviations))
      .number(of_rate(row.p_value))
      .number(of_rate(row.p_fisher))
      .number(of_rate(row.shortfall))
      .number(of_rate(row.ratio_one_person))
      .boolean(of_rate(row.one_person_flips));
  rows.boolean(withheld.any());
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

// The confusions of an array, one for each stratum; NULLs are left out.
static std::vector<Confusion> strata_argument(FunctionCallInfo fcinfo,
                                              int argument,
                                              Monitor& monitor) {
  struct Elements {
    Datum* values;
    bool* nulls;
    int count;
  };
  const Elements elements = backend([&] {
    ArrayType* const array = PG_GETARG_ARRAYTYPE_P(argument);
    Elements e{};
    deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_DOUBLE, &e.values, &e.nulls,
                      &e.count);
    return e;
  });
  std::vector<Confusion> strata;
  for (int i = 0; i < elements.count; ++i) {
    monitor.poll();
    if (elements.nulls[i]) continue;
    const auto bytes = backend([&] { return value_bytes(elements.values[i]); });
    strata.push_back(decode(ConfusionValue::open(bytes)));
  }
  return strata;
}

FAIRDB_FUNCTION(stratified) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Rate outcome = rate_argument(fcinfo, 1, "metric");
  const OptionalText reference = optional_text(fcinfo, 2);
  const OptionalText group = optional_text(fcinfo, 3);
  const double level = level_argument(fcinfo, 4);
  BackendMonitor monitor;
  const Stratified s = stratify(strata_argument(fcinfo, 0, monitor), outcome, view(group),
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
