// Values of type vector_sample, for the doors that make and use them.
#pragma once

#include "core/representation/vector_sample.hpp"

#include "pg/bridge/value_type.hpp"

namespace fairdb::pg {

Datum vector_sample_datum(VectorSample& sample);
// Errors: CorruptValue; TooLarge beyond maintenance_work_mem.
VectorSample vector_sample_argument(FunctionCallInfo fcinfo, int number);

// Raises TooLarge where so many bytes of vectors would pass maintenance_work_mem.
void allow_vectors(std::size_t bytes);

// For each group whether fairdb.min_group hides it.
std::vector<bool> hidden_groups_of(VectorSample& sample);

}  // namespace fairdb::pg
