#include "core/base/exact_sum.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/base/error.hpp"

namespace fairdb {
namespace {

using Wide = unsigned __int128;

constexpr int kUnit = 128;   // the point stands above this many bits
constexpr int kDigits = 32;  // hexadecimal digits on each side of the point

struct Product {
  Wide mantissa;
  int shift;  // of the mantissa's lowest bit above the unit
};

// value = mantissa * 2^exponent with a whole mantissa of 53 bits.
Product split(double value) noexcept {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  return {static_cast<Wide>(std::ldexp(fraction, 53)), exponent - 53 + kUnit};
}
Product split_square(double value) noexcept {
  const Product p = split(value);
  return {p.mantissa * p.mantissa, 2 * p.shift - kUnit};
}

ExactSum shifted(const Product& p) noexcept {
  ExactSum sum{};
  if (p.shift < 0) {
    const Wide kept = p.shift <= -128 ? 0 : p.mantissa >> -p.shift;
    sum.limb[0] = static_cast<std::uint64_t>(kept);
    sum.limb[1] = static_cast<std::uint64_t>(kept >> 64);
    return sum;
  }
  const auto first = static_cast<std::size_t>(p.shift / 64);
  const int bits = p.shift % 64;
  const auto low = static_cast<std::uint64_t>(p.mantissa);
  const auto high = static_cast<std::uint64_t>(p.mantissa >> 64);
  const Wide a = static_cast<Wide>(low) << bits;
  const Wide b = static_cast<Wide>(high) << bits;
  const std::array<std::uint64_t, 3> parts = {
      static_cast<std::uint64_t>(a),
      static_cast<std::uint64_t>(a >> 64) | static_cast<std::uint64_t>(b),
      static_cast<std::uint64_t>(b >> 64)};
  for (std::size_t i = 0; i < parts.size() && first + i < 4; ++i) sum.limb[first + i] = parts[i];
  return sum;
}

}  // namespace

double checked_weight(double weight) {
  if (weight == 0 || (weight >= kMinSummand && weight <= kMaxSummand)) return weight;
  const char* const fault = !std::isfinite(weight) || weight < 0
                                ? "a weight is negative or not finite"
                            : weight > kMaxSummand ? "a weight is above 2^40 (1.1e12)"
                                                   : "a weight is below 2^-56 (1.4e-17), but not 0";
  throw Error(ErrorKind::InvalidData, fault,
              "Leave such rows out, for example with FILTER (WHERE ...), or scale the weights.");
}

void ExactSum::add(const ExactSum& other) noexcept {
  Wide carry = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    carry += static_cast<Wide>(limb[i]) + other.limb[i];
    limb[i] = static_cast<std::uint64_t>(carry);
    carry >>= 64;
  }
}

void ExactSum::subtract(const ExactSum& other) noexcept {
  Wide carry = 1;
  for (std::size_t i = 0; i < 4; ++i) {
    carry += static_cast<Wide>(limb[i]) + ~other.limb[i];
    limb[i] = static_cast<std::uint64_t>(carry);
    carry >>= 64;
  }
}

void ExactSum::add(double value) noexcept {
  add(shifted(split(value)));
}
void ExactSum::add_square(double value) noexcept {
  add(shifted(split_square(value)));
}
void ExactSum::add_count(std::uint64_t count) noexcept {
  add(ExactSum{{0, 0, count, 0}});
}

ExactSum ExactSum::times(std::uint64_t count) const noexcept {
  ExactSum product{};
  Wide carry = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    carry += static_cast<Wide>(limb[i]) * count;
    product.limb[i] = static_cast<std::uint64_t>(carry);
    carry >>= 64;
  }
  return product;
}

double ExactSum::value() const noexcept {
  int top = 3;
  while (top > 0 && limb[static_cast<std::size_t>(top)] == 0) --top;
  const auto at = [&](int i) { return i < 0 ? 0 : limb[static_cast<std::size_t>(i)]; };
  const int zeros = std::countl_zero(at(top));
  if (zeros == 64) return 0;
  // The leading 64 bits; what is below leaves a mark in the lowest, so that rounding to 53 bits is
  // right.
  std::uint64_t leading = zeros == 0 ? at(top) : at(top) << zeros | at(top - 1) >> (64 - zeros);
  bool rest = zeros == 0 ? at(top - 1) != 0 : at(top - 1) << zeros != 0;
  for (int i = 0; i < top - 1; ++i) rest = rest || at(i) != 0;
  if (rest) leading |= 1;
  return std::ldexp(static_cast<double>(leading), 64 * top - zeros - kUnit);
}

std::string_view ExactSum::text(std::span<char, kMaxText> buffer) const noexcept {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::size_t used = 0;
  for (int i = 2 * kDigits - 1; i >= 0; --i) {
    const std::uint64_t word = limb[static_cast<std::size_t>(i / 16)];
    buffer[used++] = kHex[word >> (4 * (i % 16)) & 0xF];
    if (i == kDigits) buffer[used++] = '.';
  }
  const std::string_view digits(buffer.data(), used);
  const std::size_t first = std::min(digits.find_first_not_of('0'), std::size_t{kDigits - 1});
  std::size_t last = digits.find_last_not_of('0');
  if (digits[last] == '.') --last;
  return digits.substr(first, last - first + 1);
}

std::optional<ExactSum> ExactSum::parse(std::string_view text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point < text.size() ? text.substr(point + 1) : "";
  if (whole.empty() || whole.size() > kDigits || fraction.size() > kDigits) return std::nullopt;
  ExactSum sum{};
  const auto put = [&](char c, std::size_t digit) {
    const bool number = c >= '0' && c <= '9';
    if (!number && (c < 'a' || c > 'f')) return false;
    const auto value = static_cast<std::uint64_t>(number ? c - '0' : c - 'a' + 10);
    sum.limb[digit / 16] |= value << (4 * (digit % 16));
    return true;
  };
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (!put(whole[i], kDigits + whole.size() - 1 - i)) return std::nullopt;
  }
  for (std::size_t i = 0; i < fraction.size(); ++i) {
    if (!put(fraction[i], kDigits - 1 - i)) return std::nullopt;
  }
  if (sum.negative()) return std::nullopt;
  return sum;
}

}  // namespace fairdb
