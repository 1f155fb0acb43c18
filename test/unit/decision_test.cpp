// Thresholds by group against a linear program, and calibration maps against their definitions.
#include <glpk.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <memory>

#include "core/decision/calibration.hpp"
#include "core/decision/concave.hpp"
#include "core/decision/thresholds.hpp"
#include "core/distribution/collector.hpp"
#include "unit/support/support.hpp"

namespace fairdb {
namespace {

using test::Random;

struct Row {
  double score;
  std::string group;
  bool label;
  double weight;
};

// Scores with labels, and the bytes that they are a view of.
struct Labelled {
  explicit Labelled(const std::vector<Row>& rows) {
    Collector collector;
    for (const Row& row : rows) {
      collector.add(row.score, collector.group("(" + row.group + (row.label ? ",t)" : ",f)")),
                    row.weight);
    }
    Monitor monitor;
    const auto groups = collector.sorted(monitor);
    bytes.resize(Distribution::bytes_needed(groups));
    Distribution::write(groups, collector.unknown(), bytes);
    distribution = Distribution::open(bytes);
    list = labelled_scores(distribution);
  }
  std::vector<std::byte> bytes;
  Distribution distribution;
  std::vector<LabelledScores> list;
};

// Rows of some groups whose scores tell more or less of the label, with ties.
std::vector<Row> random_rows(std::uint64_t seed, int n, int groups, int distinct, bool weighted) {
  Random random(seed);
  std::vector<Row> rows;
  std::vector<double> tells;
  for (int g = 0; g < groups; ++g) tells.push_back(random.uniform() * 2 - 0.3);
  for (int i = 0; i < n; ++i) {
    const int g = random.below(groups);
    const bool label = random.uniform() < 0.2 + 0.5 * g / groups;
    const double raw = random.normal() + (label ? tells[static_cast<std::size_t>(g)] : 0) + 0.2 * g;
    rows.push_back({std::round(raw * distinct / 6), std::string(1, static_cast<char>('a' + g)),
                    label, weighted ? 0.5 + random.uniform() : 1});
  }
  return rows;
}

// The same problem as a linear program over the shares of all thresholds of each group.
double best_by_program(const std::vector<LabelledScores>& groups, const ThresholdOptions& options) {
  const std::unique_ptr<glp_prob, void (*)(glp_prob*)> lp(glp_create_prob(), glp_delete_prob);
  Monitor monitor;
  double negatives = 0, positives = 0;
  for (const auto& g : groups) {
    negatives += g.negative.total();
    positives += g.positive.total();
  }
  const double rows = negatives + positives;
  double tp_worth = 1 / rows, fp_worth = 1 / rows, constant = negatives / rows;
  if (options.objective == Objective::BalancedAccuracy) {
    tp_worth = 0.5 / positives;
    fp_worth = 0.5 / negatives;
    constant = 0.5;
  } else if (options.objective == Objective::Cost) {
    tp_worth = options.false_negative_cost / rows;
    fp_worth = options.false_positive_cost / rows;
    constant = -positives * tp_worth;
  }
  std::vector<Fairness> compared;
  if (options.fairness == Fairness::EqualizedOdds) {
    compared = {Fairness::EqualOpportunity, Fairness::PredictiveEquality};
  } else if (options.fairness != Fairness::None) {
    compared = {options.fairness};
  }
  // Columns: the lower ends of the compared rates, then the shares of thresholds.
  const auto ends = static_cast<int>(compared.size());
  std::vector<std::vector<RocPoint>> curves;
  int columns = ends;
  for (const auto& g : groups) {
    auto& curve = curves.emplace_back();
    each_roc_point(g, monitor, [&](const RocPoint& p) { curve.push_back(p); });
    columns += static_cast<int>(curve.size());
  }
  glp_add_cols(lp.get(), std::max(columns, 1));
  for (int j = 1; j <= columns; ++j) glp_set_col_bnds(lp.get(), j, GLP_LO, 0, 0);
  const auto add_row = [&](const std::map<int, double>& terms, int kind, double low, double high) {
    std::vector<int> index = {0};
    std::vector<double> value = {0};
    for (const auto& [j, v] : terms) {
      index.push_back(j);
      value.push_back(v);
    }
    const int row = glp_add_rows(lp.get(), 1);
    glp_set_row_bnds(lp.get(), row, kind, low, high);
    glp_set_mat_row(lp.get(), row, static_cast<int>(index.size()) - 1, index.data(), value.data());
  };
  int next = ends + 1;
  std::map<int, double> size;
  glp_set_obj_dir(lp.get(), GLP_MAX);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    std::map<int, double> one;
    std::vector<std::map<int, double>> rates(compared.size());
    RocHull whole;
    whole.negatives = groups[g].negative.total();
    whole.positives = groups[g].positive.total();
    for (const RocPoint& p : curves[g]) {
      one[next] = 1;
      size[next] = p.fp + p.tp;
      for (std::size_t k = 0; k < compared.size(); ++k) {
        rates[k][next] = compared_rate(whole, compared[k]).of({p.fp, p.tp});
      }
      const bool sized = options.selection_rate || options.places;
      glp_set_obj_coef(lp.get(), next, sized ? p.tp / rows : tp_worth * p.tp - fp_worth * p.fp);
      ++next;
    }
    add_row(one, GLP_FX, 1, 1);
    for (std::size_t k = 0; k < compared.size(); ++k) {
      rates[k][static_cast<int>(k) + 1] = -1;
      if (options.tolerance > 0) {
        add_row(rates[k], GLP_DB, 0, options.tolerance);
      } else {
        add_row(rates[k], GLP_FX, 0, 0);
      }
    }
  }
  const bool sized = options.selection_rate || options.places;
  if (sized) {
    const double wanted = options.places ? *options.places : *options.selection_rate * rows;
    add_row(size, GLP_FX, wanted, wanted);
  }
  glp_smcp control;
  glp_init_smcp(&control);
  control.msg_lev = GLP_MSG_OFF;
  control.tol_bnd = 1e-11;
  control.tol_dj = 1e-11;
  EXPECT_EQ(glp_simplex(lp.get(), &control), 0);
  EXPECT_EQ(glp_get_status(lp.get()), GLP_OPT);
  const double found = glp_get_obj_val(lp.get());
  if (sized) return found;
  return options.objective == Objective::Cost ? -(found + constant) : found + constant;
}

double true_positives(const Thresholds& t) {
  double sum = 0;
  for (const auto& g : t.groups) sum += g.expected.tp;
  return sum;
}
double selected(const Thresholds& t) {
  double sum = 0;
  for (const auto& g : t.groups) sum += g.expected.tp + g.expected.fp;
  return sum;
}
double weight(const Thresholds& t) {
  double sum = 0;
  for (const auto& g : t.groups) sum += g.negatives + g.positives;
  return sum;
}

TEST(Thresholds, AreTheBestByALinearProgram) {
  Monitor monitor;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed * 77);
    const int groups = 1 + random.below(5);
    const Labelled data(random_rows(seed, 40 + random.below(300), groups, 4 + random.below(40),
                                    random.below(2) == 1));
    for (const Fairness fairness :
         {Fairness::None, Fairness::DemographicParity, Fairness::EqualOpportunity,
          Fairness::PredictiveEquality, Fairness::EqualizedOdds}) {
      for (const double tolerance : {0.0, 0.07, 0.3}) {
        for (int objective = 0; objective < 5; ++objective) {
          ThresholdOptions options;
          options.fairness = fairness;
          options.tolerance = tolerance;
          if (objective == 1) options.objective = Objective::BalancedAccuracy;
          if (objective == 2) {
            options.objective = Objective::Cost;
            options.false_negative_cost = 3;
            options.false_positive_cost = 0.7;
          }
          if (objective == 3) options.selection_rate = random.uniform();
          if (objective == 4) options.places = 5;
          SCOPED_TRACE(std::string(name(fairness)) + " tolerance " + std::to_string(tolerance) +
                       " objective " + std::to_string(objective));
          const Thresholds found = find_thresholds(data.list, options, monitor);
          const double best = best_by_program(data.list, options);
          if (objective >= 3) {
            EXPECT_NEAR(true_positives(found) / weight(found), best, 1e-9);
            const double wanted =
                options.places ? *options.places : *options.selection_rate * weight(found);
            EXPECT_NEAR(selected(found), wanted, 1e-9 * weight(found));
          } else {
            EXPECT_NEAR(found.reached.objective, best, 1e-9);
          }
          EXPECT_LE(found.reached.gap, fairness == Fairness::None ? 0 : tolerance + 1e-12);
          EXPECT_NEAR(found.reached.objective, found.mixed.objective, 1e-11);
        }
      }
    }
  }
}

