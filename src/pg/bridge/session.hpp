// What long-running C++ work needs of its session: cancellation and a memory budget.
#pragma once

#include "core/base/monitor.hpp"
#include "pg/bridge/guard.hpp"

namespace fairdb::pg {

// Lets the core be cancelled: by the user, statement_timeout, or the end of the session. The flag
// is also set for harmless requests, so the server decides what it means. Every
// fairdb.progress_interval seconds a step raises a NOTICE.
class BackendMonitor final : public Monitor {
 public:
  BackendMonitor();
  void poll() override {
    if (InterruptPending) {
      backend([] { CHECK_FOR_INTERRUPTS(); });
    }
  }
  Signal step(const Progress& progress) override;

 private:
  std::int64_t last_notice_;  // microseconds
};

// The setting fairdb.progress_interval: seconds between two notices of progress; 0 for none.
extern double progress_interval;

bool fits_memory(std::size_t bytes);
// maintenance_work_mem in bytes.
std::size_t memory_limit() noexcept;
// Errors: TooLarge, naming `what`, the bytes needed and maintenance_work_mem.
void check_memory(std::size_t bytes, const std::string& what);

}  // namespace fairdb::pg
