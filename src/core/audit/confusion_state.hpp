// A confusion that grows: the state of the aggregates.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string_view>

#include "core/audit/confusion.hpp"

namespace fairdb {

// Holds a value in memory of the caller's and changes it in place. When it must grow, it moves into
// new memory from `allocate` and forgets the old: an aggregate's memory is the server's to free.
class ConfusionState {
 public:
  using Label = std::optional<std::string_view>;
  enum class Sign : std::uint8_t { Plus, Minus };
  // New memory of so many bytes, the length word set. May throw.
  using Allocate = std::byte* (*)(std::size_t bytes);

  // Room for two groups with short names: a group of a GROUP BY then takes 128 bytes.
  static constexpr GroupCapacity kSmall{2, 16};

  ConfusionState(std::byte* value, Allocate allocate) noexcept
      : value_(ConfusionValue::trusted(value)), allocate_(allocate) {}
  static ConfusionState empty(ConfusionForm form,
                              Allocate allocate,
                              const GroupCapacity& capacity = kSmall) {
    return {ConfusionValue::create(allocate(ConfusionValue::bytes_needed(form, capacity)), form,
                                   capacity),
            allocate};
  }

  const ConfusionValue& value() const noexcept { return value_; }

  // One row. Errors: TooLarge for too many groups or a label that is too long; OutOfRange when a
  // count would pass kMaxCount.
  void count(const Label& label, Truth y_true, Truth y_pred) {
    const std::size_t at = cell(y_true, y_pred);
    std::uint32_t* const rows = narrow_count(label, at);
    if (rows != nullptr && *rows != std::numeric_limits<std::uint32_t>::max()) {
      ++*rows;
    } else {
      combine_one(label, at, Sign::Plus);
    }
  }
  // The same with a weight, nullopt when it is unknown. Errors: InvalidData for a weight that is
  // negative, not finite, above kMaxSummand, or below kMinSummand but not 0.
  void count(const Label& label, Truth y_true, Truth y_pred, std::optional<double> weight);

  // Takes a row out again. Errors: OutOfRange when there is none.
  void uncount(const Label& label, Truth y_true, Truth y_pred) {
    const std::size_t at = cell(y_true, y_pred);
    std::uint32_t* const rows = narrow_count(label, at);
    if (rows != nullptr && *rows != 0) {
      --*rows;
    } else {
      combine_one(label, at, Sign::Minus);
    }
  }
  void uncount(const Label& label, Truth y_true, Truth y_pred, std::optional<double> weight);

  // All rows of another value. Errors of subtract: OutOfRange when it holds rows that this one does
  // not. A row without weight weighs 1 among weighted ones.
  void merge(const ConfusionValue& from);
  void subtract(const ConfusionValue& from);

  // Adds cells to a group, or takes them out.
  void combine(const Label& label, const Cells& cells, Sign sign);
  void combine(const Label& label, const WeightedCells& cells, Sign sign);

 private:
  ConfusionState(const ConfusionValue& value, Allocate allocate) noexcept
      : value_(value), allocate_(allocate) {}

  // The counter of a group that is there in the narrow form, else nullptr.
  std::uint32_t* narrow_count(const Label& label, std::size_t at) noexcept {
    if (value_.form() != ConfusionForm::Narrow) return nullptr;
    auto table = value_.table<NarrowCells>();
    const std::int32_t group = table.find(label);
    return group < 0 ? nullptr : &table.payload(group).count[at];
  }
  void combine_one(const Label& label, std::size_t at, Sign sign);
  void combine_all(const ConfusionValue& from, Sign sign);
  template <class Payload>
  Payload& cells(const Label& label);
  void make_room(const GroupCapacity& more);
  void widen(ConfusionForm form);
  void move_to(ConfusionForm form, const GroupCapacity& capacity);

  ConfusionValue value_;
  Allocate allocate_;
};

}  // namespace fairdb
