// A flat map from group labels to a payload, in one block of memory without pointers: the part that
// the states of all audit aggregates share. It is changed in place, row after row, and is also what
// is stored.
//
//   offset          size
//   0               16             GroupTableHeader
//   16              8 * capacity   where the label of each group stands: {offset, length}
//   ..              labels         label bytes, padded to 8
//   ..              S * capacity   payloads, S = sizeof(Payload), a multiple of 4
//   ..              2 * slots      open-addressing index of group numbers + 1, in larger tables
//
// Header, label references and labels come first and together: a look-up among few groups reads one
// or two cache lines, and one more for the payload.
//
// A table is *sorted* when its labels ascend by bytes, the entry without label is last, and labels
// and entries have no spare room: one set of groups then has one representation, and equal values
// are equal bytes. Tables in use by an aggregate are unsorted and have room to grow.
//
// One entry may have no label: the rows whose group is unknown.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/hash.hpp"

namespace fairdb {

// Beyond these a column is an identifier or free text, not a sensitive attribute.
inline constexpr std::int32_t kMaxGroups = 10000;
inline constexpr std::size_t kMaxLabelBytes = 1024;

// The largest count in a value: of 10000 groups with nine such counts no sum overflows.
inline constexpr std::int64_t kMaxCount = std::int64_t{1} << 45;

[[noreturn]] void too_many_groups();
[[noreturn]] void label_too_long();

struct GroupTableHeader {
  std::uint16_t groups;    // entries in use
  std::uint16_t capacity;  // entries there is room for
  std::uint16_t unknown;   // number + 1 of the entry without label, 0 when there is none
  std::uint16_t sorted;    // 1 or 0
  std::uint32_t label_bytes;
  std::uint32_t label_capacity;  // a multiple of 8
};
static_assert(sizeof(GroupTableHeader) == 16 && std::is_trivially_copyable_v<GroupTableHeader>);

// Room in a table, or what is to be added to one: groups and bytes of their labels.
struct GroupCapacity {
  std::size_t groups;
  std::size_t labels;
};

// A non-owning handle; copying it copies the handle. Payload is plain data, a multiple of 4 bytes.
// add() and payload() write: call them only on memory that the caller owns.
template <class Payload>
class GroupTable {
  static_assert(std::is_trivially_copyable_v<Payload> && sizeof(Payload) % 4 == 0);

 public:
  using Capacity = GroupCapacity;
  static constexpr std::uint32_t kNoLabel = 0xFFFFFFFF;

  explicit GroupTable(std::byte* place) noexcept : place_(place) {}

  // Bytes of an unsorted table with room for `capacity` groups.
  static std::size_t bytes_needed(std::size_t capacity, std::size_t label_capacity) noexcept {
    return layout_bytes(capacity, padded(label_capacity), slots_for(capacity));
  }

  static GroupTable create(std::byte* place, std::size_t capacity, std::size_t label_capacity) {
    std::memset(place, 0, bytes_needed(capacity, label_capacity));
    GroupTable table(place);
    table.header().capacity = static_cast<std::uint16_t>(capacity);
    table.header().label_capacity = static_cast<std::uint32_t>(padded(label_capacity));
    return table;
  }

  // Checks every byte of the table's own structure; the payloads are the caller's to check.
  // Errors: CorruptValue. `bytes` may be longer than the table; size() tells where it ends.
  static GroupTable open(std::span<std::byte> bytes) {
    if (bytes.size() < sizeof(GroupTableHeader)) corrupt("the table of groups is cut off");
    GroupTable table(bytes.data());
    const GroupTableHeader& h = table.header();
    if (h.sorted > 1 || h.capacity > 2 * kMaxGroups || h.groups > h.capacity ||
        h.groups > kMaxGroups + 1 || h.label_bytes > h.label_capacity ||
        h.label_capacity % 8 != 0 || h.unknown > h.groups || table.size() > bytes.size()) {
      corrupt("the header of the table of groups is damaged");
    }
    if (h.sorted == 1 && (h.groups != h.capacity || h.label_capacity != padded(h.label_bytes))) {
      corrupt("the table of groups is not in its canonical form");
    }
    table.check_entries();
    return table;
  }