// Every group's point is what its bands reach, and chance decides between thresholds only.
TEST(Bands, ReachTheirPointWithLittleChance) {
  Monitor monitor;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Labelled data(random_rows(seed, 200, 1, 5 + random.below(60), random.below(2) == 1));
    const RocHull hull = roc_hull(data.list[0], monitor);
    // Any point between the diagonal and the hull.
    const std::size_t at = random.below(hull.points.size());
    const double t = random.uniform() < 0.2 ? 1 : random.uniform();
    const GroupPoint top{hull.points[at].fp, hull.points[at].tp};
    const double share = (top.fp + top.tp) / hull.weight();
    const GroupPoint point{std::lerp(share * hull.negatives, top.fp, t),
                           std::lerp(share * hull.positives, top.tp, t)};
    const std::vector<Band> bands = bands_of(hull, point);
    ASSERT_LE(bands.size(), 3U);
    const GroupPoint reached = reached_by(bands, data.list[0]);
    EXPECT_NEAR(reached.fp, point.fp, 1e-12 * hull.weight());
    EXPECT_NEAR(reached.tp, point.tp, 1e-12 * hull.weight());
    for (std::size_t b = 0; b < bands.size(); ++b) {
      EXPECT_GT(bands[b].share, 0);
      EXPECT_LE(bands[b].share, 1);
      if (b > 0) {
        EXPECT_LT(bands[b - 1].threshold, bands[b].threshold);
        EXPECT_LT(bands[b - 1].share, bands[b].share);
      }
    }
    // A point of the hull is a threshold.
    EXPECT_TRUE(t < 1 || bands.empty() || (bands.size() == 1 && bands[0].share == 1));
  }
}

