// Figures as SVG, at a width in pixels.
#pragma once

#include <string>

#include "core/report/figure.hpp"
#include "core/report/style.hpp"

namespace fairdb {

inline constexpr double kLeastWidth = 240;
inline constexpr double kMostWidth = 4000;

// What is inside of an <svg> of this size.
struct Drawing {
  std::string markup;
  double width;
  double height;
};
[[nodiscard]] Drawing draw(const Dots& dots, double width);
[[nodiscard]] Drawing draw(const Plot& plot, double width);
[[nodiscard]] Drawing draw(const Figure& figure, double width);

// An <svg> inside of a page, which has its style. id: of its title and description, of its own.
[[nodiscard]] std::string picture_of_page(const Figure& figure,
                                          double width,
                                          const std::string& id,
                                          const std::string& classes);

// One that stands by itself, with title, caption and style.
// Errors: InvalidArgument unless kLeastWidth <= width <= kMostWidth.
[[nodiscard]] std::string picture(const Figure& figure, double width, Theme theme);

}  // namespace fairdb
