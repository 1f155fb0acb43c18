// The colours and the style sheet of pages and pictures.
//
// The four colours of groups are those of Okabe and Ito (Color Universal Design, 2008) with other
// lightness, so that text in them has a contrast of 4.5:1 at least (WCAG 2.1, 1.4.3) and that they
// stay apart for those who do not tell red from green: vermilion, blue, bluish green, reddish
// purple. test/unit/report_test.cpp computes both.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "core/base/names.hpp"
#include "core/report/figure.hpp"

namespace fairdb {

// Which colours a picture has: those of the reader's system, or one of the two whatever that is.
enum class Theme : std::uint8_t { Auto, Light, Dark };
template <>
struct NameTable<Theme> {
  static constexpr std::string_view kWhat = "theme";
  static constexpr std::pair<Theme, std::string_view> kNames[] = {
      {Theme::Auto, "auto"}, {Theme::Light, "light"}, {Theme::Dark, "dark"}};
};

struct Colours {
  const char* ground;  // of the page
  const char* card;    // of a figure
  const char* line;    // borders and grids
  const char* text;
  const char* quiet;  // text of less weight
  const char* grey;   // groups that the figure is not about
  const char* band;
  std::array<const char*, Look::kColours> groups;
  struct Verdict {
    const char* text;
    const char* ground;
    const char* border;
  };
  Verdict above;
  Verdict undecided;
  Verdict within;
  Verdict plain;  // without a limit
};
inline constexpr Colours kLight{"#f5f7f9",
                                "#ffffff",
                                "#dfe4ea",
                                "#17202b",
                                "#56606c",
                                "#8b96a3",
                                "#cfe1ee",
                                {"#bd4700", "#0063a3", "#244937", "#a74b75"},
                                {"#a3190f", "#fde8e6", "#a3190f"},
                                {"#6f4800", "#fdf0d2", "#96650a"},
                                {"#135f2b", "#e0f4e5", "#1a7a38"},
                                {"#3d4854", "#e8ecf1", "#7d8894"}};
inline constexpr Colours kDark{"#10141a",
                               "#1a2029",
                               "#2e3742",
                               "#e9edf2",
                               "#a4aeba",
                               "#6d7884",
                               "#26445a",
                               {"#ff9a4f", "#62b2f2", "#01f297", "#bf82ad"},
                               {"#ffa49b", "#4a1815", "#f0807a"},
                               {"#f6c652", "#3b2d06", "#e0b040"},
                               {"#7ddd98", "#10351b", "#62c580"},
                               {"#c3ccd6", "#2b343f", "#8793a0"}};

// The rules of a picture by itself.
[[nodiscard]] std::string picture_style(Theme theme);
// Those of a page, which follows the reader's system on a screen, and is light on paper.
[[nodiscard]] std::string page_style();

}  // namespace fairdb
