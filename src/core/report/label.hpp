// Names of groups as a person reads them, and how much room texts take.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fairdb {

// The name of a group for a page, of text in UTF-8: "(f,black)" and "{f,black}" are "f, black", an
// empty name is two quotes. What would act instead of being read (control characters, marks that
// turn the direction of what follows, spaces without width) and bytes that are no UTF-8 stand as
// their codes, U+202E and \xFF.
[[nodiscard]] std::string shown_label(std::string_view label);

// The names of groups by some attributes, of which those that are flags have the values t and f: of
// an attribute "single" these are "single" and "not single". Numbers have their attribute
// before them: "age 70".
struct AttributeNames {
  std::vector<std::string> names = {};  // as they are shown
  std::vector<bool> flags = {};         // of each, whether it is one

  // label: in UTF-8, of all these attributes.
  std::string shown(std::string_view label) const;
  // "race", "race x single", with the sign of multiplication; "group" without names.
  std::string by() const;
};

// Other text from outside, in the same way; line breaks and tabs are spaces.
[[nodiscard]] std::string readable_text(std::string_view text);

// Text by itself in the middle of other text: with marks around it when it has letters that are
// read from right to left.
[[nodiscard]] std::string isolated(const std::string& text);

// The width of a text in ems of a common sans serif: too large rather than too small.
[[nodiscard]] double text_ems(std::string_view text) noexcept;

// The text, or its start and three dots, within so many ems.
[[nodiscard]] std::string fitting(const std::string& text, double ems);

}  // namespace fairdb
