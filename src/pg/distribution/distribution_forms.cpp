#include "pg/distribution/distribution_forms.hpp"

namespace fairdb::pg {

LevelLists lists_of(const Sketch::Level& level) {
  const std::size_t size = level.points.size();
  auto* const numbers = static_cast<double*>(palloc(2 * size * sizeof(double)));
  bool weighted = false;
  for (std::size_t i = 0; i < size; ++i) {
    numbers[i] = level.points[i].score;
    numbers[size + i] = level.points[i].weight;
    weighted = weighted || !level.plain(level.points[i]);
  }
  return {{numbers, size}, {numbers + size, weighted ? size : 0}};
}

Datum readable_value(Collector& collector) {
  const Datum value = distribution_value(collector);
  Distribution::open(backend([&] { return value_bytes(value); }));
  return value;
}

}  // namespace fairdb::pg
