// The module's entry: the magic block, and the settings.
#include "pg/bridge/guard.hpp"
#include "pg/bridge/value_cache.hpp"
#include "pg/settings.hpp"

extern "C" {
#if PG_VERSION_NUM >= 180000
PG_MODULE_MAGIC_EXT(.name = "fairdb", .version = FAIRDB_VERSION);
#else
PG_MODULE_MAGIC;
#endif

PGDLLEXPORT void _PG_init(void);
void _PG_init(void) {
  // An error here does not unload the library: the server calls this again at the next use of it.
  static bool defined = false;
  if (!defined) {
    fairdb::pg::define_settings(fairdb::pg::shrink_session_cache);
    defined = true;
  }
  fairdb::pg::require_settings();
}
}
