#include "core/report/markup.hpp"

#include <cstdio>

#include "core/base/error.hpp"
#include "core/report/utf8.hpp"

namespace fairdb {

void Markup::end_tag() {
  if (!in_tag_) return;
  out_ += empty_ ? "/>" : ">";
  in_tag_ = false;
  empty_ = false;
}

void Markup::escaped(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_character(text, at);
    if (c == '<') {
      out_ += "&lt;";
    } else if (c == '>') {
      out_ += "&gt;";
    } else if (c == '&') {
      out_ += "&amp;";
    } else if (c == '"') {
      out_ += "&quot;";
    } else if (c == '\'') {
      out_ += "&#39;";
    } else if (c == '\n' || (c >= 0x20 && c < 0x7F)) {
      out_ += static_cast<char>(c);
    } else {
      // No reference may name a control character or none at all; labels have none left.
      const bool none = c == kNoCharacter || c < 0x20 || (c >= 0x7F && c < 0xA0);
      char reference[16];
      std::snprintf(reference, sizeof reference, "&#%u;",
                    none ? 0xFFFDU : static_cast<unsigned>(c));
      out_ += reference;
    }
  }
}

Markup& Markup::open(std::string_view name) {
  end_tag();
  open_.emplace_back(name);
  out_.append("<").append(name);
  in_tag_ = true;
  return *this;
}

Markup& Markup::empty(std::string_view name) {
  end_tag();
  out_.append("<").append(name);
  in_tag_ = true;
  empty_ = true;
  return *this;
}

Markup& Markup::attribute(std::string_view name, std::string_view value) {
  FAIRDB_ASSERT(in_tag_);
  out_.append(" ").append(name).append("=\"");
  escaped(value);
  out_ += '"';
  return *this;
}

Markup& Markup::attribute(std::string_view name, double value) {
  char digits[64];
  std::snprintf(digits, sizeof digits, "%.1f", value);
  std::string text = digits;
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return attribute(name, text == "-0" ? "0" : text);
}

Markup& Markup::text(std::string_view text) {
  end_tag();
  escaped(text);
  return *this;
}

Markup& Markup::close() {
  end_tag();
  FAIRDB_ASSERT(!open_.empty());
  out_.append("</").append(open_.back()).append(">");
  open_.pop_back();
  return *this;
}

Markup& Markup::leave() {
  end_tag();
  FAIRDB_ASSERT(!open_.empty());
  open_.pop_back();
  return *this;
}

Markup& Markup::element(std::string_view name, std::string_view text) {
  return open(name).text(text).close();
}

Markup& Markup::raw(std::string_view markup) {
  end_tag();
  out_ += markup;
  return *this;
}

std::string Markup::take() {
  end_tag();
  FAIRDB_ASSERT(open_.empty());
  return std::move(out_);
}

}  // namespace fairdb
