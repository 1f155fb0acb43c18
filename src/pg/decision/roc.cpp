// roc_by_group: what every threshold reaches in each group; threshold_table: all rates at some.
#include <cmath>
#include <functional>

#include "core/audit/disclosure.hpp"
#include "core/decision/cutoff.hpp"
#include "core/distribution/score_gaps.hpp"

#include "pg/audit/groups.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/decision/labelled_argument.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {
FAIRDB_FUNCTION(roc_by_group) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  constexpr std::int64_t kLeastPoints = 2;
  const auto points = Arguments(fcinfo).optional_integer("points");
  if (points && *points < kLeastPoints) {
    throw Error(ErrorKind::InvalidArgument,
                "points is " + std::to_string(*points) + ", expected 2 at least",
                "Leave it out for a point at every distinct score.");
  }
  const std::vector<LabelledScores> groups = labelled_argument(fcinfo, 0);
  const std::vector<bool> hidden = hidden_groups(groups, min_group());
  BackendMonitor monitor;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (hidden[g]) {
      rows.text(groups[g].group);
      for (int column = 0; column < 9; ++column) rows.number({});
      rows.boolean(true).end_row();
      continue;
    }
    const double negatives = groups[g].negative.total();
    const double positives = groups[g].positive.total();
    std::vector<RocPoint> curve = roc_curve(groups[g], min_group(), monitor);
    if (points) curve = thinned(curve, *points);
    for (const RocPoint& point : curve) {
      const auto share = [](double part, double whole) {
        return whole > 0 ? std::optional(part / whole) : std::nullopt;
      };
      rows.text(groups[g].group)
          .number(point.threshold)
          .number(point.tp)
          .number(point.fp)
          .number(positives - point.tp)
          .number(negatives - point.fp)
          .number(share(point.fp + point.tp, negatives + positives))
          .number(share(point.tp, positives))
          .number(share(point.fp, negatives))
          .number(share(point.tp, point.tp + point.fp))
          .boolean(false)
          .end_row();
    }
  }
  rows.finish();
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(threshold_table) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  std::vector<double> wanted = Arguments(fcinfo).numbers("thresholds");
  for (const double threshold : wanted) {
    if (std::isnan(threshold))
      throw Error(ErrorKind::InvalidArgument, "a threshold is not a number");
  }
  std::sort(wanted.begin(), wanted.end(), std::greater<>());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  const std::vector<LabelledScores> groups = labelled_argument(fcinfo, 0);
  const std::vector<bool> hidden = hidden_groups(groups, min_group());
  BackendMonitor monitor;
  std::vector<RocSteps> steps;
  steps.reserve(groups.size());
  for (const LabelledScores& group : groups) steps.emplace_back(group, min_group());
  const Withheld everything(true, 0, {});
  for (const double threshold : wanted) {
    Confusion confusion;
    std::vector<bool> shown;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const RocPoint point{threshold, groups[g].negative.from(threshold),
                           groups[g].positive.from(threshold)};
      confusion.groups.push_back(cells_at(groups[g], threshold));
      shown.push_back(!hidden[g] && steps[g].admits(point));
    }
    const std::vector<Withheld> withheld =
        withhold(confusion, published_by_group(), min_group(), monitor);
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const Withheld& cells = shown[g] ? withheld[g] : everything;
      rows.number(threshold).text(groups[g].group);
      put_group(rows, confusion.groups[g], cells);
      rows.boolean(cells.any()).end_row();
    }
  }
  rows.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
