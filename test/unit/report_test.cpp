#include <array>
#include <cmath>
#include <deque>
#include <map>
#include <set>

#include "core/audit/uncertainty.hpp"
#include "core/distribution/collector.hpp"
#include "core/distribution/distances.hpp"
#include "core/report/draw.hpp"
#include "core/report/figures.hpp"
#include "core/report/markup.hpp"
#include "core/report/page.hpp"
#include "core/report/vega.hpp"
#include "core/report/widest_gap.hpp"
#include "core/report/words.hpp"
#include "unit/support/drawn.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

using test::Drawn;
using test::drawn_in;
using test::has_class;
using test::number_of;
using test::Random;
using test::ReadAxis;

constexpr double kHalfPixel = .5;
constexpr std::uint64_t kSeed = 19;

// --- numbers, names, markup ---

TEST(ReportNumbers, AreWrittenByOneRule) {
  EXPECT_EQ(share_text(.71682), "71.7\u00A0%");
  EXPECT_EQ(share_text(-1e-9), "0.0\u00A0%");
  EXPECT_EQ(points_text(.1906), "19.1 points");
  EXPECT_EQ(number_text(.19064), "0.191");
  EXPECT_EQ(number_text(-.5), "\u22120.500");
  EXPECT_EQ(number_text(12.345), "12.35");
  EXPECT_EQ(number_text(0), "0.000");
  EXPECT_EQ(number_text(4e-5), "4e-05");
  EXPECT_EQ(number_text(1e9), "1\u202F000\u202F000\u202F000");
  EXPECT_EQ(number_text(1e300), "1e+300");
  EXPECT_EQ(count_text(2380), "2380");
  EXPECT_EQ(count_text(10000), "10\u202F000");
  EXPECT_EQ(count_text(INT64_MIN), "\u22129\u202F223\u202F372\u202F036\u202F854\u202F775\u202F808");
  EXPECT_EQ(p_text(1.4e-23), "p < 0.000001");
  EXPECT_EQ(p_text(.0231), "p = 0.023");
  EXPECT_EQ(p_text(.00023), "p = 0.00023");
  EXPECT_EQ(p_text(1), "p = 1.00");
  EXPECT_EQ(level_text(.95), "95\u00A0%");
  EXPECT_EQ(level_text(.999), "99.9\u00A0%");
  EXPECT_EQ(words::limit(.1), "0.10");
  EXPECT_EQ(words::limit(.125), "0.125");
  EXPECT_EQ(words::limit(1), "1.00");
}

// The text of a table is within a quarter of a pixel of the number, over any axis.
TEST(ReportNumbers, OfTablesTellWhatAPixelTells) {
  std::printf("seed %llu\n", static_cast<unsigned long long>(kSeed));
  Random random(kSeed);
  for (int i = 0; i < 1000; ++i) {
    const double span = std::pow(10, -5 + 8 * random.uniform());
    const Unit unit = i % 2 == 0 ? Unit::Share : Unit::Number;
    const double value = span * random.uniform();
    const int decimals = decimals_of(span, unit);
    const auto read =
        number_of(test::unescaped(Markup().text(cell_text(value, unit, decimals)).take()));
    ASSERT_TRUE(read);
    EXPECT_LE(std::abs(*read - value) / span * 1000, .2500001) << value << " of " << span;
  }
}

TEST(ReportLabels, ShowWhatWouldAct) {
  EXPECT_EQ(shown_label("(f,black)"), "f, black");
  EXPECT_EQ(shown_label("{f,\"a, \\\"b\\\"\"}"), "f, a, \"b\"");
  EXPECT_EQ(shown_label(""), "\"\"");
  EXPECT_EQ(shown_label("(,x)"), "\"\", x");
  EXPECT_EQ(shown_label("a\u202Eb"), "aU+202Eb");
  EXPECT_EQ(shown_label("a\x01\tb"), "aU+0001U+0009b");
  EXPECT_EQ(shown_label("\u200B\u2066\uFEFF"), "U+200BU+2066U+FEFF");
  EXPECT_EQ(shown_label("caf\xE9"), "caf\\xE9");
  EXPECT_EQ(shown_label("\xF0\x9F\x98\x80"), "\xF0\x9F\x98\x80");
  EXPECT_EQ(readable_text("a\nb\u202E"), "a bU+202E");
  EXPECT_EQ(isolated("abc"), "abc");
  EXPECT_EQ(isolated("\u05D0"), "\u2068\u05D0\u2069");
  const std::string longest(200, 'W');
  EXPECT_LE(text_ems(fitting(longest, 10)), 10);
  EXPECT_TRUE(fitting(longest, 10).ends_with("\u2026"));
  EXPECT_EQ(fitting("short", 10), "short");
}

