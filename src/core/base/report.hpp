// Why a solver stopped, and where. The same for every solver.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/views.hpp"

namespace fairdb {

enum class Outcome : std::uint8_t { NotRun, Converged, IterationLimit, Stalled, Finished };

// NaN means "not computed". gradient_norm is the largest absolute component of the gradient in the
// free coordinates; violation is the largest |<w, m_g - m_h>| of the constraint.
struct Report {
  Outcome outcome = Outcome::NotRun;
  std::int32_t iterations = 0;
  std::int32_t evaluations = 0;
  double objective = kUnknown;
  double gradient_norm = kUnknown;
  double violation = kUnknown;
};

[[nodiscard]] std::string_view name(Outcome outcome) noexcept;

}  // namespace fairdb
