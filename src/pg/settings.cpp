#include "core/base/dense_kernels.hpp"
#include "core/base/suppression.hpp"

#include "pg/bridge/guard.hpp"
#include "pg/settings.hpp"

extern "C" {
#include <utils/guc.h>
#include <utils/guc_tables.h>
}

namespace fairdb::pg {
namespace {

constexpr const char* kMinGroup = "fairdb.min_group";
int min_group_setting = 0;
double progress_interval_setting = 10;
int cache_size_setting = 65536;
void (*free_above_setting)(std::size_t bytes) noexcept = nullptr;
int instruction_set_setting = 0;
constexpr config_enum_entry kInstructionSets[] = {
    {"baseline", static_cast<int>(InstructionSet::Baseline), false},
    {"avx2", static_cast<int>(InstructionSet::Avx2), false},
    {nullptr, 0, false}};

// Called by the server with the new size, also while a transaction is rolled back. Plain.
void free_what_is_above(int kilobytes, void* /*extra*/) {
  free_above_setting(static_cast<std::size_t>(kilobytes) * 1024);
}

// Whether this machine has the instructions, and choosing them. Plain.
bool has_instruction_set(int* wanted, void** /*extra*/, GucSource /*source*/) {
  if (*wanted <= static_cast<int>(best_instruction_set())) return true;
  GUC_check_errdetail("This machine does not have them.");
  return false;
}
void choose_instruction_set(int wanted, void* /*extra*/) {
  use_instruction_set(static_cast<InstructionSet>(wanted));  // one that was found to be there
}

// Where the value of a setting comes from that it has or goes back to on RESET; PGC_S_DEFAULT for
// one that does not exist. Plain.
GucSource source_of(const char* name) {
#if PG_VERSION_NUM >= 160000
  int count = 0;
  config_generic** const settings = get_guc_variables(&count);
#else
  config_generic** const settings = get_guc_variables();
  const int count = GetNumConfigOptions();
#endif
  for (int i = 0; i < count; ++i) {
    if (pg_strcasecmp(settings[i]->name, name) == 0) return settings[i]->reset_source;
  }
  return PGC_S_DEFAULT;
}

// The library is loaded when it is first used, and values that the connection, the role or the
// configuration have for its settings wait until then. One that may not be set, or is no number,
// the server leaves out with a warning, and it has then lost the value of the next source as well:
// an option of the connection would undo what an administrator has set for the role, and groups
// that are to be hidden would be shown. Returns the source of a value of fairdb.min_group that was
// left out, PGC_S_DEFAULT for none. Plain.
GucSource define_all() {
  const GucSource asked = source_of(kMinGroup);
  // Only a superuser may set it: an administrator turns it on for the roles that read audits.
  DefineCustomIntVariable(kMinGroup, "Groups of fewer rows are hidden in the tables of audits.",
                          "0 hides none. Further groups are hidden so that no hidden count follows "
                          "from the others of the same table.",
                          &min_group_setting, 0, 0, static_cast<int>(kLargestMinGroup), PGC_SUSET,
                          0, nullptr, nullptr, nullptr);
  DefineCustomRealVariable("fairdb.progress_interval",
                           "Seconds between two notices of the progress of long training.",
                           "0 raises none.", &progress_interval_setting, 10, 0, 86400, PGC_USERSET,
                           0, nullptr, nullptr, nullptr);
  DefineCustomIntVariable("fairdb.cache_size",
                          "Memory for models and distributions that a session keeps decoded.",
                          "Those least recently used leave first. 0 keeps none beyond a statement.",
                          &cache_size_setting, 65536, 0, MAX_KILOBYTES, PGC_USERSET, GUC_UNIT_KB,
                          nullptr, free_what_is_above, nullptr);
  DefineCustomEnumVariable(
      "fairdb.instruction_set",
      "Instructions of the processor by which products and exponentials are computed.",
      "The best that the machine has unless set; the results are the same.",
      &instruction_set_setting, static_cast<int>(best_instruction_set()), kInstructionSets,
      PGC_USERSET, 0, has_instruction_set, choose_instruction_set, nullptr);
#if PG_VERSION_NUM >= 150000
  MarkGUCPrefixReserved("fairdb");
#else
  EmitWarningsOnPlaceholders("fairdb");
#endif
  return source_of(kMinGroup) == asked ? PGC_S_DEFAULT : asked;
}

GucSource refused = PGC_S_DEFAULT;

}  // namespace

void define_settings(void (*free_above)(std::size_t bytes) noexcept) {
  free_above_setting = free_above;
  refused = define_all();
}

void require_settings() {
  if (refused == PGC_S_DEFAULT) return;
  ereport(
      ERROR,
      (errcode(refused == PGC_S_CLIENT ? ERRCODE_INSUFFICIENT_PRIVILEGE
                                       : ERRCODE_INVALID_PARAMETER_VALUE),
       errmsg("the value of \"%s\" from the source \"%s\" was refused", kMinGroup,
              GucSource_Names[refused]),
       refused == PGC_S_CLIENT
           ? errhint("Only an administrator may set it. Connect without this option: see "
                     "PGOPTIONS and the options of the connection.")
           : errhint("The warning before tells why. An administrator sets it to a whole number, "
                     "for example ALTER ROLE ... SET %s = 10.",
                     kMinGroup)));
}

std::int64_t min_group() noexcept {
  return min_group_setting;
}

std::size_t cache_bytes() noexcept {
  return static_cast<std::size_t>(cache_size_setting) * 1024;
}

double progress_interval() noexcept {
  return progress_interval_setting;
}

}  // namespace fairdb::pg
