#include "pg/distribution/distribution_cache.hpp"

namespace fairdb::pg {

DecodedDistribution::DecodedDistribution(Datum datum)
    : bytes_(datum),
      distribution_(Distribution::open(bytes_.span())),
      decoded_(working_memory(distribution_, kLaws)) {
  for (std::int32_t g = 0; g < distribution_.groups() && distribution_.groups() <= kFewGroups;
       ++g) {
    few_.emplace_back(distribution_.group(g).label);
  }
}

}  // namespace fairdb::pg
