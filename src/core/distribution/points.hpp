// A list of scores with how often each occurs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fairdb {

struct WeightedPoint {
  double score;
  double weight;
  friend bool operator<(const WeightedPoint& a, const WeightedPoint& b) noexcept {
    return a.score < b.score || (a.score == b.score && a.weight < b.weight);
  }
  friend bool operator==(const WeightedPoint& a, const WeightedPoint& b) noexcept {
    return a.score == b.score && a.weight == b.weight;
  }
};

// So many rows of one score and weight.
struct CountedPoint {
  double score;
  double weight;
  std::int64_t count;
  WeightedPoint row() const noexcept { return {score, weight}; }
  double total() const noexcept { return weight * static_cast<double>(count); }
  friend bool operator<(const CountedPoint& a, const CountedPoint& b) noexcept {
    return a.row() < b.row();
  }
};

// Points ascend strictly by score and, where scores are equal, by weight.
struct PointsView {
  std::span<const double> score;
  std::span<const double> weight;       // of one row; empty when all are 1
  std::span<const std::int64_t> count;  // of rows; empty when all are 1

  std::size_t size() const noexcept { return score.size(); }
  double weight_of(std::size_t i) const noexcept { return weight.empty() ? 1 : weight[i]; }
  std::int64_t count_of(std::size_t i) const noexcept { return count.empty() ? 1 : count[i]; }
  CountedPoint operator[](std::size_t i) const noexcept {
    return {score[i], weight_of(i), count_of(i)};
  }
};

// The same, owned. Weights and counts take room only when one of them is not 1.
class Points {
 public:
  std::size_t size() const noexcept { return score_.size(); }
  PointsView view() const noexcept { return {score_, weight_, count_}; }
  std::size_t bytes() const noexcept {
    return 8 * (score_.capacity() + weight_.capacity() + count_.capacity());
  }
  void reserve(std::size_t points) { score_.reserve(points); }

  // Behind all others, or equal to the last one, to which it is then added.
  void append(const CountedPoint& point) {
    if (!score_.empty() && view()[size() - 1].row() == point.row()) {
      if (count_.empty()) {
        count_.reserve(score_.capacity());
        count_.assign(size(), 1);
      }
      count_.back() += point.count;
      return;
    }
    score_.push_back(point.score);
    if (point.weight != 1 && weight_.empty()) {
      weight_.reserve(score_.capacity());
      weight_.assign(size() - 1, 1.0);
    }
    if (point.weight != 1 || !weight_.empty()) weight_.push_back(point.weight);
    if (point.count != 1 && count_.empty()) {
      count_.reserve(score_.capacity());
      count_.assign(size() - 1, 1);
    }
    if (point.count != 1 || !count_.empty()) count_.push_back(point.count);
  }

 private:
  std::vector<double> score_;
  std::vector<double> weight_;
  std::vector<std::int64_t> count_;
};

}  // namespace fairdb
