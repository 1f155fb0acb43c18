// The confusion value: how often each group got each prediction under each label.
//
//   offset  size
//   0       4     length word of the stored value (the server's own; set by the caller)
//   4       1     version, 1
//   5       3     zero
//   8       ..    GroupTable<Cells> (core/base/group_table.hpp)
//
// Labels and predictions may be unknown, so a group has 3 x 3 cells: a row without a label still
// counts for the selection rate, and a row without a prediction for the base rate. Merging two
// values equals counting all their rows: exactly, in any order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/group_table.hpp"

namespace fairdb {

enum class Truth : std::uint8_t { Negative = 0, Positive = 1, Unknown = 2 };

// count[3 * label + prediction], each in the order of Truth.
struct Cells {
  std::int64_t count[9];

  std::int64_t at(Truth label, Truth prediction) const noexcept {
    return count[3 * static_cast<int>(label) + static_cast<int>(prediction)];
  }
  std::int64_t& at(Truth label, Truth prediction) noexcept {
    return count[3 * static_cast<int>(label) + static_cast<int>(prediction)];
  }
};
static_assert(sizeof(Cells) == 72 && std::is_trivially_copyable_v<Cells>);

// The names of the nine cells in the text form of a confusion, in the order of Cells::count.
inline constexpr std::array<std::string_view, 9> kCellNames = {"tn",
                                                               "fp",
                                                               "negative_unknown",
                                                               "fn",
                                                               "tp",
                                                               "positive_unknown",
                                                               "unknown_rejected",
                                                               "unknown_selected",
                                                               "unknown_unknown"};

// The largest count of a cell: with 10000 groups of nine such cells no sum of them overflows.
inline constexpr std::int64_t kMaxCount = std::int64_t{1} << 45;

// into += from. Errors: OutOfRange when a count would pass kMaxCount.
void add_cells(Cells& into, const Cells& from);

using ConfusionGroups = GroupTable<Cells>;

inline constexpr std::size_t kConfusionHeaderBytes = 8;
inline constexpr std::uint8_t kConfusionVersion = 1;

// Room for two groups with short names: the state of one group of a GROUP BY stays within 256
// bytes.
inline constexpr ConfusionGroups::Capacity kSmallConfusion{2, 64};

inline std::size_t confusion_bytes(const ConfusionGroups::Capacity& capacity) noexcept {
  return kConfusionHeaderBytes + ConfusionGroups::bytes_needed(capacity.groups, capacity.labels);
}

// The groups of a value that this process made itself, unchecked.
inline ConfusionGroups confusion_groups(std::byte* value) noexcept {
  return ConfusionGroups(value + kConfusionHeaderBytes);
}

// Writes an empty value into confusion_bytes(capacity) at `value`.
ConfusionGroups create_confusion(std::byte* value, const ConfusionGroups::Capacity& capacity);

// Checks bytes from anywhere. Errors: CorruptValue.
ConfusionGroups open_confusion(std::span<std::byte> value);

// The canonical form: groups sorted by label, no spare room. Equal confusions are equal bytes.
// `canonical` holds canonical_confusion_bytes(groups).
std::size_t canonical_confusion_bytes(const ConfusionGroups& groups) noexcept;
void canonical_confusion(const ConfusionGroups& groups, std::byte* canonical);

// The numbers of all rows together, those of unknown group included.
Cells total(const ConfusionGroups& groups) noexcept;

}  // namespace fairdb
