// Characters of a text in UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fairdb {

// The character that starts at `at`, which moves behind it; kNoCharacter for a byte that starts
// none, and `at` moves behind that byte. at < text.size().
inline constexpr char32_t kNoCharacter = 0xFFFFFFFF;
[[nodiscard]] inline char32_t next_character(std::string_view text, std::size_t& at) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(at++);
  if (first < 0x80) return first;
  const std::size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC2 ? 1 : 0;
  if (more == 0 || first > 0xF4 || at + more > text.size()) return kNoCharacter;
  char32_t c = first & (0x3FU >> more);
  for (std::size_t i = 0; i < more; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) return kNoCharacter;
    c = c << 6U | (byte(at + i) & 0x3FU);
  }
  const char32_t least = more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000;
  if (c < least || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return kNoCharacter;
  at += more;
  return c;
}

}  // namespace fairdb
