// The settings of fairdb, defined when the library is loaded.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fairdb::pg {

// fairdb.min_group: groups of fewer rows are hidden; 0 when none are.
std::int64_t min_group() noexcept;

// fairdb.progress_interval: seconds between two notices of progress; 0 for none.
double progress_interval() noexcept;

// fairdb.cache_size: what a session may keep decoded from one statement to the next.
std::size_t cache_bytes() noexcept;

// Defines them; called once, by the module's entry, which raises a problem again whenever the
// library is used. free_above: told the bytes of a new fairdb.cache_size. Plain.
void define_settings(void (*free_above)(std::size_t bytes) noexcept);
void require_settings();

}  // namespace fairdb::pg
