// source_query: what a source means now, for those who keep it.
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/source.hpp"

namespace fairdb::pg {

FAIRDB_FUNCTION(source_query) {
  const std::string text = Arguments(fcinfo).text("source");
  SpiSession session;
  const std::string query = "SELECT * FROM " + Source(text).from();
  session.finish();
  return backend([&] { return CStringGetTextDatum(query.c_str()); });
}

}  // namespace fairdb::pg
