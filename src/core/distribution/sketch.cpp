#include "core/distribution/sketch.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"

namespace fairdb {
namespace {

constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;

std::uint64_t bits_of(double value) noexcept {
  std::uint64_t bits = 0;  // std::bit_cast needs GCC 11
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

[[noreturn]] void corrupt() {
  throw Error(ErrorKind::CorruptValue, "a sketch of the distribution is damaged");
}

}  // namespace

Sketch::Shelf& Sketch::shelf_of(double weight) {
  const auto shelf = static_cast<std::size_t>(std::ilogb(weight) - kLowest);
  if (shelf >= shelves_.size()) {
    shelves_.resize(shelf + 1);
    set_rooms();
  }
  return shelves_[shelf];
}

void Sketch::set_rooms() {
  constexpr std::size_t kLeast = 8;
  double room = kRoom;
  for (auto shelf = shelves_.rbegin(); shelf != shelves_.rend(); ++shelf) {
    shelf->room = std::max(kLeast, static_cast<std::size_t>(room));
    room *= std::sqrt(0.5);
  }
}

void Sketch::add(double score, double weight, std::int64_t count) {
  minimum_ = weight_.zero() ? score : std::min(minimum_, score);
  maximum_ = weight_.zero() ? score : std::max(maximum_, score);
  content_ += mix(bits_of(score) ^ mix(bits_of(weight) + static_cast<std::uint64_t>(count)));
  if (weight == 1) {
    weight_.add_count(static_cast<std::uint64_t>(count));
    squares_.add_count(static_cast<std::uint64_t>(count));
  } else {
    ExactSum one{};
    one.add(weight);
    weight_.add(one.times(static_cast<std::uint64_t>(count)));
    ExactSum square{};
    square.add_square(weight);
    squares_.add(square.times(static_cast<std::uint64_t>(count)));
  }
  const double total = weight * static_cast<double>(count);
  Shelf& shelf = shelf_of(total);
  shelf.points.push_back({score, total});
  if (shelf.points.size() >= shelf.room) compact_full();
}

void Sketch::compact_full() {
  for (std::size_t k = 0; k < shelves_.size(); ++k) {
    if (shelves_[k].points.size() >= shelves_[k].room && shelves_[k].points.size() > 1) compact(k);
  }
}

void Sketch::compact(std::size_t k) {
  if (k + 1 == shelves_.size()) {
    shelves_.emplace_back();
    set_rooms();
  }
  std::vector<WeightedPoint>& points = shelves_[k].points;
  std::vector<WeightedPoint>& above = shelves_[k + 1].points;
  std::sort(points.begin(), points.end());
  std::uint64_t coin = mix(content_ ^ mix(static_cast<std::uint64_t>(++compactions_)));
  double range = 0;
  const std::size_t pairs = points.size() / 2;
  for (std::size_t i = 0; i < pairs; ++i) {
    const WeightedPoint& a = points[2 * i];
    const WeightedPoint& b = points[2 * i + 1];
    const double weight = a.weight + b.weight;
    coin += kGolden;
    const double uniform = static_cast<double>(mix(coin) >> 11) * 0x1p-53;
    above.push_back({uniform * weight < a.weight ? a.score : b.score, weight});
    // Two equal scores move no rank.
    if (a.score != b.score) range = std::max(range, weight);
  }
  points.erase(points.begin(), points.begin() + static_cast<std::ptrdiff_t>(2 * pairs));
  error_scale_ = std::sqrt(error_scale_ * error_scale_ + range * range);
}

void Sketch::merge(const Sketch& other) {
  if (other.weight_.zero()) return;
  minimum_ = weight_.zero() ? other.minimum_ : std::min(minimum_, other.minimum_);
  maximum_ = weight_.zero() ? other.maximum_ : std::max(maximum_, other.maximum_);
  content_ += other.content_;
  compactions_ += other.compactions_;
  weight_.add(other.weight_);
  squares_.add(other.squares_);
  error_scale_ += other.error_scale_;
  if (other.shelves_.size() > shelves_.size()) shelves_.resize(other.shelves_.size());
  set_rooms();
  for (std::size_t k = 0; k < other.shelves_.size(); ++k) {
    auto& points = shelves_[k].points;
    points.insert(points.end(), other.shelves_[k].points.begin(), other.shelves_[k].points.end());
    std::sort(points.begin(), points.end());
  }
  compact_full();
}

Sketch::State Sketch::state() const {
  State state;
  state.minimum = minimum_;
  state.maximum = maximum_;
  state.error_scale = error_scale_;
  state.content = content_;
  state.compactions = compactions_;
  state.weight = weight_;
  state.squares = squares_;
  for (std::size_t k = 0; k < shelves_.size(); ++k) {
    if (shelves_[k].points.empty()) continue;
    Level& level =
        state.levels.emplace_back(Level{static_cast<int>(k) + kLowest, shelves_[k].points});
    std::sort(level.points.begin(), level.points.end());
  }
  return state;
}

Sketch::Level Sketch::level(int exponent,
                            std::span<const double> scores,
                            std::span<const double> weights) {
  if (!weights.empty() && weights.size() != scores.size()) corrupt();
  Level level{exponent, {}};
  level.points.reserve(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    level.points.push_back({scores[i], weights.empty() ? std::ldexp(1.0, exponent) : weights[i]});
  }
  return level;
}

Sketch::Sketch(State state)
    : minimum_(state.minimum),
      maximum_(state.maximum),
      error_scale_(state.error_scale),
      content_(state.content),
      compactions_(state.compactions),
      weight_(state.weight),
      squares_(state.squares) {
  if (!std::isfinite(minimum_) || !std::isfinite(maximum_) || !std::isfinite(error_scale_) ||
      error_scale_ < 0 || compactions_ < 0 || weight_.negative() || weight_.zero() ||
      squares_.negative() || squares_.zero() || state.levels.empty()) {
    corrupt();
  }
  double total = 0;
  int before = kLowest - 1;
  for (Level& level : state.levels) {
    if (level.exponent <= before || level.exponent > kHighest || level.points.empty()) corrupt();
    before = level.exponent;
    const auto k = static_cast<std::size_t>(level.exponent - kLowest);
    if (k >= shelves_.size()) shelves_.resize(k + 1);
    for (std::size_t i = 0; i < level.points.size(); ++i) {
      const WeightedPoint& point = level.points[i];
      if (!(point.score >= minimum_ && point.score <= maximum_) || !std::isnormal(point.weight) ||
          point.weight < 0 || std::ilogb(point.weight) != level.exponent ||
          (i > 0 && point < level.points[i - 1])) {
        corrupt();
      }
      total += point.weight;
    }
    shelves_[k].points = std::move(level.points);
  }
  // Sums of weights are rounded when pairs become one point.
  if (!(std::abs(total - weight()) <= 1e-6 * total)) corrupt();
  set_rooms();
}

std::vector<WeightedPoint> Sketch::points() const {
  std::vector<WeightedPoint> all;
  for (const Shelf& shelf : shelves_) {
    all.insert(all.end(), shelf.points.begin(), shelf.points.end());
  }
  std::sort(all.begin(), all.end());
  // The end points have moved inwards by less than their own weight.
  all.front().score = minimum_;
  all.back().score = maximum_;
  return all;
}

double Sketch::rank_error() const noexcept {
  constexpr double kProbability = 0.01;
  return error_scale_ * std::sqrt(std::log(2 / kProbability) / 2);
}

double Sketch::effective_rows() const noexcept {
  const double sum = weight_.value();
  return sum / squares_.value() * sum;
}

std::size_t Sketch::bytes() const noexcept {
  std::size_t bytes = shelves_.capacity() * sizeof(Shelf);
  for (const Shelf& shelf : shelves_) bytes += shelf.points.capacity() * sizeof(WeightedPoint);
  return bytes;
}

}  // namespace fairdb
