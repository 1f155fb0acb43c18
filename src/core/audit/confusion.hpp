// The confusion value: how often, and with what weight, each group got each prediction under each
// label.
//
//   offset  size
//   0       4     length word of the stored value (the server's own; set by the caller)
//   4       1     version, 1
//   5       1     form, of ConfusionForm: how wide the cells of a group are
//   6       2     zero
//   8       ..    GroupTable of the form's cells (core/base/group_table.hpp)
//
// Labels and predictions may be unknown, so a group has 3 x 3 cells: a row without a label still
// counts for the selection rate, and a row without a prediction for the base rate. Merging two
// values equals counting all their rows, subtracting one equals never having counted its rows:
// exactly, in any order, weights included.
//
// The canonical form has its groups sorted by label, no group without rows, no spare room, and the
// narrowest cells that hold its counts. Equal confusions are then equal bytes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/base/exact_sum.hpp"
#include "core/base/group_table.hpp"

namespace fairdb {

enum class Truth : std::uint8_t { Negative = 0, Positive = 1, Unknown = 2 };

inline constexpr std::size_t kCells = 9;
constexpr std::size_t cell(Truth label, Truth prediction) noexcept {
  return 3 * static_cast<std::size_t>(label) + static_cast<std::size_t>(prediction);
}

// The names of the cells in the text form of a confusion, in their order.
inline constexpr std::array<std::string_view, kCells> kCellNames = {"tn",
                                                                    "fp",
                                                                    "negative_unknown",
                                                                    "fn",
                                                                    "tp",
                                                                    "positive_unknown",
                                                                    "unknown_rejected",
                                                                    "unknown_selected",
                                                                    "unknown_unknown"};

// The cells of a group in each form.
enum class ConfusionForm : std::uint8_t { Narrow = 0, Wide = 1, Weighted = 2 };

struct NarrowCells {
  std::uint32_t count[kCells];
};
struct Cells {
  std::int64_t count[kCells];

  std::int64_t at(Truth label, Truth prediction) const noexcept {
    return count[cell(label, prediction)];
  }
  std::int64_t& at(Truth label, Truth prediction) noexcept {
    return count[cell(label, prediction)];
  }
};
struct WeightedCells {
  std::int64_t count[kCells];
  std::int64_t unknown_weight;  // rows whose weight is unknown; they are in no cell
  ExactSum weight[kCells];
  ExactSum square[kCells];  // of the squared weights
};
static_assert(sizeof(NarrowCells) == 36 && sizeof(Cells) == 72 && sizeof(WeightedCells) == 656);

template <class Payload>
bool has_rows(const Payload& cells) noexcept {
  bool any = std::any_of(std::begin(cells.count), std::end(cells.count),
                         [](auto count) { return count != 0; });
  if constexpr (std::is_same_v<Payload, WeightedCells>) any = any || cells.unknown_weight != 0;
  return any;
}

// The counts of a group in any form.
template <class Payload>
Cells counts_of(const Payload& cells) noexcept {
  Cells result{};
  std::copy(std::begin(cells.count), std::end(cells.count), result.count);
  return result;
}

// A handle on the bytes of a value; copying it copies the handle.
class ConfusionValue {
 public:
  static constexpr std::size_t kHeaderBytes = 8;
  static constexpr std::uint8_t kVersion = 1;

  static std::size_t bytes_needed(ConfusionForm form, const GroupCapacity& capacity) noexcept;
  // Writes an empty value into bytes_needed() at `place`.
  static ConfusionValue create(std::byte* place, ConfusionForm form, const GroupCapacity& capacity);
  // Checks bytes from anywhere. Errors: CorruptValue.
  static ConfusionValue open(std::span<std::byte> bytes);
  // A value that this process made itself, unchecked.
  static ConfusionValue trusted(std::byte* place) noexcept { return ConfusionValue(place); }

  std::byte* place() const noexcept { return place_; }
  ConfusionForm form() const noexcept { return static_cast<ConfusionForm>(place_[5]); }
  bool weighted() const noexcept { return form() == ConfusionForm::Weighted; }

  template <class Payload>
  GroupTable<Payload> table() const noexcept {
    return GroupTable<Payload>(place_ + kHeaderBytes);
  }
  // f(table) with the table of the value's form.
  template <class F>
  decltype(auto) visit(F f) const {
    switch (form()) {
      case ConfusionForm::Narrow:
        return f(table<NarrowCells>());
      case ConfusionForm::Wide:
        return f(table<Cells>());
      case ConfusionForm::Weighted:
        break;
    }
    return f(table<WeightedCells>());
  }

  bool canonical() const;
  // The canonical form, in new memory of so many bytes as `allocate` gives.
  ConfusionValue canonical_copy(std::byte* (*allocate)(std::size_t bytes)) const;

 private:
  explicit ConfusionValue(std::byte* place) noexcept : place_(place) {}
  struct Canonical;
  Canonical plan() const;
  std::byte* place_;
};

// What the functions of a confusion work with: the sums of weights of a group's rows by cell, and
// of their squares. Without weights both are the counts.
struct Masses {
  std::array<double, kCells> mass;
  std::array<double, kCells> square;
};

struct GroupCells {
  std::optional<std::string_view> label;  // nullopt: rows whose group is unknown
  Cells counts;
  Masses masses;
  std::int64_t unknown_weight;
};

// The groups that have rows, in the order of the value; labels stay in its bytes.
struct Confusion {
  bool weighted = false;
  std::vector<GroupCells> groups;
};
[[nodiscard]] Confusion decode(const ConfusionValue& value);

// A group of plain counts.
[[nodiscard]] GroupCells group_of(std::optional<std::string_view> label, const Cells& counts);

// The rows of several groups together; without a label.
void add_group(GroupCells& into, const GroupCells& from) noexcept;
[[nodiscard]] GroupCells total(const Confusion& confusion) noexcept;

}  // namespace fairdb
