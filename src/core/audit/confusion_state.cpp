#include "core/audit/confusion_state.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace fairdb {
namespace {

using Sign = ConfusionState::Sign;
using Label = ConfusionState::Label;

[[noreturn]] void too_many_rows() {
  throw Error(ErrorKind::OutOfRange, "a count of the confusion exceeds 2^45");
}

[[noreturn]] void not_contained(const Label& label) {
  throw Error(ErrorKind::OutOfRange,
              (label ? "group \"" + std::string(*label) + "\"" : std::string("the unknown group")) +
                  " has fewer rows, or other weights, than are to be taken out of it",
              "Subtract only rows that have been counted before, with the same label, prediction "
              "and weight.");
}

// Rows without weight weigh 1.
template <class From>
WeightedCells weighted(const From& from) noexcept {
  WeightedCells result{};
  for (std::size_t i = 0; i < kCells; ++i) {
    result.count[i] = from.count[i];
    result.weight[i].add_count(static_cast<std::uint64_t>(from.count[i]));
    result.square[i] = result.weight[i];
  }
  return result;
}
WeightedCells weighted(const WeightedCells& from) noexcept {
  return from;
}

std::int64_t combined(std::int64_t a, std::int64_t b, Sign sign, const Label& label) {
  if (sign == Sign::Plus) {
    if (b > kMaxCount - a) too_many_rows();
    return a + b;
  }
  if (b > a) not_contained(label);
  return a - b;
}

void combine_sums(ExactSum& into, const ExactSum& from, Sign sign) noexcept {
  if (sign == Sign::Plus) {
    into.add(from);
  } else {
    into.subtract(from);
  }
}

}  // namespace

// The group's cells in the state's present form; adds the group when there is none.
template <class Payload>
Payload& ConfusionState::cells(const Label& label) {
  std::int32_t group = value_.table<Payload>().find(label);
  if (group < 0) {
    make_room(GroupTable<Payload>::one(label));
    auto table = value_.table<Payload>();
    group = table.add(label);
  }
  auto table = value_.table<Payload>();
  return table.payload(group);
}

void ConfusionState::combine_one(const Label& label, std::size_t at, Sign sign) {
  Cells one{};
  one.count[at] = 1;
  combine(label, one, sign);
}

void ConfusionState::count(const Label& label,
                           Truth y_true,
                           Truth y_pred,
                           std::optional<double> weight) {
  widen(ConfusionForm::Weighted);
  auto& into = cells<WeightedCells>(label);
  if (!weight) {
    into.unknown_weight = combined(into.unknown_weight, 1, Sign::Plus, label);
    return;
  }
  const double w = checked_weight(*weight);
  const std::size_t at = cell(y_true, y_pred);
  into.count[at] = combined(into.count[at], 1, Sign::Plus, label);
  into.weight[at].add(w);
  into.square[at].add_square(w);
}

void ConfusionState::uncount(const Label& label,
                             Truth y_true,
                             Truth y_pred,
                             std::optional<double> weight) {
  WeightedCells one{};
  if (weight) {
    const std::size_t at = cell(y_true, y_pred);
    one.count[at] = 1;
    one.weight[at].add(checked_weight(*weight));
    one.square[at].add_square(*weight);
  } else {
    one.unknown_weight = 1;
  }
  widen(ConfusionForm::Weighted);
  combine(label, one, Sign::Minus);
}

void ConfusionState::combine(const Label& label, const Cells& from, Sign sign) {
  if (value_.weighted()) {
    combine(label, weighted(from), sign);
    return;
  }
  if (value_.form() == ConfusionForm::Narrow) {
    constexpr std::int64_t kLargest = std::numeric_limits<std::uint32_t>::max();
    auto& into = cells<NarrowCells>(label);
    Cells result{};
    bool fits = true;
    for (std::size_t i = 0; i < kCells; ++i) {
      result.count[i] = combined(into.count[i], from.count[i], sign, label);
      fits = fits && result.count[i] <= kLargest;
    }
    if (fits) {
      for (std::size_t i = 0; i < kCells; ++i) {
        into.count[i] = static_cast<std::uint32_t>(result.count[i]);
      }
      return;
    }
    widen(ConfusionForm::Wide);
  }
  auto& into = cells<Cells>(label);
  Cells result{};
  for (std::size_t i = 0; i < kCells; ++i) {
    result.count[i] = combined(into.count[i], from.count[i], sign, label);
  }
  into = result;
}