TEST(Bands, KnowTheirEnds) {
  const std::vector<Band> bands = {{0.2, 0.5}, {0.6, 1}};
  EXPECT_EQ(share_at(bands, 0.1), 0);
  EXPECT_EQ(share_at(bands, 0.2), 0.5);
  EXPECT_EQ(share_at(bands, 0.6), 1);
  EXPECT_EQ(share_at({}, 1), 0);
}

TEST(Concave, EndsAtTheCornerOfLines) {
  struct Sample {
    double value, slope;
  };
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    // The least of some lines.
    std::vector<Sample> lines;
    for (int k = 1 + random.below(40); k > 0; --k) {
      lines.push_back({random.normal(), random.normal() * 3});
    }
    int calls = 0;
    const auto sample = [&](double x) {
      ++calls;
      Sample least{1e300, 0};
      for (const Sample& line : lines) {
        const double value = line.value + line.slope * x;
        if (value < least.value) least = {value, line.slope};
      }
      return least;
    };
    const auto found = concave_maximum(sample, 0.0, 1.0);
    EXPECT_LE(calls, 60);
    double best = std::max(sample(0).value, sample(1).value);
    for (const Sample& a : lines) {
      for (const Sample& b : lines) {
        const double x = (b.value - a.value) / (a.slope - b.slope);
        if (x >= 0 && x <= 1) best = std::max(best, sample(x).value);
      }
    }
    EXPECT_NEAR(found.at.value, best, 1e-12);
  }
}

