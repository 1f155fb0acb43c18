// One page for people: a sentence, verdicts, figures, and where the numbers come from. A single
// file of HTML without scripts, which asks for nothing outside of itself, and says so to the
// browser.
#pragma once

#include <string>
#include <vector>

#include "core/report/figure.hpp"
#include "core/report/tile.hpp"

namespace fairdb {

// Where a number comes from.
struct Fact {
  std::string term;
  std::string text;
  bool code = false;  // as it is typed
};

struct Page {
  std::string title;
  std::string audit = {};               // its name, of a stored run
  std::vector<std::string> marks = {};  // beside it: the run, the time
  std::string lead;
  std::vector<Tile> tiles;
  std::vector<Figure> figures;
  std::vector<Fact> facts;
  std::string footnote;
};

// Equal pages have equal bytes; all of them are ASCII.
[[nodiscard]] std::string html_of(const Page& page);

}  // namespace fairdb
