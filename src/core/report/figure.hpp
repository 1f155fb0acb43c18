// A picture before it is drawn: what it shows, in words, as marks on axes, and as a table. Names
// are those of shown_label(); all text is UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/names.hpp"
#include "core/report/numbers.hpp"
#include "core/report/scale.hpp"

namespace fairdb {

enum class FigureKind : std::uint8_t {
  Rates,        // a rate of each group with its interval
  Scores,       // cumulative scores of each group
  Adjusted,     // the same before and after adjusting
  Calibration,  // observed rates over mean scores
  Roc,          // what thresholds reach
  Tradeoff,     // accuracy over gap
  History,      // a gap over time
};
template <>
struct NameTable<FigureKind> {
  static constexpr std::string_view kWhat = "kind";
  static constexpr std::pair<FigureKind, std::string_view> kNames[] = {
      {FigureKind::Rates, "rates"},       {FigureKind::Scores, "scores"},
      {FigureKind::Adjusted, "adjusted"}, {FigureKind::Calibration, "calibration"},
      {FigureKind::Roc, "roc"},           {FigureKind::Tradeoff, "tradeoff"},
      {FigureKind::History, "history"}};
};

// Some words, with what matters most of them set off.
class Prose {
 public:
  Prose() = default;
  Prose(std::string_view words) { add(words); }  // NOLINT(google-explicit-constructor)
  Prose& add(std::string_view words) { return put(words, false); }
  Prose& strong(std::string_view words) { return put(words, true); }

  struct Part {
    std::string words;
    bool strong;
  };
  const std::vector<Part>& parts() const noexcept { return parts_; }
  std::string plain() const;

 private:
  Prose& put(std::string_view words, bool strong);
  std::vector<Part> parts_;
};

// How a group looks, everywhere on a page: a colour and a shape of its own, or grey.
struct Look {
  static constexpr int kGrey = -1;
  static constexpr int kText = -2;  // of what is no group
  static constexpr int kColours = 4;
  int colour = kGrey;  // 0 to kColours - 1
};
// The looks of so many groups: each its own where they are few, else those of `low` and of `high`,
// the groups that the figure is about, and the others grey. most: as many are few.
[[nodiscard]] std::vector<Look> looks_of(std::size_t groups,
                                         std::optional<std::size_t> low,
                                         std::optional<std::size_t> high,
                                         std::size_t most = Look::kColours);

struct Axis {
  std::string title;
  Unit unit = Unit::Number;
  Range range = {0, 1};
  struct Named {
    double at;
    std::string label;
  };
  std::vector<Named> named = {};  // where its ticks may be, of Unit::Time

  int decimals() const noexcept { return decimals_of(range.span(), unit); }
};

struct Point {
  double x;
  double y;
  std::optional<Range> interval = {};  // of y
  enum class State : std::uint8_t { Plain, Beyond, Open } state = State::Plain;
};

// A line through points, or points alone.
struct Series {
  std::string name;
  Look look = {};
  std::vector<Point> points = {};
  bool line = true;
  bool marks = false;    // a shape at each point
  bool band = false;     // intervals as one area in place of bars
  std::string key = {};  // what the key says of it: the name, unless more
};

// Something that stands out: a point, with a label beside it.
struct Mark {
  double x;
  double y;
  Look look = {};
  std::string label = {};
  enum class Kind : std::uint8_t { Shape, Dot, Flag } kind = Kind::Shape;
};

// A line across the panel.
struct Rule {
  double at;  // of y
  std::string label;
};

// The distance of two curves: a line between them.
struct CurveGap {
  double x;
  Range y;
  std::string label;
};

struct PlotPanel {
  std::string title = {};
  Axis x;
  Axis y;
  std::vector<Series> series = {};
  std::vector<Mark> marks = {};
  std::optional<Rule> limit = {};
  std::optional<CurveGap> gap = {};
  std::string diagonal = {};  // the label of a line of x = y; empty when there is none
  bool has_diagonal = false;
  bool key = true;    // else the names stand beside the curves
  bool names = true;  // of the curves, there
  // Of what does not fit beside the curves: "18 other groups in grey".
  std::string others = {};
  std::string remark = {};  // somewhere where nothing else is
};

struct Plot {
  std::vector<PlotPanel> panels;  // one or two
};

// A rate of a group.
struct DotRow {
  std::string name;
  Look look = {};
  double value;
  std::optional<Range> interval;
  std::string size;      // of the group: "n = 339"
  std::int32_t section;  // a line is drawn between sections
  bool strong;           // of a single attribute: larger, and in bold
};
struct Dots {
  Axis x;
  std::vector<DotRow> rows;
  std::optional<double> overall;
  std::string overall_label;
};

struct Table {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;  // each begins with what it is about
  std::string note = {};                       // what is not in it
};

struct Figure {
  FigureKind kind;
  std::string title;
  Prose caption;     // what it shows: the finding
  std::string note;  // how to read it
  std::variant<Dots, Plot> drawing;
  Table table;
  bool wide = false;  // across the whole page
};

}  // namespace fairdb
