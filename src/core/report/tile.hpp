// A verdict: a number, its interval, and what they say of a limit.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/report/figure.hpp"
#include "core/report/findings.hpp"

namespace fairdb {

struct Tile {
  std::string name;
  std::optional<double> value;
  std::optional<Range> interval;
  std::string range;  // the interval in words, or why there is none
  std::optional<double> limit;
  enum class Colour : std::uint8_t { Above, Undecided, Within, Plain } colour = Colour::Plain;
  const char* sign = "";
  std::string word;
};

// Of a gap that was found, against a limit if there is one. Beyond the limit: all of the interval
// is; within: all of it is, its end included; else it decides nothing.
[[nodiscard]] Tile tile_of(const Finding& finding,
                           const std::string& by,
                           std::optional<double> limit,
                           const Wording& wording);

// Of a run's limit, which was decided by a rule of its own: with the bounds that decided.
struct DecidedLimit {
  std::string metric;
  std::string by;
  double limit;
  Verdict verdict;
  std::optional<double> value;
  std::optional<Range> bounds;
  std::string rule;
  bool withheld = false;

  // Leaves nothing but the verdict.
  void withhold() {
    value.reset();
    bounds.reset();
    withheld = true;
  }
};
[[nodiscard]] Tile tile_of(const DecidedLimit& decided);

}  // namespace fairdb
