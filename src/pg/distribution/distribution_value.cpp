#include "pg/distribution/distribution_value.hpp"

#include "core/base/listed.hpp"
#include "core/base/suppression.hpp"
#include "core/distribution/distances.hpp"
#include "pg/bridge/memory.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/bridge/value_type.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {

void unknown_group(const char* value,
                   std::string_view label,
                   const std::vector<std::string_view>& groups,
                   const char* way_out) {
  throw Error(ErrorKind::UnknownGroup,
              "group \"" + std::string(label) + "\" is not in the " + value,
              groups.empty()
                  ? "The " + std::string(value) + " has no group."
                  : "Its groups are " + listed(groups) + (*way_out == '\0' ? "." : ". ") + way_out);
}

void unknown_group(const Distribution& distribution, std::string_view label, const char* way_out) {
  unknown_group("distribution", label, distribution.labels(), way_out);
}

Collector bounded_collector() {
  return Collector([](std::size_t bytes) { check_memory(bytes, "the distribution"); });
}

Datum distribution_value(Collector& collector) {
  BackendMonitor monitor;
  const std::vector<ScoreGroup> groups = collector.sorted(monitor);
  const std::size_t bytes = Distribution::bytes_needed(groups);
  std::byte* const place = new_value(bytes, "a distribution");
  Distribution::write(groups, collector.unknown(), {place, bytes}, content_identity);
  return PointerGetDatum(place);
}

const Distribution& open_distribution(Datum value) {
  const auto bytes = backend([&] { return value_bytes(value); });
  return keep_in(CurrentMemoryContext, Distribution::open(bytes));
}

const Distribution& distribution_argument(FunctionCallInfo fcinfo, int argument) {
  return open_distribution(PG_GETARG_DATUM(argument));
}

std::size_t working_memory(const Distribution& distribution, WorkingMemory needs) noexcept {
  std::size_t bytes = 0;
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    const ScoreGroup& group = distribution.group(g);
    const PointsView& points = group.points;
    if (group.sketch) {
      bytes += group.sketch->bytes() / sizeof(WeightedPoint) * needs.other;
    } else {
      const std::size_t each = !points.weight.empty()  ? needs.other
                               : !points.count.empty() ? needs.counted
                                                       : needs.plain;
      bytes += points.size() * each;
    }
  }
  return bytes;
}

void check_working_memory(const Distribution& distribution, WorkingMemory needs) {
  check_memory(working_memory(distribution, needs), "what is computed from the distribution");
}

std::vector<bool> hidden_groups_of(const Distribution& distribution, std::int64_t k) {
  std::vector<std::int64_t> sizes;
  sizes.reserve(static_cast<std::size_t>(distribution.groups()));
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    sizes.push_back(distribution.group(g).rows);
  }
  return hidden_groups(sizes, k);
}

std::vector<bool> hidden_groups_of(const Distribution& distribution) {
  return hidden_groups_of(distribution, min_group());
}

static std::span<const std::byte> distribution_identity(Datum datum) {
  return Distribution::content(value_bytes(datum));
}

FAIRDB_EQUALITY(distribution, distribution_identity)

}  // namespace fairdb::pg
