// Thresholds by group against a linear program, and calibration maps against their definitions.
#include <glpk.h>
#include <gtest/gtest.h>

#include <cmath>
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

}  // namespace
}  // namespace fairdb
