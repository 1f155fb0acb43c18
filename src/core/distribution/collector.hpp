// Makes a distribution from rows and from other distributions.
#pragma once

#include <map>
#include <string>

#include "core/base/monitor.hpp"
#include "core/distribution/distribution.hpp"
#include "core/distribution/sample.hpp"

namespace fairdb {

class Collector {
 public:
  // Called with the bytes that the collector is about to have in use; may throw.
  using CheckMemory = void (*)(std::size_t bytes);
  explicit Collector(CheckMemory check = nullptr) : check_(check) {}

  // The number of a group, which is added when it is new. Errors: TooLarge for too many groups or a
  // label that is too long.
  std::int32_t group(std::string_view label) {
    constexpr std::size_t kFew = 8;  // looked at in turn, which is faster than the index
    for (std::size_t g = 0; g < std::min(kFew, groups_.size()); ++g) {
      if (groups_[g].label == label) return static_cast<std::int32_t>(g);
    }
    return find_or_add(label);
  }
  // -1 when there is none.
  std::int32_t find(std::string_view label) const noexcept {
    const auto found = index_.find(label);
    return found == index_.end() ? -1 : found->second;
  }
  // Errors: InvalidData for a score that is not finite or a weight that checked_weight() refuses;
  // OutOfRange for too many rows.
  void add(double score, std::int32_t group, double weight = 1);
  // Errors: OutOfRange.
  void count_unknown(const UnknownRows& rows);

  // Adds a group as a distribution has it. Errors: OutOfRange.
  void merge(const ScoreGroup& group);
  // Adds a new group that comes from outside: as a sketch, or as points in any order; lists of
  // weights and counts are empty or as long as that of the scores. rows: when they are more than
  // the counts say, the others weigh 0. Errors: CorruptValue for what no group can hold.
  void add_sketch(std::string_view label, std::int64_t rows, Sketch::State state);
  void add_list(std::string_view label, const PointsView& list, std::optional<std::int64_t> rows);
  void merge(const Distribution& other);

  // The groups as they stand, ascending by label; a view of this collector until it is next used.
  std::vector<ScoreGroup> sorted(Monitor& monitor);
  const UnknownRows& unknown() const noexcept { return unknown_; }

 private:
  struct Group {
    std::string label;
    std::int64_t rows = 0;
    Sample sample;
    std::shared_ptr<Sketch> sketch;  // shared with views of the group
    std::size_t charged = 0;         // bytes of it in total_bytes_
  };
  std::int32_t find_or_add(std::string_view label);
  void add_rows(std::int64_t& count, std::int64_t more);
  void make_room(Group& group);
  void charge(Group& group, std::size_t bytes);
  void sketch_if_large(Group& group);
  void make_sketch(Group& group);

  CheckMemory check_;
  std::vector<Group> groups_;
  std::map<std::string, std::int32_t, std::less<>> index_;
  std::size_t total_bytes_ = 0;
  UnknownRows unknown_;
};

}  // namespace fairdb
