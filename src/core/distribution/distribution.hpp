// The distribution value: the law of the score in each group.
//
//   offset  size
//   0       4     length word of the stored value (the server's own; set by the caller)
//   4       1     version, 2
//   5       3     zero
//   8       8     digest of everything behind it: whether it is damaged
//   16      8     identity of everything behind it, by the caller's own function: what it is
//   24      8     rows whose group is unknown
//   32      8     rows whose score is unknown
//   40      8     rows whose weight is unknown
//   48      4     groups
//   52      4     zero
//   56      ..    the groups, ascending by label
//
// A group is exact, a list of points with counts, or a sketch (core/distribution/sketch.hpp). Which
// of the two depends on the rows only: a group is exact up to exact_points(groups) distinct points,
// whatever the order in which rows and parts came together. Exact groups are then equal to the bit,
// too.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "core/base/group_table.hpp"
#include "core/distribution/sketch.hpp"

namespace fairdb {

// Distinct scores that a group holds before it becomes a sketch; of weighted rows, distinct pairs
// of score and weight, each of which counts twice. It falls with the number of groups, so that all
// together hold 1.5 million, but not below what a sketch holds itself. While that many are
// collected for up to some hundred groups, they fit into the default maintenance_work_mem.
constexpr std::size_t exact_points(std::size_t groups) noexcept {
  constexpr std::size_t kLeast = 14000;
  constexpr std::size_t kMost = 1000000;
  constexpr std::size_t kTogether = 1500000;
  return std::clamp(kTogether / std::max<std::size_t>(groups, 1), kLeast, kMost);
}

// Rows that are in no group.
struct UnknownRows {
  std::int64_t group = 0;
  std::int64_t score = 0;
  std::int64_t weight = 0;
};

struct ScoreGroup {
  std::string_view label;
  std::int64_t rows = 0;  // those of weight 0 included
  PointsView points;      // empty when there is a sketch
  std::shared_ptr<const Sketch> sketch;

  // The sum of the weights.
  double weight() const noexcept;
  bool empty() const noexcept { return !sketch && points.size() == 0; }
};

// Errors: CorruptValue for a point that no group of so many rows can hold.
void check_point(const CountedPoint& point, std::int64_t rows);

// A view of a value's bytes, which must outlive it.
class Distribution {
 public:
  // Checks bytes from anywhere. Errors: CorruptValue.
  static Distribution open(std::span<const std::byte> value);

  std::int32_t groups() const noexcept { return static_cast<std::int32_t>(groups_.size()); }
  const ScoreGroup& group(std::int32_t g) const noexcept {
    return groups_[static_cast<std::size_t>(g)];
  }
  // The number of a group, or -1. O(log groups).
  std::int32_t find(std::string_view label) const noexcept;
  std::vector<std::string_view> labels() const;
  const UnknownRows& unknown() const noexcept { return unknown_; }

  // The bytes of a value with these groups, which ascend by label, and writing it.
  static std::size_t bytes_needed(std::span<const ScoreGroup> groups);
  // identity: of the bytes that tell values apart, see content(); a value has 0 without.
  using Identity = std::uint64_t (*)(std::span<const std::byte> content);
  static void write(std::span<const ScoreGroup> groups,
                    const UnknownRows& unknown,
                    std::span<std::byte> place,
                    Identity identity = nullptr);
  // Those bytes of a value. Errors: CorruptValue for one that is too short.
  static std::span<const std::byte> content(std::span<const std::byte> value);

 private:
  std::vector<ScoreGroup> groups_;
  UnknownRows unknown_;
};

}  // namespace fairdb
