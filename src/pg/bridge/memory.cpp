#include "pg/bridge/memory.hpp"

#include "core/base/error.hpp"

namespace fairdb::pg {

std::size_t memory_limit() noexcept {
  return static_cast<std::size_t>(maintenance_work_mem) * 1024;
}

bool fits_memory(std::size_t bytes) noexcept {
  return bytes <= memory_limit();
}

std::size_t memory_left(std::size_t used) noexcept {
  return memory_limit() > used ? memory_limit() - used : 0;
}

void check_memory(std::size_t bytes, const std::string& what) {
  if (fits_memory(bytes)) return;
  const std::size_t limit = memory_limit();
  const std::size_t needed_mb = (bytes + (1 << 20) - 1) >> 20;
  throw Error(ErrorKind::TooLarge,
              what + " needs " + std::to_string(needed_mb) +
                  " MB of memory, but maintenance_work_mem allows " + std::to_string(limit >> 20) +
                  " MB",
              "Raise it for this session, for example SET maintenance_work_mem = '" +
                  std::to_string(std::min<std::size_t>(needed_mb + needed_mb / 4, 2097151)) +
                  "MB', or use fewer rows.");
}

}  // namespace fairdb::pg
