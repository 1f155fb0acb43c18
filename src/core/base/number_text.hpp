// Numbers as text.
#pragma once

#include <string>

namespace fairdb {

// The fewest digits that are read back as the same number, as printf's %g writes them. The value
// must be finite.
std::string shortest_text(double value);

}  // namespace fairdb
