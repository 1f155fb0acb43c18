#include "core/distribution/sample.hpp"

#include <algorithm>

namespace fairdb {
namespace {

// A merge of two ascending lists of points.
Points merged(const PointsView& a, const PointsView& b) {
  Points result;
  result.reserve(a.size() + b.size());
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    const bool from_b = i == a.size() || (j < b.size() && b.point(j) < a.point(i));
    if (from_b) {
      result.append(b.point(j), b.count_of(j));
      ++j;
    } else {
      result.append(a.point(i), a.count_of(i));
      ++i;
    }
  }
  return result;
}

}  // namespace

std::size_t Sample::bytes() const noexcept {
  return points_.bytes() + 8 * (waiting_.capacity() + waiting_weight_.capacity());
}

// While it is merged, the list of points stands beside the new one.
std::size_t Sample::bytes_when_sorted() const noexcept {
  const std::size_t lists = waiting_weight_.empty() && points_.view().count.empty() ? 2 : 4;
  return bytes() + 8 * lists * (points_.size() + waiting_.size());
}

std::size_t Sample::bytes_with_room() const noexcept {
  if (full()) return bytes_when_sorted();
  return bytes() + 8 * (waiting_.capacity() + waiting_weight_.capacity()) + 128;
}

void Sample::make_room() {
  if (full()) {
    sort_in();
  } else {
    waiting_.reserve(std::max<std::size_t>(16, 2 * waiting_.capacity()));
  }
}

void Sample::add_weight(double weight) {
  if (waiting_weight_.empty()) {
    waiting_weight_.reserve(waiting_.capacity());
    waiting_weight_.assign(waiting_.size() - 1, 1.0);
  }
  waiting_weight_.push_back(weight);
}

void Sample::add(const PointsView& more) {
  points_ = merged(points_.view(), more);
}

const Points& Sample::points() {
  if (!waiting_.empty()) sort_in();
  return points_;
}

void Sample::sort_in() {
  Points sorted;
  sorted.reserve(waiting_.size());
  if (waiting_weight_.empty()) {
    std::sort(waiting_.begin(), waiting_.end());
    for (const double score : waiting_) sorted.append({score, 1}, 1);
  } else {
    std::vector<WeightedPoint> rows;
    rows.reserve(waiting_.size());
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      rows.push_back({waiting_[i], waiting_weight_[i]});
    }
    std::sort(rows.begin(), rows.end());
    for (const WeightedPoint& row : rows) sorted.append(row, 1);
  }
  waiting_.clear();
  waiting_weight_.clear();
  points_ = points_.size() == 0 ? std::move(sorted) : merged(points_.view(), sorted.view());
}

}  // namespace fairdb
