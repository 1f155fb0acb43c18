// The arguments that adjust, adjustment_report and barycenter_scores share.
#pragma once

#include "core/distribution/adjustment.hpp"
#include "pg/bridge/named_arguments.hpp"

namespace fairdb::pg {

// Errors: InvalidArgument, naming the argument.
AdjustmentOptions adjustment_options(const NamedArguments& arguments);

// on_unseen: 'error' or 'null'.
bool unseen_is_null(const NamedArguments& arguments);

// Errors: InvalidData.
[[noreturn]] void no_scores(std::string_view label);

// Whether so many scores are equal that adjusting them together may not bring the groups nearer:
// more than a tenth of a group's rows have one score, or no less than the groups are apart.
bool ties_prevail(const Distribution& distribution, Monitor& monitor);
// Tells the user, and what helps.
void note_ties();

// Errors: TooLarge, of an Adjustment with these options.
void check_adjustment_memory(const Distribution& distribution, const AdjustmentOptions& options);

}  // namespace fairdb::pg
