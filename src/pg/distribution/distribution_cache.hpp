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
  // The length and the first bytes of a label, compared as two numbers. Fewer bytes than eight are
  // read as two halves that may overlap: written byte by byte and read as one number, the processor
  // would wait for them.
  struct ShortLabel {
    explicit ShortLabel(std::string_view label) noexcept : size(label.size()) {
      const char* const data = label.data();
      if (size >= sizeof(std::uint64_t)) {
        first = read<std::uint64_t>(data);
      } else if (size >= sizeof(std::uint32_t)) {
        first = halves<std::uint32_t>(data, size);
      } else if (size >= sizeof(std::uint16_t)) {
        first = halves<std::uint16_t>(data, size);
      } else if (size == 1) {
        first = static_cast<unsigned char>(*data);
      }
    }
    template <class Number>
    static std::uint64_t read(const char* place) noexcept {
      Number number;
      std::memcpy(&number, place, sizeof number);
      return number;
    }
    template <class Half>
    static std::uint64_t halves(const char* data, std::size_t size) noexcept {
      return read<Half>(data) << (8 * sizeof(Half)) | read<Half>(data + size - sizeof(Half));
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
