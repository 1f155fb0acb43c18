// What long-running C++ work needs of its session: cancellation and a memory budget.
#pragma once

#include "core/base/monitor.hpp"
#include "pg/bridge/guard.hpp"

namespace fairdb::pg {

// Lets the core be cancelled: by the user, statement_timeout, or the end of the session. The flag
// is also set for harmless requests, so the server decides what it means.
class BackendMonitor final : public Monitor {
 public:
  void poll() override {
    if (InterruptPending) {
      backend([] { CHECK_FOR_INTERRUPTS(); });
    }
  }
  Signal step(const Progress& /*progress*/) override {
    poll();
    return Signal::Continue;
  }
};

bool fits_memory(std::size_t bytes);
// Errors: TooLarge, naming `what`, the bytes needed and maintenance_work_mem.
void check_memory(std::size_t bytes, const std::string& what);

}  // namespace fairdb::pg