  std::size_t size() const noexcept {
    return layout_bytes(header().capacity, header().label_capacity, slot_count());
  }
  std::int32_t groups() const noexcept { return header().groups; }
  bool sorted() const noexcept { return header().sorted == 1; }

  // The groups that have a label. In a sorted table they come first.
  std::int32_t known_groups() const noexcept { return groups() - (header().unknown != 0 ? 1 : 0); }

  // nullopt: the entry of rows whose group is unknown.
  std::optional<std::string_view> label(std::int32_t group) const noexcept {
    const LabelRef& ref = label_ref(group);
    if (ref.length == kNoLabel) return std::nullopt;
    return std::string_view(labels() + ref.offset, ref.length);
  }
  Payload& payload(std::int32_t group) noexcept { return payloads()[group]; }
  const Payload& payload(std::int32_t group) const noexcept { return payloads()[group]; }

  // The entry of a label (nullopt: the unknown group), or -1. O(1) for small tables and for indexed
  // ones, O(log groups) for sorted ones.
  std::int32_t find(std::optional<std::string_view> label) const noexcept {
    if (!label) return static_cast<std::int32_t>(header().unknown) - 1;
    if (header().capacity > kLinearSearch) {
      return sorted() ? find_sorted(*label) : find_indexed(*label);
    }
    for (std::int32_t i = 0; i < groups(); ++i) {
      if (same(label_ref(i), *label)) return i;
    }
    return -1;
  }

  // Errors: TooLarge for a label that is too long.
  static Capacity one(std::optional<std::string_view> label) {
    if (label && label->size() > kMaxLabelBytes) label_too_long();
    return {1, label ? label->size() : 0};
  }

  // What this table lacks of another one's groups.
  template <class Other>
  Capacity missing(const GroupTable<Other>& other) const noexcept {
    Capacity more{0, 0};
    for (std::int32_t i = 0; i < other.groups(); ++i) {
      const auto label = other.label(i);
      if (find(label) >= 0) continue;
      more.groups += 1;
      more.labels += label ? label->size() : 0;
    }
    return more;
  }

  bool has_room_for(const Capacity& more) const noexcept {
    return more.groups == 0 ||
           (header().groups + more.groups <= header().capacity && header().sorted == 0 &&
            header().label_bytes + more.labels <= header().label_capacity);
  }

  Capacity capacity() const noexcept { return {header().capacity, header().label_capacity}; }
  Capacity in_use() const noexcept { return {header().groups, header().label_bytes}; }

  // Capacities that hold `more` than is used, at least doubled where they grow. Errors: TooLarge.
  Capacity grown_by(const Capacity& more) const { return grown_by(more, in_use()); }
  Capacity grown_by(const Capacity& more, const Capacity& used) const {
    const std::size_t groups = used.groups + more.groups;
    const std::size_t labels = used.labels + more.labels;
    if (groups > kMaxGroups + 1) too_many_groups();
    Capacity grown = capacity();
    if (groups > grown.groups) {
      grown.groups = std::min<std::size_t>(std::max(groups, 2 * grown.groups), kMaxGroups + 1);
    }
    if (labels > grown.labels) grown.labels = std::max(labels, 2 * grown.labels);
    return grown;
  }

  // Appends a group with a zero payload; has_room_for(one(label)) must hold. Errors: TooLarge.
  std::int32_t add(std::optional<std::string_view> label) {
    FAIRDB_ASSERT(has_room_for(one(label)));
    if (label && known_groups() >= kMaxGroups) too_many_groups();
    const std::int32_t group = append(label);
    if (label && slot_count() > 0) index(group);
    return group;
  }

