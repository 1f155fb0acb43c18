// Decoded distributions, for functions that are called row after row.
#pragma once

#include "pg/bridge/labels.hpp"
#include "pg/bridge/owned.hpp"
#include "pg/bridge/value_cache.hpp"
#include "pg/distribution/distribution_value.hpp"

namespace fairdb::pg {

// A distribution with the bytes that it is a view of.
class DecodedDistribution : public Decoded {
 public:
  explicit DecodedDistribution(Datum datum);

  const Distribution& distribution() const noexcept { return distribution_; }
  // As Distribution::find, faster where there are few groups.
  std::int32_t find(std::string_view label) const noexcept {
    if (few_.empty()) return distribution_.find(label);
    const ShortLabel wanted(label);
    for (std::size_t g = 0; g < few_.size(); ++g) {
      if (few_[g].same(wanted) &&
          (label.size() <= sizeof(wanted.first) ||
           distribution_.group(static_cast<std::int32_t>(g)).label == label)) {
        return static_cast<std::int32_t>(g);
      }
    }
    return -1;
  }
  std::size_t bytes() const noexcept override { return bytes_.span().size() + decoded_; }

 private:
  // The length and the first bytes of a label, compared as two numbers.
  struct ShortLabel {
    explicit ShortLabel(std::string_view label) noexcept : size(label.size()) {
      std::memcpy(&first, label.data(), std::min(label.size(), sizeof(first)));
    }
    bool same(const ShortLabel& other) const noexcept {
      return first == other.first && size == other.size;
    }
    std::uint64_t first = 0;
    std::size_t size;
  };
  static constexpr std::int32_t kFewGroups = 16;
  ValueBytes bytes_;
  Distribution distribution_;
  std::size_t decoded_;          // bytes of laws and the like, by kLaws
  std::vector<ShortLabel> few_;  // empty when there are more
};

}  // namespace fairdb::pg