TEST(ReportLabels, OfFlagsAreTheNamesOfTheirAttributes) {
  const AttributeNames both{{"race", "single"}, {false, true}};
  EXPECT_EQ(both.shown("(Black,t)"), "Black, single");
  EXPECT_EQ(both.shown("(\"a, b\",f)"), "a, b, not single");
  EXPECT_EQ(both.by(), "race \u00D7 single");
  const AttributeNames one{{"single"}, {true}};
  EXPECT_EQ(one.shown("t"), "single");
  EXPECT_EQ(AttributeNames{}.shown("t"), "t");
  EXPECT_EQ(AttributeNames{}.by(), "group");
  // A text of one attribute that looks like a row is that text.
  EXPECT_EQ((AttributeNames{{"pair"}, {false}}.shown("(a,b)")), "a, b");
}

TEST(ReportMarkup, KeepsTextApartFromMarkup) {
  Markup out;
  out.open("p").attribute("title", "\"'><b>&").text("<script>]]>&\u202E\x01\xFF").close();
  EXPECT_EQ(
      out.take(),
      "<p title=\"&quot;&#39;&gt;&lt;b&gt;&amp;\">&lt;script&gt;]]&gt;&amp;&#8238;&#65533;&#65533;"
      "</p>");
  Markup open;
  open.open("p");
  EXPECT_THROW(open.take(), Error);
}

TEST(ReportScale, HasTicksThatAreRound) {
  EXPECT_EQ(ticks_of({0, 1}, 5).at, (std::vector<double>{0, .2, .4, .6000000000000001, .8, 1}));
  for (const double span : {1e-9, .003, .7, 1.0, 42.0, 1e12}) {
    for (const double from : {0.0, -.31 * span, 17 * span}) {
      for (int wanted = 2; wanted < 8; ++wanted) {
        const Range range = rounded_range({from, from + span}, wanted);
        EXPECT_LE(range.from, from + 1e-6 * span);
        EXPECT_GE(range.to, from + span * (1 - 1e-6));
        const Ticks ticks = ticks_of(range, wanted);
        EXPECT_GE(ticks.at.size(), 2U);
        EXPECT_LE(ticks.at.size(), 4U * static_cast<std::size_t>(wanted));
      }
    }
  }
  EXPECT_GT(rounded_range({3, 3}, 5).span(), 0);
}

// --- colours ---

