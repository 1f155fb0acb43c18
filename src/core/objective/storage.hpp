// The training rows in memory, in blocks of a few thousand, so that they can grow without being
// copied and that long sweeps over them can be interrupted between two blocks.
#pragma once

#include <span>
#include <vector>

#include "core/base/views.hpp"

namespace fairdb {

// values: m x (d + 1), the d features and in the last column the target (a number, or -1 / +1).
// group: m (kUnknownGroup where unknown).
struct RowBlock {
  RowMatrix values;
  std::vector<std::int32_t> group;

  Index rows() const noexcept { return values.rows(); }
  auto x() const noexcept { return values.leftCols(values.cols() - 1); }
  auto x() noexcept { return values.leftCols(values.cols() - 1); }
  double y(Index row) const noexcept { return values(row, values.cols() - 1); }
};

class RowBlocks {
 public:
  // columns: the number of features, d.
  explicit RowBlocks(Index columns) : columns_(columns) {}

  void append(RowBlock block) {
    rows_ += block.rows();
    blocks_.push_back(std::move(block));
  }
  Index rows() const noexcept { return rows_; }
  Index columns() const noexcept { return columns_; }
  std::span<const RowBlock> blocks() const noexcept { return blocks_; }
  std::span<RowBlock> blocks() noexcept { return blocks_; }

 private:
  Index columns_;
  Index rows_ = 0;
  std::vector<RowBlock> blocks_;
};

}  // namespace fairdb
