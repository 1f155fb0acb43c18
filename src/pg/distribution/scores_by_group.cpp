// How well scores rank and how well they are calibrated in each group, from a distribution by group
// and label.
#include <cmath>

#include "core/distribution/labelled.hpp"
#include "core/distribution/score_gaps.hpp"
#include "core/inference/tails.hpp"

#include "pg/audit/groups.hpp"
#include "pg/audit/metric_arguments.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/distribution/distribution_value.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {
namespace {

std::int64_t rows_of(const LabelledScores& scores) {
  return scores.positive_rows + scores.negative_rows;
}

// The labelled groups of an argument, and which of them fairdb.min_group hides.
struct Groups {
  std::vector<LabelledScores> list;
  std::vector<bool> hidden;
  std::int64_t unknown;  // rows whose group or label is unknown
};
Groups groups_argument(FunctionCallInfo fcinfo, int argument) {
  const Distribution& distribution = distribution_argument(fcinfo, argument);
  check_working_memory(distribution, kLabelledLaws);
  Groups groups{labelled_scores(distribution), {}, distribution.unknown().group};
  groups.hidden = hidden_groups(groups.list, min_group());
  return groups;
}

// The row that counts rows of unknown group or label, with so many columns that it leaves NULL.
void put_unknown(RowWriter& rows, const Groups& groups, int columns) {
  if (groups.unknown == 0) return;
  const bool hidden = groups.unknown < min_group();
  rows.text({}).integer(hidden ? std::nullopt : std::optional(groups.unknown));
  for (int column = 0; column < columns; ++column) rows.number({});
  rows.boolean(hidden).end_row();
}

// A value with Wilson's interval of the proportion that stands for it.
void put_with_interval(RowWriter& rows,
                       std::optional<double> value,
                       const std::optional<Proportion>& proportion,
                       double z) {
  put_interval(rows.number(value),
               proportion ? std::optional(wilson(*proportion, z)) : std::nullopt);
}

}  // namespace

FAIRDB_FUNCTION(auc_by_group) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo);
  const double z = normal_two_sided_quantile(level_argument(arguments));
  const Groups groups = groups_argument(fcinfo, 0);
  BackendMonitor monitor;
  for (std::size_t g = 0; g < groups.list.size(); ++g) {
    const LabelledScores& scores = groups.list[g];
    const bool hidden = groups.hidden[g];
    const auto a = hidden ? std::nullopt : auc(scores, monitor);
    const auto shown = [&](std::int64_t n) { return hidden ? std::nullopt : std::optional(n); };
    rows.text(scores.group).integer(shown(rows_of(scores))).integer(shown(scores.positive_rows));
    put_with_interval(rows, a ? std::optional(a->value) : std::nullopt,
                      a ? as_proportion(*a, scores) : std::nullopt, z);
    rows.number(a && a->variance ? std::optional(std::sqrt(*a->variance)) : std::nullopt)
        .boolean(hidden)
        .end_row();
  }
  put_unknown(rows, groups, 5);
  rows.finish();
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(calibration_by_group) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo);
  const int bins = arguments.small_integer("bins");
  const double z = normal_two_sided_quantile(level_argument(arguments));
  const Groups groups = groups_argument(fcinfo, 0);
  for (std::size_t g = 0; g < groups.list.size(); ++g) {
    const bool hidden = groups.hidden[g];
    int number = 0;
    const std::vector<CalibrationBin> list = calibration(groups.list[g], bins);
    const std::vector<bool> few = hidden_bins(list, min_group());
    for (const CalibrationBin& bin : list) {
      const bool hide = hidden || few[static_cast<std::size_t>(number)];
      const bool some = !hide && bin.n > 0;
      rows.text(groups.list[g].group)
          .integer(++number)
          .number(bin.lower)
          .number(bin.upper)
          .integer(hide ? std::nullopt : std::optional(bin.n))
          .number(some ? std::optional(bin.mean_score) : std::nullopt);
      const Proportion observed{bin.observed_rate, static_cast<double>(bin.n)};
      put_with_interval(rows, some ? std::optional(bin.observed_rate) : std::nullopt,
                        some ? std::optional(observed) : std::nullopt, z);
      rows.boolean(hide).end_row();
    }
  }
  rows.finish();
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(probability_errors_by_group) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo);
  const int bins = arguments.small_integer("bins");
  const double z = normal_two_sided_quantile(level_argument(arguments));
  const Groups groups = groups_argument(fcinfo, 0);
  for (std::size_t g = 0; g < groups.list.size(); ++g) {
    const LabelledScores& scores = groups.list[g];
    const bool hidden = groups.hidden[g];
    const auto error = calibration_error(calibration(scores, bins));
    rows.text(scores.group).integer(hidden ? std::nullopt : std::optional(rows_of(scores)));
    if (const auto b = brier(scores); b && !hidden) {
      put_with_interval(rows, b->value, as_proportion(b->value, b->variance), z);
    } else {
      put_with_interval(rows, std::nullopt, std::nullopt, z);
    }
    rows.number(hidden ? std::nullopt : error).boolean(hidden).end_row();
  }
  put_unknown(rows, groups, 4);
  rows.finish();
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(score_gaps) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo);
  const int bins = arguments.small_integer("bins");
  const double level = level_argument(arguments);
  const Groups groups = groups_argument(fcinfo, 0);
  BackendMonitor monitor;
  for (const ScoreGap& gap : score_gaps(groups.list, bins, level, monitor)) {
    put_interval(rows.text(gap.metric).number(gap.value), gap.interval)
        .number(gap.p_value)
        .text(gap.p_value ? std::optional("wald") : std::nullopt)
        .integer(gap.groups)
        .integer(gap.estimable)
        .text(not_empty(gap.note))
        .text(not_empty(gap.group_low))
        .text(not_empty(gap.group_high))
        .end_row();
  }
  rows.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
