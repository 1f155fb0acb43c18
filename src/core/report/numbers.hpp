// How a report writes numbers. One rule: a share in per cent with one decimal, another number with
// three digits that count, and in a table and on an axis with as many decimals as a pixel of the
// figure tells apart. Independent of the locale.
#pragma once

#include <cstdint>
#include <string>

namespace fairdb {

// How the numbers of an axis, a column or a sentence are written: 71.7 %, 0.191, or the time of
// whoever has its label.
enum class Unit : std::uint8_t { Share, Number, Time };

// With so many decimals; minus is U+2212, -0 is 0. The value must be finite.
[[nodiscard]] std::string fixed_text(double value, int decimals);
// 0.717 is "71.7 %".
[[nodiscard]] std::string share_text(double share);
// A difference of shares: 0.191 is "19.1 points".
[[nodiscard]] std::string points_text(double difference);
[[nodiscard]] std::string number_text(double value);
// Whole; thousands are set apart from 10 000 on.
[[nodiscard]] std::string count_text(std::int64_t count);
// "p = 0.023", "p < 0.000001".
[[nodiscard]] std::string p_text(double p_value);
// A level: 0.95 is "95 %", 0.999 "99.9 %".
[[nodiscard]] std::string level_text(double level);

// The decimals with which a number of the unit differs from its text by a quarter of a pixel at
// most, where `span` is drawn over the largest figure; for Share, decimals of per cent.
[[nodiscard]] int decimals_of(double span, Unit unit) noexcept;
// A number at a tick of an axis, with as many decimals as the step between ticks has.
[[nodiscard]] std::string tick_text(double at, Unit unit, double step);
// A number of a table: with these decimals.
[[nodiscard]] std::string cell_text(double value, Unit unit, int decimals);

}  // namespace fairdb
