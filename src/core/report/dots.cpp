// Rates of groups, one below the other, each with its interval.
#include <algorithm>
#include <cmath>

#include "core/report/draw.hpp"
#include "core/report/label.hpp"
#include "core/report/svg.hpp"

namespace fairdb {
namespace {

constexpr double kSmall = 600;  // narrower pictures have names above the intervals

struct Layout {
  bool narrow;
  double name_width;
  Range pixels;   // of the axis
  double values;  // where rates end
  double row;     // height
};

Layout layout_of(const Dots& dots, double width) {
  double name = 0;
  double size = 0;
  for (const DotRow& row : dots.rows) {
    // Letters in bold are wider.
    name = std::max(name, kLetter * 1.08 * text_ems(row.name));
    size = std::max(size, kSmallLetter * text_ems(row.size));
  }
  if (width < kSmall) return {true, width, {18, width - 22}, width, 40};
  name = std::min(std::ceil(name), .3 * width);
  const double values = width - std::ceil(size) - 16;
  return {false, name, {name + 28, values - 74}, values, 24};
}

void put_row(
    Svg& svg, const DotRow& row, const Layout& layout, const LinearScale& scale, double y) {
  const double size = row.strong ? 5.5 : 4.2;
  const std::string weight = row.strong ? "t b" : "t";
  const std::string value = share_text(row.value);
  const double middle = layout.narrow ? y + 27 : y + layout.row / 2;
  if (layout.narrow) {
    const double numbers = kSmallLetter * text_ems(row.size) + kLetter * 1.1 * text_ems(value) + 20;
    svg.text({0, y + kLetter}, fitting(row.name, (layout.values - numbers) / (1.08 * kLetter)),
             weight, Anchor::Start);
    svg.text({layout.values - kSmallLetter * text_ems(row.size) - 10, y + kLetter}, value, "t b",
             Anchor::End);
    svg.text({layout.values, y + kLetter}, row.size, "m p", Anchor::End);
  } else {
    svg.text({layout.name_width, middle + 4},
             fitting(row.name, layout.name_width / (1.08 * kLetter)), weight, Anchor::End);
    svg.text({layout.values, middle + 4}, value, "t b", Anchor::End);
    svg.text({layout.values + 16 + kSmallLetter * text_ems(row.size), middle + 4}, row.size, "m p",
             Anchor::End);
  }
  if (row.interval) {
    svg.line({scale(row.interval->from), middle}, {scale(row.interval->to), middle},
             "l i " + stroke_of(row.look));
  }
  svg.shape({scale(row.value), middle}, row.look, size, "h");
}

}  // namespace

Drawing draw(const Dots& dots, double width) {
  Markup out;
  Svg svg(out);
  const Layout layout = layout_of(dots, width);
  const LinearScale scale(dots.x.range, layout.pixels);
  constexpr double kTop = 18;  // for the label of all groups
  constexpr double kBetweenSections = 16;
  double y = kTop;
  std::vector<double> rows;
  std::vector<double> sections;
  for (std::size_t i = 0; i < dots.rows.size(); ++i) {
    if (i > 0 && dots.rows[i].section != dots.rows[i - 1].section) {
      sections.push_back(y + kBetweenSections / 2);
      y += kBetweenSections;
    }
    rows.push_back(y);
    y += layout.row;
  }
  const double bottom = y + 6;
  const Ticks ticks = ticks_of(dots.x.range, layout.narrow ? 3 : 5);
  out.open("g").attribute("class", "panel");
  for (const double tick : ticks.at) {
    svg.line({scale(tick), kTop - 4}, {scale(tick), bottom}, "g");
    svg.text({scale(tick), bottom + 14}, tick_text(tick, Unit::Share, ticks.step), "m p",
             Anchor::Middle);
  }
  for (const double line : sections) {
    svg.line({0, line}, {layout.narrow ? width : layout.values, line}, "g");
  }
  if (dots.overall) {
    const double at = scale(*dots.overall);
    svg.line({at, kTop - 4}, {at, bottom}, "x d");
    const double room = kSmallLetter * text_ems(dots.overall_label);
    const bool left = at - room - 6 > 0;
    svg.text({left ? at - 5 : at + 5, kTop - 6}, dots.overall_label, "m p",
             left ? Anchor::End : Anchor::Start);
  }
  for (std::size_t i = 0; i < dots.rows.size(); ++i) {
    put_row(svg, dots.rows[i], layout, scale, rows[i]);
  }
  svg.text({(layout.pixels.from + layout.pixels.to) / 2, bottom + 32}, dots.x.title, "m p",
           Anchor::Middle);
  out.close();
  return {out.take(), width, bottom + 40};
}

}  // namespace fairdb
