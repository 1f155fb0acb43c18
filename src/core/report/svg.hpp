// What pictures are drawn with: lines, areas, shapes and text of SVG, in pixels.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/report/figure.hpp"
#include "core/report/markup.hpp"

namespace fairdb {

struct Pixel {
  double x;
  double y;
};

// The size of letters, and of those of axes.
inline constexpr double kLetter = 12;
inline constexpr double kSmallLetter = 11;

enum class Anchor : std::uint8_t { Start, Middle, End };

// The classes of the style sheet that fill and stroke in a look.
[[nodiscard]] std::string fill_of(Look look);
[[nodiscard]] std::string stroke_of(Look look);

class Svg {
 public:
  explicit Svg(Markup& out) noexcept : out_(&out) {}

  // classes: of the style sheet.
  void line(Pixel from, Pixel to, std::string_view classes);
  void path(const std::vector<Pixel>& points, std::string_view classes);
  // Between two lines over the same x.
  void area(const std::vector<Pixel>& upper,
            const std::vector<Pixel>& lower,
            std::string_view classes);
  // The shape of a look, around a point.
  void shape(Pixel at, Look look, double radius, std::string_view classes = "");
  void circle(Pixel at, double radius, std::string_view classes);
  void text(Pixel at, std::string_view text, std::string_view classes, Anchor anchor);

 private:
  Markup* out_;
};

}  // namespace fairdb