// Weights that differ by fifteen orders: no rule is worse than selecting nobody or everybody.
TEST(Thresholds, AreNeverWorseThanTheEnds) {
  Monitor monitor;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    std::vector<Row> rows = random_rows(seed, 1000, 2, 1000, false);
    for (const Fairness fairness :
         {Fairness::None, Fairness::DemographicParity, Fairness::EqualOpportunity,
          Fairness::PredictiveEquality, Fairness::EqualizedOdds}) {
      for (Row& row : rows) row.weight = random.below(2) == 1 ? 1e-3 : 1e12;
      const Labelled data(rows);
      ThresholdOptions options;
      options.fairness = fairness;
      const Thresholds found = find_thresholds(data.list, options, monitor);
      double positives = 0;
      for (const GroupThresholds& group : found.groups) positives += group.positives;
      const double all = positives / found.weight();
      EXPECT_GE(found.reached.objective, std::max(all, 1 - all) - 1e-9) << name(fairness);
    }
  }
}

// Of equal optima the one that leaves less to chance.
TEST(Thresholds, LeaveTiesToNoChance) {
  Monitor monitor;
  std::vector<Row> rows;
  for (const char* group : {"a", "b"}) {
    for (int i = 0; i < 10; ++i) {
      for (const auto& [score, label] :
           {std::pair(1.0, true), std::pair(1.0, false), std::pair(1.0, true), std::pair(2.0, true),
            std::pair(2.0, true), std::pair(0.0, false)}) {
        rows.push_back({score, group, label, 1});
      }
    }
  }
  for (int i = 0; i < 20; ++i) rows.push_back({1.0, "b", false, 1});
  const Labelled data(rows);
  const Thresholds found = find_thresholds(data.list, {}, monitor);
  EXPECT_EQ(found.share_by_chance(), 0);
  EXPECT_NEAR(found.reached.objective, 100.0 / 140, 1e-12);
  EXPECT_LE(found.reached.gap, 1e-12);
}

TEST(Thresholds, WithoutChanceAreSingleAndNear) {
  Monitor monitor;
  const Labelled data(random_rows(5, 2000, 3, 1000, false));
  for (const Fairness fairness : {Fairness::DemographicParity, Fairness::EqualOpportunity,
                                  Fairness::PredictiveEquality, Fairness::EqualizedOdds}) {
    ThresholdOptions options;
    options.fairness = fairness;
    options.randomised = false;
    const Thresholds found = find_thresholds(data.list, options, monitor);
    EXPECT_FALSE(found.randomised());
    EXPECT_LE(found.mixed.gap, 1e-12);
    EXPECT_LE(found.reached.gap, fairness == Fairness::EqualizedOdds ? 0.1 : 0.01);
    for (const GroupThresholds& group : found.groups) {
      EXPECT_LE(group.bands.size(), 1U);
      EXPECT_EQ(group.by_chance, 0);
    }
  }
}

