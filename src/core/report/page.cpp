#include "core/report/page.hpp"

#include "core/report/draw.hpp"
#include "core/report/label.hpp"
#include "core/report/markup.hpp"
#include "core/report/numbers.hpp"
#include "core/report/table.hpp"
#include "core/report/words.hpp"

namespace fairdb {
namespace {

// The width inside of a card that goes across the page, of one beside another, and on a telephone.
constexpr double kAcross = 1038;
constexpr double kBeside = 490;
constexpr double kNarrow = 336;

void put_head(Markup& out, const Page& page) {
  out.raw("<!DOCTYPE html>\n");
  out.open("html").attribute("lang", "en").open("head");
  out.raw(
      "<meta charset=\"utf-8\">"
      "<meta http-equiv=\"Content-Security-Policy\" "
      "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta name=\"color-scheme\" content=\"light dark\">");
  out.element("title", page.title);
  out.open("style").raw(page_style()).close();
  out.close();
}

void put_prose(Markup& out, const Prose& prose) {
  for (const Prose::Part& part : prose.parts()) {
    if (part.strong) {
      out.element("b", part.words);
    } else {
      out.text(part.words);
    }
  }
}

void put_title(Markup& out, const Page& page) {
  out.open("header").open("p").attribute("class", "kicker").text("fairness report");
  if (!page.audit.empty()) out.text(" \u00B7 audit ").element("b", page.audit);
  for (const std::string& mark : page.marks) out.text(" \u00B7 " + mark);
  out.close().element("h1", page.title);
  out.open("p").attribute("class", "lead").text(page.lead).close().close();
}

const char* class_of(Tile::Colour colour) {
  switch (colour) {
    case Tile::Colour::Above:
      return "tile above";
    case Tile::Colour::Undecided:
      return "tile undecided";
    case Tile::Colour::Within:
      return "tile within";
    case Tile::Colour::Plain:
      break;
  }
  return "tile plain";
}

void put_tiles(Markup& out, const std::vector<Tile>& tiles) {
  if (tiles.empty()) return;
  out.open("ul").attribute("class", "tiles").attribute("aria-label", "Verdicts");
  for (const Tile& tile : tiles) {
    out.open("li").attribute("class", class_of(tile.colour));
    out.open("div").attribute("class", "name").text(tile.name).close();
    out.open("div")
        .attribute("class", "value")
        .text(tile.value ? number_text(*tile.value) : "\u2013")
        .close();
    out.open("div").attribute("class", "range").text(tile.range).close();
    out.open("div").attribute("class", "verdict");
    out.open("span").attribute("class", "word");
    out.open("span").attribute("aria-hidden", "true").text(tile.sign).close();
    out.text(" " + tile.word).close();
    out.open("span").attribute("class", "limit").text(words::limit_of(tile.limit)).close();
    out.close().close();
  }
  out.close();
}

void put_figure(Markup& out, const Figure& figure, bool wide, std::size_t number) {
  const std::string id = "f" + std::to_string(number);
  out.open("section")
      .attribute("class", wide ? "card across" : "card")
      .attribute("aria-labelledby", id);
  out.open("h3").attribute("id", id).text(figure.title).close();
  out.open("p").attribute("class", "about");
  put_prose(out, figure.caption);
  out.close();
  out.raw(picture_of_page(figure, wide ? kAcross : kBeside, id + "l", "large"));
  out.raw(picture_of_page(figure, kNarrow, id + "s", "small"));
  if (!figure.note.empty()) out.open("p").attribute("class", "note").text(figure.note).close();
  put_table(out, figure.table, figure.title);
  out.close();
}

void put_facts(Markup& out, const Page& page) {
  out.element("h2", "Where the numbers come from");
  out.open("div").attribute("class", "card");
  if (!page.facts.empty()) {
    out.open("dl");
    for (const Fact& fact : page.facts) {
      out.element("dt", fact.term).open("dd");
      if (fact.code) {
        out.element("code", fact.text);
      } else {
        out.text(fact.text);
      }
      out.close();
    }
    out.close();
  }
  out.open("p").attribute("class", "note").text(page.footnote).close().close();
}

}  // namespace

std::string html_of(const Page& page) {
  Markup out;
  put_head(out, page);
  out.open("body").open("main");
  put_title(out, page);
  put_tiles(out, page.tiles);
  if (!page.figures.empty()) {
    out.element("h2", "Decisions and scores").open("div").attribute("class", "cards");
    // One that has nobody beside it goes across, too.
    std::size_t beside = 0;
    for (std::size_t f = 0; f < page.figures.size(); ++f) {
      const Figure& figure = page.figures[f];
      const bool more = f + 1 < page.figures.size() && !page.figures[f + 1].wide;
      const bool alone = !figure.wide && beside % 2 == 0 && !more;
      put_figure(out, figure, figure.wide || alone, f + 1);
      beside = figure.wide ? 0 : beside + 1;
    }
    out.close();
  }
  put_facts(out, page);
  out.close().close().close().raw("\n");
  return out.take();
}

}  // namespace fairdb
