// Reads pictures back: what stands where in an SVG, and, through the numbers at its axes, what that
// means. It knows nothing of how pictures are drawn but what a reader of one sees, and the classes
// of the style sheet.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <regex>
#include <string>
#include <vector>

namespace fairdb::test {

struct DrawnText {
  double x;
  double y;
  std::string classes;
  std::string words;
};
struct DrawnPath {
  std::string classes;
  std::vector<std::pair<double, double>> points;
  bool closed;
};
struct DrawnCircle {
  std::string classes;
  double x;
  double y;
};
struct Drawn {
  std::vector<DrawnText> texts;
  std::vector<DrawnPath> paths;
  std::vector<DrawnCircle> circles;
};

inline bool has_class(const std::string& classes, const std::string& name) {
  return (" " + classes + " ").find(" " + name + " ") != std::string::npos;
}

inline std::string attribute_of(const std::string& tag, const std::string& name) {
  std::smatch found;
  return std::regex_search(tag, found, std::regex(" " + name + "=\"([^\"]*)\"")) ? found[1].str()
                                                                                 : std::string();
}

// Text as a reader sees it, with a plain space and a plain minus.
inline std::string unescaped(const std::string& text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '&') {
      plain += text[at];
      continue;
    }
    const std::size_t end = text.find(';', at);
    const std::string name = text.substr(at + 1, end - at - 1);
    plain += name == "#160" || name == "#8239" ? " "
             : name == "#8722"                 ? "-"
             : name == "amp"                   ? "&"
             : name == "lt"                    ? "<"
             : name == "gt"                    ? ">"
             : name == "quot"                  ? "\""
             : name == "#39"                   ? "'"
                                               : "&" + name + ";";
    at = end;
  }
  return plain;
}

inline Drawn drawn_in(const std::string& svg) {
  Drawn drawn;
  static const std::regex element("<(path|circle|text)( [^>]*?)/?>([^<]*)");
  for (std::sregex_iterator it(svg.begin(), svg.end(), element), end; it != end; ++it) {
    const std::string kind = (*it)[1];
    const std::string tag = (*it)[2];
    const std::string classes = attribute_of(tag, "class");
    const auto number = [&](const char* name) { return std::stod(attribute_of(tag, name)); };
    if (kind == "text") {
      drawn.texts.push_back({number("x"), number("y"), classes, unescaped((*it)[3])});
    } else if (kind == "circle") {
      drawn.circles.push_back({classes, number("cx"), number("cy")});
    } else {
      const std::string d = attribute_of(tag, "d");
      static const std::regex digits("-?[0-9]+(\\.[0-9]+)?");
      std::vector<double> numbers;
      for (std::sregex_iterator n(d.begin(), d.end(), digits); n != end; ++n) {
        numbers.push_back(std::stod(n->str()));
      }
      DrawnPath path{classes, {}, d.ends_with("Z")};
      for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) {
        path.points.emplace_back(numbers[i], numbers[i + 1]);
      }
      drawn.paths.push_back(std::move(path));
    }
  }
  return drawn;
}

// "71.7 %" is .717, "1 000" is 1000; nullopt for other words.
inline std::optional<double> number_of(std::string words) {
  const bool percent = words.ends_with(" %");
  if (percent) words.resize(words.size() - 2);
  words.erase(std::remove(words.begin(), words.end(), ' '), words.end());
  static const std::regex form("-?[0-9]+(\\.[0-9]+)?");
  if (!std::regex_match(words, form)) return std::nullopt;
  return std::stod(words) / (percent ? 100 : 1);
}

// Days of "2024-01-08".
inline std::optional<double> day_of(const std::string& words) {
  static const std::regex form("([0-9]{4})-([0-9]{2})-([0-9]{2})");
  std::smatch found;
  if (!std::regex_match(words, found, form)) return std::nullopt;
  // Days of the civil calendar (Fliegel and Van Flandern, 1968).
  const int y = std::stoi(found[1]), m = std::stoi(found[2]), d = std::stoi(found[3]);
  const int a = (m - 14) / 12;
  return 1461 * (y + 4800 + a) / 4 + 367 * (m - 2 - 12 * a) / 12 - 3 * ((y + 4900 + a) / 100) / 4 +
         d - 32075 - 2440588;
}

// An axis, read from the numbers at it.
struct ReadAxis {
  double at_zero;
  double per_unit;
  double pixel(double number) const { return at_zero + per_unit * number; }
};
inline std::optional<ReadAxis> axis_through(std::vector<std::pair<double, double>> ticks) {
  if (ticks.size() < 2) return std::nullopt;
  std::sort(ticks.begin(), ticks.end());
  const auto& [n0, p0] = ticks.front();
  const auto& [n1, p1] = ticks.back();
  if (n0 == n1) return std::nullopt;
  const double per_unit = (p1 - p0) / (n1 - n0);
  return ReadAxis{p0 - per_unit * n0, per_unit};
}
inline std::optional<ReadAxis> x_axis(const Drawn& drawn) {
  std::vector<std::pair<double, double>> ticks;
  for (const DrawnText& text : drawn.texts) {
    if (!has_class(text.classes, "m") || !has_class(text.classes, "c")) continue;
    const auto number = number_of(text.words) ? number_of(text.words) : day_of(text.words);
    if (number) ticks.emplace_back(*number, text.x);
  }
  return axis_through(ticks);
}
// Numbers at the y axis stand four pixels below their tick.
inline std::optional<ReadAxis> y_axis(const Drawn& drawn) {
  std::vector<std::pair<double, double>> ticks;
  for (const DrawnText& text : drawn.texts) {
    if (!has_class(text.classes, "m") || !has_class(text.classes, "e")) continue;
    if (const auto number = number_of(text.words)) ticks.emplace_back(*number, text.y - 4);
  }
  return axis_through(ticks);
}

// The panels of a picture.
inline std::vector<std::string> panels_of(const std::string& svg) {
  std::vector<std::string> panels;
  const std::string start = "<g class=\"panel\">";
  for (std::size_t at = svg.find(start); at != std::string::npos; at = svg.find(start, at + 1)) {
    panels.push_back(svg.substr(at, svg.find("</g>", at) - at));
  }
  return panels;
}

}  // namespace fairdb::test
