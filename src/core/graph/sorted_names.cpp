#include "core/graph/sorted_names.hpp"

#include "core/base/error.hpp"

namespace fairdb {

std::optional<std::int32_t> SortedNames::find(std::string_view name) const noexcept {
  Index low = 0;
  Index high = size();
  while (low < high) {
    const Index middle = low + (high - low) / 2;
    if ((*this)[middle] < name) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == size() || (*this)[low] != name) return std::nullopt;
  return static_cast<std::int32_t>(low);
}

void NameBytes::add(std::string_view name) {
  constexpr std::size_t kMost = 1U << 30;
  if (bytes_.size() + name.size() > kMost) {
    throw Error(ErrorKind::TooLarge, "the names of the graph's entities have more than 1 GB");
  }
  bytes_.append(name);
  ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
}

}  // namespace fairdb
