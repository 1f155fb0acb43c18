#include "pg/bridge/postgres.hpp"

extern "C" {
#if PG_VERSION_NUM >= 180000
PG_MODULE_MAGIC_EXT(.name = "fairdb", .version = FAIRDB_VERSION);
#else
PG_MODULE_MAGIC;
#endif
}
