// The state of the aggregates over vectors, for their final functions.
#pragma once

#include <memory>

#include "pg/representation/vector_sample_value.hpp"

namespace fairdb::pg {

// Deleted with the aggregate's memory.
struct SampleState {
  std::unique_ptr<VectorSample> sample;  // from the first row on
};

}  // namespace fairdb::pg
