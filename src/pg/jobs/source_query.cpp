// source_query and group_expression: what a source means now, for those who keep it, and what its
// groups are called, for queries of theirs.
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

FAIRDB_FUNCTION(group_expression) {
  const Arguments arguments(fcinfo);
  const std::string text = arguments.text("source");
  const std::vector<std::string> names = arguments.names("names");
  SpiSession session;
  Oid type = InvalidOid;
  const Source source(text);
  const std::string group = source.distributed() ? group_text_expression(source, names, &type)
                                                 : group_expression(source, names, &type);
  session.finish();
  return backend([&] { return CStringGetTextDatum(group.c_str()); });
}

}  // namespace fairdb::pg