  // The order of the groups in the sorted form: element k is the entry that comes k-th.
  std::vector<std::int32_t> sorted_order() const {
    std::vector<std::int32_t> order(static_cast<std::size_t>(groups()));
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [this](std::int32_t a, std::int32_t b) { return precedes(label(a), label(b)); });
    return order;
  }

  // Bytes of a sorted table with the groups of another one that `order` lists.
  template <class Other>
  static std::size_t sorted_bytes(const GroupTable<Other>& from,
                                  std::span<const std::int32_t> order) noexcept {
    return layout_bytes(order.size(), padded(label_bytes(from, order)), 0);
  }

  // Writes a sorted table into sorted_bytes() at `place`: the groups of `from` that `order` lists,
  // a part of its sorted_order(), each payload as convert() gives it.
  template <class Other, class Convert>
  static GroupTable sort_into(std::byte* place,
                              const GroupTable<Other>& from,
                              std::span<const std::int32_t> order,
                              Convert convert) {
    std::memset(place, 0, sorted_bytes(from, order));
    GroupTable result(place);
    result.header().capacity = static_cast<std::uint16_t>(order.size());
    result.header().label_capacity = static_cast<std::uint32_t>(padded(label_bytes(from, order)));
    result.header().sorted = 1;
    for (const std::int32_t i : order) {
      result.payload(result.append(from.label(i))) = convert(from.payload(i));
    }
    return result;
  }

 private:
  struct LabelRef {
    std::uint32_t offset;
    std::uint32_t length;
  };
  static constexpr std::int32_t kLinearSearch = 16;

  [[noreturn]] static void corrupt(const char* what) { throw Error(ErrorKind::CorruptValue, what); }
  static constexpr std::size_t padded(std::size_t bytes) noexcept { return (bytes + 7) / 8 * 8; }
  static constexpr std::size_t slots_for(std::size_t capacity) noexcept {
    return capacity <= static_cast<std::size_t>(kLinearSearch) ? 0 : std::bit_ceil(2 * capacity);
  }
  std::size_t slot_count() const noexcept { return sorted() ? 0 : slots_for(header().capacity); }
  static constexpr std::size_t layout_bytes(std::size_t capacity,
                                            std::size_t label_capacity,
                                            std::size_t slots) noexcept {
    return padded(sizeof(GroupTableHeader) + capacity * (sizeof(LabelRef) + sizeof(Payload)) +
                  label_capacity + slots * sizeof(std::uint16_t));
  }
  template <class Other>
  static std::size_t label_bytes(const GroupTable<Other>& from,
                                 std::span<const std::int32_t> order) noexcept {
    std::size_t bytes = 0;
    for (const std::int32_t i : order) bytes += from.label(i) ? from.label(i)->size() : 0;
    return bytes;
  }
  // Adds an entry behind the others, without a look at room, order or index.
  std::int32_t append(std::optional<std::string_view> label) noexcept {
    const std::int32_t group = header().groups++;
    payload(group) = Payload{};
    LabelRef& ref = label_ref(group);
    ref.offset = header().label_bytes;
    ref.length = label ? static_cast<std::uint32_t>(label->size()) : kNoLabel;
    if (label) {
      if (!label->empty()) std::memcpy(labels() + ref.offset, label->data(), label->size());
      header().label_bytes += ref.length;
    } else {
      header().unknown = static_cast<std::uint16_t>(group + 1);
    }
    return group;
  }
  static bool precedes(std::optional<std::string_view> a, std::optional<std::string_view> b) {
    return a && (!b || *a < *b);
  }

