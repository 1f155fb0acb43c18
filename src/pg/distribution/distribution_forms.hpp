// What the text form and the binary form of a distribution share.
#pragma once

#include <map>

#include "core/distribution/sketch.hpp"
#include "pg/distribution/distribution_value.hpp"

namespace fairdb::pg {

// The type, in errors.
inline constexpr const char* kDistributionName = "distribution";

// What is being read: it belongs to a memory context, so that the frames own nothing.
struct DistributionReading {
  Collector collector{};
  std::vector<double> scores;
  std::vector<double> weights;
  std::vector<std::int64_t> counts;
  Sketch::State sketch{};
  std::map<std::int64_t, Sketch::Level> levels;
};

// The points of a level as two lists, in memory of the server.
struct LevelLists {
  std::span<double> scores;
  std::span<double> weights;  // empty when all are 2^exponent
};
// Plain.
LevelLists lists_of(const Sketch::Level& level);

// The value of what was read; what comes in must be what can be read again. Errors: CorruptValue.
Datum readable_value(Collector& collector);

}  // namespace fairdb::pg
