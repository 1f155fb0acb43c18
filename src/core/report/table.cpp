#include "core/report/table.hpp"

namespace fairdb {

void put_table(Markup& out, const Table& table, const std::string& what) {
  out.open("details").element("summary", "The numbers");
  // Wide and long tables are moved in a frame of their own, also by the keyboard.
  out.open("div")
      .attribute("class", "scroll")
      .attribute("role", "region")
      .attribute("tabindex", "0")
      .attribute("aria-label", "The numbers: " + what);
  out.open("table").open("thead").open("tr");
  for (const std::string& name : table.head) {
    out.open("th").attribute("scope", "col").text(name).leave();
  }
  out.leave().leave().open("tbody");
  for (const std::vector<std::string>& row : table.rows) {
    out.open("tr");
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (c == 0) {
        out.open("th").attribute("scope", "row");
      } else {
        out.open("td");
      }
      out.text(row[c]).leave();
    }
    out.leave();
  }
  out.leave().close().close();
  if (!table.note.empty()) out.open("p").attribute("class", "note").text(table.note).close();
  out.close();
}

}  // namespace fairdb