  GroupTableHeader& header() noexcept { return *reinterpret_cast<GroupTableHeader*>(place_); }
  const GroupTableHeader& header() const noexcept {
    return *reinterpret_cast<const GroupTableHeader*>(place_);
  }
  LabelRef& label_ref(std::int32_t i) const noexcept {
    return reinterpret_cast<LabelRef*>(place_ + sizeof(GroupTableHeader))[i];
  }
  char* labels() const noexcept {
    return reinterpret_cast<char*>(place_ + sizeof(GroupTableHeader) +
                                   header().capacity * sizeof(LabelRef));
  }
  Payload* payloads() const noexcept {
    return reinterpret_cast<Payload*>(labels() + header().label_capacity);
  }
  std::uint16_t* slots() const noexcept {
    return reinterpret_cast<std::uint16_t*>(payloads() + header().capacity);
  }
  bool same(const LabelRef& ref, std::string_view label) const noexcept {
    return ref.length == label.size() &&
           (label.empty() || std::memcmp(labels() + ref.offset, label.data(), label.size()) == 0);
  }

  std::int32_t find_sorted(std::string_view wanted) const noexcept {
    std::int32_t low = 0;
    std::int32_t high = known_groups();
    while (low < high) {
      const std::int32_t middle = (low + high) / 2;
      if (precedes(label(middle), wanted)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low < known_groups() && same(label_ref(low), wanted) ? low : -1;
  }
  std::int32_t find_indexed(std::string_view wanted) const noexcept {
    const std::size_t mask = slot_count() - 1;
    for (std::size_t i = digest(wanted) & mask;; i = (i + 1) & mask) {
      const std::int32_t group = static_cast<std::int32_t>(slots()[i]) - 1;
      if (group < 0 || same(label_ref(group), wanted)) return group;
    }
  }
  void index(std::int32_t group) noexcept {
    const std::size_t mask = slot_count() - 1;
    std::size_t i = digest(*label(group)) & mask;
    while (slots()[i] != 0) i = (i + 1) & mask;
    slots()[i] = static_cast<std::uint16_t>(group + 1);
  }

  void check_entries() const {
    std::vector<std::optional<std::string_view>> seen;
    std::uint32_t label_end = 0;  // labels stand one behind the other, in the order of the entries
    for (std::int32_t i = 0; i < groups(); ++i) {
      const LabelRef& ref = label_ref(i);
      if (ref.offset != label_end || (ref.length != kNoLabel && ref.length > kMaxLabelBytes)) {
        corrupt("a label of the table of groups is misplaced");
      }
      label_end += ref.length == kNoLabel ? 0 : ref.length;
      if (label_end > header().label_bytes) {
        corrupt("a label of the table of groups lies outside of it");
      }
      if ((ref.length == kNoLabel) != (i + 1 == header().unknown)) {
        corrupt("the unknown group of the table of groups is damaged");
      }
      seen.push_back(label(i));
      if (sorted() && i > 0 && !precedes(seen[seen.size() - 2], seen.back())) {
        corrupt("the labels of the table of groups are not sorted");
      }
    }
    if (label_end != header().label_bytes) corrupt("the table of groups has stray label bytes");
    if (!sorted()) check_unsorted(seen);
  }

  // An index that lost an entry would end a search never or wrongly.
  void check_unsorted(std::vector<std::optional<std::string_view>>& seen) const {
    if (slot_count() > 0) {
      std::int32_t indexed = 0;
      for (std::size_t i = 0; i < slot_count(); ++i) {
        if (slots()[i] > header().groups) corrupt("the index of the table of groups is damaged");
        indexed += slots()[i] != 0 ? 1 : 0;
      }
      if (indexed != known_groups()) corrupt("the index of the table of groups is damaged");
      for (std::int32_t i = 0; i < groups(); ++i) {
        if (find(label(i)) != i) corrupt("the index of the table of groups is damaged");
      }
    }
    std::sort(seen.begin(), seen.end(), precedes);
    if (std::adjacent_find(seen.begin(), seen.end()) != seen.end()) {
      corrupt("a label of the table of groups stands twice");
    }
  }

  std::byte* place_;
};

}  // namespace fairdb
