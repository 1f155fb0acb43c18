// Numbers as text, and text as numbers.
#pragma once

#include <optional>
#include <string>

namespace fairdb {

// The fewest digits that are read back as the same number, as printf's %g writes them. The value
// must be finite.
std::string shortest_text(double value);

// The number that the whole text is, as strtod reads it: blanks before it, inf, nan and hexadecimal
// digits are its to allow. nullopt for any other text.
std::optional<double> parse_number(const std::string& text);

}  // namespace fairdb