// Every choice of one threshold for each group, by trying all.
TEST(Thresholds, WithoutChanceAreTheBestWithinATolerance) {
  Monitor monitor;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    auto rows = random_rows(seed, 60, 3, 12, seed % 2 == 0);
    for (const char* group : {"a", "b", "c"}) {
      rows.push_back({0.5, group, true, 1});
      rows.push_back({0.5, group, false, 1});
    }
    const Labelled data(rows);
    for (const Fairness fairness :
         {Fairness::DemographicParity, Fairness::EqualOpportunity, Fairness::PredictiveEquality}) {
      for (const Objective objective : {Objective::Accuracy, Objective::BalancedAccuracy}) {
        for (const double tolerance : {0.01, 0.05, 0.2, 1.0 / 3, 1.0}) {
          ThresholdOptions options;
          options.fairness = fairness;
          options.objective = objective;
          options.tolerance = tolerance;
          options.randomised = false;
          const Thresholds found = find_thresholds(data.list, options, monitor);
          EXPECT_LE(found.reached.gap, tolerance + 1e-12);
          EXPECT_LE(found.reached.objective, found.mixed.objective + 1e-12);
          std::vector<std::vector<RocPoint>> curves;
          std::vector<RocHull> hulls;
          double negatives = 0;
          double positives = 0;
          for (const LabelledScores& group : data.list) {
            std::vector<RocPoint>& curve = curves.emplace_back();
            each_roc_point(group, monitor, [&](const RocPoint& p) { curve.push_back(p); });
            hulls.push_back(roc_hull(group, monitor));
            negatives += hulls.back().negatives;
            positives += hulls.back().positives;
          }
          ASSERT_EQ(curves.size(), 3U);
          double best = 0;
          for (const RocPoint& a : curves[0]) {
            for (const RocPoint& b : curves[1]) {
              for (const RocPoint& c : curves[2]) {
                const std::vector<GroupPoint> points = {{a.fp, a.tp}, {b.fp, b.tp}, {c.fp, c.tp}};
                if (parity_gap(hulls, fairness, points) > tolerance + 1e-12) continue;
                const double fp = a.fp + b.fp + c.fp;
                const double tp = a.tp + b.tp + c.tp;
                best = std::max(best, objective == Objective::Accuracy
                                          ? (tp + negatives - fp) / (negatives + positives)
                                          : (tp / positives + (negatives - fp) / negatives) / 2);
              }
            }
          }
          EXPECT_NEAR(found.reached.objective, best, 1e-12);
          for (const GroupThresholds& group : found.groups) EXPECT_LE(group.bands.size(), 1U);
        }
      }
    }
  }
}

// Of a number of places: never more, and hardly fewer than any rule selects whose groups are no
// farther apart (all are tried).
TEST(Thresholds, WithoutChanceFillPlaces) {
  Monitor monitor;
  int rules = 0;
  int beaten = 0;
  double filled = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    auto rows = random_rows(seed, 60, 3, 12, seed % 2 == 0);
    for (const char* group : {"a", "b", "c"}) {
      rows.push_back({0.5, group, true, 1});
      rows.push_back({0.5, group, false, 1});
    }
    const Labelled data(rows);
    std::vector<std::vector<RocPoint>> curves;
    std::vector<RocHull> hulls;
    for (const LabelledScores& group : data.list) {
      std::vector<RocPoint>& curve = curves.emplace_back();
      each_roc_point(group, monitor, [&](const RocPoint& p) { curve.push_back(p); });
      hulls.push_back(roc_hull(group, monitor));
    }
    for (const Fairness fairness : {Fairness::DemographicParity, Fairness::EqualOpportunity,
                                    Fairness::PredictiveEquality, Fairness::None}) {
      for (const double places : {5.0, 20.0, 33.0, 60.0}) {
        ThresholdOptions options;
        options.fairness = fairness;
        options.places = places;
        options.randomised = false;
        const Thresholds found = find_thresholds(data.list, options, monitor);
        EXPECT_LE(found.selected(), places + 1e-9);
        // Without a constraint what counts is true positives.
        const bool none = fairness == Fairness::None;
        double reached = 0;
        for (const GroupThresholds& group : found.groups) {
          reached += group.expected.tp + (none ? 0 : group.expected.fp);
        }
        double most = 0;
        for (const RocPoint& a : curves[0]) {
          for (const RocPoint& b : curves[1]) {
            for (const RocPoint& c : curves[2]) {
              const std::vector<GroupPoint> points = {{a.fp, a.tp}, {b.fp, b.tp}, {c.fp, c.tp}};
              const double tp = a.tp + b.tp + c.tp;
              const double sum = a.fp + b.fp + c.fp + tp;
              if (sum > places || (none ? tp : sum) <= most) continue;
              if (none || parity_gap(hulls, fairness, points) <= found.reached.gap + 1e-12) {
                most = none ? tp : sum;
              }
            }
          }
        }
        ++rules;
        beaten += most > reached + 1e-9;
        filled += most == 0 ? 1 : reached / most;
      }
    }
  }
  EXPECT_LT(beaten, rules / 4);
  EXPECT_GT(filled / rules, 0.95);  // of the most that any rule with no larger gap selects
}