struct Rgb {
  double r, g, b;  // linear, 0 to 1
};
double linear(double c) {
  return c <= .04045 ? c / 12.92 : std::pow((c + .055) / 1.055, 2.4);
}
Rgb rgb(const std::string& hex) {
  const auto part = [&](int i) {
    return linear(std::stoi(hex.substr(1 + 2 * i, 2), nullptr, 16) / 255.0);
  };
  return {part(0), part(1), part(2)};
}
double luminance(Rgb c) {
  return .2126 * c.r + .7152 * c.g + .0722 * c.b;
}
// WCAG 2.1.
double contrast(const std::string& a, const std::string& b) {
  const double la = luminance(rgb(a)), lb = luminance(rgb(b));
  return (std::max(la, lb) + .05) / (std::min(la, lb) + .05);
}
// Machado, Oliveira, Fernandes (2009), severity 1.
Rgb seen_by(Rgb c, const double (&m)[9]) {
  const auto clamp = [](double v) { return std::clamp(v, 0.0, 1.0); };
  return {clamp(m[0] * c.r + m[1] * c.g + m[2] * c.b), clamp(m[3] * c.r + m[4] * c.g + m[5] * c.b),
          clamp(m[6] * c.r + m[7] * c.g + m[8] * c.b)};
}
// CIE 1976, D65.
double difference(Rgb a, Rgb b) {
  const auto lab = [](Rgb c) {
    const auto f = [](double t) { return t > .008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116; };
    const double x = f((.4124 * c.r + .3576 * c.g + .1805 * c.b) / .9505);
    const double y = f(luminance(c));
    const double z = f((.0193 * c.r + .1192 * c.g + .9505 * c.b) / 1.089);
    return std::array<double, 3>{116 * y - 16, 500 * (x - y), 200 * (y - z)};
  };
  const auto p = lab(a), q = lab(b);
  return std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

TEST(ReportColours, AreReadAndToldApartByEverybody) {
  constexpr double kText = 4.5;
  constexpr double kGraphics = 3;
  constexpr double kApart = 20;
  constexpr double kProtan[9] = {.152286, 1.052583, -.204868, .114503, .786281,
                                 .099216, -.003882, -.048116, 1.051998};
  constexpr double kDeutan[9] = {.367322, .860646, -.227968, .280085, .672501,
                                 .047413, -.01182, .04294,   .968881};
  constexpr double kTritan[9] = {1.255528, -.076749, -.178779, -.078411, .930809,
                                 .147602,  .004733,  .691367,  .3039};
  for (const Colours& c : {kLight, kDark}) {
    for (const char* ground : {c.ground, c.card}) {
      EXPECT_GE(contrast(c.text, ground), kText);
      EXPECT_GE(contrast(c.quiet, ground), kText);
      EXPECT_GE(contrast(c.above.text, ground), kText);
    }
    for (const Colours::Verdict& v : {c.above, c.undecided, c.within, c.plain}) {
      EXPECT_GE(contrast(v.text, v.ground), kText) << v.text;
      EXPECT_GE(contrast(v.border, c.card), kGraphics) << v.border;
    }
    EXPECT_GE(contrast(c.grey, c.card), 2.5);
    // Text over the area of intervals.
    EXPECT_GE(contrast(c.text, c.band), kText);
    EXPECT_GE(contrast(c.above.text, c.band), kText);
    for (std::size_t i = 0; i < c.groups.size(); ++i) {
      EXPECT_GE(contrast(c.groups[i], c.card), kText) << c.groups[i];
      for (std::size_t j = 0; j < i; ++j) {
        const Rgb a = rgb(c.groups[i]), b = rgb(c.groups[j]);
        EXPECT_GE(difference(a, b), kApart);
        for (const auto* m : {&kProtan, &kDeutan, &kTritan}) {
          EXPECT_GE(difference(seen_by(a, *m), seen_by(b, *m)), kApart)
              << c.groups[i] << " and " << c.groups[j];
        }
      }
    }
  }
}

// --- what is drawn stands in the table ---

Monitor quiet;

Wording wording() {
  return {"applicants", "approved", .95, {}};
}

// A number of a table.
std::optional<double> cell(const std::string& text) {
  return number_of(test::unescaped(Markup().text(text).take()));
}

struct Place {
  double x;
  double y;
};

// Each of the drawn places is one of the table, and each of the table is drawn, to half a pixel.
// Returns how many were compared.
std::size_t expect_same(const std::vector<Place>& drawn,
                        const std::vector<Place>& table,
                        const std::string& what) {
  const auto near = [](const Place& a, const Place& b) {
    return std::abs(a.x - b.x) <= kHalfPixel && std::abs(a.y - b.y) <= kHalfPixel;
  };
  const auto each_in = [&](const std::vector<Place>& some, const std::vector<Place>& all) {
    for (const Place& place : some) {
      EXPECT_TRUE(
          std::any_of(all.begin(), all.end(), [&](const Place& p) { return near(p, place); }))
          << what << ": " << place.x << ", " << place.y;
    }
  };
  each_in(drawn, table);
  each_in(table, drawn);
  return table.size();
}

// The points of lines: of curves, not of bars, which have two of the same x.
std::vector<Place> line_points(const Drawn& drawn) {
  std::vector<Place> places;
  for (const test::DrawnPath& path : drawn.paths) {
    if (!has_class(path.classes, "l") || has_class(path.classes, "sl") || path.closed) continue;
    const bool bar = path.points.size() == 2 && path.points[0].first == path.points[1].first;
    if (bar) continue;
    for (const auto& [x, y] : path.points) places.push_back({x, y});
  }
  return places;
}
// Ends of vertical lines.
std::vector<Place> bar_ends(const Drawn& drawn) {
  std::vector<Place> places;
  for (const test::DrawnPath& path : drawn.paths) {
    if (!has_class(path.classes, "l") || path.points.size() != 2 ||
        path.points[0].first != path.points[1].first) {
      continue;
    }
    for (const auto& [x, y] : path.points) places.push_back({x, y});
  }
  return places;
}

// The places of two columns of a table.
std::vector<Place> table_points(const Table& table,
                                std::size_t x_column,
                                std::size_t y_column,
                                const ReadAxis& x,
                                const ReadAxis& y,
                                const std::string& only = {}) {
  std::vector<Place> places;
  for (const auto& row : table.rows) {
    if (!only.empty() && row[1].rfind(only, 0) != 0) continue;
    const auto px = cell(row[x_column]) ? cell(row[x_column]) : test::day_of(row[x_column]);
    const auto py = cell(row[y_column]);
    if (px && py) places.push_back({x.pixel(*px), y.pixel(*py)});
  }
  return places;
}

const std::vector<double>& widths() {
  static const std::vector<double> list = {336, 490, 1038};
  return list;
}

Confusion random_confusion(Random& random, int groups, std::deque<std::string>& names) {
  Confusion confusion;
  for (int g = 0; g < groups; ++g) {
    Cells cells{};
    for (auto& count : cells.count) count = random.below(400);
    names.push_back("group " + std::to_string(10 + g));
    confusion.groups.push_back(group_of(names.back(), cells));
  }
  return confusion;
}

TEST(ReportFigures, OfRatesDrawTheirTable) {
  Random random(kSeed);
  std::size_t compared = 0;
  for (int round = 0; round < 24; ++round) {
    std::deque<std::string> names;
    const int groups = 1 + random.below(20);
    const std::vector<AttributeGroups> sets = {
        {{{"a"}, {false}}, random_confusion(random, groups, names), {}, {1}}};
    const Rate rate = round % 2 == 0 ? Rate::SelectionRate : Rate::Precision;
    const Finding gap =
        find_gap(sets[0], std::string(name(rate)) + "_difference", wording(), quiet);
    const auto figure = rates_figure(sets, rate, {gap}, wording());
    ASSERT_TRUE(figure);
    for (const double width : widths()) {
      const Drawn drawn = drawn_in(draw(*figure, width).markup);
      const auto x = test::x_axis(drawn);
      ASSERT_TRUE(x);
      // Rows are in the order of the table, or by rate: compare along x only.
      std::vector<Place> centres;
      std::vector<Place> ends;
      for (const auto& circle : drawn.circles) centres.push_back({circle.x, 0});
      for (const auto& path : drawn.paths) {
        double low = path.points.front().first, high = low;
        for (const auto& [px, py] : path.points) {
          low = std::min(low, px);
          high = std::max(high, px);
        }
        if (path.closed) {
          centres.push_back({(low + high) / 2, 0});
        } else if (has_class(path.classes, "l")) {
          ends.push_back({low, 0});
          ends.push_back({high, 0});
        } else if (has_class(path.classes, "d")) {
          centres.push_back({low, 0});  // the line of all groups
        }
      }
      const ReadAxis flat{0, 0};
      compared += expect_same(centres, table_points(figure->table, 3, 3, *x, flat), "rate");
      std::vector<Place> bounds = table_points(figure->table, 4, 4, *x, flat);
      const auto upper = table_points(figure->table, 5, 5, *x, flat);
      bounds.insert(bounds.end(), upper.begin(), upper.end());
      compared += expect_same(ends, bounds, "interval");
    }
  }
  EXPECT_GE(compared, 200U);
}

// Scores of some groups, and the bytes behind them.
struct Scored {
  std::vector<std::byte> bytes;
  std::optional<Distribution> distribution;
  std::vector<NamedLaw> laws() const {
    std::vector<NamedLaw> laws;
    for (std::int32_t g = 0; g < distribution->groups(); ++g) {
      const ScoreGroup& group = distribution->group(g);
      laws.push_back({shown_label(group.label), ScoreLaw(group), group.rows});
    }
    return laws;
  }
};
Scored random_scores(Random& random, int groups, bool labels, bool few_values) {
  Collector collector;
  for (int g = 0; g < groups; ++g) {
    const int rows = 20 + random.below(400);
    for (int i = 0; i < rows; ++i) {
      const bool label = random.uniform() < .5;
      double score = std::clamp(.3 + .03 * g + .2 * random.normal() + (label ? .2 : 0), 0.0, 1.0);
      if (few_values) score = std::round(5 * score) / 5;
      std::string name = "group " + std::to_string(10 + g);
      if (labels) name = "(" + name + (label ? ",t)" : ",f)");
      collector.add(score, collector.group(name));
    }
  }
  const auto sorted = collector.sorted(quiet);
  Scored scored{std::vector<std::byte>(Distribution::bytes_needed(sorted)), {}};
  Distribution::write(sorted, collector.unknown(), scored.bytes);
  scored.distribution = Distribution::open(scored.bytes);
  return scored;
}

// A wide table of scores: the columns from `first` on, so many.
std::vector<Place> score_points(const Table& table,
                                std::size_t first,
                                std::size_t columns,
                                const ReadAxis& x,
                                const ReadAxis& y) {
  std::vector<Place> places;
  for (std::size_t c = first; c < first + columns; ++c) {
    const auto more = table_points(table, c, 0, x, y);
    places.insert(places.end(), more.begin(), more.end());
  }
  return places;
}

TEST(ReportFigures, OfScoresDrawTheirTable) {
  Random random(kSeed);
  std::size_t compared = 0;
  for (int round = 0; round < 12; ++round) {
    const int groups = 1 + random.below(round < 6 ? 4 : 20);
    const Scored scored = random_scores(random, groups, false, round % 3 == 2);
    const std::int64_t k = round % 4 == 3 ? 10 : 0;
    const auto figure = scores_figure(scored.laws(), 0, false, k, wording(), quiet);
    ASSERT_TRUE(figure);
    for (const double width : widths()) {
      const std::string markup = draw(*figure, width).markup;
      const auto panels = test::panels_of(markup);
      ASSERT_EQ(panels.size(), 1U);
      const Drawn drawn = drawn_in(panels[0]);
      const auto x = test::x_axis(drawn);
      const auto y = test::y_axis(drawn);
      ASSERT_TRUE(x && y);
      compared += expect_same(line_points(drawn),
                              score_points(figure->table, 1, figure->table.head.size() - 1, *x, *y),
                              "curve");
    }
  }
  EXPECT_GE(compared, 200U);
}

TEST(ReportFigures, OfAdjustedScoresDrawTheirTable) {
  Random random(kSeed);
  std::size_t compared = 0;
  for (int round = 0; round < 6; ++round) {
    const int groups = 2 + random.below(3);
    const Scored scored = random_scores(random, groups, false, false);
    const Adjustment adjustment(*scored.distribution, {}, quiet);
    const auto figure = adjusted_figure(*scored.distribution, adjustment, scored.laws(), 0, false,
                                        .5, 0, wording(), quiet);
    ASSERT_TRUE(figure);
    for (const double width : widths()) {
      const auto panels = test::panels_of(draw(*figure, width).markup);
      ASSERT_EQ(panels.size(), 2U);
      for (std::size_t p = 0; p < 2; ++p) {
        const Drawn drawn = drawn_in(panels[p]);
        const auto x = test::x_axis(drawn);
        const auto y = test::y_axis(drawn);
        ASSERT_TRUE(x && y);
        const auto columns = static_cast<std::size_t>(groups);
        compared +=
            expect_same(line_points(drawn),
                        score_points(figure->table, 1 + p * columns, columns, *x, *y), "curve");
        if (p > 0) continue;
        // The line of the gap is what the sentence below the table says.
        const std::string& note = figure->table.note;
        std::smatch found;
        const std::string plain = test::unescaped(Markup().text(note).take());
        ASSERT_TRUE(std::regex_search(plain, found,
                                      std::regex("score ([-0-9.]+), ([0-9.]+) % and ([0-9.]+) %")))
            << plain;
        const std::vector<Place> told = {
            {x->pixel(std::stod(found[1])), y->pixel(std::stod(found[2]) / 100)},
            {x->pixel(std::stod(found[1])), y->pixel(std::stod(found[3]) / 100)}};
        compared += expect_same(bar_ends(drawn), told, "gap");
      }
    }
  }
  EXPECT_GE(compared, 200U);
}

TEST(ReportFigures, OfCalibrationDrawTheirTable) {
  Random random(kSeed);
  std::size_t compared = 0;
  for (int round = 0; round < 12; ++round) {
    const int groups = 1 + random.below(2);  // of more the bars of some are left out
    const Scored scored = random_scores(random, groups, true, false);
    const auto figure =
        calibration_figure(labelled_scores(*scored.distribution), {}, 10, 0, wording());
    ASSERT_TRUE(figure);
    for (const double width : widths()) {
      const Drawn drawn = drawn_in(draw(*figure, width).markup);
      const auto x = test::x_axis(drawn);
      const auto y = test::y_axis(drawn);
      ASSERT_TRUE(x && y);
      compared += expect_same(line_points(drawn), table_points(figure->table, 3, 4, *x, *y), "bin");
      std::vector<Place> bounds = table_points(figure->table, 3, 5, *x, *y);
      const auto upper = table_points(figure->table, 3, 6, *x, *y);
      bounds.insert(bounds.end(), upper.begin(), upper.end());
      compared += expect_same(bar_ends(drawn), bounds, "interval");
    }
  }
  EXPECT_GE(compared, 200U);
}

TEST(ReportFigures, OfRankingDrawTheirTable) {
  Random random(kSeed);
  std::size_t compared = 0;
  for (int round = 0; round < 12; ++round) {
    const int groups = 1 + random.below(round < 8 ? 4 : 20);
    const Scored scored = random_scores(random, groups, true, round % 3 == 2);
    const auto figure =
        roc_figure(labelled_scores(*scored.distribution), {}, .5, 0, wording(), quiet);
    ASSERT_TRUE(figure);
    for (const double width : widths()) {
      const Drawn drawn = drawn_in(draw(*figure, width).markup);
      const auto x = test::x_axis(drawn);
      const auto y = test::y_axis(drawn);
      ASSERT_TRUE(x && y);
      std::vector<Place> places = line_points(drawn);
      // What is behind the axes: their own line, and the key above them.
      for (const auto& circle : drawn.circles) {
        if (circle.y >= y->pixel(1) - kHalfPixel) places.push_back({circle.x, circle.y});
      }
      for (const auto& path : drawn.paths) {
        if (!path.closed || path.points.front().second < y->pixel(1) - 8) continue;
        // The middle of a shape: of a triangle a little above its lowest side.
        double left = 1e9, right = -1e9, top = 1e9, bottom = -1e9;
        for (const auto& [px, py] : path.points) {
          left = std::min(left, px);
          right = std::max(right, px);
          top = std::min(top, py);
          bottom = std::max(bottom, py);
        }
        const double share = path.points.size() == 3 ? 1.3 / 2.2 : .5;
        places.push_back({(left + right) / 2, top + share * (bottom - top)});
      }
      compared += expect_same(places, table_points(figure->table, 2, 3, *x, *y), "point");
    }
  }
  EXPECT_GE(compared, 200U);
}

TEST(ReportFigures, OfTradeoffsDrawTheirTable) {
  Random random(kSeed);
  std::size_t compared = 0;
  for (int round = 0; round < 10; ++round) {
    std::vector<TradeoffPoint> points;
    for (int i = 0; i < 2 + random.below(10); ++i) {
      points.push_back({.1 * i, .8 + .1 * random.uniform(), .2 * random.uniform()});
    }
    const auto figure = tradeoff_figure(points, round % 2 == 1);
    ASSERT_TRUE(figure);
    for (const double width : widths()) {
      const Drawn drawn = drawn_in(draw(*figure, width).markup);
      const auto x = test::x_axis(drawn);
      const auto y = test::y_axis(drawn);
      ASSERT_TRUE(x && y);
      const auto table = table_points(figure->table, 1, 2, *x, *y);
      compared += expect_same(line_points(drawn), table, "setting");
      std::vector<Place> dots;
      for (const auto& circle : drawn.circles) dots.push_back({circle.x, circle.y});
      compared += expect_same(dots, table, "dot");
    }
  }
  EXPECT_GE(compared, 200U);
}

std::string date_of(int day) {
  // Within one month.
  return "2024-01-" + std::string(day < 10 ? "0" : "") + std::to_string(day);
}

TEST(ReportFigures, OfHistoryDrawTheirTable) {
  Random random(kSeed);
  std::size_t compared = 0;
  for (int round = 0; round < 8; ++round) {
    std::vector<HistoryPoint> points;
    for (int day = 1; day <= 28; ++day) {
      const double value = .05 + .3 * random.uniform();
      const auto verdict = static_cast<Verdict>(random.below(4));
      points.push_back({*test::day_of(date_of(day)), date_of(day), value,
                        Range{value * random.uniform(), value + .2 * random.uniform()}, .1, verdict,
                        random.uniform() < .3});
    }
    const auto figure = history_figure(points, "demographic_parity_difference", "race", wording());
    ASSERT_TRUE(figure);
    for (const double width : widths()) {
      const Drawn drawn = drawn_in(draw(*figure, width).markup);
      const auto x = test::x_axis(drawn);
      const auto y = test::y_axis(drawn);
      ASSERT_TRUE(x && y);
      compared += expect_same(line_points(drawn), table_points(figure->table, 0, 1, *x, *y), "gap");
      std::vector<Place> band;
      for (const auto& path : drawn.paths) {
        if (!has_class(path.classes, "w")) continue;
        for (const auto& [px, py] : path.points) band.push_back({px, py});
      }
      std::vector<Place> bounds = table_points(figure->table, 0, 2, *x, *y);
      const auto upper = table_points(figure->table, 0, 3, *x, *y);
      bounds.insert(bounds.end(), upper.begin(), upper.end());
      compared += expect_same(band, bounds, "band");
      for (const auto& path : drawn.paths) {
        if (has_class(path.classes, "d") && has_class(path.classes, "sl")) {
          EXPECT_NEAR(path.points.front().second, y->pixel(.1), kHalfPixel);
          ++compared;
        }
      }
    }
  }
  EXPECT_GE(compared, 200U);
}

// --- findings, verdicts, words ---

AttributeGroups two_groups(std::int64_t selected_a,
                           std::int64_t n_a,
                           std::int64_t selected_b,
                           std::int64_t n_b) {
  Cells a{};
  a.at(Truth::Unknown, Truth::Positive) = selected_a;
  a.at(Truth::Unknown, Truth::Negative) = n_a - selected_a;
  Cells b{};
  b.at(Truth::Unknown, Truth::Positive) = selected_b;
  b.at(Truth::Unknown, Truth::Negative) = n_b - selected_b;
  return {{{"race"}, {false}}, {false, {group_of("Black", a), group_of("White", b)}}, {}, {1}};
}

TEST(ReportWords, SayTheFindingByRule) {
  const AttributeGroups apart = two_groups(243, 339, 1852, 2041);
  const Finding found = find_gap(apart, "demographic_parity_difference", wording(), quiet);
  EXPECT_EQ(words::lead(found, 2380, wording()),
            "Black applicants were approved 19.1 points less often than White ones (71.7\u00A0% "
            "against 90.7\u00A0%, 2380 applicants). Chance alone does not explain that (p < "
            "0.000001); this page does not tell why.");
  Wording plain;
  EXPECT_EQ(words::lead(found, 2380, plain).substr(0, 60),
            "Group Black was selected 19.1 points less often than group W");
  const AttributeGroups near = two_groups(5, 10, 6, 10);
  const Finding unclear = find_gap(near, "demographic_parity_difference", wording(), quiet);
  EXPECT_NE(words::lead(unclear, 20, wording()).find("That is undecided: it may be chance"),
            std::string::npos);
  const auto figure = rates_figure({near}, Rate::SelectionRate, {unclear}, wording());
  EXPECT_EQ(figure->caption.plain().rfind("Undecided: ", 0), 0U);
  const AttributeGroups same = two_groups(5, 10, 50, 100);
  EXPECT_EQ(words::lead(find_gap(same, "demographic_parity_difference", wording(), quiet), 110,
                        wording()),
            "All groups were approved equally often (50.0\u00A0%, 110 applicants).");
}

TEST(ReportTiles, AreUndecidedUnlessTheWholeIntervalDecides) {
  Finding finding;
  finding.metric = "demographic_parity_difference";
  finding.value = .15;
  finding.interval = Range{.1, .2};
  finding.p_value = .01;
  const auto word = [&](std::optional<double> limit) {
    return tile_of(finding, "race", limit, wording()).word;
  };
  EXPECT_EQ(word(.05), "above");
  EXPECT_EQ(word(.1), "undecided");  // its end is at the limit
  EXPECT_EQ(word(.15), "undecided");
  EXPECT_EQ(word(.2), "within");
  EXPECT_EQ(word({}), "apart");
  finding.p_value = .5;
  EXPECT_EQ(word({}), "undecided");
  finding.metric = "demographic_parity_ratio";
  finding.contrast = Contrast::Ratio;
  EXPECT_EQ(word(.3), "below");
  EXPECT_EQ(word(.2), "undecided");
  EXPECT_EQ(word(.1), "within");
  finding.interval = {};
  EXPECT_EQ(word(.1), "undecided");
  finding.value = {};
  finding.hidden = 1;
  const Tile unknown = tile_of(finding, "race", .1, wording());
  EXPECT_EQ(unknown.word, "unknown");
  EXPECT_EQ(unknown.range, "withheld: groups are too small");
}

// A gap of the groups that may be shown is the gap without the others.
TEST(ReportFindings, LeaveOutWhatIsWithheld) {
  AttributeGroups groups = two_groups(20, 100, 60, 100);
  Cells few{};
  few.at(Truth::Unknown, Truth::Positive) = 3;
  groups.confusion.groups.push_back(group_of("few", few));
  EXPECT_EQ(find_gap(groups, "demographic_parity_difference", wording(), quiet).high, "few");
  groups.withheld = withhold(groups.confusion, published_by_group(), 5, quiet);
  const Finding found = find_gap(groups, "demographic_parity_difference", wording(), quiet);
  const ShownRates rates = shown_rates(groups, Rate::SelectionRate, wording());
  ASSERT_EQ(found.hidden, rates.hidden);
  EXPECT_GE(found.hidden, 1);
  for (const ShownRate& rate : rates.groups) EXPECT_NE(rate.name, "few");
  EXPECT_NE(found.high, "few");
}

TEST(WidestGap, IsTheLargestKolmogorovDistance) {
  Random random(kSeed);
  for (int round = 0; round < 20; ++round) {
    const Scored scored = random_scores(random, 2 + random.below(6), false, round % 2 == 0);
    const std::vector<ScoreLaw> laws = laws_of(*scored.distribution);
    std::vector<const ScoreLaw*> pointers;
    for (const ScoreLaw& law : laws) pointers.push_back(&law);
    const auto widest = widest_gap(pointers, quiet);
    ASSERT_TRUE(widest);
    EXPECT_NEAR(widest->high_share - widest->low_share, *largest_ks(laws, quiet), 1e-15);
    EXPECT_DOUBLE_EQ(laws[widest->high].up_to(widest->score) / laws[widest->high].total(),
                     widest->high_share);
    EXPECT_DOUBLE_EQ(laws[widest->low].up_to(widest->score) / laws[widest->low].total(),
                     widest->low_share);
  }
}

// --- pages ---

Page large_page(Random& random, std::deque<std::string>& names) {
  Page page;
  page.title = "twenty groups, 104 windows";
  page.lead = "lead";
  const std::vector<AttributeGroups> sets = {
      {{{"group"}, {false}}, random_confusion(random, 20, names), {}, {1}}};
  const Finding gap = find_gap(sets[0], "demographic_parity_difference", wording(), quiet);
  page.tiles = {tile_of(gap, "group", .1, wording())};
  page.figures.push_back(*rates_figure(sets, Rate::SelectionRate, {gap}, wording()));
  const Scored scored = random_scores(random, 20, true, false);
  const auto labelled = labelled_scores(*scored.distribution);
  const Scored plain = random_scores(random, 20, false, false);
  const Adjustment adjustment(*plain.distribution, {}, quiet);
  page.figures.push_back(*adjusted_figure(*plain.distribution, adjustment, plain.laws(), 0, true,
                                          .5, 0, wording(), quiet));
  page.figures.push_back(*calibration_figure(labelled, {}, 10, 0, wording()));
  page.figures.push_back(*roc_figure(labelled, {}, .5, 0, wording(), quiet));
  std::vector<HistoryPoint> points;
  for (int week = 0; week < 104; ++week) {
    const double value = random.uniform();
    points.push_back({7.0 * week, "window " + std::to_string(week), value,
                      Range{value / 2, value + .1}, .1, Verdict::Above, true});
  }
  page.figures.push_back(
      *history_figure(points, "demographic_parity_difference", "group", wording()));
  return page;
}

TEST(ReportPage, IsOneSmallFileOfAsciiThatAsksForNothing) {
  Random random(kSeed);
  std::deque<std::string> names;
  const Page page = large_page(random, names);
  const std::string html = html_of(page);
  EXPECT_LT(html.size(), 300000U);
  EXPECT_EQ(html, html_of(page));
  EXPECT_TRUE(std::all_of(html.begin(), html.end(),
                          [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7F); }));
  EXPECT_NE(html.find("default-src 'none'; style-src 'unsafe-inline'"), std::string::npos);
  for (const char* const asks : {"<script", "<link", "<img", "<iframe", "url(", "@import",
                                 "http:", "https:", " src=", " href=", " on"}) {
    if (std::string(asks) == " on") {
      EXPECT_FALSE(std::regex_search(html, std::regex("<[^>]* on[a-z]+="))) << asks;
    } else {
      EXPECT_EQ(html.find(asks), std::string::npos) << asks;
    }
  }
  // Each id once.
  static const std::regex id(" id=\"([^\"]*)\"");
  std::set<std::string> ids;
  for (std::sregex_iterator it(html.begin(), html.end(), id), end; it != end; ++it) {
    EXPECT_TRUE(ids.insert((*it)[1]).second) << (*it)[1];
  }
}

