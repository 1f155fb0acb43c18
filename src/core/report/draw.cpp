#include "core/report/draw.hpp"

#include <cmath>

#include "core/base/error.hpp"
#include "core/report/label.hpp"
#include "core/report/svg.hpp"

namespace fairdb {
namespace {

std::string view_box(double width, double height) {
  return "0 0 " + std::to_string(std::llround(width)) + " " + std::to_string(std::llround(height));
}

// <title> and <desc>, for who does not see the picture.
void put_words(Markup& out, const Figure& figure, const std::string& id) {
  out.open("title").attribute("id", id + "t").text(figure.title).close();
  std::string words = figure.caption.plain();
  if (!figure.note.empty()) words += " " + figure.note;
  out.open("desc").attribute("id", id + "d").text(words).close();
}

// Text in lines of at most so many ems.
std::vector<std::string> wrapped(const std::string& text, double ems) {
  std::vector<std::string> lines(1);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t space = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, space - at);
    const std::string longer = lines.back().empty() ? word : lines.back() + " " + word;
    if (lines.back().empty() || text_ems(longer) <= ems) {
      lines.back() = longer;
    } else {
      lines.push_back(word);
    }
    at = space + 1;
  }
  for (std::string& line : lines) line = fitting(line, ems);
  return lines;
}

}  // namespace

Drawing draw(const Figure& figure, double width) {
  return std::visit([&](const auto& drawing) { return draw(drawing, width); }, figure.drawing);
}

std::string picture_of_page(const Figure& figure,
                            double width,
                            const std::string& id,
                            const std::string& classes) {
  const Drawing drawing = draw(figure, width);
  Markup out;
  out.open("svg")
      .attribute("class", "fairdb " + classes)
      .attribute("viewBox", view_box(drawing.width, drawing.height))
      .attribute("role", "img")
      .attribute("aria-labelledby", id + "t " + id + "d");
  put_words(out, figure, id);
  out.raw(drawing.markup).close();
  return out.take();
}

std::string picture(const Figure& figure, double width, Theme theme) {
  if (!(width >= kLeastWidth && width <= kMostWidth)) {
    throw Error(ErrorKind::InvalidArgument, "width is " + std::to_string(std::llround(width)) +
                                                ", expected 240 to 4000 pixels");
  }
  constexpr double kMargin = 16;
  constexpr double kTitle = 15;
  constexpr double kLineHeight = 17;
  const double inner = width - 2 * kMargin;
  const Drawing drawing = draw(figure, inner);
  const std::vector<std::string> titles = wrapped(figure.title, inner / (1.1 * kTitle));
  const std::vector<std::string> caption = wrapped(figure.caption.plain(), inner / kLetter);
  const std::vector<std::string> note =
      figure.note.empty() ? std::vector<std::string>() : wrapped(figure.note, inner / kSmallLetter);
  const double head = kMargin + 20 * static_cast<double>(titles.size()) +
                      kLineHeight * static_cast<double>(caption.size()) + 10;
  const double foot = kLineHeight * static_cast<double>(note.size()) + kMargin;
  const double height = head + drawing.height + foot;
  Markup out;
  // Pictures of one kind may stand in one page: nothing else there has such a name.
  const std::string id = "fairdb-" + std::string(name(figure.kind)) + "-";
  out.open("svg")
      .attribute("xmlns", "http://www.w3.org/2000/svg")
      .attribute("class", "fairdb fairdb-" + std::string(name(theme)))
      .attribute("width", width)
      .attribute("height", height)
      .attribute("viewBox", view_box(width, height))
      .attribute("role", "img")
      .attribute("aria-labelledby", id + "t " + id + "d");
  put_words(out, figure, id);
  out.open("style").raw(picture_style(theme)).close();
  out.empty("rect")
      .attribute("class", "ground")
      .attribute("width", "100%")
      .attribute("height", "100%");
  Svg svg(out);
  double y = kMargin;
  for (const std::string& line : titles) {
    out.open("text")
        .attribute("class", "t b")
        .attribute("style", "font-size:15px")
        .attribute("x", kMargin)
        .attribute("y", y + kTitle)
        .text(line)
        .close();
    y += 20;
  }
  for (const std::string& line : caption) {
    svg.text({kMargin, y + kLetter}, line, "m", Anchor::Start);
    y += kLineHeight;
  }
  out.open("g")
      .attribute("transform", "translate(" + std::to_string(std::llround(kMargin)) + " " +
                                  std::to_string(std::llround(head)) + ")")
      .raw(drawing.markup)
      .close();
  y = head + drawing.height;
  for (const std::string& line : note) {
    svg.text({kMargin, y + kSmallLetter}, line, "m p", Anchor::Start);
    y += kLineHeight;
  }
  out.close();
  return out.take();
}

}  // namespace fairdb
