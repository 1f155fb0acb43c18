#include "core/distribution/adjustment.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/listed.hpp"
#include "core/base/polled_sort.hpp"
#include "core/base/random.hpp"
#include "core/base/row_label.hpp"

namespace fairdb {
namespace {

using Fields = std::vector<std::string_view>;

void check_alpha(double alpha) {
  if (alpha >= 0 && alpha <= 1) return;
  throw Error(ErrorKind::InvalidArgument,
              "alpha must be between 0 and 1, not " + std::to_string(alpha),
              "0 removes all of the unfairness, 1 leaves the scores as they are.");
}

// The fields of each group's label.
std::vector<Fields> fields_of_groups(const Distribution& distribution,
                                     const AdjustmentOptions& options) {
  std::vector<Fields> list;
  const auto strata = static_cast<std::size_t>(options.conditional_on);
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    const std::string_view label = distribution.group(g).label;
    Fields fields = fields_of(label);
    const std::size_t wanted = list.empty() ? strata + options.alphas.size() : list.front().size();
    const bool any = list.empty() && options.alphas.empty();  // number of attributes
    if (any ? fields.size() <= strata : fields.size() != wanted) {
      throw Error(ErrorKind::InvalidArgument,
                  "group \"" + std::string(label) + "\" is no row of " + (any ? "more than " : "") +
                      std::to_string(wanted) + (wanted == 1 ? " field" : " fields"),
                  "Make the distribution with distribution_agg(score, row(stratum, sex)) for "
                  "conditional_on => 1, or row(sex, race) for two alphas.");
    }
    list.push_back(std::move(fields));
  }
  return list;
}

// Numbers keys in the order in which they are met.
class Numbering {
 public:
  std::int32_t operator()(const Fields& key) {
    return numbers_.emplace(key, static_cast<std::int32_t>(numbers_.size())).first->second;
  }

 private:
  std::map<Fields, std::int32_t> numbers_;
};

double weight_of(const ScoreGroup& group, const AdjustmentOptions& options) {
  switch (options.group_weights) {
    case GroupWeights::Shares:
      return group.weight();
    case GroupWeights::Uniform:
      return 1;
    case GroupWeights::Given:
      break;
  }
  const auto found = options.given_weights.find(group.label);
  if (found == options.given_weights.end()) {
    throw Error(ErrorKind::InvalidArgument,
                "group_weights has no weight for group \"" + std::string(group.label) + "\"",
                "Name every group: group_weights => '{\"a\": 1, \"b\": 2}'.");
  }
  return found->second;
}

// Two halves of a group's rows, chosen at random: for F and for Q.
std::pair<ScoreLaw, ScoreLaw> halves_of(const ScoreGroup& group,
                                        std::int64_t seed,
                                        Monitor& monitor) {
  const PointsView& points = group.points;
  const std::string name = "group \"" + std::string(group.label) + "\"";
  if (group.sketch || !points.weight.empty()) {
    throw Error(ErrorKind::InvalidData,
                name + (group.sketch ? " is a sketch" : " has weighted rows") +
                    ", which cannot be split into halves",
                "Use calibration => 'full', or a sample of the rows without weights.");
  }
  constexpr double kMostRows = 1e9;  // each is drawn for
  const double rows = group.weight();
  if (rows < 2 || rows > kMostRows) {
    throw Error(ErrorKind::InvalidData,
                name + " has " + std::to_string(static_cast<std::int64_t>(rows)) +
                    " rows, split calibration takes 2 to 1000000000 of each group",
                "Use calibration => 'full'.");
  }
  Random random(mix(digest(group.label) ^ mix(static_cast<std::uint64_t>(seed))));
  auto left = static_cast<std::uint64_t>(rows);
  std::uint64_t needed = left / 2;
  std::vector<CountedPoint> f;
  std::vector<CountedPoint> q;
  for (std::size_t i = 0; i < points.size(); ++i) {
    std::int64_t chosen = 0;
    for (std::int64_t k = 0; k < points.count_of(i); ++k) {
      if (left % 0x10000 == 0) monitor.poll();
      if (random.below(left) < needed) {
        ++chosen;
        --needed;
      }
      --left;
    }
    const std::int64_t rest = points.count_of(i) - chosen;
    if (chosen > 0) f.push_back({points.score[i], 1, chosen});
    if (rest > 0) q.push_back({points.score[i], 1, rest});
  }
  return {ScoreLaw(f), ScoreLaw(q)};
}

// Steps that all go to the end are one.
bool in_sequence(const AdjustmentOptions& options) {
  return options.alphas.size() > 1 && std::any_of(options.alphas.begin(), options.alphas.end(),
                                                  [](double alpha) { return alpha != 0; });
}

}  // namespace

