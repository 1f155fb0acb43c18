// The distribution value: the scores of each group, exact.
//
// Two forms share one header. An aggregate fills the *open* form row by row; the *sorted* form is
// what users see and store: groups sorted by label, the scores of each group ascending.
//
//   offset  size
//   0       4     length word of the stored value (the server's own; set by the caller)
//   4       1     version, 1
//   5       1     form: 0 open, 1 sorted
//   6       2     zero
//   8       8     digest of everything behind it in the sorted form, 0 in the open one
//   16      8     rows without a score (in any group)
//   24      8     scores held
//   32      8     scores there is room for
//   40      ..    GroupTable<GroupScores> (core/base/group_table.hpp)
//   ..      8*n   scores: in order of arrival (open), or group after group, ascending (sorted)
//   ..      2*n   group number of each score (open form only), padded to 8
//
// The entry without label counts the rows whose group is unknown; their scores are not kept.
// Merging equals adding all rows: exactly, in any order. A score of -0 is kept as 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/group_table.hpp"
#include "core/base/monitor.hpp"

namespace fairdb {

// The most scores that a distribution holds. Its text form, with which it is dumped and restored,
// stays within what the server parses.
inline constexpr std::int64_t kMaxScores = 10000000;

struct GroupScores {
  std::int64_t count;  // rows of the group that have a score
  std::int64_t begin;  // place of its first score (sorted form), else 0
};
using ScoreGroups = GroupTable<GroupScores>;

struct DistributionHeader {
  std::uint32_t length_word;
  std::uint8_t version;
  std::uint8_t form;
  std::uint16_t zero;
  std::uint64_t digest;
  std::int64_t unknown_scores;
  std::int64_t size;
  std::int64_t capacity;
};
static_assert(sizeof(DistributionHeader) == 40);

// The sorted form, read-only. Trivially copyable: it may live in memory that is simply dropped.
class Distribution {
 public:
  // Checks bytes from anywhere. Errors: CorruptValue.
  static Distribution open(std::span<std::byte> value);

  std::int32_t groups() const noexcept { return table_.known_groups(); }
  std::string_view label(std::int32_t group) const noexcept { return *table_.label(group); }
  std::int32_t find(std::string_view label) const noexcept { return table_.find(label); }
  std::span<const double> scores(std::int32_t group) const noexcept {
    const GroupScores& g = table_.payload(group);
    return {scores_ + g.begin, static_cast<std::size_t>(g.count)};
  }
  std::int64_t size() const noexcept { return size_; }
  std::int64_t unknown_groups() const noexcept;
  std::int64_t unknown_scores() const noexcept { return unknown_scores_; }

 private:
  friend class OpenDistribution;
  Distribution(const ScoreGroups& table, const double* scores, const DistributionHeader& header)
      : table_(table),
        scores_(scores),
        size_(header.size),
        unknown_scores_(header.unknown_scores) {}
  ScoreGroups table_;
  const double* scores_;
  std::int64_t size_;
  std::int64_t unknown_scores_;
};

// The open form: a handle on memory that the caller owns and enlarges.
class OpenDistribution {
 public:
  struct Capacity {
    ScoreGroups::Capacity table;
    std::int64_t scores;
  };
  static constexpr Capacity kSmall{{2, 64}, 16};
  static Capacity one_group(std::optional<std::string_view> label) {
    return {ScoreGroups::one(label), 0};
  }
  static constexpr Capacity kOneScore{{0, 0}, 1};

  static std::size_t bytes_needed(const Capacity& capacity) noexcept;
  static OpenDistribution create(std::byte* value, const Capacity& capacity);

  // Checks bytes from anywhere. Errors: CorruptValue.
  static OpenDistribution open(std::span<std::byte> value);

  // The state of an aggregate that this process made itself, unchecked.
  static OpenDistribution trusted(std::byte* value) noexcept { return OpenDistribution(value); }
  static bool is_open_form(std::span<const std::byte> value) noexcept;

  bool has_room_for(const Capacity& more) const noexcept {
    return table_.has_room_for(more.table) && header_->size + more.scores <= header_->capacity;
  }

  // Capacities that hold more, at least doubled where they grow, so that filling costs O(1) a row.
  // Errors: TooLarge for too many groups or scores.
  Capacity grown_by(const Capacity& more) const;
  void copy_into(OpenDistribution& larger) const;

  std::int32_t find(std::optional<std::string_view> label) const noexcept {
    return table_.find(label);
  }
  std::int32_t add_group(std::optional<std::string_view> label) { return table_.add(label); }

  // score: finite (the caller has checked); there must be room.
  void add_score(std::int32_t group, double score) noexcept {
    const std::int64_t i = header_->size++;
    scores_[i] = score + 0.0;
    group_of_[i] = static_cast<std::uint16_t>(group);
    ++table_.payload(group).count;
  }
  // A row whose group is unknown counts in the entry without label; a row without score here.
  void count_unknown_group(std::int32_t group) noexcept { ++table_.payload(group).count; }
  void count_unknown_score() noexcept { ++header_->unknown_scores; }

  std::int64_t size() const noexcept { return header_->size; }
  void set_unknown_scores(std::int64_t rows) noexcept { header_->unknown_scores = rows; }
  ScoreGroups& table() noexcept { return table_; }

  // Adds all rows of another value, of either form. What it lacks of them tells missing(); there
  // must be that room. Errors: OutOfRange when a count of unknown rows would overflow.
  Capacity missing(const Distribution& from) const noexcept;
  Capacity missing(const OpenDistribution& from) const noexcept;
  void append(const Distribution& from);
  void append(const OpenDistribution& from);

  // Writes the sorted form into sorted_bytes() at `place`. O(n log n).
  std::size_t sorted_bytes() const noexcept;
  Distribution sort_into(std::byte* place, Monitor& monitor) const;

 private:
  explicit OpenDistribution(std::byte* value) noexcept;
  void append_counts(const ScoreGroups& from, std::int64_t unknown_scores);
  DistributionHeader* header_;
  ScoreGroups table_;
  double* scores_;
  std::uint16_t* group_of_;
};

}  // namespace fairdb
