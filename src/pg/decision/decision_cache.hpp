// What decide and calibrated keep of a value from row to row: the decoded value and its groups by
// name.
#pragma once

#include "pg/bridge/labels.hpp"
#include "pg/bridge/owned.hpp"
#include "pg/bridge/value_cache.hpp"

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

template <class Rule>
struct RuleCache {
  struct Site {
    std::shared_ptr<const Rule> rule;
    std::size_t bytes() const noexcept { return rule->bytes(); }
  };
  explicit RuleCache(MemoryContext memory) : sites(memory) {}

  const auto& of(Datum value) {
    return sites
        .of(value,
            [&] {
              return std::make_unique<Site>(Site{
                  session_value<Rule>(value, "", [&] { return std::make_shared<Rule>(value); })});
            })
        .rule->value;
  }

  KeptByValue<Site> sites;
  LabelReader* labels = nullptr;
};

// Errors: UnknownGroup, naming the group and those that the value knows.
template <class Value>
[[noreturn]] void unknown_group_of(const Value& value, const char* what, std::string_view label) {
  constexpr std::size_t kShown = 20;
  std::string known;
  for (std::size_t g = 0; g < std::min(value.groups.size(), kShown); ++g) {
    known += (g > 0 ? ", \"" : "\"") + value.groups[g].group + "\"";
  }
  if (value.groups.size() > kShown) known += ", ...";
  throw Error(ErrorKind::UnknownGroup, "group \"" + std::string(label) + "\" is not in the " + what,
              "Its groups are " + known + ". on_unseen => 'null' gives NULL for others.");
}

}  // namespace fairdb::pg
