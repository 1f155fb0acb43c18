// The names of an enumeration's values, as users write and read them: one table for each
// enumeration, beside it, and the functions that look into any of them.
//
//   template <>
//   struct NameTable<OnNull> {
//     static constexpr std::string_view kWhat = "on_null";  // as errors call it
//     static constexpr std::pair<OnNull, std::string_view> kNames[] = {{OnNull::Error, "error"},
//     ...};
//   };
#pragma once

#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/listed.hpp"

namespace fairdb {

template <class Enum>
struct NameTable;

template <class Enum>
concept NamedEnum = requires {
  NameTable<Enum>::kWhat;
  NameTable<Enum>::kNames;
};

template <NamedEnum Enum>
constexpr std::string_view name(Enum value) noexcept {
  for (const auto& [known, name] : NameTable<Enum>::kNames) {
    if (known == value) return name;
  }
  return "unknown";
}

// Errors: InvalidArgument, which names what it is, what was given, and the known names.
template <NamedEnum Enum>
Enum named(std::string_view wanted, SourcePlace place = {__builtin_FILE(), __builtin_LINE()}) {
  std::vector<std::string_view> known;
  for (const auto& [value, name] : NameTable<Enum>::kNames) {
    if (name == wanted) return value;
    known.push_back(name);
  }
  throw Error(ErrorKind::InvalidArgument,
              std::string(NameTable<Enum>::kWhat) + " is \"" + std::string(wanted) +
                  "\", expected " + (std::size(NameTable<Enum>::kNames) > 1 ? "one of " : "") +
                  listed(known),
              {}, {}, place);
}

// The largest value: where a reader of bytes stops to believe them.
template <NamedEnum Enum>
constexpr Enum last_of() noexcept {
  Enum last{};
  for (const auto& [value, name] : NameTable<Enum>::kNames) last = value > last ? value : last;
  return last;
}

}  // namespace fairdb