TEST(Thresholds, StopWhenAskedTo) {
  const Labelled data(random_rows(5, 2000, 3, 1000, false));
  ThresholdOptions options;
  options.fairness = Fairness::EqualizedOdds;
  test::StopAfter stop(2);
  EXPECT_THROW((void)find_thresholds(data.list, options, stop), test::Cancelled);
}

TEST(Thresholds, BytesReadAsThemselvesAndDamageIsSeen) {
  Monitor monitor;
  const Labelled data(random_rows(7, 300, 3, 30, true));
  ThresholdOptions options;
  options.fairness = Fairness::EqualizedOdds;
  options.selection_rate = 0.4;
  const std::vector<std::byte> bytes = encode(find_thresholds(data.list, options, monitor));
  EXPECT_EQ(encode(decode_thresholds(bytes)), bytes);
  const int refused = test::refused_mutations(
      bytes, 3, [](std::span<std::byte> damaged) { (void)decode_thresholds(damaged); });
  EXPECT_GT(refused, 1000);
}

TEST(Roc, StepsTellOfEnoughPeople) {
  Monitor monitor;
  constexpr std::int64_t kLeast = 15;
  const Labelled data(random_rows(3, 1000, 2, 60, false));
  for (const LabelledScores& scores : data.list) {
    RocPoint before{kSelectsNobody, 0, 0};
    std::vector<RocPoint> curve = roc_curve(scores, kLeast, monitor);
    curve.push_back({0, scores.negative.total(), scores.positive.total()});
    for (const RocPoint& point : curve) {
      for (const double step : {point.fp - before.fp, point.tp - before.tp}) {
        EXPECT_TRUE(step == 0 || step >= kLeast) << step;
      }
      before = point;
    }
    EXPECT_GT(curve.size(), 4U);
    EXPECT_GT(roc_curve(scores, 0, monitor).size(), 40U);
  }
}

// The least squared error of all functions that do not fall, by trying none better.
TEST(Calibration, IsotonicIsTheBestFunctionThatRises) {
  Monitor monitor;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const std::vector<Row> rows = random_rows(seed, 60, 1, 12, random.below(2) == 1);
    const Labelled data(rows);
    const CalibrationMap map = calibrate(data.list, CalibrationMethod::Isotonic, monitor);
    const auto error = [&](const std::function<double(double)>& f) {
      double sum = 0;
      for (const Row& row : rows) {
        const double d = f(row.score) - (row.label ? 1 : 0);
        sum += row.weight * d * d;
      }
      return sum;
    };
    const auto fitted = [&](double score) { return map.groups[0].probability(score, map.method); };
    const double least = error(fitted);
    std::map<double, double> values;
    for (const Row& row : rows) values[row.score] = fitted(row.score);
    // At an optimum no direction that keeps the order makes it less: all steps, up or down.
    for (const auto& [at, value] : values) {
      for (const double step : {1e-4, -1e-4}) {
        const double moved = error([&](double score) {
          const double own = fitted(score);
          const bool behind = step > 0 ? score >= at : score <= at;
          if (!behind) return own;
          return step > 0 ? std::max(own, value + step) : std::min(own, value + step);
        });
        EXPECT_GE(moved, least - 1e-12);
      }
    }
    double before = 0;
    for (const auto& [at, value] : values) {
      EXPECT_GE(value, before);
      before = value;
    }
  }
}

