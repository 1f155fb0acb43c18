// Reading and writing the bytes of stored values: little-endian on every machine, every length
// checked before every read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/views.hpp"

namespace fairdb {

// The bytes are no value.
[[noreturn]] inline void corrupt(const char* what) {
  throw Error(ErrorKind::CorruptValue, what);
}

class ByteWriter {
 public:
  void u8(std::uint8_t value);
  void u32(std::uint32_t value);
  void i64(std::int64_t value);
  void f64(double value);
  void text(std::string_view value);     // length (u32), bytes
  void vector(const VectorView& value);  // length (u32), numbers
  // Numbers at the next multiple of 8 bytes, so that a reader may use them where they stand; how
  // many they are stands elsewhere.
  void numbers(std::span<const std::uint32_t> values);
  void numbers(std::span<const float> values);
  void raw(std::string_view bytes);

  const std::vector<std::byte>& bytes() const noexcept { return bytes_; }
  void reserve(std::size_t bytes) { bytes_.reserve(bytes); }
  std::vector<std::byte> take() && noexcept { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

// Every call throws CorruptValue instead of reading past the end.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : size_(bytes.size()), rest_(bytes) {}

  std::uint8_t u8();
  std::uint32_t u32();
  std::int64_t i64();
  double f64();
  double finite();         // refuses NaN and infinities
  std::string text();      // refuses a length beyond the end
  Vector finite_vector();  // the same for its numbers
  // Numbers as ByteWriter::numbers() has written them: where they stand, if this machine can use
  // them so, else copied to `kept`, which must live as long as they are used.
  std::span<const std::uint32_t> numbers(std::size_t count, std::vector<std::uint32_t>& kept);
  std::span<const float> numbers(std::size_t count, std::vector<float>& kept);
  std::string_view raw(std::size_t length);

  // A count of things that each take at least `bytes_each` bytes: cannot exceed what is left, so a
  // forged count never makes the reader allocate more than the value's own size.
  std::uint32_t count(std::size_t bytes_each);

  bool at_end() const noexcept { return rest_.empty(); }

 private:
  std::span<const std::byte> take(std::size_t length);
  template <class Number>
  std::span<const Number> placed(std::size_t count, std::vector<Number>& kept);

  std::size_t size_;
  std::span<const std::byte> rest_;
};

}  // namespace fairdb
