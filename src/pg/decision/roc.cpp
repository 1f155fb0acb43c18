// roc_by_group: what every threshold reaches in each group; threshold_table: all rates at some.
#include <cmath>
#include <functional>

#include "core/audit/disclosure.hpp"
#include "core/decision/roc.hpp"
#include "core/distribution/score_gaps.hpp"

#include "pg/audit/groups.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/decision/labelled_argument.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {
namespace {

// As many points of the curve as are wanted, the ends among them.
std::vector<RocPoint> thinned(const std::vector<RocPoint>& curve, std::int64_t wanted) {
  if (static_cast<std::int64_t>(curve.size()) <= wanted) return curve;
  std::vector<RocPoint> some;
  const double step = static_cast<double>(curve.size() - 1) / static_cast<double>(wanted - 1);
  for (std::int64_t k = 0; k < wanted; ++k) {
    some.push_back(curve[static_cast<std::size_t>(std::llround(step * static_cast<double>(k)))]);
  }
  return some;
}

// The rows of a group at a threshold: counts of rows where each weighs 1, else weights with the
// effective number of rows.
GroupCells cells_at(const LabelledScores& scores, const RocPoint& point) {
  GroupCells cells = group_of(scores.group, Cells{});
  const auto put = [&](Truth label, const ScoreLaw& law, std::int64_t rows, double selected) {
    for (const Truth prediction : {Truth::Positive, Truth::Negative}) {
      const bool positive = prediction == Truth::Positive;
      const double weight = positive ? selected : law.total() - selected;
      const double share = law.empty() ? 0 : weight / law.total();
      const auto many = std::llround(share * static_cast<double>(rows));
      cells.counts.at(label, prediction) = many;
      const std::size_t at = cell(label, prediction);
      cells.masses.mass[at] = weight;
      cells.masses.square[at] =
          law.empty() ? 0 : share * (law.total() / law.effective_rows() * law.total());
    }
  };
  put(Truth::Negative, scores.negative, scores.negative_rows, point.fp);
  put(Truth::Positive, scores.positive, scores.positive_rows, point.tp);
  return cells;
}

}  // namespace

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
      confusion.groups.push_back(cells_at(groups[g], point));
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
