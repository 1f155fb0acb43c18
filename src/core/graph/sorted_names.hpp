// The names of a graph's entities or relations, in the order of their bytes: a name's place is its
// code, so that codes do not depend on the order in which rows were read. The names themselves are
// held elsewhere, by a value's bytes or by NameBytes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/views.hpp"

namespace fairdb {

class SortedNames {
 public:
  SortedNames() = default;
  // ends: of each name within `bytes`.
  SortedNames(std::span<const std::uint32_t> ends, std::string_view bytes) noexcept
      : ends_(ends), bytes_(bytes) {}

  Index size() const noexcept { return static_cast<Index>(ends_.size()); }
  std::string_view operator[](Index i) const noexcept {
    const std::uint32_t begin = i == 0 ? 0 : ends_[static_cast<std::size_t>(i - 1)];
    return bytes_.substr(begin, ends_[static_cast<std::size_t>(i)] - begin);
  }
  std::optional<std::int32_t> find(std::string_view name) const noexcept;

  std::span<const std::uint32_t> ends() const noexcept { return ends_; }
  std::string_view bytes() const noexcept { return bytes_; }

 private:
  std::span<const std::uint32_t> ends_;
  std::string_view bytes_;
};

// Names that are held here.
class NameBytes {
 public:
  // Sorted and different names. Errors: TooLarge for more than 1 GB of them.
  void add(std::string_view name);
  // Good until the next add().
  SortedNames names() const noexcept { return {ends_, bytes_}; }

 private:
  std::vector<std::uint32_t> ends_;
  std::string bytes_;
};

}  // namespace fairdb
