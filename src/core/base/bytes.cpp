#include "core/base/bytes.hpp"

#include <bit>
#include <cmath>
#include <cstring>

namespace fairdb {
namespace {

template <class Unsigned>
void append(std::vector<std::byte>& bytes, Unsigned value) {
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    bytes.push_back(static_cast<std::byte>((value >> (8 * i)) & 0xFF));
  }
}

template <class Unsigned>
Unsigned assemble(std::span<const std::byte> bytes) noexcept {
  Unsigned value = 0;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    value |= static_cast<Unsigned>(std::to_integer<std::uint8_t>(bytes[i])) << (8 * i);
  }
  return value;
}

// What numbers() keeps to.
constexpr std::size_t kPlace = 8;

template <class Number>
void append_placed(std::vector<std::byte>& bytes, std::span<const Number> values) {
  bytes.resize((bytes.size() + kPlace - 1) / kPlace * kPlace);
  if constexpr (std::endian::native == std::endian::little) {
    const auto image = std::as_bytes(values);
    bytes.insert(bytes.end(), image.begin(), image.end());
  } else {
    for (const Number value : values) {
      std::uint32_t bits = 0;
      static_assert(sizeof value == sizeof bits);
      std::memcpy(&bits, &value, sizeof bits);
      append(bytes, bits);
    }
  }
}

}  // namespace

void ByteWriter::u8(std::uint8_t value) {
  append(bytes_, value);
}
void ByteWriter::u32(std::uint32_t value) {
  append(bytes_, value);
}
void ByteWriter::i64(std::int64_t value) {
  append(bytes_, static_cast<std::uint64_t>(value));
}
void ByteWriter::f64(double value) {
  std::uint64_t bits = 0;  // std::bit_cast needs GCC 11
  std::memcpy(&bits, &value, sizeof(bits));
  append(bytes_, bits);
}

void ByteWriter::text(std::string_view value) {
  u32(static_cast<std::uint32_t>(value.size()));
  const auto bytes = std::as_bytes(std::span(value.data(), value.size()));
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void ByteWriter::vector(const VectorView& value) {
  u32(static_cast<std::uint32_t>(value.size()));
  for (Index i = 0; i < value.size(); ++i) f64(value(i));  // Eigen 3.3 has no iterators
}

void ByteWriter::numbers(std::span<const std::uint32_t> values) {
  append_placed(bytes_, values);
}
void ByteWriter::numbers(std::span<const float> values) {
  append_placed(bytes_, values);
}
void ByteWriter::raw(std::string_view bytes) {
  const auto image = std::as_bytes(std::span(bytes.data(), bytes.size()));
  bytes_.insert(bytes_.end(), image.begin(), image.end());
}

std::span<const std::byte> ByteReader::take(std::size_t length) {
  if (length > rest_.size()) corrupt("the value ends too early");
  const auto taken = rest_.first(length);
  rest_ = rest_.subspan(length);
  return taken;
}

std::uint8_t ByteReader::u8() {
  return assemble<std::uint8_t>(take(1));
}
std::uint32_t ByteReader::u32() {
  return assemble<std::uint32_t>(take(4));
}
std::int64_t ByteReader::i64() {
  return static_cast<std::int64_t>(assemble<std::uint64_t>(take(8)));
}
double ByteReader::f64() {
  const auto bits = assemble<std::uint64_t>(take(8));
  double value = 0;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

double ByteReader::finite() {
  const double value = f64();
  if (!std::isfinite(value)) corrupt("a number of the value is not finite");
  return value;
}

std::string ByteReader::text() {
  const auto bytes = take(u32());
  std::string value(bytes.size(), '\0');
  if (!bytes.empty()) std::memcpy(value.data(), bytes.data(), bytes.size());
  if (value.find('\0') != std::string::npos) corrupt("a text of the value holds a zero byte");
  return value;
}

Vector ByteReader::finite_vector() {
  Vector value(count(8));
  for (Index i = 0; i < value.size(); ++i) value(i) = finite();
  return value;
}

template <class Number>
std::span<const Number> ByteReader::placed(std::size_t count, std::vector<Number>& kept) {
  const std::size_t here = size_ - rest_.size();
  for (const std::byte byte : take((kPlace - here % kPlace) % kPlace)) {
    if (byte != std::byte{0}) corrupt("the space between parts of the value is not empty");
  }
  if (count > rest_.size() / sizeof(Number)) corrupt("the value ends too early");
  const std::span<const std::byte> image = take(count * sizeof(Number));
  const bool aligned = reinterpret_cast<std::uintptr_t>(image.data()) % alignof(Number) == 0;
  if (std::endian::native == std::endian::little && aligned) {
    return {reinterpret_cast<const Number*>(image.data()), count};
  }
  kept.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto bits = assemble<std::uint32_t>(image.subspan(sizeof(Number) * i, sizeof(Number)));
    std::memcpy(&kept[i], &bits, sizeof bits);
  }
  return kept;
}
std::span<const std::uint32_t> ByteReader::numbers(std::size_t count,
                                                   std::vector<std::uint32_t>& kept) {
  return placed(count, kept);
}
std::span<const float> ByteReader::numbers(std::size_t count, std::vector<float>& kept) {
  return placed(count, kept);
}
std::string_view ByteReader::raw(std::size_t length) {
  const auto bytes = take(length);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint32_t ByteReader::count(std::size_t bytes_each) {
  const std::uint32_t n = u32();
  if (n > rest_.size() / bytes_each) corrupt("a count of the value is larger than the value");
  return n;
}

}  // namespace fairdb
