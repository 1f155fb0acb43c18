// Panels with axes: curves, points, areas.
#include <algorithm>
#include <cmath>

#include "core/report/draw.hpp"
#include "core/report/label.hpp"
#include "core/report/placing.hpp"
#include "core/report/svg.hpp"

namespace fairdb {
namespace {

constexpr double kLine = 17;         // from one line of text to the next
constexpr double kTickRoom = 8;      // between an axis and the numbers at it
constexpr double kMark = 4;          // the radius of a point
constexpr double kLarge = 5.5;       // of one that stands out
constexpr double kStackBelow = 600;  // two panels are one above the other in narrower pictures
constexpr double kBetween = 44;

double width_of(const std::string& text, double letter) {
  return letter * text_ems(text);
}

class PanelDrawing {
 public:
  PanelDrawing(Svg& svg, const PlotPanel& panel, double left, double top, double width)
      : svg_(svg), panel_(panel), left_(left), width_(width), y_(top) {}

  // Draws it; the y below all of it.
  double draw() {
    head();
    frame();
    curves();
    stand_outs();
    return y_;
  }

 private:
  double x(double value) const { return scale_x_(value); }
  double y(double value) const { return scale_y_(value); }
  Pixel at(double px, double py) const { return {x(px), y(py)}; }

  // Titles and key, above the axes.
  void head() {
    if (!panel_.title.empty()) {
      svg_.text({left_, y_ + kLetter}, panel_.title, "t b", Anchor::Start);
      y_ += kLine + 2;
    }
    if (panel_.key) key();
    if (!panel_.others.empty()) {
      svg_.text({left_, y_ + kLetter}, fitting(panel_.others, width_ / kSmallLetter), "m p",
                Anchor::Start);
      y_ += kLine;
    }
    svg_.text({left_, y_ + kLetter}, fitting(panel_.y.title, width_ / kSmallLetter), "m p",
              Anchor::Start);
    y_ += kLine + 8;
  }

  // A shape and a name for each group that is not grey, in lines.
  void key() {
    constexpr double kAfter = 16;
    double at = left_;
    bool any = false;
    for (const Series& series : panel_.series) {
      if (series.look.colour < 0 || series.name.empty()) continue;
      const std::string& words = series.key.empty() ? series.name : series.key;
      const std::string text = fitting(words, (width_ - 14) / kLetter);
      const double room = 14 + width_of(text, kLetter);
      if (any && at + room > left_ + width_) {
        at = left_;
        y_ += kLine;
      }
      svg_.shape({at + 5, y_ + kLetter - 4}, series.look, kMark);
      svg_.text({at + 14, y_ + kLetter}, text, fill_of(series.look) + " b", Anchor::Start);
      at += room + kAfter;
      any = true;
    }
    if (any) y_ += kLine + 2;
  }

  void frame() {
    const Ticks ticks_y = ticks_of(panel_.y.range, 5, true);
    double room = 0;
    for (const double tick : ticks_y.at) {
      room = std::max(room, width_of(tick_text(tick, panel_.y.unit, ticks_y.step), kSmallLetter));
    }
    // The last number of the x axis may be half beyond it.
    const std::string last = cell_text(panel_.x.range.to, panel_.x.unit, 0);
    const double right = left_ + width_ - std::max(16.0, width_of(last, kSmallLetter) / 2 + 1);
    const double height = std::clamp(.62 * width_, 170.0, 250.0);
    const Range pixels_x = {left_ + std::ceil(room) + kTickRoom, right};
    scale_x_ = LinearScale(panel_.x.range, pixels_x);
    scale_y_ = LinearScale(panel_.y.range, {y_ + height, y_});
    top_ = y_;
    bottom_ = y_ + height;
    for (const double tick : ticks_y.at) {
      svg_.line({pixels_x.from, y(tick)}, {right, y(tick)}, "g");
      svg_.text({pixels_x.from - kTickRoom, y(tick) + 4},
                tick_text(tick, panel_.y.unit, ticks_y.step), "m p", Anchor::End);
    }
    svg_.line({pixels_x.from, bottom_}, {right, bottom_}, "x");
    const double wide = panel_.x.unit == Unit::Time ? time_ticks() : number_ticks();
    y_ = bottom_ + kLine + 2;
    if (wide > 0) {
      svg_.text({(pixels_x.from + right) / 2, y_ + kLetter},
                fitting(panel_.x.title, (right - pixels_x.from) / kSmallLetter), "m p",
                Anchor::Middle);
      y_ += kLine + 2;
    }
    placer_ = LabelPlacer({pixels_x.from + 2, top_ - 2, right + 14, bottom_ - 2});
  }