TEST(ReportPage, TakesNamesOfGroupsForText) {
  for (const std::string& name :
       {std::string("<script>alert(1)</script>"), std::string("]]>--></style></svg>"),
        std::string("\" onload=\"x"), std::string("'><img src=x>"), std::string("a\u202Eb"),
        std::string("\x01\x02"), std::string("&lt;b&gt;"), std::string(200, 'W'),
        std::string("\u05E9\u05DC\u05D5\u05DD")}) {
    AttributeGroups groups = two_groups(20, 100, 60, 100);
    groups.confusion.groups[0].label = name;
    const Finding gap = find_gap(groups, "demographic_parity_difference", wording(), quiet);
    Page page;
    page.title = name;
    page.audit = shown_label(name);
    page.lead = words::lead(gap, 200, wording());
    page.figures.push_back(*rates_figure({groups}, Rate::SelectionRate, {gap}, wording()));
    page.facts = {{name, name, true}};
    const std::string html = html_of(page);
    EXPECT_EQ(html.find("<script"), std::string::npos);
    EXPECT_EQ(html.find("<img"), std::string::npos);
    EXPECT_FALSE(std::regex_search(html, std::regex("<[^>\"]*(\"[^\"]*\"[^>\"]*)* onload=")));
    // As many elements as with a harmless name of the same form.
    groups.confusion.groups[0].label = "Black";
    const Finding plain_gap = find_gap(groups, "demographic_parity_difference", wording(), quiet);
    Page plain = page;
    plain.title = plain.audit = "Black";
    plain.lead = words::lead(plain_gap, 200, wording());
    plain.figures = {*rates_figure({groups}, Rate::SelectionRate, {plain_gap}, wording())};
    plain.facts = {{"Black", "Black", true}};
    const std::string harmless = html_of(plain);
    EXPECT_EQ(std::count(html.begin(), html.end(), '<'),
              std::count(harmless.begin(), harmless.end(), '<'))
        << name;
  }
}

TEST(ReportPicture, StandsByItselfAndRefusesWidthsItHasNoRoomIn) {
  std::vector<TradeoffPoint> points = {{0, .8, .1}, {1, .9, .2}};
  const Figure figure = *tradeoff_figure(points, false);
  for (const Theme theme : {Theme::Auto, Theme::Light, Theme::Dark}) {
    const std::string svg = picture(figure, 500, theme);
    EXPECT_EQ(svg.rfind("<svg xmlns=", 0), 0U);
    EXPECT_NE(svg.find("<title id="), std::string::npos);
    EXPECT_NE(svg.find("<desc id="), std::string::npos);
    EXPECT_EQ(svg.find("prefers-color-scheme") != std::string::npos, theme == Theme::Auto);
  }
  EXPECT_NE(test::error_of([&] {
              static_cast<void>(picture(figure, 100, Theme::Auto));
            }).find("width is 100"),
            std::string::npos);
  EXPECT_NE(vega_of(figure).find("vega-lite/v5.json"), std::string::npos);
}

}  // namespace
}  // namespace fairdb
