#include <algorithm>
#include <cmath>

#include "core/report/figures.hpp"
#include "core/report/words.hpp"

namespace fairdb {

std::optional<Figure> tradeoff_figure(std::vector<TradeoffPoint> points, bool squared_error) {
  if (points.empty()) return std::nullopt;
  std::stable_sort(points.begin(), points.end(),
                   [](const auto& a, const auto& b) { return a.epsilon < b.epsilon; });
  Range gaps = {0, points.front().gap};
  Range quality = {points.front().quality, points.front().quality};
  for (const TradeoffPoint& point : points) {
    gaps.to = std::max(gaps.to, point.gap);
    quality = {std::min(quality.from, point.quality), std::max(quality.to, point.quality)};
  }
  if (!drawable(gaps) || !drawable(quality)) return std::nullopt;
  const Unit unit = squared_error ? Unit::Number : Unit::Share;
  PlotPanel panel;
  panel.x = {"gap between groups (0 is parity)", Unit::Number, rounded_range(gaps, 5), {}};
  panel.y = {
      squared_error ? "mean squared error" : "accuracy", unit, rounded_range(quality, 4), {}};
  Series series;
  series.name = "settings";
  series.marks = true;
  series.look.colour = Look::kText;
  Table table;
  table.head = {"epsilon", "gap", panel.y.title};
  const int decimals_x = panel.x.decimals();
  const int decimals_y = panel.y.decimals();
  for (const TradeoffPoint& point : points) {
    series.points.push_back({point.gap, point.quality});
    table.rows.push_back({number_text(point.epsilon),
                          cell_text(point.gap, Unit::Number, decimals_x),
                          cell_text(point.quality, unit, decimals_y)});
  }
  panel.series = {std::move(series)};
  panel.key = false;
  const TradeoffPoint& fair = points.front();
  const TradeoffPoint& free = points.back();
  panel.marks.push_back(
      {free.gap,
       free.quality,
       {},
       std::isinf(free.epsilon) ? "no constraint" : "\u03B5 = " + number_text(free.epsilon),
       Mark::Kind::Dot});
  if (points.size() > 1) {
    panel.marks.push_back(
        {fair.gap,
         fair.quality,
         {},
         (fair.epsilon == 0 ? "fair (\u03B5 = 0)" : "\u03B5 = " + number_text(fair.epsilon)),
         Mark::Kind::Dot});
  }
  const words::TradeoffWords said{
      points.size(), fair.epsilon, free.epsilon,  fair.gap, free.gap,
      fair.quality,  free.quality, panel.y.title, unit,     panel.y.range.from == 0};
  return Figure{FigureKind::Tradeoff,
                "What fairness costs",
                words::tradeoff_caption(said),
                "",
                Plot{{std::move(panel)}},
                std::move(table),
                false};
}

}  // namespace fairdb
