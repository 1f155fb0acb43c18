#include "core/objective/rows.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/error.hpp"

namespace fairdb {

namespace {

std::uint64_t content_digest(const RowBlock& block, Index row) noexcept {
  ContentDigest content;
  for (Index j = 0; j < block.values.cols(); ++j) content.add(block.values(row, j));
  content.add(block.w(row));
  return content.value();
}

}  // namespace

void raise_no_rows() {
  throw Error(ErrorKind::InvalidData, "there is no row to train on",
              "Rows whose target or weight is NULL, or whose weight is 0, do not train, and with "
              "on_null => 'skip' those with any other NULL.");
}

std::uint64_t row_digest(const RowBlock& block, Index row, std::uint64_t seed) noexcept {
  return seeded(block.digest.empty() ? content_digest(block, row)
                                     : block.digest[static_cast<std::size_t>(row)],
                seed);
}

void fill_unknown(RowBlock& block, const Vector& values) {
  for (Index i = 0; i < block.rows(); ++i) {
    for (Index j = 0; j < values.size(); ++j) {
      double& value = block.values(i, j);
      if (std::isnan(value)) value = values(j);
    }
  }
}

std::vector<RowBlock> split_block(RowBlock block) {
  const Index most = rows_of_block(block.values.cols());
  std::vector<RowBlock> parts;
  if (block.rows() <= 2 * most) {
    parts.push_back(std::move(block));
    return parts;
  }
  for (Index from = 0; from < block.rows(); from += most) {
    std::vector<Index> rows(static_cast<std::size_t>(std::min(most, block.rows() - from)));
    std::iota(rows.begin(), rows.end(), from);
    parts.push_back(select_rows(block, rows));
  }
  return parts;
}

RowBlock select_rows(const RowBlock& block, std::span<const Index> rows) {
  RowBlock part;
  part.attributes = block.attributes;
  part.targets = block.targets;
  const auto count = static_cast<Index>(rows.size());
  part.values.resize(count, block.values.cols());
  if (block.weight.size() > 0) part.weight.resize(count);
  for (Index k = 0; k < count; ++k) {
    const Index i = rows[static_cast<std::size_t>(k)];
    part.values.row(k) = block.values.row(i);
    if (block.weight.size() > 0) part.weight(k) = block.weight(i);
    for (Index a = 0; a < block.attributes; ++a) part.group.push_back(block.code(i, a));
    if (!block.digest.empty()) part.digest.push_back(block.digest[static_cast<std::size_t>(i)]);
  }
  return part;
}

}  // namespace fairdb
