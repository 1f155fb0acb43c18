// thresholds and choose_threshold: rules from scores with labels; by_group and bands show them.
#include <cmath>

#include "core/base/suppression.hpp"
#include "core/decision/roc.hpp"
#include "core/inference/proportion.hpp"
#include "core/inference/tails.hpp"

#include "pg/audit/groups.hpp"
#include "pg/audit/metric_arguments.hpp"
#include "pg/bridge/memory.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/decision/labelled_argument.hpp"
#include "pg/decision/thresholds_value.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {
namespace {

// The options that both functions have.
void read_objective(const Arguments& arguments, ThresholdOptions& options) {
  options.objective = named<Objective>(arguments.text("objective"));
  const auto false_positive = arguments.optional_number("false_positive_cost");
  const auto false_negative = arguments.optional_number("false_negative_cost");
  if (options.objective == Objective::Cost) {
    if (!false_positive || !false_negative) {
      throw Error(ErrorKind::InvalidArgument, "objective is \"cost\" without both costs",
                  "For example objective => 'cost', false_positive_cost => 5, "
                  "false_negative_cost => 1.");
    }
    options.false_positive_cost = *false_positive;
    options.false_negative_cost = *false_negative;
  } else if (false_positive || false_negative) {
    throw Error(ErrorKind::InvalidArgument,
                "false_positive_cost and false_negative_cost are for objective => 'cost'");
  }
  options.selection_rate = arguments.optional_number("selection_rate");
  if (const auto places = arguments.optional_integer("places")) {
    options.places = static_cast<double>(*places);
  }
}

void note(const std::string& message, const char* hint) {
  backend([&] { ereport(NOTICE, (errmsg("%s", message.c_str()), errhint("%s", hint))); });
}

std::string percent(double share) {
  return std::to_string(std::llround(share * 100)) + " %";
}

// Rules that do what was asked and are hardly what was meant.
void note_what_surprises(const Thresholds& rule) {
  constexpr double kMuch = 0.2;
  const ThresholdOptions& options = rule.options;
  const bool sized = options.selection_rate || options.places;
  const double size =
      options.places ? *options.places : options.selection_rate.value_or(0) * rule.weight();
  if (sized && !options.randomised && rule.selected() < (1 - kMuch) * size) {
    note(percent(1 - rule.selected() / size) + (options.places
                                                    ? " of the places stay empty"
                                                    : " of the selection_rate is not selected"),
         "A threshold moves all rows of a score together, and what is left is too little for the "
         "next one of any group, or would put it ahead: randomised => true selects them all.");
  } else if (rule.selected() == 0 && !sized) {
    if (rule.mixed.objective != rule.reached.objective) {
      note("the best rule selects nobody",
           "No other thresholds agree so nearly: a larger tolerance or randomised => true may "
           "select some.");
    } else {
      note("the best rule selects nobody",
           "By this objective no threshold is worth its errors: look at the costs.");
    }
  } else if (rule.share_by_chance() > kMuch) {
    note("chance decides " + percent(rule.share_by_chance()) + " of the rows",
         "A small group, or one whose scores tell little, holds the others down: "
         "thresholds_by_group "
         "shows which, a tolerance or randomised => false leaves less to chance.");
  }
  if (!rule.options.randomised && rule.reached.gap > rule.options.tolerance + kRoundedRate &&
      rule.options.tolerance > 0) {
    note("without chance the groups stay " + std::to_string(rule.reached.gap) +
             " apart, more than the tolerance",
         "A threshold moves all rows of a score together: groups of few rows or few different "
         "scores "
         "move in large steps.");
  }
}

// What finding single thresholds takes beside the laws.
void check_points(const std::vector<LabelledScores>& groups) {
  constexpr std::size_t kBytesOfPoint = 40;
  std::size_t points = 0;
  for (const LabelledScores& group : groups)
    points += group.negative.size() + group.positive.size();
  check_memory(points * kBytesOfPoint, "thresholds without chance");
}

// A rate of a group as it is expected, with Wilson's interval.
void put_rate(RowWriter& rows, double part, double whole, double effective, double z, bool shown) {
  if (!shown || !(whole > 0)) {
    put_interval(rows.number(std::nullopt), std::nullopt);
    return;
  }
  const Proportion rate{std::clamp(part / whole, 0.0, 1.0), effective};
  put_interval(rows.number(rate.value), wilson(rate, z));
}

}  // namespace

