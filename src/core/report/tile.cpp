#include "core/report/tile.hpp"

#include "core/report/words.hpp"

namespace fairdb {
namespace {

void judge(Tile& tile, Tile::Colour colour, const char* sign, const char* word) {
  tile.colour = colour;
  tile.sign = sign;
  tile.word = word;
}

constexpr const char* kCross = "\u2715";
constexpr const char* kTick = "\u2713";

}  // namespace

Tile tile_of(const Finding& finding,
             const std::string& by,
             std::optional<double> limit,
             const Wording& wording) {
  Tile tile;
  tile.name = words::metric_name(finding.metric, by);
  tile.value = finding.value;
  tile.interval = finding.interval;
  tile.limit = limit;
  tile.range = finding.interval ? words::interval(*finding.interval, wording.level)
               : finding.value  ? "no interval"
                                : words::no_gap(finding);
  const bool ratio = finding.contrast == Contrast::Ratio;
  if (!finding.value) {
    judge(tile, Tile::Colour::Plain, "\u2013", "unknown");
  } else if (!limit) {
    if (finding.apart(wording.level)) {
      judge(tile, Tile::Colour::Plain, "\u2260", "apart");
    } else {
      judge(tile, Tile::Colour::Undecided, "?", "undecided");
    }
  } else if (finding.interval &&
             (ratio ? finding.interval->to < *limit : finding.interval->from > *limit)) {
    judge(tile, Tile::Colour::Above, kCross, ratio ? "below" : "above");
  } else if (finding.interval &&
             (ratio ? finding.interval->from >= *limit : finding.interval->to <= *limit)) {
    judge(tile, Tile::Colour::Within, kTick, "within");
  } else {
    judge(tile, Tile::Colour::Undecided, "?", "undecided");
  }
  return tile;
}

Tile tile_of(const DecidedLimit& decided) {
  Tile tile;
  tile.name = words::metric_name(decided.metric, decided.by);
  tile.value = decided.value;
  tile.interval = decided.bounds;
  tile.limit = decided.limit;
  tile.range = decided.withheld ? "withheld: groups are too small"
               : decided.bounds ? words::bounds(*decided.bounds, decided.rule)
                                : "no bounds";
  switch (decided.verdict) {
    case Verdict::Within:
      judge(tile, Tile::Colour::Within, kTick, "within");
      break;
    case Verdict::Above:
      judge(tile, Tile::Colour::Above, kCross,
            decided.metric.ends_with("_ratio") ? "below" : "above");
      break;
    case Verdict::Undecided:
      judge(tile, Tile::Colour::Undecided, "?", "undecided");
      break;
    case Verdict::Insufficient:
      judge(tile, Tile::Colour::Plain, "\u2013", "too few rows");
      break;
  }
  return tile;
}

}  // namespace fairdb
