// A summary of bounded size of weighted scores, from which ranks are read up to a small error.
//
// Level h holds points of weight 2^h to 2^(h+1). A level that is full is compacted: its points are
// sorted and paired; of each pair one stays, with the probability of its share of the pair's
// weight, and carries the weight of both into the level above. No rank changes in expectation. With
// equal weights this is the sketch of Karnin, Lang and Liberty, "Optimal quantile approximation in
// streams", FOCS 2016; a weight that is no power of two stands at its level as it is.
//
// Level T, the lowest on which kRoom points weigh more than all scores, and those above it are
// never full. The rooms below T shrink by 1 / sqrt(2) from level to level, which gives the least
// error for their sum, and T rises with the weight. A single heavy row takes no room from others.
// The kTail lowest and highest points of a level stay out of its compaction: the nearer to an end
// of the scores, the finer the points, and the error there is a share of the tail, not of all
// (compare Cormode, Karnin, Liberty, Thaler, Vesely, "Relative error streaming quantiles", PODS
// 2021).
//
// The error is accounted for, not estimated. Let r(t) be the weight of the scores up to t. One
// compaction changes the r(t) of the sketch only by the one pair w1, w2 that lies on both sides of
// t: by a random amount of mean 0 and range w1 + w2. Its moment generating function is at most
// exp(s^2 (w1 + w2)^2 / 8) (Hoeffding's lemma), whatever happened before, so the error after all
// compactions of one sketch is sub-Gaussian with the scale
//
//   E = sqrt(sum over compactions of max (w1 + w2)^2),
//   P(|error of r(t)| > e) <= 2 exp(-2 e^2 / E^2)     at each t (Azuma, Hoeffding).
//
// Where weights differ, which points meet is chance too, and E is taken as it came out. Merging
// adds the scales, which holds however the two depend on each other: the same rows may have been
// summarised twice.
//
// The coins come from a hash of the content and of the number of compactions, so a sketch is a
// function of the scores and of the order in which they came. A merge is the same from either side,
// to the bit.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "core/base/exact_sum.hpp"
#include "core/distribution/points.hpp"

namespace fairdb {

// The most rows of a group, and of each kind of unknown ones.
inline constexpr std::int64_t kMaxGroupRows = std::int64_t{1} << 45;

class Sketch {
 public:
  // Points of weights 2^exponent to 2^(exponent + 1), ascending.
  struct Level {
    int exponent;
    std::vector<WeightedPoint> points;
    // Whether the point's weight is 2^exponent, as that of rows that weigh 1.
    bool plain(const WeightedPoint& point) const noexcept {
      return point.weight == std::ldexp(1.0, exponent);
    }
  };
  // weights: empty when all are 2^exponent. Errors: CorruptValue for lists of different lengths.
  static Level level(int exponent, std::span<const double> scores, std::span<const double> weights);
  // Everything that a sketch is.
  struct State {
    double minimum;
    double maximum;
    double error_scale = 0;         // E
    std::uint64_t content = 0;      // a sum of hashes of all scores
    std::uint64_t compactions = 0;  // salt of the coins
    ExactSum weight{};              // of all scores
    ExactSum squares{};             // of their weights
    std::vector<Level> levels;      // ascending by exponent, none empty
  };

  Sketch() = default;
  // Errors: CorruptValue for a state that state() of a sketch of so many rows cannot have returned.
  Sketch(State state, std::int64_t rows);
  State state() const;
  // The sketch of all rows of an exact group. Rows of one score become so many points that each of
  // these is light beside all scores: their score is then seen to be no single row.
  static Sketch of(const PointsView& points);

  // So many rows of one score, as one point. score: finite; weight: 2^-56 to 2^40; count: at least
  // 1, at most kMaxGroupRows in all.
  void add(double score, double weight, std::int64_t count = 1);
  // other: not this one.
  void merge(const Sketch& other);

  // All points, ascending; a score may come more than once. The first and the last are the minimum
  // and the maximum: where their rows were left out, they take what a row weighs from their
  // neighbours. Not empty once something was added.
  std::vector<WeightedPoint> points() const;

  // The error of r(t) that is exceeded with a probability of at most 1 %, at each t by itself, in
  // units of weight.
  double rank_error() const noexcept;
  // The E for which rank_error() is so much.
  static double error_scale_of(double rank_error) noexcept;
  double weight() const noexcept { return weight_.value(); }
  // Rows of equal weight that would tell as much (Kish): the squared weight over the squares.
  double effective_rows() const noexcept;
  std::size_t bytes() const noexcept;

 private:
  // The levels from T on hold less than that many points together; those below 2.5 times as many,
  // and what the least room of each adds.
  static constexpr std::size_t kRoom = 3300;
  static constexpr std::size_t kTail = 32;
  static constexpr std::size_t kLeastRoom = 3 * kTail;
  static constexpr int kLowest = -56;
  static constexpr int kHighest = 86;  // kMaxGroupRows of the largest weight, and one compaction
  struct Shelf {
    std::vector<WeightedPoint> points;
    std::size_t room = 0;
  };
  Shelf& shelf_of(double weight);
  void set_rooms();
  void compact(std::size_t shelf);
  void compact_full();

  double minimum_ = 0;
  double maximum_ = 0;
  double error_scale_ = 0;
  std::uint64_t content_ = 0;
  std::uint64_t compactions_ = 0;
  ExactSum weight_{};
  ExactSum squares_{};
  double total_ = 0;            // the weight, to within rounding
  double next_ = 0;             // T rises when it is passed
  std::vector<Shelf> shelves_;  // [k] of weights from 2^(k + kLowest)
};

}  // namespace fairdb
