#include "core/report/svg.hpp"

#include <cmath>
#include <cstdio>

namespace fairdb {
namespace {

// With one decimal: a tenth of a pixel.
void append_pixel(std::string& path, double value) {
  char digits[32];
  const long long tenths = std::llround(10 * value);
  if (tenths % 10 == 0) {
    std::snprintf(digits, sizeof digits, "%lld", tenths / 10);
  } else {
    std::snprintf(digits, sizeof digits, "%s%lld.%lld", tenths < 0 ? "-" : "",
                  std::abs(tenths) / 10, std::abs(tenths) % 10);
  }
  path += digits;
}

void append_points(std::string& path, const std::vector<Pixel>& points, char first) {
  for (std::size_t i = 0; i < points.size(); ++i) {
    path += i == 0 ? first : ' ';
    append_pixel(path, points[i].x);
    path += ' ';
    append_pixel(path, points[i].y);
  }
}

std::string path_of(const std::vector<Pixel>& points) {
  std::string path;
  append_points(path, points, 'M');
  return path;
}

}  // namespace

std::string fill_of(Look look) {
  return look.colour == Look::kGrey   ? "fn"
         : look.colour == Look::kText ? "ft"
                                      : "f" + std::to_string(look.colour);
}
std::string stroke_of(Look look) {
  return look.colour == Look::kGrey   ? "sn"
         : look.colour == Look::kText ? "st"
                                      : "s" + std::to_string(look.colour);
}

void Svg::line(Pixel from, Pixel to, std::string_view classes) {
  path({from, to}, classes);
}

void Svg::path(const std::vector<Pixel>& points, std::string_view classes) {
  out_->empty("path").attribute("class", classes).attribute("d", path_of(points));
}

void Svg::area(const std::vector<Pixel>& upper,
               const std::vector<Pixel>& lower,
               std::string_view classes) {
  std::string path = path_of(upper);
  append_points(path, {lower.rbegin(), lower.rend()}, ' ');
  out_->empty("path").attribute("class", classes).attribute("d", path + "Z");
}

void Svg::circle(Pixel at, double radius, std::string_view classes) {
  out_->empty("circle")
      .attribute("class", classes)
      .attribute("cx", at.x)
      .attribute("cy", at.y)
      .attribute("r", radius);
}

void Svg::shape(Pixel at, Look look, double radius, std::string_view classes) {
  std::string all = fill_of(look);
  if (!classes.empty()) all.append(" ").append(classes);
  if (look.colour <= 0) return circle(at, radius, all);
  const double r = radius;
  std::vector<Pixel> corners;
  if (look.colour == 1) {
    const double h = .89 * r;  // as large as the circle
    corners = {{-h, -h}, {h, -h}, {h, h}, {-h, h}};
  } else if (look.colour == 2) {
    corners = {{0, -1.3 * r}, {1.2 * r, .9 * r}, {-1.2 * r, .9 * r}};
  } else {
    corners = {{0, -1.3 * r}, {1.3 * r, 0}, {0, 1.3 * r}, {-1.3 * r, 0}};
  }
  for (Pixel& corner : corners) corner = {at.x + corner.x, at.y + corner.y};
  out_->empty("path").attribute("class", all).attribute("d", path_of(corners) + "Z");
}

void Svg::text(Pixel at, std::string_view text, std::string_view classes, Anchor anchor) {
  std::string all(classes);
  all += anchor == Anchor::End ? " e" : anchor == Anchor::Middle ? " c" : "";
  all += " h";
  out_->open("text")
      .attribute("class", all)
      .attribute("x", at.x)
      .attribute("y", at.y)
      .text(text)
      .close();
}

}  // namespace fairdb
