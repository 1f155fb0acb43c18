#include "core/report/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace fairdb {
namespace {

constexpr const char* kPercent = "\u00A0%";  // a space that does not break
constexpr const char* kThousand = "\u202F";  // a narrow one

constexpr double kLargestFigure = 1000;  // pixels

}  // namespace

std::string fixed_text(double value, int decimals) {
  char digits[400];
  std::snprintf(digits, sizeof digits, "%.*f", decimals, value);
  std::string text = digits;
  if (text.front() != '-') return text;
  text.erase(0, 1);
  return text.find_first_not_of("0.") == std::string::npos ? text : "\u2212" + text;
}

std::string share_text(double share) {
  return fixed_text(100 * share, 1) + kPercent;
}

std::string points_text(double difference) {
  return fixed_text(100 * difference, 1) + " points";
}

std::string number_text(double value) {
  if (!std::isfinite(value)) return value > 0 ? "\u221E" : value < 0 ? "\u2212\u221E" : "unknown";
  const double size = std::abs(value);
  constexpr double kLeastFixed = 0.001;
  constexpr double kMostFixed = 1e15;
  if (value != 0 && (size < kLeastFixed || size >= kMostFixed)) {
    char digits[40];
    std::snprintf(digits, sizeof digits, "%.2g", value);
    return digits;
  }
  if (size >= 1000) return count_text(static_cast<std::int64_t>(std::llround(value)));
  return fixed_text(value, size >= 100 ? 1 : size >= 10 ? 2 : 3);
}

std::string count_text(std::int64_t count) {
  std::string digits = std::to_string(count);
  const std::string sign = digits.front() == '-' ? "\u2212" : "";
  if (!sign.empty()) digits.erase(0, 1);
  constexpr std::size_t kTogether = 4;
  if (digits.size() <= kTogether) return sign + digits;
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += kThousand;
    text += digits[i];
  }
  return sign + text;
}

std::string p_text(double p_value) {
  constexpr double kLeast = 1e-6;
  if (p_value < kLeast) return "p < 0.000001";
  // Two digits that count; near 1 they are two decimals.
  const int zeros = p_value >= 1 ? 0 : static_cast<int>(std::floor(-std::log10(p_value)));
  return "p = " + fixed_text(p_value, std::max(2, zeros + 2));
}

std::string level_text(double level) {
  std::string text = fixed_text(100 * level, 4);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + kPercent;
}

int decimals_of(double span, Unit unit) noexcept {
  constexpr double kPerPixel = 2;  // a unit of the last decimal is half a pixel
  constexpr int kMost = 12;
  const double of_unit = unit == Unit::Share ? 100 * span : span;
  if (!(of_unit > 0)) return 3;
  return std::clamp(static_cast<int>(std::ceil(std::log10(kPerPixel * kLargestFigure / of_unit))),
                    0, kMost);
}

std::string tick_text(double at, Unit unit, double step) {
  constexpr int kMost = 12;
  int decimals = 0;
  for (double s = unit == Unit::Share ? 100 * step : step;
       decimals < kMost && std::abs(s - std::round(s)) > 1e-6 * std::abs(s); s *= 10) {
    ++decimals;
  }
  return cell_text(at, unit, decimals);
}

std::string cell_text(double value, Unit unit, int decimals) {
  return unit == Unit::Share ? fixed_text(100 * value, decimals) + kPercent
                             : fixed_text(value, decimals);
}

}  // namespace fairdb
