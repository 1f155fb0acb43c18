// How long-running work hears from the outside: poll() to be cancelled, step() to show progress.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace fairdb {

// residual: how far from the optimum, in the solver's own measure (a gradient or a duality gap).
// share: an estimate of the share of the work that is done, 0 to 1.
struct Progress {
  std::string_view stage;
  std::int64_t iteration;
  double objective;
  double residual;
  double share;
};

// Both calls may throw; the core never catches what they throw. A cancelled run therefore cannot be
// mistaken for a finished one. poll() is called at least every few milliseconds of work.
class Monitor {
 public:
  Monitor() = default;
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;
  virtual ~Monitor() = default;
  virtual void poll() {}
  virtual void step(const Progress& /*progress*/) {}
};

// The share done of a residual that falls from `first` to `target` by a constant factor a step.
inline double share_done(double first, double now, double target) noexcept {
  if (!(first > target) || !(now > 0)) return 1;
  return std::clamp(std::log(first / now) / std::log(first / target), 0.0, 1.0);
}

}  // namespace fairdb
