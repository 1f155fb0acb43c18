// chart and vega: a figure by itself, as SVG or for Vega-Lite.
#include "core/report/draw.hpp"
#include "core/report/vega.hpp"

#include "pg/audit/metric_arguments.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/distribution/adjustment_options.hpp"
#include "pg/report/figure_arguments.hpp"
#include "pg/report/json_rows.hpp"
#include "pg/report/score_groups.hpp"

namespace fairdb::pg {
namespace {

[[noreturn]] void no_data(FigureKind kind, const char* why) {
  throw Error(ErrorKind::InvalidData,
              "there is nothing to draw for kind \"" + std::string(name(kind)) + "\"", why);
}

// The kinds of a value are those that it can be drawn as.
FigureKind kind_argument(const Arguments& arguments, std::initializer_list<FigureKind> kinds) {
  const auto kind = named<FigureKind>(arguments.text("kind"));
  if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return kind;
  std::vector<std::string_view> names;
  for (const FigureKind known : kinds) names.push_back(name(known));
  throw Error(ErrorKind::InvalidArgument,
              "kind \"" + std::string(name(kind)) + "\" is not drawn from this value",
              "From it: " + listed(names) +
                  ". From a confusion: rates; from a distribution: scores, adjusted, calibration, "
                  "roc; from rows as jsonb: tradeoff, history.");
}

// An option that the kind does not use must not be given.
void require_unused(const Arguments& arguments, const char* option, FigureKind kind) {
  if (arguments.null(option)) return;
  throw Error(ErrorKind::InvalidArgument,
              std::string(option) + " is not used by kind \"" + std::string(name(kind)) + "\"",
              "Leave it out.");
}

Figure titled(std::optional<Figure> figure,
              FigureKind kind,
              const Arguments& arguments,
              const char* why) {
  if (!figure) no_data(kind, why);
  const std::string title = readable_argument(arguments, "title");
  if (!title.empty()) figure->title = title;
  return std::move(*figure);
}

Figure figure_of_confusion(const Arguments& arguments) {
  const FigureKind kind = kind_argument(arguments, {FigureKind::Rates});
  const Rate rate = rate_argument(arguments);
  const Wording wording = wording_argument(arguments);
  BackendMonitor monitor;
  const std::vector<std::string> attributes = arguments.names_or_none("attributes");
  const auto sets = attribute_groups(arguments.datum("confusion"), attributes, attributes,
                                     min_group_argument(arguments), monitor);
  std::vector<Finding> gaps;
  gaps.reserve(sets.size());
  for (const AttributeGroups& set : sets) {
    gaps.push_back(find_gap(set, std::string(name(rate)) + "_difference", wording, monitor));
  }
  return titled(rates_figure(sets, rate, gaps, wording), kind, arguments,
                "No group has this rate, or all are too small to be shown.");
}

Figure figure_of_distribution(const Arguments& arguments) {
  const FigureKind kind = kind_argument(arguments, {FigureKind::Scores, FigureKind::Adjusted,
                                                    FigureKind::Calibration, FigureKind::Roc});
  const bool labels = kind == FigureKind::Calibration || kind == FigureKind::Roc;
  if (kind != FigureKind::Roc && kind != FigureKind::Adjusted) {
    require_unused(arguments, "threshold", kind);
  }
  if (kind != FigureKind::Calibration) require_unused(arguments, "bins", kind);
  if (kind != FigureKind::Adjusted) require_unused(arguments, "alpha", kind);
  const auto threshold = arguments.optional_number("threshold");
  const std::int64_t k = min_group_argument(arguments);
  const Wording wording = wording_argument(arguments);
  BackendMonitor monitor;
  const ScoreGroups groups = score_groups(open_distribution(arguments.datum("distribution")),
                                          {labels, {}, {}, k}, wording, monitor);
  constexpr const char* kNoGroups =
      "No group has scores, all groups are too small to be shown, or scores are beyond 1e15.";
  switch (kind) {
    case FigureKind::Calibration:
      return titled(calibration_figure(
                        groups.labelled, groups.attributes,
                        arguments.null("bins") ? 10 : arguments.small_integer("bins"), k, wording),
                    kind, arguments, "Scores must be probabilities, from 0 to 1, of some group.");
    case FigureKind::Roc:
      return titled(roc_figure(groups.labelled, groups.attributes, threshold, k, wording, monitor),
                    kind, arguments, "No group that may be shown has scores of both labels.");
    case FigureKind::Adjusted: {
      AdjustmentOptions options;
      options.alpha = arguments.optional_number("alpha").value_or(0);
      validate(options);
      check_adjustment_memory(*groups.distribution, options);
      const Adjustment adjustment(*groups.distribution, options, monitor);
      return titled(adjusted_figure(*groups.distribution, adjustment, groups.laws, groups.hidden, 0,
                                    threshold, k, wording, monitor),
                    kind, arguments, kNoGroups);
    }
    default:
      return titled(scores_figure(groups.laws, groups.hidden, 0, k, wording, monitor), kind,
                    arguments, kNoGroups);
  }
}

Figure figure_of_rows(const Arguments& arguments) {
  const FigureKind kind = kind_argument(arguments, {FigureKind::Tradeoff, FigureKind::History});
  const JsonTree tree = json_tree(arguments.datum("rows"));
  if (kind == FigureKind::Tradeoff) {
    require_unused(arguments, "metric", kind);
    constexpr double kDefaultLevel = .95;
    if (level_argument(arguments) != kDefaultLevel) {
      throw Error(ErrorKind::InvalidArgument, "level is not used by kind \"tradeoff\"",
                  "Its rows have no intervals.");
    }
    TradeoffRows rows = tradeoff_rows(tree, "rows");
    return titled(tradeoff_figure(std::move(rows.points), rows.squared_error), kind, arguments,
                  "No row has a gap and an accuracy.");
  }
  const Wording wording = wording_argument(arguments);
  HistoryRows rows = history_rows(tree, arguments.optional_text("metric"), "rows");
  return titled(history_figure(std::move(rows.points), rows.metric, rows.by, wording), kind,
                arguments, "No row has a value.");
}

// Each function for each value: NULL of NULL.
template <class Make>
Datum drawn(FunctionCallInfo fcinfo, Make make) {
  if (PG_ARGISNULL(1)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo);
  const double width = arguments.small_integer("width");
  const auto theme = named<Theme>(arguments.text("theme"));
  return text_datum(picture(make(arguments), width, theme));
}

template <class Make>
Datum specified(FunctionCallInfo fcinfo, Make make) {
  if (PG_ARGISNULL(1)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo);
  const std::string json = server_text(vega_of(make(arguments)));
  return backend([&] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.c_str())); });
}

}  // namespace

FAIRDB_FUNCTION(chart_confusion) {
  return drawn(fcinfo, figure_of_confusion);
}
FAIRDB_FUNCTION(chart_distribution) {
  return drawn(fcinfo, figure_of_distribution);
}
FAIRDB_FUNCTION(chart_rows) {
  return drawn(fcinfo, figure_of_rows);
}
FAIRDB_FUNCTION(vega_confusion) {
  return specified(fcinfo, figure_of_confusion);
}
FAIRDB_FUNCTION(vega_distribution) {
  return specified(fcinfo, figure_of_distribution);
}
FAIRDB_FUNCTION(vega_rows) {
  return specified(fcinfo, figure_of_rows);
}

}  // namespace fairdb::pg
