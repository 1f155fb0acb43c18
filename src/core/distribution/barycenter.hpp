// The map of each group's scores to the Wasserstein barycenter of the groups' laws.
//
//   fair(z, s) = sum_g p_g Q_g(F_s(z))            of the Wasserstein-2 barycenter
//   fair(z, s) = weighted median of Q_g(F_s(z))   of the Wasserstein-1 barycenter
//
// F_s and Q_g are mid-rank (core/distribution/law.hpp). Ties get one common score, nothing is
// random, and a row's result depends on no other row that is adjusted. Within a group the order of
// scores is kept. A calibrated score has itself as the quantile of its own group, to the bit.
//
// With split calibration F_s and Q_g are the steps of two halves of the calibration rows, as in
// algorithm 1 of the paper:
//   fair(z, s) = sum_g p_g Q_g(k / m_s),   k = #{scores of half 1 of s that are <= z},
//   Q_g(u) = score number max(1, ceil(u n_g)) of half 0 of g.
//
// Source: Chzhen, Denis, Hebiri, Oneto, Pontil, "Fair regression with Wasserstein barycenters",
// NeurIPS 2020, theorem 2.3 and algorithm 1, with mid-ranks in place of its random jitter. The
// median: Jiang, Pacchiano, Stepleton, Jiang, Chiappa, "Wasserstein fair classification", UAI 2019;
// of a median that is not unique, the middle.
#pragma once

#include "core/base/names.hpp"
#include "core/distribution/law.hpp"

namespace fairdb {

enum class Center : std::uint8_t { Mean, Median };
template <>
struct NameTable<Center> {
  static constexpr std::string_view kWhat = "barycenter";
  static constexpr std::pair<Center, std::string_view> kNames[] = {{Center::Mean, "w2"},
                                                                   {Center::Median, "w1"}};
};

// A group as a barycenter sees it.
struct BarycenterGroup {
  ScoreLaw law;                                    // Q, and F unless there are halves
  double weight;                                   // p, in any unit
  std::optional<ScoreLaw> distribution_half = {};  // F of split calibration
};

class Barycenter {
 public:
  // groups: those with scores; weights not negative, some above 0.
  Barycenter(std::vector<BarycenterGroup> groups, Center center);

  // z: finite; group: below the number of groups. spread: see ScoreLaw::rank. O(groups + log n)
  // once prepared, else O(groups log n). Between the smallest and the largest of the groups'
  // quantiles.
  double fair(std::size_t group, double z, std::optional<double> spread) const;

  void prepare(bool roomy);
  // Of all laws, each score counted once.
  std::size_t points() const noexcept;

 private:
  template <class Quantile>
  double mean(Quantile quantile) const;
  template <class Quantile>
  double median(Quantile quantile) const;
  template <class Quantile>
  double center(Quantile quantile) const {
    return center_ == Center::Mean ? mean(quantile) : median(quantile);
  }

  std::vector<BarycenterGroup> groups_;
  Center center_;
};

}  // namespace fairdb
