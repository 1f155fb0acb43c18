// Every entry of the catalogue of metrics against a definition written from counts alone.
#include "core/audit/catalog.hpp"

#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "unit/support/support.hpp"

namespace fairdb {
namespace {

// A group's counts: true and false positives, false and true negatives.
struct Group {
  std::string name;
  double tp, fp, fn, tn;

  double n() const { return tp + fp + fn + tn; }
  double positive() const { return tp + fn; }
  double selected() const { return tp + fp; }
};

const std::vector<Group> kGroups = {
    {"a", 31, 12, 9, 48}, {"b", 22, 25, 18, 55}, {"c", 40, 7, 21, 92}};

Group sum_of(const std::vector<Group>& groups) {
  Group sum{"all", 0, 0, 0, 0};
  for (const Group& g : groups) {
    sum.tp += g.tp;
    sum.fp += g.fp;
    sum.fn += g.fn;
    sum.tn += g.tn;
  }
  return sum;
}

Confusion confusion_of(const std::vector<Group>& groups) {
  Confusion confusion;
  for (const Group& g : groups) {
    Cells cells{};
    cells.at(Truth::Positive, Truth::Positive) = static_cast<std::int64_t>(g.tp);
    cells.at(Truth::Negative, Truth::Positive) = static_cast<std::int64_t>(g.fp);
    cells.at(Truth::Positive, Truth::Negative) = static_cast<std::int64_t>(g.fn);
    cells.at(Truth::Negative, Truth::Negative) = static_cast<std::int64_t>(g.tn);
    confusion.groups.push_back(group_of(g.name, cells));
  }
  return confusion;
}

using OfGroup = std::function<double(const Group&)>;
const std::map<std::string, OfGroup> kRateDefinitions = {
    {"base_rate", [](const Group& g) { return (g.tp + g.fn) / g.n(); }},
    {"selection_rate", [](const Group& g) { return (g.tp + g.fp) / g.n(); }},
    {"true_positive_rate", [](const Group& g) { return g.tp / (g.tp + g.fn); }},
    {"false_positive_rate", [](const Group& g) { return g.fp / (g.fp + g.tn); }},
    {"true_negative_rate", [](const Group& g) { return g.tn / (g.fp + g.tn); }},
    {"false_negative_rate", [](const Group& g) { return g.fn / (g.tp + g.fn); }},
    {"precision", [](const Group& g) { return g.tp / (g.tp + g.fp); }},
    {"negative_predictive_value", [](const Group& g) { return g.tn / (g.tn + g.fn); }},
    {"false_discovery_rate", [](const Group& g) { return g.fp / (g.tp + g.fp); }},
    {"false_omission_rate", [](const Group& g) { return g.fn / (g.tn + g.fn); }},
    {"accuracy", [](const Group& g) { return (g.tp + g.tn) / g.n(); }},
    {"balanced_accuracy",
     [](const Group& g) { return (g.tp / (g.tp + g.fn) + g.tn / (g.tn + g.fp)) / 2; }},
    {"f1", [](const Group& g) { return 2 * g.tp / (2 * g.tp + g.fp + g.fn); }},
};

std::pair<double, double> range_of(const OfGroup& f) {
  double low = 1e300;
  double high = -1e300;
  for (const Group& g : kGroups) {
    low = std::min(low, f(g));
    high = std::max(high, f(g));
  }
  return {low, high};
}

using OfAll = std::function<double()>;
// Of all groups, by the endings of a rate's name.
std::map<std::string, OfAll> gaps_of_rates() {
  std::map<std::string, OfAll> list;
  for (const auto& [rate, f] : kRateDefinitions) {
    list[rate + "_difference"] = [f] { return range_of(f).second - range_of(f).first; };
    list[rate + "_ratio"] = [f] { return range_of(f).first / range_of(f).second; };
    list[rate + "_group_min"] = [f] { return range_of(f).first; };
    list[rate + "_group_max"] = [f] { return range_of(f).second; };
    list[rate + "_difference_to_overall"] = [f] {
      double worst = 0;
      for (const Group& g : kGroups) worst = std::max(worst, std::abs(f(g) - f(sum_of(kGroups))));
      return worst;
    };
    list[rate + "_ratio_to_overall"] = [f] {
      double worst = 1;
      for (const Group& g : kGroups) {
        const double ratio = f(g) / f(sum_of(kGroups));
        worst = std::min({worst, ratio, 1 / ratio});
      }
      return worst;
    };
  }
  return list;
}

// The benefits b = prediction - label + 1: 2 of a false positive, 0 of a false negative, else 1.
double entropy(double alpha) {
  const Group all = sum_of(kGroups);
  const double mean = (2 * all.fp + all.tp + all.tn) / all.n();
  const auto term = [&](double b) {
    const double share = b / mean;
    if (alpha == 1) return share > 0 ? share * std::log(share) : 0;
    return (std::pow(share, alpha) - 1) / (alpha * (alpha - 1));
  };
  return (all.fp * term(2) + (all.tp + all.tn) * term(1) + all.fn * term(0)) / all.n();
}
double entropy_between(double alpha) {
  const Group all = sum_of(kGroups);
  const double mean = (2 * all.fp + all.tp + all.tn) / all.n();
  double sum = 0;
  for (const Group& g : kGroups) {
    const double share = (2 * g.fp + g.tp + g.tn) / g.n() / mean;
    sum += g.n() * (alpha == 1 ? share * std::log(share) : (std::pow(share, alpha) - 1) / 2);
  }
  return sum / all.n();
}

// Differential fairness of smoothed shares.
double smoothed(const OfGroup& count) {
  double worst = 0;
  for (const Group& g : kGroups) {
    for (const Group& h : kGroups) {
      const double p = (count(g) + 0.5) / (g.n() + 1);
      const double q = (count(h) + 0.5) / (h.n() + 1);
      worst = std::max({worst, std::abs(std::log(p / q)), std::abs(std::log((1 - p) / (1 - q)))});
    }
  }
  return worst;
}

std::map<std::string, OfAll> other_metrics_of_all() {
  const auto rate = [](const char* name) { return kRateDefinitions.at(name); };
  const auto tpr = range_of(rate("true_positive_rate"));
  const auto fpr = range_of(rate("false_positive_rate"));
  const auto sr = range_of(rate("selection_rate"));
  const auto loss = range_of([](const Group& g) { return (g.fp + g.fn) / g.n(); });
  return {
      {"demographic_parity_difference", [=] { return sr.second - sr.first; }},
      {"demographic_parity_ratio", [=] { return sr.first / sr.second; }},
      {"equal_opportunity_difference", [=] { return tpr.second - tpr.first; }},
      {"equal_opportunity_ratio", [=] { return tpr.first / tpr.second; }},
      {"equalized_odds_difference",
       [=] { return std::max(tpr.second - tpr.first, fpr.second - fpr.first); }},
      {"equalized_odds_ratio",
       [=] { return std::min(tpr.first / tpr.second, fpr.first / fpr.second); }},
      {"equalized_odds_difference_mean",
       [=] { return (tpr.second - tpr.first + fpr.second - fpr.first) / 2; }},
      {"equalized_odds_ratio_mean",
       [=] { return (tpr.first / tpr.second + fpr.first / fpr.second) / 2; }},
      {"zero_one_loss_difference", [=] { return loss.second - loss.first; }},
      {"zero_one_loss_ratio", [=] { return loss.first / loss.second; }},
      {"zero_one_loss_group_max", [=] { return loss.second; }},
      {"average_demographic_disparity",
       [] {
         const Group all = sum_of(kGroups);
         double sum = 0;
         for (const Group& g : kGroups) {
           sum += g.n() / all.n() *
                  ((g.fp + g.tn) / (all.fp + all.tn) - g.positive() / all.positive());
         }
         return sum;
       }},
      {"generalized_entropy_index", [] { return entropy(2); }},
      {"theil_index", [] { return entropy(1); }},
      {"coefficient_of_variation", [] { return std::sqrt(2 * entropy(2)); }},
      {"between_group_generalized_entropy_index", [] { return entropy_between(2); }},
      {"between_group_theil_index", [] { return entropy_between(1); }},
      {"between_group_coefficient_of_variation", [] { return std::sqrt(2 * entropy_between(2)); }},
      {"smoothed_edf", [] { return smoothed([](const Group& g) { return g.selected(); }); }},
      {"smoothed_edf_labels", [] { return smoothed([](const Group& g) { return g.positive(); }); }},
      {"df_bias_amplification",
       [] {
         return smoothed([](const Group& g) { return g.selected(); }) -
                smoothed([](const Group& g) { return g.positive(); });
       }},
  };
}

// Of a group against a reference.
using OfTwo = std::function<double(const Group&, const Group&)>;
std::map<std::string, OfTwo> signed_metrics() {
  std::map<std::string, OfTwo> list;
  for (const auto& [name, f] : kRateDefinitions) {
    list[name + "_difference_signed"] = [f = f](const Group& g, const Group& r) {
      return f(g) - f(r);
    };
    list[name + "_ratio_signed"] = [f = f](const Group& g, const Group& r) { return f(g) / f(r); };
  }
  const auto less = [](const char* name) {
    const OfGroup f = kRateDefinitions.at(name);
    return [f](const Group& g, const Group& r) { return f(r) - f(g); };
  };
  const auto more = [](const char* name) {
    const OfGroup f = kRateDefinitions.at(name);
    return [f](const Group& g, const Group& r) { return f(g) - f(r); };
  };
  const auto times = [](const char* name) {
    const OfGroup f = kRateDefinitions.at(name);
    return [f](const Group& g, const Group& r) { return f(g) / f(r); };
  };
  list["ad"] = less("accuracy");
  list["dar"] = less("precision");
  list["dpl"] = less("base_rate");
  list["dppl"] = less("selection_rate");
  list["rd"] = less("true_positive_rate");
  list["sd"] = more("true_negative_rate");
  list["drr"] = more("negative_predictive_value");
  list["di"] = list["disparate_impact"] = times("selection_rate");
  list["statistical_parity_difference"] = more("selection_rate");
  list["mean_difference"] = more("base_rate");
  list["ci"] = [](const Group& g, const Group& r) { return (r.n() - g.n()) / (r.n() + g.n()); };
  list["representation_difference"] = [](const Group& g, const Group& r) {
    return (g.n() - r.n()) / (r.n() + g.n());
  };
  list["error_rate_difference"] = [](const Group& g, const Group& r) {
    return (g.fp + g.fn) / g.n() - (r.fp + r.fn) / r.n();
  };
  list["error_rate_ratio"] = [](const Group& g, const Group& r) {
    return ((g.fp + g.fn) / g.n()) / ((r.fp + r.fn) / r.n());
  };
  const auto fpr = kRateDefinitions.at("false_positive_rate");
  const auto tpr = kRateDefinitions.at("true_positive_rate");
  const auto ppv = kRateDefinitions.at("precision");
  const auto omission = kRateDefinitions.at("false_omission_rate");
  list["average_odds_difference"] = [=](const Group& g, const Group& r) {
    return (fpr(g) - fpr(r) + tpr(g) - tpr(r)) / 2;
  };
  list["average_abs_odds_difference"] = [=](const Group& g, const Group& r) {
    return (std::abs(fpr(g) - fpr(r)) + std::abs(tpr(g) - tpr(r))) / 2;
  };
  list["average_predictive_value_difference"] = [=](const Group& g, const Group& r) {
    return (ppv(g) - ppv(r) + omission(g) - omission(r)) / 2;
  };
  list["dca"] = [](const Group& g, const Group& r) {
    return r.positive() / r.selected() - g.positive() / g.selected();
  };
  list["dcr"] = [](const Group& g, const Group& r) {
    return (g.fp + g.tn) / (g.fn + g.tn) - (r.fp + r.tn) / (r.fn + r.tn);
  };
  list["te"] = [](const Group& g, const Group& r) { return g.fn / g.fp - r.fn / r.fp; };
  list["demographic_disparity"] = [](const Group& g, const Group& r) {
    const double rejected = g.fn + g.tn + r.fn + r.tn;
    return (g.fn + g.tn) / rejected - g.selected() / (g.selected() + r.selected());
  };
  list["demographic_disparity_labels"] = [](const Group& g, const Group& r) {
    const double negative = g.fp + g.tn + r.fp + r.tn;
    return (g.fp + g.tn) / negative - g.positive() / (g.positive() + r.positive());
  };
  const auto p = [](const Group& g) { return g.positive() / g.n(); };
  const auto kl = [](double a, double b) {
    return a * std::log(a / b) + (1 - a) * std::log((1 - a) / (1 - b));
  };
  list["kl"] = [=](const Group& g, const Group& r) { return kl(p(r), p(g)); };
  list["js"] = [=](const Group& g, const Group& r) {
    const double m = (p(g) + p(r)) / 2;
    return (kl(p(g), m) + kl(p(r), m)) / 2;
  };
  list["ks"] = list["tvd"] = [=](const Group& g, const Group& r) { return std::abs(p(g) - p(r)); };
  list["lp"] = [=](const Group& g, const Group& r) {
    return std::sqrt(2.0) * std::abs(p(g) - p(r));
  };
  return list;
}

TEST(Catalog, EveryMetricOfAllGroupsIsItsDefinition) {
  const Confusion confusion = confusion_of(kGroups);
  std::map<std::string, OfAll> definitions = gaps_of_rates();
  definitions.merge(other_metrics_of_all());
  int checked = 0;
  for (const MetricInfo& info : metric_catalog()) {
    if (info.kind != MetricKind::Groups) continue;
    SCOPED_TRACE(info.name);
    const auto it = definitions.find(info.name);
    ASSERT_NE(it, definitions.end()) << "no definition is written here";
    const auto value = metric(confusion, info.name, std::nullopt, std::nullopt);
    ASSERT_TRUE(value);
    EXPECT_NEAR(*value, it->second(), 1e-12);
    ++checked;
  }
  EXPECT_EQ(checked, static_cast<int>(definitions.size()));
}

TEST(Catalog, EverySignedMetricIsItsDefinition) {
  const Confusion confusion = confusion_of(kGroups);
  const std::map<std::string, OfTwo> definitions = signed_metrics();
  int checked = 0;
  for (const MetricInfo& info : metric_catalog()) {
    if (info.kind != MetricKind::Signed) continue;
    SCOPED_TRACE(info.name);
    const auto it = definitions.find(info.name);
    ASSERT_NE(it, definitions.end()) << "no definition is written here";
    // Against one reference, and against all others together.
    EXPECT_NEAR(*metric(confusion, info.name, "a", "b"), it->second(kGroups[0], kGroups[1]), 1e-12);
    EXPECT_NEAR(*metric(confusion, info.name, "c", std::nullopt),
                it->second(kGroups[2], sum_of({kGroups[0], kGroups[1]})), 1e-12);
    ++checked;
  }
  EXPECT_EQ(checked, static_cast<int>(definitions.size()));
}

// What every metric says of three groups that are alike is its parity. Indices of inequality
// compare people: theirs is a prediction without errors.
TEST(Catalog, IsAtParityWhereGroupsAreAlike) {
  const std::vector<Group> same = {
      {"a", 31, 12, 9, 48}, {"b", 31, 12, 9, 48}, {"c", 31, 12, 9, 48}};
  const std::vector<Group> right = {{"a", 31, 0, 0, 48}, {"b", 20, 0, 0, 70}};
  const Confusion alike = confusion_of(same);
  const Confusion without_errors = confusion_of(right);
  const std::set<std::string> of_people = {"generalized_entropy_index", "theil_index",
                                           "coefficient_of_variation"};
  for (const MetricInfo& info : metric_catalog()) {
    if (info.kind == MetricKind::Strata || std::isnan(info.parity)) continue;
    SCOPED_TRACE(info.name);
    const Confusion& confusion = of_people.contains(info.name) ? without_errors : alike;
    const auto value = info.kind == MetricKind::Signed
                           ? metric(confusion, info.name, "a", "b")
                           : metric(confusion, info.name, std::nullopt, std::nullopt);
    ASSERT_TRUE(value);
    EXPECT_NEAR(*value, info.parity, 1e-12);
  }
}

}  // namespace
}  // namespace fairdb
