// Fair scores of a distribution's groups: which barycenters, in which order, how far.
//
//   one step     all groups together, or within strata: alpha is the share of the unfairness that
//                may stay, fair_alpha = sqrt(alpha) z + (1 - sqrt(alpha)) fair (Chzhen, Schreuder,
//                "A minimax framework for quantifying risk-fairness trade-off in regression",
//                Annals of Statistics 2022). EquiPy's epsilon is sqrt(alpha).
//   in sequence  groups are rows of several attributes, each with an alpha of its own (Hu, Ratz,
//                Charpentier, "A sequentially fair mechanism for multiple sensitive attributes",
//                AAAI 2024). Step i carries the scores to the barycenter of the values of attribute
//                i, within each combination of the later attributes, whatever the earlier ones are.
//                With every alpha 0 that is the barycenter of all combinations in any order of the
//                attributes, and is computed as such; for weights of groups other than their shares
//                and for medians, which do not nest, this is what it is defined to be.
#pragma once

#include <map>
#include <string>

#include "core/base/monitor.hpp"
#include "core/distribution/barycenter.hpp"

namespace fairdb {

enum class GroupWeights : std::uint8_t { Shares, Uniform, Given };

// Whether ranks and quantiles come from the same rows, or from two random halves of them.
enum class Calibration : std::uint8_t { Full, Split };
template <>
struct NameTable<Calibration> {
  static constexpr std::string_view kWhat = "calibration";
  static constexpr std::pair<Calibration, std::string_view> kNames[] = {
      {Calibration::Full, "full"}, {Calibration::Split, "split"}};
};

struct AdjustmentOptions {
  double alpha = 0;
  std::vector<double> alphas =
      {};  // one for each attribute, for steps in sequence; empty: one step
  std::int32_t conditional_on = 0;  // so many leading fields of the groups are strata
  GroupWeights group_weights = GroupWeights::Shares;
  std::map<std::string, double, std::less<>> given_weights = {};  // by label
  Center center = Center::Mean;
  Calibration calibration = Calibration::Full;
  std::int64_t seed = 0;  // of the halves
  std::optional<std::pair<double, double>> bounds = {};
};
// Errors: InvalidArgument, naming the option.
void validate(const AdjustmentOptions& options);

class Adjustment {
 public:
  // distribution: its bytes must outlive this. Errors: those of validate(); InvalidArgument when
  // the groups are no rows of so many attributes or when given weights do not fit; InvalidData when
  // a group cannot be split.
  Adjustment(const Distribution& distribution, AdjustmentOptions options, Monitor& monitor);

  // The fair score of a row; z finite, group with scores. Depends on nothing else. spread, in [0,
  // 1), places the row among those with the same score; without it they get one common score.
  double operator()(std::int32_t group, double z, std::optional<double> spread) const;

  // Whether the group has scores.
  bool knows(std::int32_t group) const noexcept {
    return !stages_.front().places[static_cast<std::size_t>(group)].empty();
  }
  // The stratum of a group, numbered from 0; groups are to agree within it.
  std::int32_t stratum(std::int32_t group) const noexcept {
    return strata_[static_cast<std::size_t>(group)];
  }
  // Makes many calls faster.
  void prepare();

 private:
  struct Place {
    std::int32_t barycenter = -1;
    std::int32_t group = -1;
    bool empty() const noexcept { return barycenter < 0; }
  };
  struct Stage {
    std::vector<Barycenter> barycenters;
    std::vector<Place> places;  // by group of the distribution
    double kept;                // sqrt(alpha)
  };
  void one_step(const Distribution& distribution,
                const std::vector<double>& weights,
                Monitor& monitor);
  void run_in_sequence(const Distribution& distribution,
                       const std::vector<std::vector<std::string_view>>& fields,
                       const std::vector<double>& weights,
                       Monitor& monitor);
  void add_stage(Stage stage, std::vector<std::vector<BarycenterGroup>> members);
  double move(const Stage& stage, std::size_t group, double z, std::optional<double> spread) const;

  AdjustmentOptions options_;
  std::vector<Stage> stages_;
  std::vector<std::int32_t> strata_;
};

}  // namespace fairdb
