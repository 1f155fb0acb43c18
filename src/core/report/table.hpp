// The numbers of a figure as a table in HTML, closed until a reader opens it.
#pragma once

#include "core/report/figure.hpp"
#include "core/report/markup.hpp"

namespace fairdb {

// what: the title of the figure that it is of.
void put_table(Markup& out, const Table& table, const std::string& what);

}  // namespace fairdb
