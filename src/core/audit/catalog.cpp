#include "core/audit/catalog.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "core/audit/divergence.hpp"
#include "core/audit/inequality.hpp"

namespace fairdb {
namespace {

using Value = std::optional<double>;

// --- the values ------------------------------------------------------------------------------

Value minus(const Value& a, const Value& b) noexcept {
  if (!a || !b) return std::nullopt;
  return *a - *b;
}
Value half_sum(const Value& a, const Value& b) noexcept {
  if (!a || !b) return std::nullopt;
  return (*a + *b) / 2;
}
Value absolute(const Value& a) noexcept {
  return a ? Value(std::abs(*a)) : a;
}
// x/0 is infinite, 0/0 undefined.
Value over(const Value& a, const Value& b) noexcept {
  if (!a || !b || (*a == 0 && *b == 0)) return std::nullopt;
  return *b == 0 ? std::numeric_limits<double>::infinity() : *a / *b;
}

Value of(const GroupCells& side, Rate which) noexcept {
  return rate(side.masses, which);
}
Value difference(const Sides& s, Rate which) noexcept {
  return minus(of(s.group, which), of(s.reference, which));
}
Value reversed(const Sides& s, Rate which) noexcept {
  return minus(of(s.reference, which), of(s.group, which));
}
Value error_rate(const GroupCells& side) noexcept {
  return minus(1.0, of(side, Rate::Accuracy));
}

double mass(const GroupCells& side, Truth label, Truth prediction) noexcept {
  return side.masses.mass[cell(label, prediction)];
}
double tp(const GroupCells& s) noexcept {
  return mass(s, Truth::Positive, Truth::Positive);
}
double fp(const GroupCells& s) noexcept {
  return mass(s, Truth::Negative, Truth::Positive);
}
double fn(const GroupCells& s) noexcept {
  return mass(s, Truth::Positive, Truth::Negative);
}
double tn(const GroupCells& s) noexcept {
  return mass(s, Truth::Negative, Truth::Negative);
}

// A ratio inside of one group does not exist when its denominator is 0.
Value quotient(double a, double b) noexcept {
  return b > 0 ? Value(a / b) : std::nullopt;
}
Value acceptance(const GroupCells& s) noexcept {
  return quotient(tp(s) + fn(s), tp(s) + fp(s));
}
Value rejection(const GroupCells& s) noexcept {
  return quotient(tn(s) + fp(s), tn(s) + fn(s));
}

Value imbalance(const Sides& s) noexcept {
  const double g = everything(s.group.masses).whole;
  const double r = everything(s.reference.masses).whole;
  return quotient(r - g, r + g);
}

// A group's share of those without the outcome minus its share of those with it.
Value disparity(const Share& group, const Share& all) noexcept {
  const double without = all.whole - all.part;
  if (!(without > 0) || !(all.part > 0)) return std::nullopt;
  return (group.whole - group.part) / without - group.part / all.part;
}
Value demographic_disparity(const Sides& s, Rate outcome) noexcept {
  const Share g = *share(s.group.masses, outcome);
  const Share r = *share(s.reference.masses, outcome);
  return disparity(g, {g.part + r.part, g.whole + r.whole, 0});
}

template <double Divergences::*member>
Value label_divergence(const Sides& s) noexcept {
  const auto classes = [](const GroupCells& side) {
    const Share labels = *share(side.masses, Rate::BaseRate);
    return std::array<double, 2>{labels.part, labels.whole - labels.part};
  };
  const auto result = divergences(classes(s.group), classes(s.reference));
  return result ? Value((*result).*member) : std::nullopt;
}

// The largest logarithm of a ratio of two groups' shares of an outcome, smoothed (Foulds et al.
// 2020, equation 13, with a Dirichlet prior of concentration 1 in all).
Value smoothed_edf(const Confusion& confusion, Rate outcome) noexcept {
  constexpr double kConcentration = 1;
  double low[2] = {1, 1};
  double high[2] = {0, 0};
  int groups = 0;
  for (const GroupCells& group : confusion.groups) {
    const Share s = *share(group.masses, outcome);
    if (!group.label || !s.exists()) continue;
    ++groups;
    const double p = (s.part + kConcentration / 2) / (s.whole + kConcentration);
    for (const int side : {0, 1}) {
      const double q = side == 0 ? p : 1 - p;
      low[side] = std::min(low[side], q);
      high[side] = std::max(high[side], q);
    }
  }
  if (groups < 2) return std::nullopt;
  return std::max(std::log(high[0] / low[0]), std::log(high[1] / low[1]));
}

Value average_disparity(const Confusion& confusion) noexcept {
  const Share all = *share(known_total(confusion).masses, Rate::BaseRate);
  Value sum = 0.0;
  for (const GroupCells& group : confusion.groups) {
    if (!group.label) continue;
    const Share g = *share(group.masses, Rate::BaseRate);
    const Value d = disparity(g, all);
    if (!d) return std::nullopt;
    *sum += g.whole / all.whole * *d;
  }
  return sum;
}

Value odds_mean(const Confusion& confusion, Aggregate how) noexcept {
  return half_sum(aggregate(confusion, Rate::TruePositiveRate, how),
                  aggregate(confusion, Rate::FalsePositiveRate, how));
}

// --- the list --------------------------------------------------------------------------------

struct Entry {
  MetricInfo info;
  Value (*groups)(const Confusion&);
  Value (*sides)(const Sides&);
};

constexpr const char* kMore = "above 0: the group gets it more often than the reference";
constexpr const char* kLess = "above 0: the group gets it less often than the reference";
constexpr const char* kMinusOneToOne = "[-1, 1]";
constexpr const char* kZeroToOne = "[0, 1]";
constexpr const char* kZeroUp = "[0, inf)";
constexpr const char* kAny = "(-inf, inf)";

struct Needs {
  bool label;
  bool prediction;
};
constexpr Needs kLabel{true, false};
constexpr Needs kPrediction{false, true};
constexpr Needs kBoth{true, true};

struct Names {
  const char* fairlearn = "";
  const char* aif360 = "";
  const char* clarify = "";
  const char* note = "";
};

Entry signed_metric(const char* name,
                    const char* formula,
                    const char* range,
                    double parity,
                    const char* orientation,
                    Needs needs,
                    Value (*value)(const Sides&),
                    const Names& names) {
  return {{name, MetricKind::Signed, formula, range, parity, orientation, needs.label,
           needs.prediction, names.fairlearn, names.aif360, names.clarify, names.note},
          nullptr,
          value};
}

Entry group_metric(const char* name,
                   const char* formula,
                   const char* range,
                   double parity,
                   const char* orientation,
                   Needs needs,
                   Value (*value)(const Confusion&),
                   const Names& names) {
  return {{name, MetricKind::Groups, formula, range, parity, orientation, needs.label,
           needs.prediction, names.fairlearn, names.aif360, names.clarify, names.note},
          value,
          nullptr};
}

std::vector<Entry> make_specials() {
  constexpr const char* kApart = "larger: groups are farther apart";
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  constexpr const char* kUnequal = "larger: benefits are spread less equally";
  std::vector<Entry> list = {
      // The six named gaps.
      group_metric("demographic_parity_difference", "max SR - min SR", kZeroToOne, 0, kApart,
                   kPrediction,
                   [](const Confusion& c) { return gap(c, Gap::DemographicParityDifference); },
                   {.fairlearn = "demographic_parity_difference"}),
      group_metric("demographic_parity_ratio", "min SR / max SR", kZeroToOne, 1,
                   "smaller: groups are farther apart", kPrediction,
                   [](const Confusion& c) { return gap(c, Gap::DemographicParityRatio); },
                   {.fairlearn = "demographic_parity_ratio",
                    .note = "fairlearn gives NaN when no group is selected; here it is NULL"}),
      group_metric("equal_opportunity_difference", "max TPR - min TPR", kZeroToOne, 0, kApart,
                   kBoth,
                   [](const Confusion& c) { return gap(c, Gap::EqualOpportunityDifference); },
                   {.fairlearn = "equal_opportunity_difference",
                    .note = "fairlearn takes the TPR of a group without positives for 0; here such "
                            "a group takes no part"}),
      group_metric("equal_opportunity_ratio", "min TPR / max TPR", kZeroToOne, 1,
                   "smaller: groups are farther apart", kBoth,
                   [](const Confusion& c) { return gap(c, Gap::EqualOpportunityRatio); },
                   {.fairlearn = "equal_opportunity_ratio"}),
      group_metric("equalized_odds_difference", "max(max TPR - min TPR, max FPR - min FPR)",
                   kZeroToOne, 0, kApart, kBoth,
                   [](const Confusion& c) { return gap(c, Gap::EqualizedOddsDifference); },
                   {.fairlearn = "equalized_odds_difference",
                    .aif360 = "equalized_odds_difference",
                    .note = "AIF360 returns the FPR part alone when the TPR part is undefined; here "
                            "it is NULL"}),
      group_metric("equalized_odds_ratio", "min(min TPR / max TPR, min FPR / max FPR)", kZeroToOne,
                   1, "smaller: groups are farther apart", kBoth,
                   [](const Confusion& c) { return gap(c, Gap::EqualizedOddsRatio); },
                   {.fairlearn = "equalized_odds_ratio"}),
      group_metric("equalized_odds_difference_mean",
                   "((max TPR - min TPR) + (max FPR - min FPR)) / 2", kZeroToOne, 0, kApart, kBoth,
                   [](const Confusion& c) { return odds_mean(c, Aggregate::Difference); },
                   {.fairlearn = "equalized_odds_difference(agg='mean')"}),
      group_metric("equalized_odds_ratio_mean",
                   "((min TPR / max TPR) + (min FPR / max FPR)) / 2", kZeroToOne, 1,
                   "smaller: groups are farther apart", kBoth,
                   [](const Confusion& c) { return odds_mean(c, Aggregate::Ratio); },
                   {.fairlearn = "equalized_odds_ratio(agg='mean')"}),

      // Of errors: the difference is that of accuracy, the ratio is not.
      group_metric("zero_one_loss_difference", "max (1 - ACC) - min (1 - ACC)", kZeroToOne, 0,
                   kApart, kBoth,
                   [](const Confusion& c) {
                     return aggregate(c, Rate::Accuracy, Aggregate::Difference);
                   },
                   {.fairlearn = "zero_one_loss_difference"}),
      group_metric("zero_one_loss_ratio", "min (1 - ACC) / max (1 - ACC)", kZeroToOne, 1,
                   "smaller: groups are farther apart", kBoth,
                   [](const Confusion& c) {
                     const Value best = aggregate(c, Rate::Accuracy, Aggregate::GroupMax);
                     const Value worst = aggregate(c, Rate::Accuracy, Aggregate::GroupMin);
                     const bool two = estimable(c, Rate::Accuracy).estimable >= 2;
                     return two && *worst < 1 ? Value((1 - *best) / (1 - *worst)) : std::nullopt;
                   },
                   {.fairlearn = "zero_one_loss_ratio"}),
      group_metric("zero_one_loss_group_max", "max (1 - ACC)", kZeroToOne, kNone,
                   "a rate of one group, no gap", kBoth,
                   [](const Confusion& c) {
                     return minus(1.0, aggregate(c, Rate::Accuracy, Aggregate::GroupMin));
                   },
                   {.fairlearn = "zero_one_loss_group_max"}),

      // AIF360: group minus reference (unprivileged minus privileged).
      signed_metric("statistical_parity_difference", "SR_g - SR_r", kMinusOneToOne, 0, kMore,
                    kPrediction, [](const Sides& s) { return difference(s, Rate::SelectionRate); },
                    {.aif360 = "statistical_parity_difference", .clarify = "-DPPL"}),
      signed_metric("mean_difference", "BR_g - BR_r", kMinusOneToOne, 0, kMore, kLabel,
                    [](const Sides& s) { return difference(s, Rate::BaseRate); },
                    {.aif360 = "mean_difference",
                     .clarify = "-DPL",
                     .note = "of labels; AIF360's mean_difference of a dataset of predictions is "
                             "statistical_parity_difference"}),
      signed_metric("disparate_impact", "SR_g / SR_r", "[0, inf]", 1,
                    "below 1: the group is selected less often than the reference", kPrediction,
                    [](const Sides& s) {
                      return over(of(s.group, Rate::SelectionRate),
                                  of(s.reference, Rate::SelectionRate));
                    },
                    {.aif360 = "disparate_impact",
                     .clarify = "DI",
                     .note = "aequitas caps x/0 at 10; here it is Infinity"}),
      signed_metric("average_odds_difference", "((FPR_g - FPR_r) + (TPR_g - TPR_r)) / 2",
                    kMinusOneToOne, 0, kMore, kBoth,
                    [](const Sides& s) {
                      return half_sum(difference(s, Rate::FalsePositiveRate),
                                      difference(s, Rate::TruePositiveRate));
                    },
                    {.aif360 = "average_odds_difference",
                     .note = "is 0 also when both rates differ by opposite amounts: see "
                             "average_abs_odds_difference"}),
      signed_metric("average_abs_odds_difference", "(|FPR_g - FPR_r| + |TPR_g - TPR_r|) / 2",
                    kZeroToOne, 0, "larger: farther apart", kBoth,
                    [](const Sides& s) {
                      return half_sum(absolute(difference(s, Rate::FalsePositiveRate)),
                                      absolute(difference(s, Rate::TruePositiveRate)));
                    },
                    {.aif360 = "average_abs_odds_difference"}),
      signed_metric("average_predictive_value_difference",
                    "((PPV_g - PPV_r) + (FOR_g - FOR_r)) / 2", kMinusOneToOne, 0,
                    "0 also when both differ by opposite amounts", kBoth,
                    [](const Sides& s) {
                      return half_sum(difference(s, Rate::Precision),
                                      difference(s, Rate::FalseOmissionRate));
                    },
                    {.aif360 = "average_predictive_value_difference"}),
      signed_metric("error_rate_difference", "(1 - ACC_g) - (1 - ACC_r)", kMinusOneToOne, 0,
                    "above 0: more errors in the group than in the reference", kBoth,
                    [](const Sides& s) { return minus(error_rate(s.group), error_rate(s.reference)); },
                    {.aif360 = "error_rate_difference"}),
      signed_metric("error_rate_ratio", "(1 - ACC_g) / (1 - ACC_r)", "[0, inf]", 1,
                    "above 1: more errors in the group than in the reference", kBoth,
                    [](const Sides& s) { return over(error_rate(s.group), error_rate(s.reference)); },
                    {.aif360 = "error_rate_ratio"}),
      signed_metric("representation_difference", "(n_g - n_r) / (n_g + n_r)", kMinusOneToOne, 0,
                    "below 0: the group is smaller than the reference", {false, false},
                    [](const Sides& s) { return minus(0.0, imbalance(s)); },
                    {.aif360 = "class_imbalance", .clarify = "-CI"}),

      // SageMaker Clarify: mostly reference minus group (advantaged minus disadvantaged facet).
      signed_metric("ci", "(n_r - n_g) / (n_r + n_g)", kMinusOneToOne, 0,
                    "above 0: the group is smaller than the reference", {false, false}, imbalance,
                    {.aif360 = "-class_imbalance",
                     .clarify = "CI, class imbalance",
                     .note = "Clarify counts rows of unknown group on the side of the reference; "
                             "here they are left out"}),
      signed_metric("dpl", "BR_r - BR_g", kMinusOneToOne, 0, kLess, kLabel,
                    [](const Sides& s) { return reversed(s, Rate::BaseRate); },
                    {.aif360 = "-mean_difference",
                     .clarify = "DPL, difference in proportions of labels"}),
      signed_metric("kl", "sum_y P_r(y) ln(P_r(y) / P_g(y))", "[0, inf]", 0, "larger: farther apart",
                    kLabel, label_divergence<&Divergences::kl>,
                    {.aif360 = "kl_divergence",
                     .clarify = "KL, Kullback-Leibler divergence",
                     .note = "Clarify leaves out classes that one side lacks, which can make KL 0; "
                             "here a class that only the reference has makes it Infinity"}),
      signed_metric("js", "(KL(P_g, M) + KL(P_r, M)) / 2, M = (P_g + P_r) / 2", "[0, ln 2]", 0,
                    "larger: farther apart", kLabel, label_divergence<&Divergences::js>,
                    {.clarify = "JS, Jensen-Shannon divergence"}),
      signed_metric("lp", "sqrt(sum_y (P_g(y) - P_r(y))^2)", "[0, sqrt 2]", 0,
                    "larger: farther apart", kLabel, label_divergence<&Divergences::lp>,
                    {.clarify = "LP, L2 norm", .note = "of two classes it is sqrt 2 |DPL|"}),
      signed_metric("tvd", "sum_y |P_g(y) - P_r(y)| / 2", kZeroToOne, 0, "larger: farther apart",
                    kLabel, label_divergence<&Divergences::tvd>,
                    {.clarify = "TVD, total variation distance",
                     .note = "of two classes it is |DPL|; for more see label_divergences"}),
      signed_metric("ks", "max_y |P_g(y) - P_r(y)|", kZeroToOne, 0, "larger: farther apart", kLabel,
                    label_divergence<&Divergences::ks>,
                    {.clarify = "KS",
                     .note = "of shares of classes, not of cumulative shares: for scores see "
                             "ks_distance"}),
      signed_metric("dppl", "SR_r - SR_g", kMinusOneToOne, 0, kLess, kPrediction,
                    [](const Sides& s) { return reversed(s, Rate::SelectionRate); },
                    {.aif360 = "-statistical_parity_difference",
                     .clarify = "DPPL, difference in positive proportions in predicted labels"}),
      signed_metric("di", "SR_g / SR_r", "[0, inf]", 1,
                    "below 1: the group is selected less often than the reference", kPrediction,
                    [](const Sides& s) {
                      return over(of(s.group, Rate::SelectionRate),
                                  of(s.reference, Rate::SelectionRate));
                    },
                    {.aif360 = "disparate_impact", .clarify = "DI, disparate impact"}),
      signed_metric("dca", "c_r - c_g, c = positive labels / positive predictions", kAny, 0,
                    "above 0: the group's predictions are the more generous ones", kBoth,
                    [](const Sides& s) { return minus(acceptance(s.reference), acceptance(s.group)); },
                    {.clarify = "DCA, difference in conditional acceptance",
                     .note = "Clarify takes 0/0 for 0 and a difference of infinities for 0; here "
                             "both are NULL"}),
      signed_metric("dcr", "d_g - d_r, d = negative labels / negative predictions", kAny, 0,
                    "above 0: the group's predictions are the more generous ones", kBoth,
                    [](const Sides& s) { return minus(rejection(s.group), rejection(s.reference)); },
                    {.clarify = "DCR, difference in conditional rejection"}),
      signed_metric("rd", "TPR_r - TPR_g", kMinusOneToOne, 0, kLess, kBoth,
                    [](const Sides& s) { return reversed(s, Rate::TruePositiveRate); },
                    {.aif360 = "-equal_opportunity_difference",
                     .clarify = "RD, recall difference",
                     .note = "Clarify takes the recall of a group without positives for 0; here it "
                             "is NULL"}),
      signed_metric("sd", "TNR_g - TNR_r", kMinusOneToOne, 0, kMore, kBoth,
                    [](const Sides& s) { return difference(s, Rate::TrueNegativeRate); },
                    {.clarify = "SD, specificity difference"}),
      signed_metric("dar", "PPV_r - PPV_g", kMinusOneToOne, 0, kLess, kBoth,
                    [](const Sides& s) { return reversed(s, Rate::Precision); },
                    {.clarify = "DAR, difference in acceptance rates"}),
      signed_metric("drr", "NPV_g - NPV_r", kMinusOneToOne, 0, kMore, kBoth,
                    [](const Sides& s) { return difference(s, Rate::NegativePredictiveValue); },
                    {.clarify = "DRR, difference in rejection rates"}),
      signed_metric("ad", "ACC_r - ACC_g", kMinusOneToOne, 0, kLess, kBoth,
                    [](const Sides& s) { return reversed(s, Rate::Accuracy); },
                    {.aif360 = "error_rate_difference", .clarify = "AD, accuracy difference"}),
      signed_metric("te", "FN_g / FP_g - FN_r / FP_r", kAny, 0,
                    "above 0: errors in the group are more often to its disadvantage", kBoth,
                    [](const Sides& s) {
                      return minus(quotient(fn(s.group), fp(s.group)),
                                   quotient(fn(s.reference), fp(s.reference)));
                    },
                    {.clarify = "TE, treatment equality",
                     .note = "Clarify takes FN / FP of a group without false positives for "
                             "infinite, and the difference of two such for 0; here it is NULL"}),
      signed_metric("demographic_disparity",
                    "g's share of the rejected - g's share of the selected", kMinusOneToOne, 0,
                    "above 0: the group has more of the rejections than of the selections",
                    kPrediction,
                    [](const Sides& s) { return demographic_disparity(s, Rate::SelectionRate); },
                    {.clarify = "DD", .note = "conditional on strata: stratified()"}),
      signed_metric("demographic_disparity_labels",
                    "g's share of the negative - g's share of the positive labels", kMinusOneToOne,
                    0, "above 0: the group has more of the negative than of the positive labels",
                    kLabel,
                    [](const Sides& s) { return demographic_disparity(s, Rate::BaseRate); },
                    {.clarify = "DD", .note = "conditional on strata: stratified()"}),

      // Over all groups at once.
      group_metric("average_demographic_disparity",
                   "sum_g n_g / n (share of g in negative - share of g in positive labels)",
                   kMinusOneToOne, 0, "a mean over groups", kLabel, average_disparity,
                   {.aif360 = "conditional_demographic_disparity",
                    .note = "AIF360's name for a mean over groups; Clarify's metric of that name is "
                            "over strata: cddl"}),
      group_metric("smoothed_edf", "max over groups and outcomes of |ln(p_g / p_h)|, "
                   "p = (selected + 1/2) / (n + 1)", kZeroUp, 0, kApart, kPrediction,
                   [](const Confusion& c) { return smoothed_edf(c, Rate::SelectionRate); },
                   {.aif360 = "smoothed_empirical_differential_fairness"}),
      group_metric("smoothed_edf_labels", "the same of labels", kZeroUp, 0, kApart, kLabel,
                   [](const Confusion& c) { return smoothed_edf(c, Rate::BaseRate); },
                   {.aif360 = "smoothed_empirical_differential_fairness"}),
      group_metric("df_bias_amplification", "smoothed_edf - smoothed_edf_labels", kAny, 0,
                   "above 0: predictions are farther apart than labels", kBoth,
                   [](const Confusion& c) {
                     return minus(smoothed_edf(c, Rate::SelectionRate),
                                  smoothed_edf(c, Rate::BaseRate));
                   },
                   {.aif360 = "differential_fairness_bias_amplification"}),
      group_metric("generalized_entropy_index",
                   "mean of ((b / mean b)^2 - 1) / 2, b = prediction - label + 1", kZeroUp, 0,
                   kUnequal, kBoth, [](const Confusion& c) { return generalized_entropy(c, 2); },
                   {.aif360 = "generalized_entropy_index",
                    .clarify = "GE",
                    .note = "over people, not groups; other alpha: generalized_entropy(). AIF360 "
                            "leaves weights out, and for alpha 0 its code departs from the "
                            "published formula"}),
      group_metric("theil_index", "mean of (b / mean b) ln(b / mean b)", kZeroUp, 0, kUnequal, kBoth,
                   [](const Confusion& c) { return generalized_entropy(c, 1); },
                   {.aif360 = "theil_index"}),
      group_metric("coefficient_of_variation", "sqrt(2 generalized_entropy_index)", kZeroUp, 0,
                   kUnequal, kBoth,
                   [](const Confusion& c) {
                     const Value ge = generalized_entropy(c, 2);
                     return ge ? Value(std::sqrt(2 * *ge)) : ge;
                   },
                   {.aif360 = "coefficient_of_variation"}),
      group_metric("between_group_generalized_entropy_index",
                   "generalized_entropy_index of the groups' mean benefits", kZeroUp, 0, kUnequal,
                   kBoth, [](const Confusion& c) { return between_group_entropy(c, 2); },
                   {.aif360 = "between_group_generalized_entropy_index"}),
      group_metric("between_group_theil_index", "theil_index of the groups' mean benefits", kZeroUp,
                   0, kUnequal, kBoth, [](const Confusion& c) { return between_group_entropy(c, 1); },
                   {.aif360 = "between_group_theil_index"}),
      group_metric("between_group_coefficient_of_variation",
                   "sqrt(2 between_group_generalized_entropy_index)", kZeroUp, 0, kUnequal, kBoth,
                   [](const Confusion& c) {
                     const Value ge = between_group_entropy(c, 2);
                     return ge ? Value(std::sqrt(2 * *ge)) : ge;
                   },
                   {.aif360 = "between_group_coefficient_of_variation"}),
  };
  for (const bool labels : {true, false}) {
    list.push_back(
        {{labels ? "cddl" : "cddpl", MetricKind::Strata,
          "sum over strata of n_s / n demographic_disparity in s, over strata with both outcomes",
          kMinusOneToOne, 0, "above 0: the group has more of the rejections than of the selections",
          labels, !labels, "", "",
          labels ? "CDDL, conditional demographic disparity in labels"
                 : "CDDPL, conditional demographic disparity in predicted labels",
          labels ? "stratified(confusions, 'base_rate', ...); Clarify also counts strata with one "
                   "outcome, in which it takes 0 / 0 for 0"
                 : "stratified(confusions, 'selection_rate', ...); Clarify also counts strata with "
                   "one outcome, in which it takes 0 / 0 for 0"},
         nullptr,
         nullptr});
  }
  return list;
}

const std::vector<Entry>& specials() {
  static const std::vector<Entry> list = make_specials();
  return list;
}

// --- the metrics that every rate has -----------------------------------------------------------

struct Suffix {
  std::string_view text;
  std::optional<Aggregate> aggregate;  // nullopt: signed
};
constexpr std::array<Suffix, 8> kSuffixes = {{
    {"_difference", Aggregate::Difference},
    {"_ratio", Aggregate::Ratio},
    {"_difference_to_overall", Aggregate::DifferenceToOverall},
    {"_ratio_to_overall", Aggregate::RatioToOverall},
    {"_group_min", Aggregate::GroupMin},
    {"_group_max", Aggregate::GroupMax},
    {"_difference_signed", std::nullopt},
    {"_ratio_signed", std::nullopt},
}};

constexpr bool is_ratio(const Suffix& suffix) {
  return suffix.text.find("ratio") != std::string_view::npos;
}

std::string scikit_name(Rate rate) {
  switch (rate) {
    case Rate::Precision:
      return "precision_score";
    case Rate::Accuracy:
      return "accuracy_score";
    case Rate::BalancedAccuracy:
      return "balanced_accuracy_score";
    case Rate::F1:
      return "f1_score";
    case Rate::BaseRate:
    case Rate::NegativePredictiveValue:
    case Rate::FalseDiscoveryRate:
    case Rate::FalseOmissionRate:
      return "";
    default:
      return std::string(name(rate));
  }
}

// What fairlearn calls it: a function of that name where it has one (0.15), else a MetricFrame.
std::string fairlearn_name(Rate rate, const Suffix& suffix) {
  static constexpr std::string_view kFunctions[] = {"accuracy_score_difference",
                                                    "accuracy_score_group_min",
                                                    "accuracy_score_ratio",
                                                    "balanced_accuracy_score_group_min",
                                                    "f1_score_group_min",
                                                    "false_negative_rate_difference",
                                                    "false_negative_rate_ratio",
                                                    "false_positive_rate_difference",
                                                    "false_positive_rate_ratio",
                                                    "precision_score_group_min",
                                                    "selection_rate_difference",
                                                    "selection_rate_ratio",
                                                    "true_negative_rate_difference",
                                                    "true_negative_rate_ratio",
                                                    "true_positive_rate_difference",
                                                    "true_positive_rate_ratio"};
  if (rate == Rate::TruePositiveRate && suffix.aggregate == Aggregate::GroupMin) {
    return "recall_score_group_min";
  }
  const std::string scikit = scikit_name(rate);
  if (scikit.empty()) return "";
  std::string function = scikit + std::string(suffix.text);
  if (std::find(std::begin(kFunctions), std::end(kFunctions), function) != std::end(kFunctions)) {
    return function;
  }
  const std::string frame = "MetricFrame(metrics=" + scikit + ").";
  switch (*suffix.aggregate) {
    case Aggregate::Difference:
      return frame + "difference()";
    case Aggregate::Ratio:
      return frame + "ratio()";
    case Aggregate::DifferenceToOverall:
      return frame + "difference(method='to_overall')";
    case Aggregate::RatioToOverall:
      return frame + "ratio(method='to_overall')";
    case Aggregate::GroupMin:
      return frame + "group_min()";
    case Aggregate::GroupMax:
      break;
  }
  return frame + "group_max()";
}

std::string aif360_name(Rate rate, bool ratio) {
  const std::string end = ratio ? "_ratio" : "_difference";
  switch (rate) {
    case Rate::TruePositiveRate:
      return ratio ? "" : "true_positive_rate_difference, equal_opportunity_difference";
    case Rate::FalsePositiveRate:
    case Rate::FalseNegativeRate:
    case Rate::FalseDiscoveryRate:
    case Rate::FalseOmissionRate:
      return std::string(name(rate)) + end;
    case Rate::SelectionRate:
      return ratio ? "disparate_impact" : "statistical_parity_difference";
    case Rate::BaseRate:
      return ratio ? "" : "mean_difference";
    default:
      return "";
  }
}

MetricInfo describe(Rate rate, const Suffix& suffix) {
  const std::string of(name(rate));
  const bool ratio = is_ratio(suffix);
  MetricInfo info;
  info.name = of + std::string(suffix.text);
  info.kind = suffix.aggregate ? MetricKind::Groups : MetricKind::Signed;
  info.parity = ratio ? 1 : 0;
  info.needs_label = rate != Rate::SelectionRate;
  info.needs_prediction = rate != Rate::BaseRate;
  info.range = kZeroToOne;
  if (!suffix.aggregate) {
    info.formula = of + "_g " + (ratio ? "/ " : "- ") + of + "_r";
    info.range = ratio ? "[0, inf]" : kMinusOneToOne;
    info.orientation = ratio ? "above 1: larger in the group than in the reference"
                             : "above 0: larger in the group than in the reference";
    info.aif360 = aif360_name(rate, ratio);
    return info;
  }
  info.fairlearn = fairlearn_name(rate, suffix);
  switch (*suffix.aggregate) {
    case Aggregate::Difference:
      info.formula = "max " + of + " - min " + of;
      info.orientation = "larger: groups are farther apart";
      break;
    case Aggregate::Ratio:
      info.formula = "min " + of + " / max " + of;
      info.orientation = "smaller: groups are farther apart";
      break;
    case Aggregate::DifferenceToOverall:
      info.formula = "max |" + of + " - " + of + " of all known groups|";
      info.orientation = "larger: a group is farther from the whole";
      break;
    case Aggregate::RatioToOverall:
      info.formula = "min of q and 1/q, q = " + of + " / " + of + " of all known groups";
      info.orientation = "smaller: a group is farther from the whole";
      break;
    case Aggregate::GroupMin:
    case Aggregate::GroupMax:
      info.formula = std::string(*suffix.aggregate == Aggregate::GroupMin ? "min " : "max ") + of;
      info.orientation = "a rate of one group, no gap";
      info.parity = std::numeric_limits<double>::quiet_NaN();
      break;
  }
  return info;
}

Value rate_metric(const Confusion& confusion,
                  Rate rate,
                  const Suffix& suffix,
                  const std::optional<std::string_view>& group,
                  const std::optional<std::string_view>& reference) {
  if (suffix.aggregate) return aggregate(confusion, rate, *suffix.aggregate);
  const Sides s = sides(confusion, group, reference);
  if (!is_ratio(suffix)) return difference(s, rate);
  return over(of(s.group, rate), of(s.reference, rate));
}

// The names in a column of the catalogue: one or several with commas between them. What is the same
// with the other sign, or a call, is no name.
template <class F>
void each_foreign_name(const MetricInfo& info, F f) {
  for (std::string_view column : {std::string_view(info.fairlearn), std::string_view(info.aif360),
                                  std::string_view(info.clarify)}) {
    while (!column.empty()) {
      const std::size_t comma = std::min(column.find(", "), column.size());
      const std::string_view one = column.substr(0, comma);
      if (one.front() != '-' && one.find('(') == std::string_view::npos) f(one);
      column.remove_prefix(std::min(comma + 2, column.size()));
    }
  }
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

[[noreturn]] void unknown_metric(std::string_view wanted) {
  constexpr std::size_t kShown = 12;
  std::string similar;
  std::size_t shown = 0;
  const std::string_view start = wanted.substr(0, std::min<std::size_t>(wanted.size(), 4));
  for (const MetricInfo& info : metric_catalog()) {
    if (start.empty() || info.name.compare(0, start.size(), start) != 0 || shown == kShown)
      continue;
    similar += (shown++ > 0 ? ", " : "") + info.name;
  }
  throw Error(ErrorKind::InvalidArgument, "there is no metric \"" + std::string(wanted) + "\"",
              (similar.empty() ? "" : "Similar ones are " + similar + ". ") +
                  "The view fairdb.metric_catalog lists all.");
}

void refuse_sides(std::string_view name,
                  const std::optional<std::string_view>& group,
                  const std::optional<std::string_view>& reference) {
  if (!group && !reference) return;
  throw Error(ErrorKind::InvalidArgument,
              "metric \"" + std::string(name) +
                  "\" is over all groups, without sensitive and "
                  "reference",
              "A signed metric compares two groups: see kind in fairdb.metric_catalog.");
}

}  // namespace

const std::vector<MetricInfo>& metric_catalog() {
  static const std::vector<MetricInfo> list = [] {
    std::vector<MetricInfo> all;
    for (const Entry& entry : specials()) all.push_back(entry.info);
    for (const Rate rate : kRates) {
      for (const Suffix& suffix : kSuffixes) all.push_back(describe(rate, suffix));
    }
    return all;
  }();
  return list;
}

// The catalogue's own name first; then the one that it is in capitals, as Clarify has them.
std::string own_metric_name(std::string_view wanted) {
  static const auto names = [] {
    std::map<std::string, std::vector<std::string>, std::less<>> all;
    for (const MetricInfo& info : metric_catalog()) {
      each_foreign_name(info, [&](std::string_view name) {
        std::vector<std::string>& metrics = all[std::string(name)];
        if (metrics.empty() || metrics.back() != info.name) metrics.push_back(info.name);
      });
    }
    for (auto& [name, metrics] : all) {
      if (std::find(metrics.begin(), metrics.end(), lower(name)) != metrics.end()) {
        metrics = {lower(name)};
      }
    }
    for (const MetricInfo& info : metric_catalog()) all[info.name] = {info.name};
    return all;
  }();
  const auto found = names.find(wanted);
  if (found == names.end()) return std::string(wanted);
  if (found->second.size() == 1) return found->second.front();
  std::string meant;
  for (const std::string& name : found->second) {
    meant += (meant.empty() ? "\"" : ", \"") + name + "\"";
  }
  throw Error(ErrorKind::InvalidArgument,
              "metric \"" + std::string(wanted) + "\" of another tool is here one of " + meant);
}

Value metric(const Confusion& confusion,
             std::string_view name,
             const std::optional<std::string_view>& group,
             const std::optional<std::string_view>& reference) {
  const std::string wanted = own_metric_name(name);
  for (const Entry& entry : specials()) {
    if (entry.info.name != wanted) continue;
    if (entry.info.kind == MetricKind::Strata) {
      throw Error(ErrorKind::InvalidArgument,
                  "metric \"" + std::string(wanted) + "\" needs a confusion for each stratum",
                  "Call " + entry.info.note.substr(0, entry.info.note.find(';')) + ".");
    }
    if (entry.sides != nullptr) return entry.sides(sides(confusion, group, reference));
    refuse_sides(wanted, group, reference);
    return entry.groups(confusion);
  }
  // The longest suffix first: _difference_to_overall before _difference.
  const Suffix* found = nullptr;
  for (const Suffix& suffix : kSuffixes) {
    if (wanted.size() > suffix.text.size() &&
        std::string_view(wanted).substr(wanted.size() - suffix.text.size()) == suffix.text &&
        (found == nullptr || suffix.text.size() > found->text.size())) {
      found = &suffix;
    }
  }
  if (found == nullptr) unknown_metric(wanted);
  const auto rate =
      rate_named(std::string_view(wanted).substr(0, wanted.size() - found->text.size()));
  if (!rate) unknown_metric(wanted);
  if (found->aggregate) refuse_sides(wanted, group, reference);
  return rate_metric(confusion, *rate, *found, group, reference);
}

}  // namespace fairdb
