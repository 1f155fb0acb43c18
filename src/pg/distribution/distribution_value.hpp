// A distribution as the server holds it, for the doors that fill one or read one.
#pragma once

#include "core/distribution/collector.hpp"
#include "pg/bridge/owned.hpp"
#include "pg/bridge/value.hpp"

namespace fairdb::pg {

// What else may be done about a row of an unknown group, where there is on_unseen.
inline constexpr const char* kOnUnseenNull = "on_unseen => 'null' gives NULL for others.";
// Errors: UnknownGroup, naming the group and those that the distribution knows.
[[noreturn]] void unknown_group(const Distribution& distribution,
                                std::string_view label,
                                const char* way_out = "");
// Of any value that knows groups, which the hint lists before it says the way out.
[[noreturn]] void unknown_group(const char* value,
                                std::string_view label,
                                const std::vector<std::string_view>& groups,
                                const char* way_out);

// A collector within maintenance_work_mem.
Collector bounded_collector();

// The collected rows as a new value in the current context.
Datum distribution_value(Collector& collector);

// A checked value, alive as long as the current context.
const Distribution& open_distribution(Datum value);
const Distribution& distribution_argument(FunctionCallInfo fcinfo, int argument);

// Bytes that a computation needs for each point of a distribution: of groups in which every score
// is one row, of groups with counts, and of those with weights and sketches. The scores of the
// first two are read where they stand.
struct WorkingMemory {
  std::size_t plain;
  std::size_t counted;
  std::size_t other;
};
inline constexpr WorkingMemory kLaws{1, 10, 40};
inline constexpr WorkingMemory kLabelledLaws{1, 10, 48};
[[nodiscard]] std::size_t working_memory(const Distribution& distribution,
                                         WorkingMemory needs) noexcept;
// Errors: TooLarge unless maintenance_work_mem holds them.
void check_working_memory(const Distribution& distribution, WorkingMemory needs);

// For each group whether it is hidden where groups of fewer than k rows are; by fairdb.min_group.
std::vector<bool> hidden_groups_of(const Distribution& distribution, std::int64_t k);
std::vector<bool> hidden_groups_of(const Distribution& distribution);

}  // namespace fairdb::pg
