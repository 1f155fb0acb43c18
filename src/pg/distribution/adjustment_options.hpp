// The arguments that adjust, adjustment_report and barycenter_scores share.
#pragma once

#include "core/distribution/adjustment.hpp"
#include "pg/bridge/arguments.hpp"

namespace fairdb::pg {

// Errors: InvalidArgument, naming the argument.
AdjustmentOptions adjustment_options(const Arguments& arguments);

// Tells the options from others.
std::string image_of(const AdjustmentOptions& options);

// on_unseen: 'error' or 'null'.
bool unseen_is_null(std::string_view on_unseen);
bool unseen_is_null(const Arguments& arguments);

// Errors: InvalidData.
[[noreturn]] void no_scores(std::string_view label);

// Tells the user that ties prevail (core/distribution/ties.hpp), and what helps; once for each
// statement.
void note_ties();

// The bytes that an Adjustment with these options takes. Errors: TooLarge.
std::size_t check_adjustment_memory(const Distribution& distribution,
                                    const AdjustmentOptions& options);

}  // namespace fairdb::pg
