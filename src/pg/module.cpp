#include "pg/bridge/postgres.hpp"

extern "C" {
PG_MODULE_MAGIC;
}
