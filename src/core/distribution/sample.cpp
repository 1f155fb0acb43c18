#include "core/distribution/sample.hpp"

#include <algorithm>

namespace fairdb {
namespace {

// A merge of ascending points and `size` more, of which at(i) is the i-th.
template <class At>
Points merged(const PointsView& a, std::size_t size, At at) {
  Points result;
  result.reserve(a.size() + size);
  std::size_t i = 0;
  for (std::size_t j = 0; j < size; ++j) {
    const CountedPoint next = at(j);
    while (i < a.size() && a[i] < next) result.append(a[i++]);
    result.append(next);
  }
  while (i < a.size()) result.append(a[i++]);
  return result;
}

}  // namespace

std::size_t Sample::bytes() const noexcept {
  return points_.bytes() + 8 * waiting_.capacity() + sizeof(Row) * rows_.capacity();
}

// The new list of points stands beside the old one, and rows with weights in a list to sort.
std::size_t Sample::bytes_when_sorted() const noexcept {
  const bool plain = rows_.empty() && points_.view().weight.empty();
  return bytes() + (plain ? 16 : 48) * (points_.size() + waiting_.size());
}

std::size_t Sample::bytes_with_room() const noexcept {
  if (full()) return bytes_when_sorted();
  return bytes() + 8 * waiting_.capacity() + sizeof(Row) * rows_.capacity() + 128;
}

void Sample::make_room() {
  if (full()) {
    sort_in();
  } else {
    waiting_.reserve(std::max<std::size_t>(16, 2 * waiting_.capacity()));
  }
}

void Sample::add_row(double weight, std::int64_t count) {
  if (rows_.empty()) {
    rows_.reserve(waiting_.capacity());
    rows_.assign(waiting_.size() - 1, Row{1, 1});
  }
  rows_.push_back({weight, count});
}

const Points& Sample::points() {
  if (!waiting_.empty()) sort_in();
  return points_;
}

void Sample::sort_in() {
  if (rows_.empty()) {
    std::sort(waiting_.begin(), waiting_.end());
    points_ = merged(points_.view(), waiting_.size(), [&](std::size_t i) {
      return CountedPoint{waiting_[i], 1, 1};
    });
  } else {
    std::vector<CountedPoint> sorted;
    sorted.reserve(waiting_.size());
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      sorted.push_back({waiting_[i], rows_[i].weight, rows_[i].count});
    }
    std::sort(sorted.begin(), sorted.end());
    points_ = merged(points_.view(), sorted.size(), [&](std::size_t i) { return sorted[i]; });
  }
  waiting_.clear();
  rows_.clear();
}

}  // namespace fairdb
