#include "core/decision/calibration.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/archive.hpp"
#include "core/decision/roc.hpp"

namespace fairdb {
namespace {

// The rows of one score.
struct Tally {
  double score;
  double negatives;
  double positives;
  double weight() const noexcept { return negatives + positives; }
};

std::vector<Tally> tallies(const LabelledScores& scores, Monitor& monitor) {
  std::vector<Tally> list;
  RocPoint before{};
  each_roc_point(scores, monitor, [&](const RocPoint& point) {
    const Tally tally{point.threshold, point.fp - before.fp, point.tp - before.tp};
    // A weight that vanishes beside the sum of those above it tells nothing.
    if (point.threshold != kSelectsNobody && tally.weight() > 0) list.push_back(tally);
    before = point;
  });
  std::reverse(list.begin(), list.end());
  return list;
}

std::vector<Knot> isotonic(const std::vector<Tally>& list) {
  struct Block {
    std::size_t first, last;
    double weight, positives;
    double mean() const noexcept { return positives / weight; }
  };
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < list.size(); ++i) {
    Block block{i, i, list[i].weight(), list[i].positives};
    while (!blocks.empty() && blocks.back().mean() >= block.mean()) {
      const Block& before = blocks.back();
      block = {before.first, block.last, before.weight + block.weight,
               before.positives + block.positives};
      blocks.pop_back();
    }
    blocks.push_back(block);
  }
  std::vector<Knot> knots;
  for (const Block& block : blocks) {
    const double mean = std::clamp(block.mean(), 0.0, 1.0);
    knots.push_back({list[block.first].score, mean});
    if (block.last > block.first) knots.push_back({list[block.last].score, mean});
  }
  return knots;
}

double logistic(double x) noexcept {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

// Newton's method with halved steps (Lin, Lin, Weng, "A note on Platt's probabilistic outputs for
// support vector machines", 2007).
void platt(const std::vector<Tally>& list, GroupCalibration& group, Monitor& monitor) {
  double negatives = 0;
  double positives = 0;
  for (const Tally& t : list) {
    negatives += t.negatives;
    positives += t.positives;
  }
  // In halves of their range, whose squares are neither too large nor too small.
  const double lowest = list.front().score;
  const double half_range = list.back().score / 2 - lowest / 2;
  const bool varies = half_range > 0;
  double mean = 0;
  double squares = 0;
  double weight = 0;
  for (const Tally& t : list) {
    const double place = varies ? (t.score / 2 - lowest / 2) / half_range : 0;  // 0 to 1
    weight += t.weight();
    const double d = place - mean;
    mean += d * (t.weight() / weight);
    squares += t.weight() * d * (place - mean);
  }
  group.centre = std::lerp(lowest, list.back().score, mean);
  const double half_deviation = half_range * std::sqrt(squares / weight);
  group.scale = varies && std::isnormal(half_deviation) ? half_deviation : 1;
  const double high = (positives + 1) / (positives + 2);
  const double low = 1 / (negatives + 2);
  const auto z_of = [&](const Tally& t) {
    return (t.score / 2 - group.centre / 2) / (group.scale / 2);
  };
  const auto loss = [&](double slope, double intercept) {
    double sum = 0;
    for (const Tally& t : list) {
      const double f = slope * z_of(t) + intercept;
      const double wins = t.positives * high + t.negatives * low;
      const double softplus = std::max(f, 0.0) + std::log1p(std::exp(-std::abs(f)));
      sum += t.weight() * softplus - wins * f;
    }
    return sum;
  };
  double slope = 0;
  double intercept = std::log((positives + 1) / (negatives + 1));
  double now = loss(slope, intercept);
  constexpr int kMostSteps = 100;
  constexpr double kRidge = 1e-12;
  for (int step = 0; step < kMostSteps; ++step) {
    monitor.poll();
    double ga = 0, gb = 0, haa = kRidge, hab = 0, hbb = kRidge;
    for (const Tally& t : list) {
      const double z = z_of(t);
      const double p = logistic(slope * z + intercept);
      const double d = t.weight() * p - (t.positives * high + t.negatives * low);
      const double h = t.weight() * p * (1 - p);
      ga += d * z;
      gb += d;
      haa += h * z * z;
      hab += h * z;
      hbb += h;
    }
    if (std::max(std::abs(ga), std::abs(gb)) <= 1e-12 * weight) break;
    const double determinant = haa * hbb - hab * hab;
    const double da = -(hbb * ga - hab * gb) / determinant;
    const double db = -(haa * gb - hab * ga) / determinant;
    double length = 1;
    double next = loss(slope + da, intercept + db);
    // Where the loss no longer tells one step from another the whole step is right.
    constexpr double kTold = 1e-9;
    const double promised = ga * da + gb * db;
    while (-promised > kTold * now && !(next <= now + 1e-4 * length * promised) && length > 1e-10) {
      length /= 2;
      next = loss(slope + length * da, intercept + length * db);
    }
    slope += length * da;
    intercept += length * db;
    now = next;
  }
  group.slope = slope;
  group.intercept = intercept;
}

template <class Archive, class Value>
void map_fields(Archive& archive, Value& map) {
  archive.choice(map.method);
  constexpr std::size_t kGroupBytes = 48;
  constexpr std::size_t kKnotBytes = 16;
  archive.list(map.groups, kGroupBytes, [&](auto& group) {
    archive.text(group.group);
    archive.count(group.rows);
    for (auto* number : {&group.centre, &group.scale, &group.slope, &group.intercept}) {
      archive.number(*number);
    }
    archive.list(group.knots, kKnotBytes, [&](auto& knot) {
      archive.number(knot.score);
      archive.number(knot.probability);
    });
  });
}

constexpr std::uint8_t kMapVersion = 1;

void check_map(const CalibrationMap& map) {
  for (std::size_t g = 0; g < map.groups.size(); ++g) {
    const GroupCalibration& group = map.groups[g];
    if (g > 0 && !(map.groups[g - 1].group < group.group)) corrupt("its groups are not sorted");
    if (!(group.scale > 0)) corrupt("a scale is out of range");
    if (group.knots.empty() != (map.method == CalibrationMethod::Platt)) {
      corrupt("a group has no map of the method");
    }
    for (std::size_t k = 0; k < group.knots.size(); ++k) {
      const Knot& knot = group.knots[k];
      if (!(knot.probability >= 0 && knot.probability <= 1)) {
        corrupt("a probability is out of range");
      }
      if (k > 0 && !(group.knots[k - 1].score < knot.score &&
                     group.knots[k - 1].probability <= knot.probability)) {
        corrupt("its scores are not sorted");
      }
    }
  }
}

}  // namespace

double GroupCalibration::probability(double score, CalibrationMethod method) const noexcept {
  if (method == CalibrationMethod::Platt) {
    return logistic(slope * ((score / 2 - centre / 2) / (scale / 2)) + intercept);
  }
  const auto next =
      std::lower_bound(knots.begin(), knots.end(), score,
                       [](const Knot& knot, double wanted) { return knot.score < wanted; });
  if (next == knots.end()) return knots.back().probability;
  if (next == knots.begin() || next->score == score) return next->probability;
  const Knot& before = *(next - 1);
  const double t = (score / 2 - before.score / 2) / (next->score / 2 - before.score / 2);
  return std::lerp(before.probability, next->probability, t);
}

const GroupCalibration* CalibrationMap::find(std::string_view group) const noexcept {
  return group_named(groups, group);
}

CalibrationMap calibrate(const std::vector<LabelledScores>& groups,
                         CalibrationMethod method,
                         Monitor& monitor) {
  CalibrationMap map;
  map.method = method;
  for (const LabelledScores& scores : groups) {
    std::vector<Tally> list = tallies(scores, monitor);
    if (list.empty()) continue;
    GroupCalibration& group = map.groups.emplace_back();
    group.group = scores.group;
    group.rows = scores.negative_rows + scores.positive_rows;
    if (method == CalibrationMethod::Isotonic) {
      group.knots = isotonic(list);
    } else {
      // Platt's prior of one row is measured against rows, whatever the unit of the weights.
      const double unit = scores.effective_rows() / scores.weight();
      for (Tally& tally : list) {
        tally.negatives *= unit;
        tally.positives *= unit;
      }
      platt(list, group, monitor);
    }
  }
  if (map.groups.empty()) throw Error(ErrorKind::InvalidData, "the distribution has no rows");
  return map;
}

std::vector<std::byte> encode(const CalibrationMap& map) {
  ByteWriter bytes;
  bytes.u8(kMapVersion);
  WritingArchive archive(bytes, kMapVersion);
  map_fields(archive, map);
  return bytes.bytes();
}

CalibrationMap decode_calibration(std::span<const std::byte> content) {
  ByteReader bytes(content);
  if (bytes.u8() != kMapVersion) corrupt("its version is unknown");
  ReadingArchive archive(bytes, kMapVersion);
  CalibrationMap map;
  map_fields(archive, map);
  if (!bytes.at_end()) corrupt("bytes are left over");
  check_map(map);
  return map;
}

}  // namespace fairdb
