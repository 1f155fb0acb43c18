// What the squared loss needs of rows, as a value: their summary with the names of the groups.
// Values of parts (partitions, servers, days) merge into that of all rows, up to rounding.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/objective/summary.hpp"

namespace fairdb {

class MomentsValue {
 public:
  // d: the number of features.
  explicit MomentsValue(Index columns);

  Index columns() const noexcept { return columns_; }
  std::int64_t skipped() const noexcept { return skipped_; }

  // features: d. group: nullopt where unknown. Errors: InvalidData for another number of features,
  // OutOfRange for a number that is not finite or a weight beyond 1e-16 to 1e12, TooLarge above
  // kMaxTrainedGroups.
  void add(double target,
           std::optional<std::string_view> group,
           const VectorView& features,
           double weight);
  // Rows that are left out because a number of them is unknown.
  void skip(std::int64_t rows) noexcept { skipped_ += rows; }
  // Of a value whose rows are all of one group: what that is called.
  void name_group(std::string_view name);
  // Errors: InvalidData when the numbers of features differ.
  void merge(const MomentsValue& other);

  // The summary of all rows added; codes are those of names().
  const Summary& summary();
  const std::vector<std::string>& names() const noexcept { return names_; }
  // The same for targets 0 / 1 or -1 / 1, as -1 / +1. Errors: InvalidData for other targets.
  Summary binary_summary();

  // Little-endian, versioned, groups in the order of their names. decode checks everything. Errors:
  // CorruptValue; of encode OutOfRange for moments beyond double precision.
  std::vector<std::byte> encode();
  static MomentsValue decode(std::span<const std::byte> bytes);

 private:
  static constexpr Index kBuffered = 256;
  std::int32_t code(std::string_view group);
  void flush();

  Index columns_;
  Summary summary_;
  std::vector<std::string> names_;
  RowBlock buffer_;  // rows that are not in the summary yet
  Index buffered_ = 0;
  std::int64_t skipped_ = 0;
  bool zero_ = false;       // a target of 0 was met,
  bool minus_one_ = false;  // of -1,
  bool other_ = false;      // of anything but -1, 0 and 1
};

}  // namespace fairdb