void ConfusionState::combine(const Label& label, const WeightedCells& from, Sign sign) {
  widen(ConfusionForm::Weighted);
  auto& into = cells<WeightedCells>(label);
  WeightedCells result = into;
  result.unknown_weight = combined(into.unknown_weight, from.unknown_weight, sign, label);
  for (std::size_t i = 0; i < kCells; ++i) {
    result.count[i] = combined(into.count[i], from.count[i], sign, label);
    combine_sums(result.weight[i], from.weight[i], sign);
    combine_sums(result.square[i], from.square[i], sign);
    const bool gone = result.weight[i].zero() && result.square[i].zero();
    if (sign == Sign::Minus && (result.weight[i].negative() || result.square[i].negative() ||
                                (result.count[i] == 0 && !gone))) {
      not_contained(label);
    }
  }
  into = result;
}

void ConfusionState::merge(const ConfusionValue& from) {
  combine_all(from, Sign::Plus);
}

void ConfusionState::subtract(const ConfusionValue& from) {
  combine_all(from, Sign::Minus);
}

void ConfusionState::combine_all(const ConfusionValue& from, Sign sign) {
  if (from.weighted()) widen(ConfusionForm::Weighted);
  from.visit([&](const auto& table) {
    make_room(value_.visit([&](const auto& mine) { return mine.missing(table); }));
    for (std::int32_t g = 0; g < table.groups(); ++g) {
      const auto& cells = table.payload(g);
      if (!has_rows(cells)) continue;
      if (value_.weighted()) {
        combine(table.label(g), weighted(cells), sign);
      } else {
        combine(table.label(g), counts_of(cells), sign);
      }
    }
  });
}

void ConfusionState::make_room(const GroupCapacity& more) {
  const std::optional<GroupCapacity> capacity =
      value_.visit([&](const auto& table) -> std::optional<GroupCapacity> {
        const bool too_many = table.in_use().groups + more.groups > kMaxGroups;
        if (table.has_room_for(more) && (more.groups == 0 || !too_many)) return std::nullopt;
        // Groups that have lost all rows are left behind: a moving window meets many in its course.
        GroupCapacity used{0, 0};
        for (std::int32_t g = 0; g < table.groups(); ++g) {
          if (!has_rows(table.payload(g))) continue;
          used.groups += 1;
          used.labels += table.label(g) ? table.label(g)->size() : 0;
        }
        // Where few are gone, doubling keeps the cost of a new group constant.
        const bool few = 2 * used.groups > table.in_use().groups;
        const bool allowed = table.in_use().groups + more.groups <= kMaxGroups + 1;
        return table.grown_by(more, few && allowed ? table.in_use() : used);
      });
  if (capacity) move_to(value_.form(), *capacity);
}

void ConfusionState::widen(ConfusionForm form) {
  if (value_.form() >= form) return;
  move_to(form, value_.visit([](const auto& table) { return table.capacity(); }));
}

void ConfusionState::move_to(ConfusionForm form, const GroupCapacity& capacity) {
  const ConfusionState larger = empty(form, allocate_, capacity);
  value_.visit([&](const auto& from) {
    larger.value_.visit([&](auto into) {
      for (std::int32_t g = 0; g < from.groups(); ++g) {
        const auto& cells = from.payload(g);
        if (!has_rows(cells)) continue;
        auto& target = into.payload(into.add(from.label(g)));
        using Target = std::remove_reference_t<decltype(target)>;
        if constexpr (std::is_same_v<Target, WeightedCells>) {
          target = weighted(cells);
        } else {
          std::copy(std::begin(cells.count), std::end(cells.count), target.count);
        }
      }
    });
  });
  value_ = larger.value_;
}

}  // namespace fairdb
