#include "core/base/report.hpp"

namespace fairdb {

std::string_view name(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::NotRun:
      return "not run";
    case Outcome::Converged:
      return "converged";
    case Outcome::IterationLimit:
      return "iteration limit";
    case Outcome::Stalled:
      return "no further progress in floating point";
    case Outcome::Finished:
      return "finished by the caller";
  }
  return "unknown";
}

}  // namespace fairdb
