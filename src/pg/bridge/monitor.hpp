// How long-running C++ work hears from its session, and shows how far it is.
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
  void step(const Progress& progress) override;

 private:
  std::int64_t last_notice_;  // microseconds
};

}  // namespace fairdb::pg
