// A decoded distribution, kept from row to row.
#pragma once

#include "pg/bridge/labels.hpp"
#include "pg/distribution/distribution_value.hpp"

namespace fairdb::pg {

// What a function that is called row after row keeps of the distribution in argument 0.
class DistributionCache {
 public:
  explicit DistributionCache(MemoryContext parent);

  bool holds(Datum datum) const noexcept { return distribution_ && fingerprint_.matches(datum); }
  // Decodes it. What was made of the one before must be gone.
  void load(Datum datum);
  const Distribution& distribution() const noexcept { return *distribution_; }
  // As Distribution::find, faster where there are few groups.
  std::int32_t find(std::string_view label) const noexcept {
    if (few_.empty()) return distribution_->find(label);
    const ShortLabel wanted(label);
    for (std::size_t g = 0; g < few_.size(); ++g) {
      if (few_[g].same(wanted) &&
          (label.size() <= sizeof(wanted.first) ||
           distribution_->group(static_cast<std::int32_t>(g)).label == label)) {
        return static_cast<std::int32_t>(g);
      }
    }
    return -1;
  }

  LabelReader* labels = nullptr;

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
  std::vector<ShortLabel> few_;  // empty when there are more
  MemoryContext memory_;         // holds the decoded value
  ValueFingerprint fingerprint_;
  std::optional<Distribution> distribution_;
};

}  // namespace fairdb::pg
