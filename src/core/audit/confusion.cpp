#include "core/audit/confusion.hpp"

#include <cstring>

namespace fairdb {
namespace {

void write_header(std::byte* value) noexcept {
  std::memset(value + 4, 0, kConfusionHeaderBytes - 4);
  value[4] = std::byte{kConfusionVersion};
}

}  // namespace

void add_cells(Cells& into, const Cells& from) {
  for (int i = 0; i < 9; ++i) {
    if (from.count[i] > kMaxCount - into.count[i]) {
      throw Error(ErrorKind::OutOfRange, "a count of the confusion exceeds 2^45");
    }
    into.count[i] += from.count[i];
  }
}

ConfusionGroups create_confusion(std::byte* value, const ConfusionGroups::Capacity& capacity) {
  write_header(value);
  return ConfusionGroups::create(value + kConfusionHeaderBytes, capacity.groups, capacity.labels);
}

ConfusionGroups open_confusion(std::span<std::byte> value) {
  if (value.size() < kConfusionHeaderBytes + sizeof(GroupTableHeader)) {
    throw Error(ErrorKind::CorruptValue, "the confusion is cut off");
  }
  if (value[4] != std::byte{kConfusionVersion} || value[5] != std::byte{0} ||
      value[6] != std::byte{0} || value[7] != std::byte{0}) {
    throw Error(ErrorKind::CorruptValue, "the confusion has an unknown version or flags");
  }
  const auto groups = ConfusionGroups::open(value.subspan(kConfusionHeaderBytes));
  if (groups.size() != value.size() - kConfusionHeaderBytes) {
    throw Error(ErrorKind::CorruptValue, "the confusion has a wrong length");
  }
  for (std::int32_t i = 0; i < groups.groups(); ++i) {
    for (const std::int64_t count : groups.payload(i).count) {
      if (count < 0 || count > kMaxCount) {
        throw Error(ErrorKind::CorruptValue, "a count of the confusion is negative or above 2^45");
      }
    }
  }
  return groups;
}

std::size_t canonical_confusion_bytes(const ConfusionGroups& groups) noexcept {
  return kConfusionHeaderBytes + groups.sorted_bytes();
}

void canonical_confusion(const ConfusionGroups& groups, std::byte* canonical) {
  write_header(canonical);
  groups.sort_into(canonical + kConfusionHeaderBytes, groups.sorted_order());
}

Cells total(const ConfusionGroups& groups) noexcept {
  Cells sum{};
  for (std::int32_t i = 0; i < groups.groups(); ++i) {
    for (int k = 0; k < 9; ++k) sum.count[k] += groups.payload(i).count[k];
  }
  return sum;
}

}  // namespace fairdb
