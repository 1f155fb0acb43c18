#include "pg/distribution/distribution_cache.hpp"

namespace fairdb::pg {

DistributionCache::DistributionCache(MemoryContext parent)
    : memory_(backend([&] {
        return AllocSetContextCreate(parent, "fairdb distribution", ALLOCSET_DEFAULT_SIZES);
      })) {}

void DistributionCache::load(Datum datum) {
  distribution_.reset();
  const std::span<std::byte> value = backend([&] {
    MemoryContextReset(memory_);
    MemoryContext const previous = MemoryContextSwitchTo(memory_);
    const auto bytes = value_bytes(PointerGetDatum(PG_DETOAST_DATUM_COPY(datum)));
    MemoryContextSwitchTo(previous);
    return bytes;
  });
  distribution_ = Distribution::open(value);
  few_.clear();
  for (std::int32_t g = 0; g < distribution_->groups() && distribution_->groups() <= kFewGroups;
       ++g) {
    few_.emplace_back(distribution_->group(g).label);
  }
  backend([&] { fingerprint_.remember(datum, memory_); });
}

}  // namespace fairdb::pg
