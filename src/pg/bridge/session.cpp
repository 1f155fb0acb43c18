#include "pg/bridge/session.hpp"

#include <cmath>

#include "core/base/error.hpp"

extern "C" {
#include <utils/timestamp.h>
}

namespace fairdb::pg {

double progress_interval = 10;

BackendMonitor::BackendMonitor() : last_notice_(GetCurrentTimestamp()) {}

Signal BackendMonitor::step(const Progress& progress) {
  poll();
  if (progress_interval == 0) return Signal::Continue;
  const std::int64_t now = GetCurrentTimestamp();
  if (static_cast<double>(now - last_notice_) < progress_interval * 1e6) return Signal::Continue;
  last_notice_ = now;
  backend([&] {
    StringInfoData text;
    initStringInfo(&text);
    appendStringInfo(&text, "%.*s: step %lld", static_cast<int>(progress.stage.size()),
                     progress.stage.data(), static_cast<long long>(progress.iteration));
    if (!std::isnan(progress.objective)) {
      appendStringInfo(&text, ", objective %.6g", progress.objective);
    }
    if (!std::isnan(progress.residual)) {
      appendStringInfo(&text, ", distance from the optimum %.2g", progress.residual);
    }
    appendStringInfo(&text, ", about %d %% done", static_cast<int>(100 * progress.share));
    ereport(NOTICE, (errmsg_internal("%s", text.data)));
    pfree(text.data);
  });
  return Signal::Continue;
}

std::size_t memory_limit() noexcept {
  return static_cast<std::size_t>(maintenance_work_mem) * 1024;
}

bool fits_memory(std::size_t bytes) {
  return bytes <= memory_limit();
}

void check_memory(std::size_t bytes, const std::string& what) {
  if (fits_memory(bytes)) return;
  const std::size_t limit = memory_limit();
  const std::size_t needed_mb = (bytes + (1 << 20) - 1) >> 20;
  throw Error(ErrorKind::TooLarge,
              what + " needs " + std::to_string(needed_mb) +
                  " MB of memory, but maintenance_work_mem allows " + std::to_string(limit >> 20) +
                  " MB",
              "Raise it for this session, for example SET maintenance_work_mem = '" +
                  std::to_string(std::min<std::size_t>(needed_mb + needed_mb / 4, 2097151)) +
                  "MB', or use fewer rows.");
}

}  // namespace fairdb::pg
