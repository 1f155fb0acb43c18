// A figure as a specification of Vega-Lite 5, with its data, for those who draw elsewhere.
#pragma once

#include <string>

#include "core/report/figure.hpp"

namespace fairdb {

// JSON, in the encoding of the figure's texts.
[[nodiscard]] std::string vega_of(const Figure& figure);

}  // namespace fairdb
