#include "pg/bridge/monitor.hpp"

#include <cmath>

#include "pg/settings.hpp"

extern "C" {
#include <utils/timestamp.h>
}

namespace fairdb::pg {

BackendMonitor::BackendMonitor() : last_notice_(GetCurrentTimestamp()) {}

void BackendMonitor::step(const Progress& progress) {
  poll();
  if (progress_interval() == 0) return;
  const std::int64_t now = GetCurrentTimestamp();
  if (static_cast<double>(now - last_notice_) < progress_interval() * 1e6) return;
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
}

}  // namespace fairdb::pg
