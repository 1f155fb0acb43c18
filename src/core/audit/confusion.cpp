#include "core/audit/confusion.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "core/base/bytes.hpp"

namespace fairdb {
namespace {

constexpr std::int64_t kMaxNarrow = std::numeric_limits<std::uint32_t>::max();

void write_header(std::byte* place, ConfusionForm form) noexcept {
  std::memset(place + 4, 0, ConfusionValue::kHeaderBytes - 4);
  place[4] = std::byte{ConfusionValue::kVersion};
  place[5] = static_cast<std::byte>(form);
}

void check(const NarrowCells& /*cells*/) {}

void check_count(std::int64_t count) {
  if (count < 0 || count > kMaxCount) {
    corrupt("a count of the confusion is negative or above 2^45");
  }
}

void check(const Cells& cells) {
  for (const std::int64_t count : cells.count) check_count(count);
}

void check(const WeightedCells& cells) {
  check_count(cells.unknown_weight);
  for (std::size_t i = 0; i < kCells; ++i) {
    check_count(cells.count[i]);
    // With these bounds no sum of such values overflows.
    const auto rows = static_cast<double>(cells.count[i]);
    if (cells.weight[i].negative() || cells.square[i].negative()) {
      corrupt("a sum of weights of the confusion is negative");
    }
    // The square of a mean is at most the mean of squares; small squares are cut off a little.
    constexpr double kCutOff = 1.01;
    const double sum = cells.weight[i].value();
    const double squares = cells.square[i].value();
    if (sum > rows * kMaxSummand || squares > rows * kMaxSummand * kMaxSummand ||
        sum * sum > rows * squares * kCutOff) {
      corrupt("the weights of the confusion do not belong to its counts");
    }
  }
}

NarrowCells narrow(const Cells& cells) noexcept {
  NarrowCells result{};
  for (std::size_t i = 0; i < kCells; ++i) {
    result.count[i] = static_cast<std::uint32_t>(cells.count[i]);
  }
  return result;
}

template <class Payload>
Masses masses_of(const Payload& cells) noexcept {
  Masses result{};
  for (std::size_t i = 0; i < kCells; ++i) {
    result.mass[i] = result.square[i] = static_cast<double>(cells.count[i]);
  }
  return result;
}
Masses masses_of(const WeightedCells& cells) noexcept {
  Masses result{};
  for (std::size_t i = 0; i < kCells; ++i) {
    result.mass[i] = cells.weight[i].value();
    result.square[i] = cells.square[i].value();
  }
  return result;
}

template <class Payload>
std::int64_t unknown_weight_of(const Payload& cells) noexcept {
  if constexpr (std::is_same_v<Payload, WeightedCells>) return cells.unknown_weight;
  return 0;
}

}  // namespace

std::size_t ConfusionValue::bytes_needed(ConfusionForm form,
                                         const GroupCapacity& capacity) noexcept {
  const auto bytes = [&](auto table) {
    return table.bytes_needed(capacity.groups, capacity.labels);
  };
  switch (form) {
    case ConfusionForm::Narrow:
      return kHeaderBytes + bytes(GroupTable<NarrowCells>(nullptr));
    case ConfusionForm::Wide:
      return kHeaderBytes + bytes(GroupTable<Cells>(nullptr));
    case ConfusionForm::Weighted:
      break;
  }
  return kHeaderBytes + bytes(GroupTable<WeightedCells>(nullptr));
}

ConfusionValue ConfusionValue::create(std::byte* place,
                                      ConfusionForm form,
                                      const GroupCapacity& capacity) {
  write_header(place, form);
  ConfusionValue value(place);
  value.visit(
      [&](auto table) { table.create(place + kHeaderBytes, capacity.groups, capacity.labels); });
  return value;
}

ConfusionValue ConfusionValue::open(std::span<std::byte> bytes) {
  if (bytes.size() < kHeaderBytes + sizeof(GroupTableHeader)) corrupt("the confusion is cut off");
  if (bytes[4] != std::byte{kVersion} ||
      bytes[5] > static_cast<std::byte>(ConfusionForm::Weighted) || bytes[6] != std::byte{0} ||
      bytes[7] != std::byte{0}) {
    corrupt("the confusion has an unknown version or form");
  }
  const ConfusionValue value(bytes.data());
  value.visit([&](auto unchecked) {
    const auto table = unchecked.open(bytes.subspan(kHeaderBytes));
    if (table.size() != bytes.size() - kHeaderBytes) corrupt("the confusion has a wrong length");
    for (std::int32_t g = 0; g < table.groups(); ++g) check(table.payload(g));
  });
  return value;
}

// The groups that the canonical form keeps, in its order, and its form.
struct ConfusionValue::Canonical {
  std::vector<std::int32_t> order;
  ConfusionForm form;
};

ConfusionValue::Canonical ConfusionValue::plan() const {
  return visit([&](const auto& table) {
    Canonical plan{table.sorted_order(), form()};
    plan.order.erase(std::remove_if(plan.order.begin(), plan.order.end(),
                                    [&](std::int32_t g) { return !has_rows(table.payload(g)); }),
                     plan.order.end());
    if (form() != ConfusionForm::Weighted) {
      const bool fits = std::all_of(plan.order.begin(), plan.order.end(), [&](std::int32_t g) {
        const auto& count = table.payload(g).count;
        return std::all_of(std::begin(count), std::end(count),
                           [](auto c) { return c <= kMaxNarrow; });
      });
      plan.form = fits ? ConfusionForm::Narrow : ConfusionForm::Wide;
    }
    return plan;
  });
}

bool ConfusionValue::canonical() const {
  const Canonical wanted = plan();
  return visit([&](const auto& table) {
    return table.sorted() && wanted.form == form() &&
           wanted.order.size() == static_cast<std::size_t>(table.groups());
  });
}

ConfusionValue ConfusionValue::canonical_copy(std::byte* (*allocate)(std::size_t bytes)) const {
  const Canonical wanted = plan();
  return visit([&](const auto& table) {
    const auto copy = [&](auto target, auto convert) {
      std::byte* const place =
          allocate(kHeaderBytes + decltype(target)::sorted_bytes(table, wanted.order));
      write_header(place, wanted.form);
      decltype(target)::sort_into(place + kHeaderBytes, table, wanted.order, convert);
      return ConfusionValue(place);
    };
    using Own = std::decay_t<decltype(table)>;
    if constexpr (std::is_same_v<Own, GroupTable<WeightedCells>>) {
      return copy(Own(nullptr), [](const WeightedCells& cells) { return cells; });
    } else if (wanted.form == ConfusionForm::Narrow) {
      return copy(GroupTable<NarrowCells>(nullptr),
                  [](const auto& cells) { return narrow(counts_of(cells)); });
    } else {
      return copy(GroupTable<Cells>(nullptr), [](const auto& cells) { return counts_of(cells); });
    }
  });
}

Confusion decode(const ConfusionValue& value) {
  Confusion result;
  result.weighted = value.weighted();
  value.visit([&](const auto& table) {
    result.groups.reserve(static_cast<std::size_t>(table.groups()));
    for (std::int32_t g = 0; g < table.groups(); ++g) {
      const auto& cells = table.payload(g);
      if (!has_rows(cells)) continue;
      result.groups.push_back(
          {table.label(g), counts_of(cells), masses_of(cells), unknown_weight_of(cells)});
    }
  });
  return result;
}

GroupCells group_of(std::optional<std::string_view> label, const Cells& counts) {
  return {label, counts, masses_of(counts), 0};
}

void add_group(GroupCells& into, const GroupCells& from) noexcept {
  for (std::size_t i = 0; i < kCells; ++i) {
    into.counts.count[i] += from.counts.count[i];
    into.masses.mass[i] += from.masses.mass[i];
    into.masses.square[i] += from.masses.square[i];
  }
  into.unknown_weight += from.unknown_weight;
}

GroupCells total(const Confusion& confusion) noexcept {
  GroupCells sum{};
  for (const GroupCells& group : confusion.groups) add_group(sum, group);
  return sum;
}

}  // namespace fairdb
