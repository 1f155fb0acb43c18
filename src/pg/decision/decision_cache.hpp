// What decide and calibrated keep of a value from row to row: the decoded value and its groups by
// name.
#pragma once

#include "pg/bridge/labels.hpp"
#include "pg/bridge/owned.hpp"
#include "pg/bridge/value_cache.hpp"
#include "pg/distribution/distribution_value.hpp"

namespace fairdb::pg {

// Value: has groups with names, and find(). open: decodes it from bytes.
template <class Value, Value (*open)(std::span<const std::byte>)>
struct DecodedRule final : Decoded {
  explicit DecodedRule(Datum datum)
      : value(open(backend([&] { return value_bytes(datum); }))),
        size(2 * backend([&] { return toast_raw_datum_size(datum); })) {}
  std::size_t bytes() const noexcept override { return size; }
  Value value;
  std::size_t size;
};

// Errors: UnknownGroup, naming the group and those that the value knows.
template <class Value>
[[noreturn]] void unknown_group_of(const Value& value, const char* what, std::string_view label) {
  std::vector<std::string_view> groups;
  groups.reserve(value.groups.size());
  for (const auto& group : value.groups) groups.push_back(group.group);
  unknown_group(what, label, groups, kOnUnseenNull);
}

}  // namespace fairdb::pg