void validate(const AdjustmentOptions& options) {
  check_alpha(options.alpha);
  for (const double alpha : options.alphas) check_alpha(alpha);
  const auto bad = [](const std::string& message, const std::string& hint = {}) {
    throw Error(ErrorKind::InvalidArgument, message, hint);
  };
  if (!options.alphas.empty() && options.alpha != 0) {
    bad("alpha and alphas exclude each other");
  }
  if (options.conditional_on < 0) {
    bad("conditional_on is " + std::to_string(options.conditional_on) + ", expected 0 or more");
  }
  if (options.bounds && !(options.bounds->first < options.bounds->second)) {
    bad("bounds are not a smaller and a larger number", "For example bounds => '{0,1}'.");
  }
  for (const auto& [label, weight] : options.given_weights) {
    if (!(weight >= 0 && std::isfinite(weight))) {
      bad("group_weights has a weight for group \"" + label + "\" that is negative or not finite");
    }
  }
  if (options.calibration == Calibration::Split && in_sequence(options)) {
    bad("calibration => 'split' does not go together with alphas above 0",
        "Give one alpha, which serves all attributes together.");
  }
}

Adjustment::Adjustment(const Distribution& distribution,
                       AdjustmentOptions options,
                       Monitor& monitor)
    : options_(std::move(options)) {
  validate(options_);
  if (options_.alphas.size() == 1) {
    options_.alpha = options_.alphas.front();
    options_.alphas.clear();
  }
  const auto groups = static_cast<std::size_t>(distribution.groups());
  strata_.assign(groups, 0);
  std::vector<Fields> fields;
  if (options_.conditional_on > 0 || !options_.alphas.empty()) {
    fields = fields_of_groups(distribution, options_);
    Numbering number;
    for (std::size_t g = 0; g < groups; ++g) {
      strata_[g] = number({fields[g].begin(), fields[g].begin() + options_.conditional_on});
    }
  }
  for (const auto& [label, weight] : options_.given_weights) {
    if (distribution.find(label) >= 0) continue;
    throw Error(
        ErrorKind::UnknownGroup,
        "group_weights has a weight for group \"" + label + "\", which is not in the distribution",
        "Its groups are " + listed(distribution.labels()) + ".");
  }
  std::vector<double> weights;
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    const ScoreGroup& group = distribution.group(g);
    weights.push_back(group.empty() ? 0 : weight_of(group, options_));
  }
  if (options_.group_weights == GroupWeights::Given && !weights.empty()) {
    // Their sum may be beyond all numbers.
    const double largest = *std::max_element(weights.begin(), weights.end());
    for (double& weight : weights) weight /= largest > 0 ? largest : 1;
  }
  if (in_sequence(options_)) {
    run_in_sequence(distribution, fields, weights, monitor);
  } else {
    one_step(distribution, weights, monitor);
  }
}

void Adjustment::one_step(const Distribution& distribution,
                          const std::vector<double>& weights,
                          Monitor& monitor) {
  const std::int32_t strata =
      strata_.empty() ? 0 : *std::max_element(strata_.begin(), strata_.end()) + 1;
  std::vector<std::vector<BarycenterGroup>> members(static_cast<std::size_t>(strata));
  Stage stage{{}, std::vector<Place>(weights.size()), std::sqrt(options_.alpha)};
  for (std::size_t g = 0; g < weights.size(); ++g) {
    const ScoreGroup& group = distribution.group(static_cast<std::int32_t>(g));
    if (group.empty()) continue;
    auto& stratum = members[static_cast<std::size_t>(strata_[g])];
    stage.places[g] = {strata_[g], static_cast<std::int32_t>(stratum.size())};
    if (options_.calibration == Calibration::Split) {
      auto halves = halves_of(group, options_.seed, monitor);
      stratum.push_back({std::move(halves.second), weights[g], std::move(halves.first)});
    } else {
      stratum.push_back({ScoreLaw(group), weights[g]});
    }
  }
  add_stage(std::move(stage), std::move(members));
}

