// The project's one hash: digests of bytes, texts and rows, the same on every machine and for ever,
// for they decide which rows are held out, which fold a row is in and how ties are spread.
//
// A digest tells equal values from different ones cheaply (a cache key); it is no protection
// against somebody who wants a collision.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace fairdb {

inline constexpr std::uint64_t kGoldenRatio = 0x9E3779B97F4A7C15ULL;  // 2^64 / phi, odd

// A number in which every bit depends on every bit of h.
// Source: the finaliser of MurmurHash3 (Appleby, public domain).
[[nodiscard]] std::uint64_t mix(std::uint64_t h) noexcept;

[[nodiscard]] std::uint64_t digest(std::span<const std::byte> bytes) noexcept;
[[nodiscard]] std::uint64_t digest(std::string_view text) noexcept;

// The digest as a number in [0, 1).
[[nodiscard]] double hash_fraction(std::string_view text) noexcept;

// A digest of numbers in their order.
class ContentDigest {
 public:
  // Equal numbers count the same, -0 as 0.
  void add(double number) noexcept;
  void add(std::uint64_t bits) noexcept;
  std::uint64_t value() const noexcept { return value_; }

 private:
  std::uint64_t value_ = 0;
};

// A digest drawn anew for each seed.
[[nodiscard]] std::uint64_t seeded(std::uint64_t content, std::uint64_t seed) noexcept;

}  // namespace fairdb
