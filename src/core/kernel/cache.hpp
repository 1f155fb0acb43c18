// Rows of a kernel matrix, computed when first asked for and kept while there is room.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/base/views.hpp"

namespace fairdb {

class RowCache {
 public:
  // Writes row i, n numbers.
  using Compute = std::function<void(Index i, Eigen::VectorXf& row)>;

  // Keeps at most `bytes` of rows of n floats, and two at least.
  RowCache(Index n, std::size_t bytes, Compute compute);

  // Valid until the second next call.
  const Eigen::VectorXf& row(Index i);

 private:
  static constexpr std::int32_t kNone = -1;
  struct Slot {
    Eigen::VectorXf row;
    Index key = kNone;
    std::int32_t newer = kNone;
    std::int32_t older = kNone;
  };
  void unlink(std::int32_t slot);
  void push_newest(std::int32_t slot);

  Compute compute_;
  std::size_t capacity_;
  Index n_;
  std::vector<std::int32_t> slot_of_;  // by row
  std::vector<Slot> slots_;
  std::int32_t newest_ = kNone;
  std::int32_t oldest_ = kNone;
};

}  // namespace fairdb