  void tick(double value, const std::string& text, Anchor anchor = Anchor::Middle) {
    svg_.line({x(value), bottom_}, {x(value), bottom_ + 4}, "x");
    svg_.text({x(value), bottom_ + 16}, text, "m p", anchor);
  }

  double number_ticks() {
    const double span = scale_x_.pixels().span();
    for (int wanted = span < 320 ? 4 : 5; wanted > 0; --wanted) {
      const Ticks ticks = ticks_of(panel_.x.range, wanted, true);
      double needed = 0;
      for (const double at : ticks.at) {
        needed = std::max(needed, width_of(tick_text(at, panel_.x.unit, ticks.step), kSmallLetter));
      }
      const double apart = ticks.step / panel_.x.range.span() * span;
      if (needed + 6 > apart && wanted > 1) continue;
      for (const double at : ticks.at) tick(at, tick_text(at, panel_.x.unit, ticks.step));
      break;
    }
    return 1;
  }

  // Some of the times that have a name, from the first on.
  double time_ticks() {
    constexpr double kApart = 10;
    double end = left_ - kApart;  // of the label before
    for (const Axis::Named& time : panel_.x.named) {
      const double width = width_of(time.label, kSmallLetter);
      const double middle = x(time.at);
      // At the edges labels stand within them.
      const Anchor anchor = middle - width / 2 < left_            ? Anchor::Start
                            : middle + width / 2 > left_ + width_ ? Anchor::End
                                                                  : Anchor::Middle;
      const double start = anchor == Anchor::Start    ? middle
                           : anchor == Anchor::Middle ? middle - width / 2
                                                      : middle - width;
      if (start < end + kApart) continue;
      tick(time.at, time.label, anchor);
      end = start + width;
    }
    return 1;
  }

  std::vector<Pixel> pixels_of(const Series& series) const {
    std::vector<Pixel> pixels;
    for (const Point& point : series.points) {
      pixels.push_back(at(point.x, point.y));
    }
    return pixels;
  }

  void curves() {
    if (panel_.has_diagonal) diagonal();
    // The grey ones first, the first of the others last: on top.
    std::vector<const Series*> order;
    for (const Series& series : panel_.series) order.push_back(&series);
    std::stable_sort(order.begin(), order.end(), [](const Series* a, const Series* b) {
      return (a->look.colour == Look::kGrey) > (b->look.colour == Look::kGrey);
    });
    for (const Series* const series : order) curve(*series);
    if (panel_.limit) {
      const double level = y(panel_.limit->at);
      const auto [from, to] = scale_x_.pixels();
      svg_.line({from, level}, {to, level}, "l d sl");
      placer_.avoid({{from, level}, {to, level}});
    }
    for (const Series* const series : order) points(*series);
  }

  void diagonal() {
    const double from = std::max(panel_.x.range.from, panel_.y.range.from);
    const double to = std::min(panel_.x.range.to, panel_.y.range.to);
    svg_.line(at(from, from), at(to, to), "x d");
    placer_.avoid({at(from, from), at(to, to)});
  }

  void curve(const Series& series) {
    if (series.band) {
      std::vector<Pixel> upper;
      std::vector<Pixel> lower;
      for (const Point& point : series.points) {
        if (!point.interval) {
          if (!upper.empty()) svg_.area(upper, lower, "w");
          upper.clear();
          lower.clear();
          continue;
        }
        upper.push_back(at(point.x, point.interval->to));
        lower.push_back(at(point.x, point.interval->from));
      }
      if (!upper.empty()) svg_.area(upper, lower, "w");
    }
    if (!series.line || series.points.empty()) return;
    const std::vector<Pixel> pixels = pixels_of(series);
    const bool about = series.look.colour != Look::kGrey;
    svg_.path(pixels, (about && !series.marks ? "l " : "l i ") + stroke_of(series.look));
    if (about) placer_.avoid(pixels);
  }

  void points(const Series& series) {
    if (!series.marks) return;
    for (const Point& point : series.points) {
      const Pixel pixel = at(point.x, point.y);
      if (point.interval && !series.band) {
        svg_.line({pixel.x, y(point.interval->from)}, {pixel.x, y(point.interval->to)},
                  "l i " + stroke_of(series.look));
        placer_.avoid({{pixel.x, y(point.interval->from)}, {pixel.x, y(point.interval->to)}});
      }
      if (series.band) {
        state_mark(pixel, point.state);
      } else if (series.look.colour == Look::kText) {
        svg_.circle(pixel, 3, "ft h");
      } else {
        svg_.shape(pixel, series.look, kMark, "h");
      }
      placer_.avoid(Box{pixel.x - kMark, pixel.y - kMark, pixel.x + kMark, pixel.y + kMark});
    }
  }

