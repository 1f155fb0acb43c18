// The training rows, in blocks of a few thousand, so that they can grow without being copied, need
// not all be in memory, and long sweeps over them can be interrupted between two blocks.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/base/hash.hpp"
#include "core/base/views.hpp"

namespace fairdb {

// values: m x (d + targets), the d features and behind them the targets (a number, or -1 / +1). Of
// several targets some may be unknown in a row (NaN); a single one never is.
// group: m x attributes codes, row by row (kUnknownGroup where unknown).
// weight: m sampling weights, or empty when all are 1.
// digest: of the rows as they were read, or empty; what is drawn by it does not change when the
// values are standardised.
struct RowBlock {
  RowMatrix values;
  std::vector<std::int32_t> group;
  Vector weight;
  std::vector<std::uint64_t> digest;
  Index attributes = 1;
  Index targets = 1;

  Index rows() const noexcept { return values.rows(); }
  Index features() const noexcept { return values.cols() - targets; }
  auto x() const noexcept { return values.leftCols(features()); }
  auto x() noexcept { return values.leftCols(features()); }
  double y(Index row, Index target = 0) const noexcept { return values(row, features() + target); }
  // The column of a target.
  auto target(Index k = 0) noexcept { return values.col(features() + k); }
  auto target(Index k = 0) const noexcept { return values.col(features() + k); }
  double w(Index row) const noexcept { return weight.size() == 0 ? 1.0 : weight(row); }
  std::int32_t code(Index row, Index attribute) const noexcept {
    return group[static_cast<std::size_t>(row * attributes + attribute)];
  }
};

// Errors: InvalidData, for nothing is left to train on.
[[noreturn]] void raise_no_rows();

// The rows of a block at the given places.
RowBlock select_rows(const RowBlock& block, std::span<const Index> rows);

// A number for a row that depends on its content and the seed only, so that what is drawn by it
// does not depend on the order of the rows; equal rows have equal numbers.
std::uint64_t row_digest(const RowBlock& block, Index row, std::uint64_t seed) noexcept;

// Puts a value in the place of each feature that is not known (NaN).
void fill_unknown(RowBlock& block, const Vector& values);

// Elements of a block that is worked on at once, and its rows: so many that a product of one with
// itself takes some milliseconds.
inline constexpr Index kBlockElements = 262144;
constexpr Index rows_of_block(Index columns) noexcept {
  return columns > kBlockElements / 64 ? 64 : kBlockElements / columns;
}

// Blocks of at most rows_of_block rows, but for one of up to twice as many, which stays whole.
std::vector<RowBlock> split_block(RowBlock block);

// Rows that can be read again and again, in the same order.
class RowStore {
 public:
  using Visit = std::function<void(const RowBlock&)>;

  RowStore() = default;
  RowStore(const RowStore&) = default;
  RowStore(RowStore&&) = default;
  RowStore& operator=(const RowStore&) = default;
  RowStore& operator=(RowStore&&) = default;
  virtual ~RowStore() = default;

  // The number of features, d.
  virtual Index columns() const noexcept = 0;
  virtual void each(const Visit& visit) const = 0;
};

// Rows in memory.
class RowBlocks final : public RowStore {
 public:
  explicit RowBlocks(Index columns) : columns_(columns) {}

  void append(RowBlock block) {
    rows_ += block.rows();
    blocks_.push_back(std::move(block));
  }
  Index rows() const noexcept { return rows_; }
  Index columns() const noexcept override { return columns_; }
  void each(const Visit& visit) const override {
    for (const RowBlock& block : blocks_) visit(block);
  }
  std::span<const RowBlock> blocks() const noexcept { return blocks_; }
  std::span<RowBlock> blocks() noexcept { return blocks_; }
  void clear() {
    blocks_.clear();
    rows_ = 0;
  }

 private:
  Index columns_;
  Index rows_ = 0;
  std::vector<RowBlock> blocks_;
};

// Several sets of rows as one, for folds. The parts must outlive this.
class JoinedRows final : public RowStore {
 public:
  JoinedRows(Index columns, std::vector<const RowStore*> parts)
      : columns_(columns), parts_(std::move(parts)) {}
  Index columns() const noexcept override { return columns_; }
  void each(const Visit& visit) const override {
    for (const RowStore* part : parts_) part->each(visit);
  }

 private:
  Index columns_;
  std::vector<const RowStore*> parts_;
};

}  // namespace fairdb
