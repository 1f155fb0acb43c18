// How well scores rank and how well they are calibrated in each group, from a distribution by group
// and label.
#include <cmath>

#include "core/audit/suppression.hpp"
#include "core/audit/uncertainty.hpp"
#include "core/distribution/labelled.hpp"
#include "core/inference/range.hpp"
#include "core/inference/tables.hpp"
#include "core/inference/tails.hpp"
#include "pg/audit.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/bridge/session.hpp"
#include "pg/distribution.hpp"

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
  check_working_memory(distribution, kLaws);
  Groups groups{labelled_scores(distribution), {}, distribution.unknown().group};
  std::vector<std::int64_t> sizes;
  sizes.reserve(groups.list.size());
  for (const LabelledScores& scores : groups.list) sizes.push_back(rows_of(scores));
  groups.hidden = hidden_groups(sizes, min_group());
  // So few positive or negative rows are not told either, nor what is computed of them alone.
  for (std::size_t g = 0; g < groups.list.size(); ++g) {
    for (const std::int64_t n : {groups.list[g].positive_rows, groups.list[g].negative_rows}) {
      if (too_few(n, min_group())) groups.hidden[g] = true;
    }
  }
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

// A measure of each group and the gap of its values: the row of a table of gaps.
void put_gap(RowWriter& rows,
             const char* metric,
             std::size_t groups,
             const std::vector<double>& values,
             const std::vector<Proportion>& proportions,
             double level) {
  rows.text(metric);
  std::optional<Interval> interval;
  std::optional<TestResult> test;
  BackendMonitor monitor;
  if (values.size() >= 2 && proportions.size() == values.size()) {
    interval = gap_interval({proportions}, Contrast::Difference, level, monitor);
    test = wald(proportions);
  }
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  rows.number(values.size() >= 2 ? std::optional(*high - *low) : std::nullopt);
  put_interval(rows, interval)
      .number(test ? std::optional(test->p_value) : std::nullopt)
      .text(test ? std::optional("wald") : std::nullopt)
      .integer(static_cast<std::int64_t>(groups))
      .integer(static_cast<std::int64_t>(values.size()));
  const std::string_view note =
      note_on(interval, 0, test ? std::optional(test->p_value) : std::nullopt, level,
              static_cast<std::int64_t>(values.size()));
  rows.text(note.empty() ? std::nullopt : std::optional(note)).end_row();
}

int bins_argument(FunctionCallInfo fcinfo, int argument) {
  if (PG_ARGISNULL(argument)) throw Error(ErrorKind::InvalidArgument, "bins must not be NULL");
  return PG_GETARG_INT32(argument);
}

bool probabilities(const LabelledScores& scores) {
  const auto inside = [](const Law& law) {
    return law.empty() || (law.score(0) >= 0 && law.score(law.size() - 1) <= 1);
  };
  return inside(scores.positive) && inside(scores.negative);
}

// Bins of few rows, or of few positive or negative ones, and what else would tell them.
std::vector<bool> hidden_bins(const std::vector<CalibrationBin>& bins) {
  std::vector<std::int64_t> rows;
  for (const CalibrationBin& bin : bins) {
    bool few = false;
    if (bin.n > 0) {
      const std::int64_t positive = std::llround(bin.observed_rate * static_cast<double>(bin.n));
      for (const std::int64_t n : {positive, bin.n - positive}) {
        few = few || too_few(n, min_group());
      }
    }
    rows.push_back(few ? 1 : bin.n);
  }
  return hidden_parts(rows, min_group());
}

}  // namespace

FAIRDB_FUNCTION(auc_by_group) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const double z = normal_two_sided_quantile(level_argument(fcinfo, 1));
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
  const int bins = bins_argument(fcinfo, 1);
  const double z = normal_two_sided_quantile(level_argument(fcinfo, 2));
  const Groups groups = groups_argument(fcinfo, 0);
  for (std::size_t g = 0; g < groups.list.size(); ++g) {
    const bool hidden = groups.hidden[g];
    int number = 0;
    const std::vector<CalibrationBin> list = calibration(groups.list[g], bins);
    const std::vector<bool> few = hidden_bins(list);
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
  const int bins = bins_argument(fcinfo, 1);
  const double z = normal_two_sided_quantile(level_argument(fcinfo, 2));
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
  const int bins = bins_argument(fcinfo, 1);
  const double level = level_argument(fcinfo, 2);
  const Groups groups = groups_argument(fcinfo, 0);
  BackendMonitor monitor;
  std::vector<double> aucs, briers, errors;
  std::vector<Proportion> auc_laws, brier_laws;
  const bool all_probabilities = std::all_of(groups.list.begin(), groups.list.end(), probabilities);
  for (const LabelledScores& scores : groups.list) {
    if (const auto a = auc(scores, monitor)) {
      aucs.push_back(a->value);
      if (const auto law = as_proportion(*a, scores)) auc_laws.push_back(*law);
    }
    if (!all_probabilities) continue;
    if (const auto b = brier(scores)) {
      briers.push_back(b->value);
      if (const auto law = as_proportion(b->value, b->variance)) brier_laws.push_back(*law);
    }
    if (const auto e = calibration_error(calibration(scores, bins))) errors.push_back(*e);
  }
  const std::size_t n = groups.list.size();
  put_gap(rows, "auc_difference", n, aucs, auc_laws, level);
  put_gap(rows, "brier_difference", n, briers, brier_laws, level);
  put_gap(rows, "calibration_error_difference", n, errors, {}, level);
  rows.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
