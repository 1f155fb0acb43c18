// The memory that C++ work may take: maintenance_work_mem. Whatever grows with the rows asks here
// before it is taken.
#pragma once

#include "pg/bridge/guard.hpp"

namespace fairdb::pg {

// In bytes.
std::size_t memory_limit() noexcept;
bool fits_memory(std::size_t bytes) noexcept;
// What is left when so much is in use.
std::size_t memory_left(std::size_t used) noexcept;
// Errors: TooLarge, naming `what`, the bytes needed and maintenance_work_mem.
void check_memory(std::size_t bytes, const std::string& what);

}  // namespace fairdb::pg
