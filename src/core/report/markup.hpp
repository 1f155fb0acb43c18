// Writes HTML and SVG, as ASCII: text and values of attributes are escaped, and what is not ASCII
// becomes a reference to its character. So a page is well formed and means the same in whatever
// encoding it is stored and sent, and nothing of a name is taken for markup.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fairdb {

class Markup {
 public:
  // <name ...>, to be followed by attributes; then text, elements, and close().
  Markup& open(std::string_view name);
  // Of an element that has neither text nor end: <br>, <meta>; in SVG <path .../>.
  Markup& empty(std::string_view name);
  Markup& attribute(std::string_view name, std::string_view value);
  Markup& attribute(std::string_view name, double value);  // with one decimal at most
  // Of the elements that are open, in UTF-8.
  Markup& text(std::string_view text);
  Markup& close();
  // Ends an element without saying so, where HTML does not ask for it: rows and cells of tables.
  Markup& leave();
  // <name>text</name>
  Markup& element(std::string_view name, std::string_view text);
  // Markup as it stands: of this chapter only.
  Markup& raw(std::string_view markup);

  // All that was written. Nothing may be open.
  std::string take();

 private:
  void end_tag();
  void escaped(std::string_view text);

  std::string out_;
  std::vector<std::string> open_;
  bool in_tag_ = false;
  bool empty_ = false;
};

}  // namespace fairdb
