// Why a solver stopped, and where. The same for every solver.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/names.hpp"
#include "core/base/views.hpp"

namespace fairdb {

enum class Outcome : std::uint8_t { NotRun, Converged, IterationLimit, Stalled };

// One line of a solver's history: its residual is that of Progress.
struct TracePoint {
  std::int64_t iteration;
  double objective;
  double residual;
};

// NaN means "not computed". gradient_norm is how far the optimality conditions are from being met,
// as the solver measures it; violation is the largest |<w, m_g - m_h>| of the constraint.
struct Report {
  Outcome outcome = Outcome::NotRun;
  std::int32_t iterations = 0;
  std::int32_t evaluations = 0;
  double objective = kUnknown;
  double gradient_norm = kUnknown;
  double violation = kUnknown;
  std::vector<TracePoint> trace;
};

template <>
struct NameTable<Outcome> {
  static constexpr std::string_view kWhat = "outcome";
  static constexpr std::pair<Outcome, std::string_view> kNames[] = {
      {Outcome::NotRun, "not run"},
      {Outcome::Converged, "converged"},
      {Outcome::IterationLimit, "iteration limit"},
      {Outcome::Stalled, "no further progress in floating point"}};
};

// How far from the optimum, in units of the objective, a solver may end: to there it has reached it
// up to rounding; to kUsable its model is worth having, and whoever asked is told; beyond it is
// none.
inline constexpr double kReached = 1e-6;
inline constexpr double kUsable = 1e-3;

}  // namespace fairdb
