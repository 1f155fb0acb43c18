#include "core/report/vega.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/base/json_writer.hpp"
#include "core/report/style.hpp"

namespace fairdb {
namespace {

constexpr const char* kShapes[] = {"circle", "square", "triangle-up", "diamond"};

// "name": {"field": ..., "type": ..., "title": ..., and the range of an axis}
void put_axis(JsonWriter& json, const char* channel, const char* field, const Axis& axis) {
  json.key(channel).open('{').key("field").text(field);
  if (axis.unit == Unit::Time) {
    json.key("type").text("ordinal").key("sort").null();
  } else {
    json.key("type").text("quantitative");
    json.key("scale").open('{').key("domain").open('[');
    json.number(axis.range.from).number(axis.range.to).close(']').close('}');
    if (axis.unit == Unit::Share) json.key("axis").open('{').key("format").text(".0%").close('}');
  }
  json.key("title").text(axis.title).close('}');
}

void put_mark(JsonWriter& json, const char* type) {
  json.key("mark").open('{').key("type").text(type);
}

void put_field(JsonWriter& json, const char* channel, const char* field) {
  json.key(channel).open('{').key("field").text(field).close('}');
}

// The colours and shapes of the groups, as the pictures have them.
void put_looks(JsonWriter& json, const std::vector<std::pair<std::string, Look>>& looks) {
  const auto scale = [&](const char* channel, auto value) {
    json.key(channel).open('{').key("field").text("group").key("type").text("nominal");
    json.key("title").null().key("scale").open('{').key("domain").open('[');
    for (const auto& [name, look] : looks) json.text(name);
    json.close(']').key("range").open('[');
    for (const auto& [name, look] : looks) json.text(value(look));
    json.close(']').close('}').close('}');
  };
  scale("color", [](Look look) {
    return look.colour == Look::kGrey   ? kLight.grey
           : look.colour == Look::kText ? kLight.text
                                        : kLight.groups[static_cast<std::size_t>(look.colour)];
  });
  scale("shape", [](Look look) { return kShapes[look.colour < 0 ? 0 : look.colour]; });
}

void put_title(JsonWriter& json, const std::string& title) {
  if (!title.empty()) json.key("title").text(title);
}

void put_dots(JsonWriter& json, const Dots& dots) {
  json.key("data").open('{').key("values").open('[');
  std::set<std::string> names;
  std::vector<std::string> rows;
  for (const DotRow& row : dots.rows) {
    // Groups of several sections may have one name.
    rows.push_back(row.name);
    while (!names.insert(rows.back()).second) rows.back() += " ";
  }
  for (std::size_t i = 0; i < dots.rows.size(); ++i) {
    const DotRow& row = dots.rows[i];
    json.open('{').key("group").text(rows[i]).key("rate").number(row.value);
    json.key("lower").number(row.interval ? std::optional(row.interval->from) : std::nullopt);
    json.key("upper").number(row.interval ? std::optional(row.interval->to) : std::nullopt);
    json.key("size").text(row.size).key("section").integer(row.section).close('}');
  }
  json.close(']').close('}');
  const auto put_groups = [&] {
    json.key("y").open('{').key("field").text("group").key("type").text("nominal");
    json.key("sort").null().key("title").null().close('}');
  };
  json.key("layer").open('[');
  json.open('{');
  put_mark(json, "rule");
  json.close('}').key("encoding").open('{');
  put_groups();
  put_axis(json, "x", "lower", dots.x);
  put_field(json, "x2", "upper");
  json.close('}').close('}');
  json.open('{');
  put_mark(json, "point");
  json.key("filled").boolean(true).key("size").integer(80).close('}');
  json.key("encoding").open('{');
  put_groups();
  put_axis(json, "x", "rate", dots.x);
  std::vector<std::pair<std::string, Look>> looks;
  for (std::size_t i = 0; i < rows.size(); ++i) looks.emplace_back(rows[i], dots.rows[i].look);
  put_looks(json, looks);
  json.close('}').close('}');
  if (dots.overall) {
    json.open('{');
    put_mark(json, "rule");
    json.key("strokeDash").open('[').integer(4).integer(3).close(']').close('}');
    json.key("encoding").open('{').key("x").open('{').key("datum").number(dots.overall);
    json.close('}').close('}').close('}');
  }
  json.close(']');
}

// A number, or the name of a time.
void put_x(JsonWriter& json, const PlotPanel& panel, double x) {
  if (panel.x.unit != Unit::Time) {
    json.number(x);
    return;
  }
  const auto& named = panel.x.named;
  const auto at = std::lower_bound(named.begin(), named.end(), x,
                                   [](const Axis::Named& time, double t) { return time.at < t; });
  json.text(at == named.end() ? "" : at->label);
}

// Values of a panel: a row for each point.
void put_values(JsonWriter& json, const PlotPanel& panel) {
  json.key("data").open('{').key("values").open('[');
  for (const Series& series : panel.series) {
    std::int64_t number = 0;
    for (const Point& point : series.points) {
      json.open('{').key("group").text(series.name).key("place").integer(number++).key("x");
      put_x(json, panel, point.x);
      json.key("y").number(point.y);
      if (point.interval) {
        json.key("lower").number(point.interval->from).key("upper").number(point.interval->to);
      }
      json.close('}');
    }
  }
  json.close(']').close('}');
}

void put_rule(JsonWriter& json, const char* channel, double at) {
  json.open('{');
  put_mark(json, "rule");
  json.key("strokeDash").open('[').integer(4).integer(3).close(']').close('}');
  json.key("encoding").open('{').key(channel).open('{').key("datum").number(at);
  json.close('}').close('}').close('}');
}

// What stands out, with data of its own.
void put_marks(JsonWriter& json, const PlotPanel& panel) {
  json.open('{').key("data").open('{').key("values").open('[');
  for (const Mark& mark : panel.marks) {
    json.open('{').key("x");
    put_x(json, panel, mark.x);
    json.key("y").number(mark.y).key("label").text(mark.label).close('}');
  }
  json.close(']').close('}');
  put_mark(json, "point");
  json.key("filled").boolean(true).key("size").integer(120).key("color").text(kLight.text);
  json.close('}').key("encoding").open('{');
  put_axis(json, "x", "x", panel.x);
  put_axis(json, "y", "y", panel.y);
  json.key("tooltip").open('{').key("field").text("label").close('}');
  json.close('}').close('}');
}

void put_panel(JsonWriter& json, const PlotPanel& panel) {
  put_title(json, panel.title);
  put_values(json, panel);
  bool marks = false;
  bool bars = false;
  bool band = false;
  for (const Series& series : panel.series) {
    marks = marks || series.marks;
    band = band || series.band;
    for (const Point& point : series.points) bars = bars || (point.interval && !series.band);
  }
  json.key("layer").open('[');
  const auto layer = [&](const char* type, const char* y, const char* y2, bool looks) {
    json.open('{');
    put_mark(json, type);
    if (type == std::string_view("area")) json.key("opacity").number(.25);
    if (type == std::string_view("point")) json.key("filled").boolean(true);
    json.close('}').key("encoding").open('{');
    put_axis(json, "x", "x", panel.x);
    put_axis(json, "y", y, panel.y);
    if (y2 != nullptr) put_field(json, "y2", y2);
    if (type == std::string_view("line")) {
      // In the order of the data: a curve may go straight up.
      json.key("order").open('{').key("field").text("place").key("type").text("quantitative");
      json.close('}');
    }
    if (looks) {
      std::vector<std::pair<std::string, Look>> of_groups;
      for (const Series& series : panel.series) of_groups.emplace_back(series.name, series.look);
      put_looks(json, of_groups);
    }
    json.close('}').close('}');
  };
  if (band) layer("area", "lower", "upper", false);
  if (bars) layer("rule", "lower", "upper", true);
  layer("line", "y", nullptr, true);
  if (marks) layer("point", "y", nullptr, true);
  if (!panel.marks.empty()) put_marks(json, panel);
  if (panel.limit) put_rule(json, "y", panel.limit->at);
  if (panel.gap) put_rule(json, "x", panel.gap->x);
  json.close(']');
}

}  // namespace

std::string vega_of(const Figure& figure) {
  JsonWriter json;
  json.open('{').key("$schema").text("https://vega.github.io/schema/vega-lite/v5.json");
  json.key("title").open('{').key("text").text(figure.title).close('}');
  std::string description = figure.caption.plain();
  if (!figure.note.empty()) description += " " + figure.note;
  json.key("description").text(description);
  if (const auto* const dots = std::get_if<Dots>(&figure.drawing)) {
    put_dots(json, *dots);
  } else {
    const auto& panels = std::get<Plot>(figure.drawing).panels;
    if (panels.size() == 1) {
      put_panel(json, panels.front());
    } else {
      json.key("hconcat").open('[');
      for (const PlotPanel& panel : panels) {
        json.open('{');
        put_panel(json, panel);
        json.close('}');
      }
      json.close(']');
    }
  }
  json.close('}');
  return json.json();
}

}  // namespace fairdb