  void state_mark(Pixel pixel, Point::State state) {
    if (state == Point::State::Open) {
      svg_.circle(pixel, 3, "o st");
    } else if (state == Point::State::Plain) {
      svg_.circle(pixel, 3, "ft h");
    } else {
      svg_.path({{pixel.x - kMark, pixel.y - kMark},
                 {pixel.x + kMark, pixel.y - kMark},
                 {pixel.x + kMark, pixel.y + kMark},
                 {pixel.x - kMark, pixel.y + kMark},
                 {pixel.x - kMark, pixel.y - kMark}},
                "fl h");
    }
  }

  // Around a point, near first.
  static std::vector<LabelPlacer::Place> around(Pixel p, double radius) {
    std::vector<LabelPlacer::Place> places;
    for (const double far : {6.0, 14.0, 24.0}) {
      const double r = radius + far;
      places.push_back({{p.x + r, p.y + 4}, Anchor::Start, far / 20});
      places.push_back({{p.x - r, p.y + 4}, Anchor::End, far / 20});
      places.push_back({{p.x, p.y - r}, Anchor::Middle, far / 20});
      places.push_back({{p.x, p.y + r + 8}, Anchor::Middle, far / 20});
      places.push_back({{p.x + r, p.y + r + 4}, Anchor::Start, far / 20});
      places.push_back({{p.x - r, p.y - r}, Anchor::End, far / 20});
      places.push_back({{p.x + r, p.y - r}, Anchor::Start, far / 20});
      places.push_back({{p.x - r, p.y + r + 4}, Anchor::End, far / 20});
    }
    return places;
  }

  void label(const std::string& words,
             std::vector<LabelPlacer::Place> places,
             const std::string& classes,
             bool only_where_free = false) {
    const std::string text = fitting(words, scale_x_.pixels().span() / kLetter);
    const auto place = placer_.choose(places, width_of(text, kLetter), kLetter);
    if (only_where_free && place.cost > 0) return;
    svg_.text(place.at, text, classes, place.anchor);
  }

  // What has a label: marks, the gap, the limit, the diagonal, curves without a key.
  void stand_outs() {
    for (const Mark& mark : panel_.marks) {
      if (mark.kind == Mark::Kind::Flag) continue;
      const Pixel pixel = at(mark.x, mark.y);
      placer_.avoid(Box{pixel.x - kLarge, pixel.y - kLarge, pixel.x + kLarge, pixel.y + kLarge});
    }
    if (panel_.gap) gap();
    for (const Mark& mark : panel_.marks) stand_out(mark);
    if (!panel_.key && panel_.names) names();
    if (!panel_.remark.empty()) remark();
    if (panel_.limit && !panel_.limit->label.empty()) {
      const auto [from, to] = scale_x_.pixels();
      const double level = y(panel_.limit->at);
      label(panel_.limit->label,
            {{{from + 4, level + 14}, Anchor::Start, 0},
             {{to - 4, level + 14}, Anchor::End, 0},
             {{from + 4, level - 6}, Anchor::Start, 0},
             {{to - 4, level - 6}, Anchor::End, 0}},
            "fl b");
    }
    if (!panel_.diagonal.empty()) {
      std::vector<LabelPlacer::Place> places;
      const Range& range = panel_.y.range;
      for (const double share : {.75, .6, .85, .45, .3, .15, .92, .06}) {
        const double level = range.from + share * range.span();
        if (level < panel_.x.range.from || level > panel_.x.range.to) continue;
        places.push_back({{x(level) + 8, y(level) + 12}, Anchor::Start, 0});
        places.push_back({{x(level) - 8, y(level) - 4}, Anchor::End, 0});
      }
      if (!places.empty()) label(panel_.diagonal, places, "m p", true);
    }
  }

