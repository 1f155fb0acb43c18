// Labels that stand for a row or an array of several attributes, as distribution_agg(score,
// row(sex, race)) makes them: "(f,black)", or "{f,black}".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fairdb {

// The fields as they stand; those with special characters are in quotes. Empty when the label is no
// row and no array.
[[nodiscard]] std::vector<std::string_view> fields_of(std::string_view label);

// The label of some fields of a row's, each as it stands: of one its own text, of several a row.
[[nodiscard]] std::string label_of_fields(const std::vector<std::string_view>& fields);

// What the text of a field stands for, without its quotes.
[[nodiscard]] std::string unquoted(std::string_view field);

}  // namespace fairdb
