// The rows of a block whose target is known, as rows of that one target.
#pragma once

#include <cmath>
#include <vector>

#include "core/objective/rows.hpp"

namespace fairdb {

// x: rows x k, what stands for each row of the block. target_of(block, row): NaN where unknown.
// Returns rows (x | target) without groups, in the block's order; none where no target is known.
template <class X, class TargetOf>
RowBlock known_rows(const RowBlock& block, const X& x, TargetOf target_of) {
  std::vector<Index> known;
  for (Index i = 0; i < block.rows(); ++i) {
    if (!std::isnan(target_of(block, i))) known.push_back(i);
  }
  RowBlock part;
  part.attributes = 0;
  const auto m = static_cast<Index>(known.size());
  part.values.resize(m, x.cols() + 1);
  part.weight.resize(m);
  for (Index k = 0; k < m; ++k) {
    const Index i = known[static_cast<std::size_t>(k)];
    part.values.row(k).head(x.cols()) = x.row(i);
    part.values(k, x.cols()) = target_of(block, i);
    part.weight(k) = block.w(i);
  }
  return part;
}

}  // namespace fairdb
