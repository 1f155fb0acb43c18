#include "core/distribution/sketch.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/error.hpp"
#include "core/base/random.hpp"

namespace fairdb {
namespace {

std::uint64_t bits_of(double value) noexcept {
  std::uint64_t bits = 0;  // std::bit_cast needs GCC 11
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

[[noreturn]] void corrupt() {
  throw Error(ErrorKind::CorruptValue, "a sketch of the distribution is damaged");
}

}  // namespace

Sketch Sketch::of(const PointsView& points) {
  double total = 0;
  for (std::size_t i = 0; i < points.size(); ++i) total += points[i].total();
  Sketch sketch;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const CountedPoint point = points[i];
    const double light = std::floor(total / static_cast<double>(kRoom) / point.weight);
    const auto together =
        static_cast<std::int64_t>(std::clamp(light, 1.0, static_cast<double>(point.count)));
    for (std::int64_t left = point.count; left > 0; left -= together) {
      sketch.add(point.score, point.weight, std::min(together, left));
    }
  }
  return sketch;
}

Sketch::Shelf& Sketch::shelf_of(double weight) {
  const auto shelf = static_cast<std::size_t>(std::ilogb(weight) - kLowest);
  if (shelf >= shelves_.size()) {
    shelves_.resize(shelf + 1);
    set_rooms();
  }
  return shelves_[shelf];
}

void Sketch::set_rooms() {
  const int top = std::ilogb(total_ / static_cast<double>(kRoom)) + 1;
  next_ = std::ldexp(static_cast<double>(kRoom), top);
  for (std::size_t k = 0; k < shelves_.size(); ++k) {
    const int below = std::max(0, top - kLowest - static_cast<int>(k));
    const double room = static_cast<double>(kRoom) * std::pow(0.5, 0.5 * below);
    shelves_[k].room = std::max(kLeastRoom, static_cast<std::size_t>(room));
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
  const double added = weight * static_cast<double>(count);
  total_ += added;
  Shelf& shelf = shelf_of(added);
  shelf.points.push_back({score, added});
  if (total_ >= next_ || shelf.points.size() >= shelf.room) compact_full();
}

// A compaction may fill the shelf above, and make a new one.
void Sketch::compact_full() {
  set_rooms();
  for (std::size_t k = 0; k < shelves_.size(); ++k) {
    if (shelves_[k].points.size() >= shelves_[k].room) compact(k);
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
  Random coin(mix(content_ ^ mix(++compactions_)));
  double range = 0;
  const std::size_t pairs = points.size() > 2 * kTail ? (points.size() - 2 * kTail) / 2 : 0;
  for (std::size_t i = 0; i < pairs; ++i) {
    const WeightedPoint& a = points[kTail + 2 * i];
    const WeightedPoint& b = points[kTail + 2 * i + 1];
    const double weight = a.weight + b.weight;
    above.push_back({coin.uniform() * weight < a.weight ? a.score : b.score, weight});
    // Two equal scores move no rank.
    if (a.score != b.score) range = std::max(range, weight);
  }
  const auto first = points.begin() + static_cast<std::ptrdiff_t>(kTail);
  points.erase(first, first + static_cast<std::ptrdiff_t>(2 * pairs));
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
  total_ = weight_.value();
  error_scale_ += other.error_scale_;
  if (other.shelves_.size() > shelves_.size()) shelves_.resize(other.shelves_.size());
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

Sketch::Sketch(State state, std::int64_t rows)
    : minimum_(state.minimum),
      maximum_(state.maximum),
      error_scale_(state.error_scale),
      content_(state.content),
      compactions_(state.compactions),
      weight_(state.weight),
      squares_(state.squares) {
  if (!std::isfinite(minimum_) || !std::isfinite(maximum_) || weight_.negative() ||
      weight_.zero() || squares_.negative() || squares_.zero() || state.levels.empty()) {
    corrupt();
  }
  total_ = weight_.value();
  double sum = 0;
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
      sum += point.weight;
    }
    shelves_[k].points = std::move(level.points);
  }
  // Weights are rounded when pairs become one point, squares where they are small.
  constexpr double kRounding = 1e-3;
  const auto n = static_cast<double>(rows);
  if (!(std::abs(sum - total_) <= kRounding * total_) || rows < 1 || rows > kMaxGroupRows ||
      total_ > n * kMaxSummand || !(effective_rows() >= 1 - kRounding) ||
      !(effective_rows() <= n * (1 + kRounding)) ||
      !(error_scale_ >= 0 && error_scale_ <= total_)) {
    corrupt();
  }
  compact_full();
}

std::vector<WeightedPoint> Sketch::points() const {
  std::vector<WeightedPoint> all;
  for (const Shelf& shelf : shelves_) {
    all.insert(all.end(), shelf.points.begin(), shelf.points.end());
  }
  std::sort(all.begin(), all.end());
  const double row = weight() / effective_rows();
  const auto taken_from = [&](WeightedPoint& neighbour, double score) {
    const double weight = std::min(row, neighbour.weight / 2);
    neighbour.weight -= weight;
    return WeightedPoint{score, weight};
  };
  if (all.front().score > minimum_) {
    const WeightedPoint first = taken_from(all.front(), minimum_);
    all.insert(all.begin(), first);
  }
  if (all.back().score < maximum_) all.push_back(taken_from(all.back(), maximum_));
  return all;
}

namespace {

// rank_error() / E.
double error_factor() noexcept {
  constexpr double kProbability = 0.01;
  return std::sqrt(std::log(2 / kProbability) / 2);
}

}  // namespace

double Sketch::rank_error() const noexcept {
  return error_scale_ * error_factor();
}

double Sketch::error_scale_of(double rank_error) noexcept {
  return rank_error / error_factor();
}

double Sketch::effective_rows() const noexcept {
  const double sum = weight_.value();
  return sum / squares_.value() * sum;
}

std::size_t Sketch::bytes() const noexcept {
  std::size_t bytes = sizeof(Sketch) + shelves_.capacity() * sizeof(Shelf);
  for (const Shelf& shelf : shelves_) bytes += shelf.points.capacity() * sizeof(WeightedPoint);
  return bytes;
}

}  // namespace fairdb
