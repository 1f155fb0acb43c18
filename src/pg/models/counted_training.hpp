// Training on rows that stay where they are: the server, its parallel workers, or the servers that
// hold the parts of a distributed table count moments, and only those travel. For the squared loss,
// whose model they determine.
#pragma once

#include "core/linear/moments_value.hpp"

#include "pg/models/training_source.hpp"

namespace fairdb::pg {

// Why a training needs the rows themselves, as an end of a sentence; empty where moments will do.
std::string why_rows_are_needed(const TrainingSource& training);

// Fills in the levels of the categories: those of rows that train. Needs an open SpiSession.
// Errors: TooLarge for more levels than features may be, or for moments that do not fit
// maintenance_work_mem.
void learn_counted_levels(const TrainingSource& training, FairModel& model);

// The moments of the rows that train, by the groups of the sensitive columns; features as the
// model's columns have them. Errors: InvalidData for NULLs where on_null says so, with the columns
// that have them; for rows that changed since the levels were learnt; of MomentsValue.
MomentsValue counted_moments(const TrainingSource& training, Monitor& monitor);

}  // namespace fairdb::pg
