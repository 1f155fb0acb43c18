#include "core/base/row_label.hpp"

#include <algorithm>

#include "core/base/group_table.hpp"

namespace fairdb {

std::string unquoted(std::string_view field) {
  if (field.size() < 2 || field.front() != '"') return std::string(field);
  std::string text;
  for (std::size_t i = 1; i + 1 < field.size(); ++i) {
    // Quotes and backslashes are doubled.
    if ((field[i] == '"' || field[i] == '\\') && i + 2 < field.size()) ++i;
    text += field[i];
  }
  return text;
}

std::string label_of_fields(const std::vector<std::string_view>& fields) {
  if (fields.size() == 1) return unquoted(fields.front());
  std::string label = "(";
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) label += ',';
    label += fields[i];
  }
  return label + ")";
}

std::optional<std::string> label_of_row(std::span<const std::optional<std::string_view>> texts) {
  if (std::any_of(texts.begin(), texts.end(), [](const auto& text) { return !text; })) {
    return std::nullopt;
  }
  if (texts.size() == 1) return std::string(*texts.front());
  std::string label = "(";
  for (const auto& text : texts) {
    if (label.size() > 1) label += ',';
    const bool quotes = needs_quotes(*text);
    if (quotes) label += '"';
    for (const char c : *text) {
      if (c == '"' || c == '\\') label += c;  // doubled
      label += c;
    }
    if (quotes) label += '"';
  }
  label += ')';
  if (label.size() > kMaxLabelBytes) label_too_long();
  return label;
}

// Commas inside quotes belong to their field.
std::vector<std::string_view> fields_of(std::string_view label) {
  std::vector<std::string_view> fields;
  const bool row = label.size() >= 2 && label.front() == '(' && label.back() == ')';
  const bool array = label.size() >= 2 && label.front() == '{' && label.back() == '}';
  if (!row && !array) return fields;
  bool quoted = false;
  std::size_t start = 1;
  for (std::size_t i = 1; i < label.size(); ++i) {
    if (label[i] == '"') quoted = !quoted;
    if (!quoted && (label[i] == ',' || i + 1 == label.size())) {
      fields.push_back(label.substr(start, i - start));
      start = i + 1;
    }
  }
  return fields;
}

}  // namespace fairdb
