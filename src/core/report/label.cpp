#include "core/report/label.hpp"

#include <algorithm>
#include <cstdio>

#include "core/base/row_label.hpp"
#include "core/report/utf8.hpp"

namespace fairdb {
namespace {

// Whether a character acts on its surroundings, or on the reader, without being seen.
bool acts(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C || c == 0x115F ||
         c == 0x1160 || c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0x34F ||
         c == 0x17B4 || c == 0x17B5 || (c >= 0x180B && c <= 0x180F) || c == 0x2800 || c == 0xFFA0 ||
         (c >= 0x1BCA0 && c <= 0x1BCA3) || (c >= 0x1D173 && c <= 0x1D17A) || c == 0x3164 ||
         c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c & 0xFFFEU) == 0xFFFEU ||
         (c >= 0xFDD0 && c <= 0xFDEF) || (c >= 0xE0000 && c <= 0xE0FFF);
}

bool right_to_left(char32_t c) noexcept {
  return (c >= 0x590 && c <= 0x8FF) || (c >= 0xFB1D && c <= 0xFDFF) ||
         (c >= 0xFE70 && c <= 0xFEFE) || (c >= 0x10800 && c <= 0x10FFF) ||
         (c >= 0x1E800 && c <= 0x1EFFF);
}

std::string readable(std::string_view text) {
  std::string shown;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t c = next_character(text, at);
    char code[16];
    if (c == kNoCharacter) {
      std::snprintf(code, sizeof code, "\\x%02X", static_cast<std::uint8_t>(text[start]));
      shown += code;
    } else if (acts(c)) {
      std::snprintf(code, sizeof code, "U+%04X", static_cast<unsigned>(c));
      shown += code;
    } else {
      shown += text.substr(start, at - start);
    }
  }
  return shown;
}

// The text, in quotes where it is empty or begins or ends with a space: else none would be seen.
std::string named(const std::string& text) {
  const bool bare =
      !text.empty() && text.front() != ' ' && text.back() != ' ' && text.rfind("\u00A0", 0) != 0;
  return bare ? text : "\"" + text + "\"";
}

double ems_of(char32_t c) noexcept {
  if (c < 0x80) {
    const char a = static_cast<char>(c);
    if (std::string_view("iljtfrI.,:;'|!()[] /\\").find(a) != std::string_view::npos) return 0.39;
    if (std::string_view("mwMW@%").find(a) != std::string_view::npos) return 0.98;
    return a >= 'A' && a <= 'Z' ? 0.72 : 0.63;
  }
  if (c == 0x2068 || c == 0x2069) return 0;
  if (c == 0xA0 || c == 0x202F) return 0.33;
  return c >= 0x1100 ? 1.03 : 0.68;
}

}  // namespace

std::string shown_label(std::string_view label) {
  const auto fields = fields_of(label);
  if (fields.empty()) return named(readable(label));
  std::string shown;
  for (const std::string_view field : fields) {
    if (!shown.empty()) shown += ", ";
    // A field may be a row of its own, of groups with labels.
    const std::string text = unquoted(field);
    shown += fields_of(text).empty() ? named(readable(text)) : shown_label(text);
  }
  return shown;
}

std::string AttributeNames::shown(std::string_view label) const {
  std::vector<std::string_view> fields = fields_of(label);
  if (names.size() == 1 && fields.size() != 1) fields = {label};
  if (names.empty() || fields.size() != names.size()) return shown_label(label);
  std::string shown;
  for (std::size_t a = 0; a < fields.size(); ++a) {
    if (a > 0) shown += ", ";
    if (flags[a] && (fields[a] == "t" || fields[a] == "f")) {
      shown += (fields[a] == "t" ? "" : "not ") + names[a];
    } else {
      const std::string value = names.size() == 1 ? std::string(fields[a]) : unquoted(fields[a]);
      // "age 70": a number alone would be read as a count.
      const bool number =
          !value.empty() && value.find_first_not_of("0123456789.-") == std::string::npos;
      shown += (number ? names[a] + " " : "") + shown_label(value);
    }
  }
  return shown;
}

std::string AttributeNames::by() const {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += " \u00D7 ";
    text += isolated(name);
  }
  return text.empty() ? "group" : text;
}

std::string readable_text(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return readable(line);
}

std::string isolated(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    if (right_to_left(next_character(text, at))) return "\u2068" + text + "\u2069";
  }
  return text;
}

double text_ems(std::string_view text) noexcept {
  double ems = 0;
  for (std::size_t at = 0; at < text.size();) ems += ems_of(next_character(text, at));
  return ems;
}

std::string fitting(const std::string& text, double ems) {
  if (text_ems(text) <= ems) return text;
  const std::string dots = "\u2026";
  double left = ems - text_ems(dots);
  std::size_t end = 0;
  for (std::size_t at = 0; at < text.size();) {
    left -= ems_of(next_character(text, at));
    if (left < 0) break;
    end = at;
  }
  return text.substr(0, end) + dots;
}

}  // namespace fairdb
