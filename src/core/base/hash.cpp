#include "core/base/hash.hpp"

namespace fairdb {
namespace {

// Eight bytes or fewer, the lowest first.
std::uint64_t assemble(std::span<const std::byte> bytes) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    value |= static_cast<std::uint64_t>(std::to_integer<std::uint8_t>(bytes[i])) << (8 * i);
  }
  return value;
}

}  // namespace

std::uint64_t mix(std::uint64_t h) noexcept {
  h ^= h >> 33;
  h *= 0xFF51AFD7ED558CCDULL;
  h ^= h >> 33;
  h *= 0xC4CEB9FE1A85EC53ULL;
  h ^= h >> 33;
  return h;
}

std::uint64_t digest(std::span<const std::byte> bytes) noexcept {
  std::uint64_t h = mix(kGoldenRatio ^ bytes.size());
  while (bytes.size() >= 8) {
    h = mix(h ^ assemble(bytes.first<8>())) + kGoldenRatio;
    bytes = bytes.subspan(8);
  }
  return mix(h ^ assemble(bytes));
}

std::uint64_t digest(std::string_view text) noexcept {
  return digest(std::as_bytes(std::span(text.data(), text.size())));
}

double hash_fraction(std::string_view text) noexcept {
  return static_cast<double>(digest(text) >> 11) * 0x1p-53;
}

void ContentDigest::add(double number) noexcept {
  const double positive_zero = number + 0.0;
  add(digest(std::as_bytes(std::span(&positive_zero, 1))));
}

void ContentDigest::add(std::uint64_t bits) noexcept {
  value_ = (value_ ^ bits) * kGoldenRatio;
  value_ ^= value_ >> 32;
}

std::uint64_t seeded(std::uint64_t content, std::uint64_t seed) noexcept {
  std::uint64_t h = (content ^ (seed * kGoldenRatio)) * 0xBF58476D1CE4E5B9ULL;
  h ^= h >> 31;
  h *= 0x94D049BB133111EBULL;
  return h ^ (h >> 29);
}

}  // namespace fairdb
