#include <algorithm>
#include <cmath>

#include "core/report/figures.hpp"
#include "core/report/words.hpp"

namespace fairdb {
namespace {

Range value_range(const std::vector<HistoryPoint>& points, bool ratio) {
  Range range = {ratio ? 1.0 : 0.0, ratio ? 1.0 : 0.0};
  const auto hold = [&](double value) {
    if (!std::isfinite(value)) return;
    range = {std::min(range.from, value), std::max(range.to, value)};
  };
  for (const HistoryPoint& point : points) {
    if (point.value) hold(*point.value);
    if (point.limit) hold(*point.limit);
    if (point.interval) {
      hold(point.interval->from);
      hold(point.interval->to);
    }
  }
  return rounded_range(range, 4);
}

Point::State state_of(const HistoryPoint& point) {
  if (!point.verdict || *point.verdict == Verdict::Within) return Point::State::Plain;
  return *point.verdict == Verdict::Above ? Point::State::Beyond : Point::State::Open;
}

}  // namespace

std::optional<Figure> history_figure(std::vector<HistoryPoint> points,
                                     const std::string& metric,
                                     const std::string& by,
                                     const Wording& wording) {
  std::stable_sort(points.begin(), points.end(),
                   [](const auto& a, const auto& b) { return a.days < b.days; });
  if (std::none_of(points.begin(), points.end(),
                   [](const auto& p) { return p.value.has_value(); })) {
    return std::nullopt;
  }
  const bool ratio = metric.ends_with("_ratio");
  const double parity = ratio ? 1 : 0;
  if (!drawable(value_range(points, ratio))) return std::nullopt;
  PlotPanel panel;
  panel.y = {words::metric_name(metric, by), Unit::Number, value_range(points, ratio), {}};
  panel.x = {"window", Unit::Time, {points.front().days, points.back().days}, {}};
  if (!(panel.x.range.span() > 0))
    panel.x.range = {points.front().days - 1, points.front().days + 1};
  Series series;
  series.name = panel.y.title;
  series.look.colour = Look::kText;
  series.marks = true;
  series.band = true;
  panel.key = false;
  Table table;
  table.head = {"window from", "gap",  level_text(wording.level) + " from", "to", "limit",
                "verdict",     "alert"};
  const int decimals = panel.y.decimals();
  const auto cell = [&](const std::optional<double>& value) {
    if (!value) return std::string();
    return std::isfinite(*value) ? cell_text(*value, Unit::Number, decimals) : "\u221E";
  };
  words::HistoryWords said{};
  said.at_least = ratio;
  std::optional<double> limit;
  bool one_limit = true;
  bool has_intervals = false;
  bool open = !points.empty() && points.front().alert.value_or(false);
  said.open_before = open;
  bool decided = false;
  for (const HistoryPoint& point : points) {
    panel.x.named.push_back({point.days, point.label});
    const auto interval = point.interval;
    table.rows.push_back({point.label, cell(point.value),
                          cell(interval ? std::optional(interval->from) : std::nullopt),
                          cell(interval ? std::optional(interval->to) : std::nullopt),
                          cell(point.limit), point.verdict ? std::string(name(*point.verdict)) : "",
                          point.alert ? (*point.alert ? "open" : "") : ""});
    if (point.limit) {
      one_limit = one_limit && (!limit || *limit == *point.limit);
      limit = point.limit;
    }
    // A window of which nothing may be told is none of those that are counted.
    said.windows += point.value || point.verdict ? 1 : 0;
    decided = decided || point.verdict;
    if (point.verdict) {
      said.above += *point.verdict == Verdict::Above ? 1 : 0;
      said.undecided += *point.verdict == Verdict::Undecided ? 1 : 0;
      said.insufficient += *point.verdict == Verdict::Insufficient ? 1 : 0;
    }
    if (interval && (interval->from > parity || interval->to < parity)) ++said.apart;
    if (point.alert && *point.alert && !open) {
      said.opened.push_back(point.label);
      if (point.value) {
        panel.marks.push_back(
            {point.days, *point.value, {}, "alert opened " + point.label, Mark::Kind::Flag});
      }
    }
    open = point.alert ? *point.alert : open;
    if (!point.value) continue;
    Point drawn{point.days, *point.value, {}, state_of(point)};
    if (interval && std::isfinite(interval->from) && std::isfinite(interval->to)) {
      drawn.interval = interval;
      has_intervals = true;
    }
    series.points.push_back(drawn);
  }
  panel.series = {std::move(series)};
  // Of many alerts the last ones have room for their labels.
  constexpr std::size_t kMostFlags = 3;
  if (panel.marks.size() > kMostFlags) {
    panel.marks.erase(panel.marks.begin(),
                      panel.marks.end() - static_cast<std::ptrdiff_t>(kMostFlags));
  }
  said.open = open;
  if (limit && one_limit) {
    said.limit = limit;
    panel.limit = Rule{*limit, words::limit_of(limit)};
  }
  if (decided) table.head[2] = "bounds from";
  return Figure{FigureKind::History,
                "Over time",
                words::history_caption(said),
                words::history_note(wording, decided, has_intervals),
                Plot{{std::move(panel)}},
                std::move(table),
                false};
}

}  // namespace fairdb
