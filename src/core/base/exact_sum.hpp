// A sum of numbers without rounding, so that it does not depend on their order and that a number
// which is taken out again leaves no trace: what moving windows, merges and late corrections need.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace fairdb {

// The largest number that add() takes: the squares of 2^46 of them still fit. And the smallest one
// above 0 whose square keeps some digits.
inline constexpr double kMaxSummand = 0x1p40;
inline constexpr double kMinSummand = 0x1p-56;

// The weight of a row, as it is. Errors: InvalidData unless it is 0 or kMinSummand to kMaxSummand.
double checked_weight(double weight);

// A fixed-point number of 256 bits in two's complement, in units of 2^-128 (3e-39). Plain data; all
// zero bytes are 0.
struct ExactSum {
  std::array<std::uint64_t, 4> limb;  // the lowest first

  // 0 <= value <= kMaxSummand. What lies below the unit is cut off, for the same value always
  // alike.
  void add(double value) noexcept;
  void add_square(double value) noexcept;

  void add(const ExactSum& other) noexcept;
  void subtract(const ExactSum& other) noexcept;
  void add_count(std::uint64_t count) noexcept;
  // So many times the sum, which must fit; of a sum that is not negative.
  ExactSum times(std::uint64_t count) const noexcept;

  bool negative() const noexcept { return limb[3] >> 63 != 0; }
  bool zero() const noexcept { return (limb[0] | limb[1] | limb[2] | limb[3]) == 0; }
  // The nearest double; of a sum that is not negative.
  double value() const noexcept;

  // Hexadecimal digits with a point, such as 1f.8 for 31.5: exact. Of a sum that is not negative.
  static constexpr std::size_t kMaxText = 65;
  std::string_view text(std::span<char, kMaxText> buffer) const noexcept;
  // nullopt when the text is none that text() writes.
  static std::optional<ExactSum> parse(std::string_view text);

  friend bool operator==(const ExactSum&, const ExactSum&) = default;
};
static_assert(sizeof(ExactSum) == 32);

}  // namespace fairdb