void Adjustment::add_stage(Stage stage, std::vector<std::vector<BarycenterGroup>> members) {
  for (auto& groups : members) {
    const bool weightless = std::all_of(groups.begin(), groups.end(),
                                        [](const BarycenterGroup& g) { return g.weight == 0; });
    if (weightless && !groups.empty()) {
      throw Error(ErrorKind::InvalidArgument,
                  "group_weights gives all groups that are to agree a weight of 0");
    }
    stage.barycenters.emplace_back(std::move(groups), options_.center);
  }
  stages_.push_back(std::move(stage));
}

void Adjustment::run_in_sequence(const Distribution& distribution,
                                 const std::vector<Fields>& fields,
                                 const std::vector<double>& weights,
                                 Monitor& monitor) {
  // The scores of each group as the steps so far leave them, with the weights of their rows.
  std::vector<std::vector<CountedPoint>> points;
  points.reserve(fields.size());
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    points.push_back(points_of(distribution.group(g)));
  }
  const auto first = static_cast<std::ptrdiff_t>(options_.conditional_on);
  for (std::size_t step = 0; step < options_.alphas.size(); ++step) {
    const auto at = first + static_cast<std::ptrdiff_t>(step);
    Stage stage{{}, std::vector<Place>(points.size()), std::sqrt(options_.alphas[step])};
    Numbering stratum_number;
    std::vector<Numbering> group_number;
    struct Pool {
      std::vector<CountedPoint> points;
      double weight = 0;
    };
    std::vector<std::vector<Pool>> pools;
    for (std::size_t g = 0; g < points.size(); ++g) {
      if (points[g].empty()) continue;
      Fields stratum(fields[g].begin(), fields[g].begin() + first);
      stratum.insert(stratum.end(), fields[g].begin() + at + 1, fields[g].end());
      const std::int32_t s = stratum_number(stratum);
      if (static_cast<std::size_t>(s) == pools.size()) {
        pools.emplace_back();
        group_number.emplace_back();
      }
      auto& pool = pools[static_cast<std::size_t>(s)];
      const std::int32_t k =
          group_number[static_cast<std::size_t>(s)]({fields[g][static_cast<std::size_t>(at)]});
      if (static_cast<std::size_t>(k) == pool.size()) pool.emplace_back();
      Pool& group = pool[static_cast<std::size_t>(k)];
      group.points.insert(group.points.end(), points[g].begin(), points[g].end());
      group.weight =
          options_.group_weights == GroupWeights::Uniform ? 1 : group.weight + weights[g];
      stage.places[g] = {s, k};
    }
    std::vector<std::vector<BarycenterGroup>> members;
    for (auto& pool : pools) {
      auto& groups = members.emplace_back();
      for (Pool& group : pool) {
        polled_sort(group.points, monitor);
        groups.push_back({ScoreLaw(group.points), group.weight});
      }
    }
    add_stage(std::move(stage), std::move(members));
    for (std::size_t g = 0; g < points.size(); ++g) {
      for (std::size_t i = 0; i < points[g].size(); ++i) {
        monitor.poll();  // each is a look-up in every group
        points[g][i].score = move(stages_.back(), g, points[g][i].score, {});
      }
    }
  }
}

double Adjustment::move(const Stage& stage,
                        std::size_t group,
                        double z,
                        std::optional<double> spread) const {
  if (stage.kept == 1) return z;
  const Place& place = stage.places[group];
  const double fair = stage.barycenters[static_cast<std::size_t>(place.barycenter)].fair(
      static_cast<std::size_t>(place.group), z, spread);
  return stage.kept == 0 ? fair : std::lerp(fair, z, stage.kept);
}

double Adjustment::operator()(std::int32_t group, double z, std::optional<double> spread) const {
  for (const Stage& stage : stages_) z = move(stage, static_cast<std::size_t>(group), z, spread);
  return options_.bounds ? std::clamp(z, options_.bounds->first, options_.bounds->second) : z;
}

void Adjustment::prepare() {
  constexpr std::size_t kFew = 50000;  // some megabytes
  std::size_t points = 0;
  for (const Stage& stage : stages_) {
    for (const Barycenter& barycenter : stage.barycenters) points += barycenter.points();
  }
  for (Stage& stage : stages_) {
    for (Barycenter& barycenter : stage.barycenters) barycenter.prepare(points <= kFew);
  }
}

}  // namespace fairdb