TEST(Calibration, DoesNotDependOnTheUnitOfTheWeights) {
  Monitor monitor;
  std::vector<Row> rows = random_rows(3, 500, 1, 40, false);
  for (const CalibrationMethod method : {CalibrationMethod::Isotonic, CalibrationMethod::Platt}) {
    const Labelled one(rows);
    const CalibrationMap wanted = calibrate(one.list, method, monitor);
    for (const double unit : {0x1p-20, 0x1p20}) {
      for (Row& row : rows) row.weight = unit;
      const Labelled data(rows);
      const CalibrationMap map = calibrate(data.list, method, monitor);
      for (const double score : {0.1, 0.5, 0.9}) {
        EXPECT_NEAR(map.groups[0].probability(score, method),
                    wanted.groups[0].probability(score, method), 1e-9);
      }
      for (Row& row : rows) row.weight = 1;
    }
  }
}

TEST(Calibration, OfWeightsThatVanishBesideOthersIsKnown) {
  Monitor monitor;
  const std::vector<Row> rows = {{0.1, "a", false, 1e-5},
                                 {0.2, "a", true, 1e-5},
                                 {0.9, "a", true, 1e12},
                                 {0.8, "a", false, 1e12}};
  const Labelled data(rows);
  for (const CalibrationMethod method : {CalibrationMethod::Isotonic, CalibrationMethod::Platt}) {
    const double p = calibrate(data.list, method, monitor).groups[0].probability(0.15, method);
    EXPECT_TRUE(p >= 0 && p <= 1) << p;
  }
}

// A rate times the rows rounds below the number that is meant.
TEST(Thresholds, OfARateAreThoseOfItsPlaces) {
  Monitor monitor;
  std::vector<Row> rows;
  for (int i = 1; i <= 100; ++i) rows.push_back({i / 100.0, "a", i % 3 == 0, 1});
  const Labelled data(rows);
  for (int n = 0; n <= 100; ++n) {
    ThresholdOptions places;
    places.fairness = Fairness::None;
    places.places = n;
    ThresholdOptions rate;
    rate.fairness = Fairness::None;
    rate.selection_rate = n / 100.0;
    EXPECT_EQ(best_threshold(data.list[0], rate, monitor),
              best_threshold(data.list[0], places, monitor))
        << n;
  }
}

TEST(Calibration, PlattIsTheLikeliestCurve) {
  Monitor monitor;
  for (const double scale : {1.0, 1e-200, 1e200}) {
    std::vector<Row> rows = random_rows(11, 400, 1, 200, true);
    for (Row& row : rows) row.score *= scale;
    const Labelled data(rows);
    const CalibrationMap map = calibrate(data.list, CalibrationMethod::Platt, monitor);
    const GroupCalibration& group = map.groups[0];
    double negatives = 0, positives = 0, squares = 0;
    for (const Row& row : rows) {
      (row.label ? positives : negatives) += row.weight;
      squares += row.weight * row.weight;
    }
    const double unit = (negatives + positives) / squares;  // rows of equal weight per weight
    negatives *= unit;
    positives *= unit;
    double by_score = 0, all = 0;
    for (const Row& row : rows) {
      const double z = (row.score - group.centre) / group.scale;
      const double target = row.label ? (positives + 1) / (positives + 2) : 1 / (negatives + 2);
      const double d = row.weight * (group.probability(row.score, map.method) - target);
      by_score += d * z;
      all += d;
    }
    EXPECT_NEAR(by_score, 0, 1e-8) << scale;
    EXPECT_NEAR(all, 0, 1e-8) << scale;
  }
}

TEST(Calibration, BytesReadAsThemselvesAndDamageIsSeen) {
  Monitor monitor;
  const Labelled data(random_rows(7, 300, 3, 30, true));
  for (const CalibrationMethod method : {CalibrationMethod::Isotonic, CalibrationMethod::Platt}) {
    const std::vector<std::byte> bytes = encode(calibrate(data.list, method, monitor));
    EXPECT_EQ(encode(decode_calibration(bytes)), bytes);
    const int refused = test::refused_mutations(
        bytes, 3, [](std::span<std::byte> damaged) { (void)decode_calibration(damaged); });
    EXPECT_GT(refused, 100);
  }
}

}  // namespace
}  // namespace fairdb
