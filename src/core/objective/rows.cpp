#include "core/objective/rows.hpp"

#include "core/base/bytes.hpp"

namespace fairdb {

std::uint64_t row_digest(const RowBlock& block, Index row, std::uint64_t seed) noexcept {
  const auto* const numbers = block.values.data() + row * block.values.cols();
  const auto bytes =
      std::as_bytes(std::span(numbers, static_cast<std::size_t>(block.values.cols())));
  std::uint64_t h = (digest(bytes) ^ (seed * 0x9E3779B97F4A7C15ULL)) * 0xBF58476D1CE4E5B9ULL;
  h ^= h >> 31;
  h *= 0x94D049BB133111EBULL;
  return h ^ (h >> 29);
}

RowBlock select_rows(const RowBlock& block, std::span<const Index> rows) {
  RowBlock part;
  part.attributes = block.attributes;
  const auto count = static_cast<Index>(rows.size());
  part.values.resize(count, block.values.cols());
  if (block.weight.size() > 0) part.weight.resize(count);
  for (Index k = 0; k < count; ++k) {
    const Index i = rows[static_cast<std::size_t>(k)];
    part.values.row(k) = block.values.row(i);
    if (block.weight.size() > 0) part.weight(k) = block.weight(i);
    for (Index a = 0; a < block.attributes; ++a) part.group.push_back(block.code(i, a));
  }
  return part;
}

}  // namespace fairdb
