// The module's entry: the magic block, and the settings.
#include "core/audit/suppression.hpp"
#include "pg/audit.hpp"
#include "pg/bridge/session.hpp"

extern "C" {
#include <utils/guc.h>
}

namespace fairdb::pg {
namespace {

int min_group_setting = 0;

}  // namespace

std::int64_t min_group() noexcept {
  return min_group_setting;
}

}  // namespace fairdb::pg

extern "C" {
#if PG_VERSION_NUM >= 180000
PG_MODULE_MAGIC_EXT(.name = "fairdb", .version = FAIRDB_VERSION);
#else
PG_MODULE_MAGIC;
#endif

// The name is the server's. NOLINTNEXTLINE(bugprone-reserved-identifier)
PGDLLEXPORT void _PG_init(void);
// NOLINTNEXTLINE(bugprone-reserved-identifier)
void _PG_init(void) {
  // Only a superuser may set it: an administrator turns it on for the roles that read audits.
  DefineCustomIntVariable(
      "fairdb.min_group", "Groups of fewer rows are hidden in the tables of audits.",
      "0 hides none. Further groups are hidden so that no hidden count follows from the "
      "others of the same table.",
      &fairdb::pg::min_group_setting, 0, 0, static_cast<int>(fairdb::kLargestMinGroup), PGC_SUSET,
      0, nullptr, nullptr, nullptr);
  DefineCustomRealVariable("fairdb.progress_interval",
                           "Seconds between two notices of the progress of long training.",
                           "0 raises none.", &fairdb::pg::progress_interval, 10, 0, 86400,
                           PGC_USERSET, 0, nullptr, nullptr, nullptr);
#if PG_VERSION_NUM >= 150000
  MarkGUCPrefixReserved("fairdb");
#else
  EmitWarningsOnPlaceholders("fairdb");
#endif
}
}
