#include "core/kernel/cache.hpp"

#include <algorithm>

namespace fairdb {

RowCache::RowCache(Index n, std::size_t bytes, Compute compute)
    : compute_(std::move(compute)),
      capacity_(std::clamp<std::size_t>(bytes / (sizeof(float) * static_cast<std::size_t>(n) + 64),
                                        2,
                                        static_cast<std::size_t>(std::max<Index>(2, n)))),
      n_(n),
      slot_of_(static_cast<std::size_t>(n), kNone) {}

void RowCache::unlink(std::int32_t slot) {
  Slot& s = slots_[static_cast<std::size_t>(slot)];
  (s.older == kNone ? oldest_ : slots_[static_cast<std::size_t>(s.older)].newer) = s.newer;
  (s.newer == kNone ? newest_ : slots_[static_cast<std::size_t>(s.newer)].older) = s.older;
}

void RowCache::push_newest(std::int32_t slot) {
  Slot& s = slots_[static_cast<std::size_t>(slot)];
  s.older = newest_;
  s.newer = kNone;
  (newest_ == kNone ? oldest_ : slots_[static_cast<std::size_t>(newest_)].newer) = slot;
  newest_ = slot;
}

const Eigen::VectorXf& RowCache::row(Index i) {
  std::int32_t slot = slot_of_[static_cast<std::size_t>(i)];
  if (slot == kNone) {
    if (slots_.size() < capacity_) {
      if (slots_.capacity() < capacity_) slots_.reserve(capacity_);  // references stay valid
      slots_.emplace_back();
      slot = static_cast<std::int32_t>(slots_.size()) - 1;
    } else {
      slot = oldest_;
      unlink(slot);
      slot_of_[static_cast<std::size_t>(slots_[static_cast<std::size_t>(slot)].key)] = kNone;
      slots_[static_cast<std::size_t>(slot)].key = kNone;
    }
    Slot& s = slots_[static_cast<std::size_t>(slot)];
    s.row.resize(n_);
    compute_(i, s.row);
    s.key = i;
    slot_of_[static_cast<std::size_t>(i)] = slot;
  } else {
    unlink(slot);
  }
  push_newest(slot);
  return slots_[static_cast<std::size_t>(slot)].row;
}

}  // namespace fairdb
