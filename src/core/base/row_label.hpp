// Labels that stand for a row or an array of several attributes, as distribution_agg(score,
// row(sex, race)) makes them: "(f,black)", or "{f,black}".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fairdb {

// The fields as they stand; those with special characters are in quotes. Empty when the label is no
// row and no array.
[[nodiscard]] std::vector<std::string_view> fields_of(std::string_view label);

// The label of some fields of a row's, each as it stands: of one its own text, of several a row.
[[nodiscard]] std::string label_of_fields(const std::vector<std::string_view>& fields);

// The label of a row of texts, those with special characters in quotes, as the aggregates make it
// of ROW(...) and key(...); of one text, itself. nullopt when any is unknown. Errors: TooLarge for
// more than kMaxLabelBytes.
[[nodiscard]] std::optional<std::string> label_of_row(
    std::span<const std::optional<std::string_view>> texts);

// Whether the server puts a field of a row into quotes. Inline, for key() asks it for every row.
[[nodiscard]] inline bool needs_quotes(std::string_view text) noexcept {
  return text.empty() || text.find_first_of("\"\\(){}, \t\r\n\v\f") != std::string_view::npos;
}

// What the text of a field stands for, without its quotes.
[[nodiscard]] std::string unquoted(std::string_view field);

}  // namespace fairdb
