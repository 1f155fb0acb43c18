// The project's one generator of random numbers: a counter, mixed. Its numbers are the same on
// every machine, as those of the standard library's distributions are not.
// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014
// (SplitMix), with the mixer of core/base/hash.hpp.
#pragma once

#include <concepts>

#include "core/base/hash.hpp"

namespace fairdb {

class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept { return mix(state_ += kGoldenRatio); }
  // In [0, 1).
  double uniform() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }
  // 0 to bound - 1; bound > 0. Without the bias of a remainder, up to bound / 2^64.
  template <std::integral Whole>
  Whole below(Whole bound) noexcept {
    return static_cast<Whole>(
        (static_cast<unsigned __int128>(next()) * static_cast<std::uint64_t>(bound)) >> 64);
  }
  // Mean 0 and variance 1: the sum of twelve uniforms, without the tails of a normal law beyond 6.
  double normal() noexcept {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum;
  }

 private:
  std::uint64_t state_;
};

}  // namespace fairdb
