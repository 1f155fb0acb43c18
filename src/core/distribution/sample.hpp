// Scores of one group while they are collected, exact.
#pragma once

#include "core/distribution/points.hpp"

namespace fairdb {

// Rows wait in order of arrival until they are half as many as the points that are sorted already;
// then they are sorted into them. That costs O(log n) a row.
class Sample {
 public:
  // Whether add() needs no more memory.
  bool has_room() const noexcept { return waiting_.size() < waiting_.capacity(); }
  // What is in use, and what make_room() and points() will have in use meanwhile, in bytes.
  std::size_t bytes() const noexcept;
  std::size_t bytes_with_room() const noexcept;
  std::size_t bytes_when_sorted() const noexcept;
  void make_room();

  // score: finite; weight: above 0; there must be room.
  void add(double score, double weight, std::int64_t count = 1) {
    waiting_.push_back(score + 0.0);  // -0 becomes 0
    if (weight != 1 || count != 1 || !rows_.empty()) add_row(weight, count);
  }

  // All points so far.
  const Points& points();
  // Numbers that the points take which are sorted already, counts aside.
  std::size_t sorted_numbers() const noexcept {
    return points_.size() * (points_.view().weight.empty() ? 1 : 2);
  }

 private:
  static constexpr std::size_t kFewRows = 256;
  bool full() const noexcept {
    return waiting_.size() >= kFewRows && waiting_.size() >= points_.size() / 2;
  }
  void add_row(double weight, std::int64_t count);
  void sort_in();

  struct Row {
    double weight;
    std::int64_t count;
  };
  Points points_;
  std::vector<double> waiting_;
  std::vector<Row> rows_;  // of the waiting scores; empty when all weigh 1 and stand for one row
};

}  // namespace fairdb
