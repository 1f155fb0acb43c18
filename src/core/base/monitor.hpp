// How long-running work hears from the outside: poll() to be cancelled, step() to show progress.
#pragma once

#include <cstdint>
#include <string_view>

namespace fairdb {

struct Progress {
  std::string_view stage;
  std::int64_t iteration;
  std::int64_t limit;
  double objective;
  double residual;
};

enum class Signal : std::uint8_t { Continue, Finish };

// Both calls may throw; the core never catches what they throw. A cancelled run therefore cannot be
// mistaken for a finished one. poll() is called at least every few milliseconds of work.
class Monitor {
 public:
  Monitor() = default;
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;
  virtual ~Monitor() = default;
  virtual void poll() {}
  virtual Signal step(const Progress& /*progress*/) { return Signal::Continue; }
};

}  // namespace fairdb
