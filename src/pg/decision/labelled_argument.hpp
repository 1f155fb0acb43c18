// The argument of the functions that learn decisions: scores by group and label.
#pragma once

#include "core/distribution/labelled.hpp"

#include "pg/distribution/distribution_value.hpp"

namespace fairdb::pg {

// Alive as long as the current context. Errors: InvalidArgument unless its groups are rows of a
// group and a label; TooLarge.
std::vector<LabelledScores> labelled_argument(FunctionCallInfo fcinfo, int argument);

}  // namespace fairdb::pg