  void stand_out(const Mark& mark) {
    const Pixel pixel = at(mark.x, mark.y);
    if (mark.kind == Mark::Kind::Flag) {
      svg_.line({pixel.x, pixel.y - kMark - 1}, {pixel.x, top_ + 4}, "l i st");
      label(mark.label,
            {{{pixel.x + 6, top_ + 8}, Anchor::Start, 0},
             {{pixel.x - 6, top_ + 8}, Anchor::End, 0},
             {{pixel.x + 6, top_ + 24}, Anchor::Start, 0},
             {{pixel.x - 6, top_ + 24}, Anchor::End, 0},
             {{pixel.x + 6, top_ + 40}, Anchor::Start, 0},
             {{pixel.x - 6, top_ + 40}, Anchor::End, 0}},
            "fl b");
      return;
    }
    if (mark.kind == Mark::Kind::Dot) {
      svg_.circle(pixel, kLarge, "ft h");
    } else {
      svg_.shape(pixel, mark.look, kLarge, "h");
    }
    if (!mark.label.empty()) {
      label(mark.label, around(pixel, kLarge),
            mark.kind == Mark::Kind::Dot ? "t b" : fill_of(mark.look) + " b");
    }
  }

  void remark() {
    const auto [left, right] = scale_x_.pixels();
    std::vector<LabelPlacer::Place> places;
    for (double level = bottom_ - 10; level > top_ + 14; level -= 14) {
      places.push_back({{right - 8, level}, Anchor::End, 0});
      places.push_back({{left + 8, level}, Anchor::Start, 0});
    }
    label(panel_.remark, places, "t b");
  }

  void gap() {
    const Pixel low = at(panel_.gap->x, panel_.gap->y.from);
    const Pixel high = at(panel_.gap->x, panel_.gap->y.to);
    svg_.line(low, high, "l st");
    placer_.avoid({low, high});
    std::vector<LabelPlacer::Place> places;
    for (const double share : {.5, .35, .65, .2, .8, 0.0, 1.0}) {
      const double level = low.y + share * (high.y - low.y);
      for (const double far : {8.0, 24.0, 60.0}) {
        places.push_back({{low.x - far, level + 4}, Anchor::End, far / 100});
        places.push_back({{low.x + far, level + 4}, Anchor::Start, far / 100});
      }
    }
    for (const double far : {18.0, 34.0, 60.0}) {
      places.push_back({{low.x - 8, low.y - far}, Anchor::End, far / 50});
      places.push_back({{low.x, low.y + far}, Anchor::Middle, far / 50});
    }
    label(panel_.gap->label, places, "t b");
  }

  // The name of each curve at a place of it where nothing else is, at different heights.
  void names() {
    int number = 0;
    for (const Series& series : panel_.series) {
      if (series.look.colour < 0 || series.name.empty() || series.points.empty()) continue;
      const std::vector<Pixel> pixels = pixels_of(series);
      const double wanted = bottom_ - (.22 + .2 * number++) * (bottom_ - top_);
      std::vector<LabelPlacer::Place> places;
      const std::size_t every = std::max<std::size_t>(1, pixels.size() / 40);
      for (std::size_t i = 0; i < pixels.size(); i += every) {
        const Pixel p = pixels[i];
        const double cost = std::abs(p.y - wanted) / 60;
        places.push_back({{p.x - 8, p.y - 4}, Anchor::End, cost});
        places.push_back({{p.x + 8, p.y + 12}, Anchor::Start, cost});
      }
      std::stable_sort(places.begin(), places.end(),
                       [](const auto& a, const auto& b) { return a.cost < b.cost; });
      label(series.name, std::move(places), fill_of(series.look) + " b");
    }
  }

  Svg& svg_;
  const PlotPanel& panel_;
  double left_;
  double width_;
  double y_;
  double top_ = 0;
  double bottom_ = 0;
  LinearScale scale_x_{{0, 1}, {0, 1}};
  LinearScale scale_y_{{0, 1}, {0, 1}};
  LabelPlacer placer_{{0, 0, 0, 0}};
};

}  // namespace

Drawing draw(const Plot& plot, double width) {
  Markup out;
  Svg svg(out);
  const auto panels = static_cast<double>(plot.panels.size());
  const bool stacked = width < kStackBelow;
  const double each = stacked ? width : (width - (panels - 1) * kBetween) / panels;
  double left = 0;
  double top = 0;
  double bottom = 0;
  for (const PlotPanel& panel : plot.panels) {
    out.open("g").attribute("class", "panel");
    bottom = std::max(bottom, PanelDrawing(svg, panel, left, top, each).draw());
    out.close();
    if (stacked) {
      top = bottom + kLine;
    } else {
      left += each + kBetween;
    }
  }
  return {out.take(), width, std::ceil(bottom)};
}

}  // namespace fairdb