FAIRDB_FUNCTION(thresholds) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo);
  ThresholdOptions options;
  options.fairness = named<Fairness>(arguments.text("fairness"));
  options.tolerance = arguments.number("tolerance");
  if (options.fairness == Fairness::None && options.tolerance > 0) {
    throw Error(ErrorKind::InvalidArgument, "tolerance is of no use with fairness \"none\"",
                "Leave it out, or name the fairness whose gap it bounds.");
  }
  options.randomised = arguments.boolean("randomised");
  read_objective(arguments, options);
  BackendMonitor monitor;
  const std::vector<LabelledScores> scores = labelled_argument(fcinfo, 0);
  if (!options.randomised) check_points(scores);
  const Thresholds rule = find_thresholds(scores, options, monitor);
  note_what_surprises(rule);
  return thresholds_datum(rule);
}

FAIRDB_FUNCTION(choose_threshold) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo);
  ThresholdOptions options;
  options.fairness = Fairness::None;
  read_objective(arguments, options);
  const Distribution& distribution = distribution_argument(fcinfo, 0);
  constexpr WorkingMemory kPooled{80, 80, 80};
  check_working_memory(distribution, kPooled);
  BackendMonitor monitor;
  PG_RETURN_FLOAT8(best_threshold(pooled(distribution, monitor), options, monitor));
}

FAIRDB_FUNCTION(thresholds_by_group) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const double z = normal_two_sided_quantile(level_argument(Arguments(fcinfo)));
  const Thresholds value = thresholds_argument(fcinfo, 0);
  const std::vector<bool> hidden = hidden_groups_of(value);
  const std::vector<bool> hidden_rates = hidden_rates_of(value);
  for (std::size_t g = 0; g < value.groups.size(); ++g) {
    const GroupThresholds& group = value.groups[g];
    const bool shown = !hidden_rates[g];
    const auto number = [&](auto known) {
      rows.number(shown ? std::optional<double>(known) : std::nullopt);
    };
    const auto count = [&](std::int64_t n) {
      rows.integer(hidden[g] ? std::nullopt : std::optional(n));
    };
    // All below the first band are rejected, all from the last one on selected.
    const auto& bands = group.bands;
    const bool sure = !bands.empty() && bands.back().share == 1;
    const double nobody = kSelectsNobody;
    const double low = bands.empty() ? nobody : bands.front().threshold;
    const double high = sure ? bands.back().threshold : nobody;
    rows.text(group.group);
    number(low);
    number(high);
    rows.number(shown ? group.share_between() : std::nullopt);
    count(group.negative_rows + group.positive_rows);
    count(group.positive_rows);
    number(group.by_chance);
    put_rate(rows, group.expected.fp + group.expected.tp, group.weight(), group.effective_rows(), z,
             shown);
    put_rate(rows, group.expected.tp, group.positives, group.effective_positives, z, shown);
    put_rate(rows, group.expected.fp, group.negatives, group.effective_negatives, z, shown);
    number((group.expected.tp + group.negatives - group.expected.fp) / group.weight());
    rows.boolean(!shown).end_row();
  }
  rows.finish();
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(bands) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Thresholds value = thresholds_argument(fcinfo, 0);
  const std::vector<bool> hidden = hidden_rates_of(value);
  for (std::size_t g = 0; g < value.groups.size(); ++g) {
    const GroupThresholds& group = value.groups[g];
    if (hidden[g]) {
      rows.text(group.group).number({}).number({}).number({}).boolean(true).end_row();
      continue;
    }
    for (std::size_t b = 0; b < group.bands.size(); ++b) {
      const bool last = b + 1 == group.bands.size();
      rows.text(group.group)
          .number(group.bands[b].threshold)
          .number(last ? kSelectsNobody : group.bands[b + 1].threshold)
          .number(group.bands[b].share)
          .boolean(false)
          .end_row();
    }
  }
  rows.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
