#include "core/audit/uncertainty.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/audit/catalog.hpp"
#include "core/inference/tables.hpp"
#include "core/inference/tails.hpp"

namespace fairdb {
namespace {

constexpr double kTrustedExpectation = 5;
constexpr std::uint64_t kPermutationSeed = 20260101;

// Of the mean of two independent shares, each with half a row added to either side.
double balanced_variance(const Share& a, const Share& b) noexcept {
  const auto variance = [](const Share& s) {
    const double n = s.effective_size();
    const double p = (s.value() * n + 0.5) / (n + 1);
    return p * (1 - p) / n;
  };
  return (variance(a) + variance(b)) / 4;
}

std::vector<const GroupCells*> known_groups(const Confusion& confusion) {
  std::vector<const GroupCells*> groups;
  for (const GroupCells& group : confusion.groups) {
    if (group.label) groups.push_back(&group);
  }
  return groups;
}

std::vector<Proportion> family_of(const std::vector<const GroupCells*>& groups, Rate rate) {
  std::vector<Proportion> family;
  for (const GroupCells* const group : groups) {
    if (const auto p = proportion(group->masses, rate)) family.push_back(*p);
  }
  return family;
}

// Of a rate and its complement one stands for both: their tests are the same.
Rate tested_form(Rate rate) noexcept {
  switch (rate) {
    case Rate::TrueNegativeRate:
      return Rate::FalsePositiveRate;
    case Rate::FalseNegativeRate:
      return Rate::TruePositiveRate;
    case Rate::FalseDiscoveryRate:
      return Rate::Precision;
    case Rate::FalseOmissionRate:
      return Rate::NegativePredictiveValue;
    default:
      return rate;
  }
}

std::int64_t rounded(double value) noexcept {
  return std::llround(value);
}

// True and false positive rates are of different rows and so independent: the smaller p-value,
// adjusted for there being two.
Tested test_odds(const Tested& tpr, const Tested& fpr) {
  double smallest = 1;
  for (const Tested* const part : {&tpr, &fpr}) {
    // A rate that is 0 or 1 in every group speaks neither for nor against.
    if (part->p_value) smallest = std::min(smallest, *part->p_value);
  }
  if (!tpr.p_value && !fpr.p_value) return {};
  return {"holm of true and false positive rate", std::min(1.0, 2 * smallest)};
}

// Of all groups by permutation. Where not one of its tables is as far from equality, which is all
// that it can say, the chi-square of the groups that are large enough for it may say more: asked
// only then, it makes the test no more likely to find what is not there.
Tested permutation_of(const std::vector<Proportion>& family, Monitor& monitor) {
  PermutationTest test = permutation_test(family, kPermutationSeed, monitor);
  if (!test.at_floor) return {"permutation", test.p_value};
  double part = 0;
  double whole = 0;
  for (const Proportion& p : family) {
    part += p.successes();
    whole += p.size;
  }
  const double rarer = std::min(part, whole - part) / whole;
  std::vector<Proportion> large;
  for (const Proportion& p : family) {
    if (p.size * rarer >= kTrustedExpectation) large.push_back(p);
  }
  const auto of_large = chi_square(large);
  return {"permutation", std::min(test.p_value, of_large ? of_large->p_value : 1.0)};
}

// The interval of half a sum of independent terms, each with its own (Donner and Zou 2012, MOVER).
std::optional<Interval> half_sum_interval(const std::optional<double>& a,
                                          const std::optional<Interval>& ia,
                                          const std::optional<double>& b,
                                          const std::optional<Interval>& ib) {
  if (!a || !b || !ia || !ib) return std::nullopt;
  const double value = (*a + *b) / 2;
  return Interval{value - std::hypot(*a - ia->lower, *b - ib->lower) / 2,
                  value + std::hypot(ia->upper - *a, ib->upper - *b) / 2};
}

Interval turned(const Interval& i) noexcept {
  return {-i.upper, -i.lower};
}

class Measuring {
 public:
  Measuring(const Confusion& confusion,
            double level,
            const std::optional<std::vector<std::string>>& only,
            Monitor& monitor)
      : only_(only),
        confusion_(confusion),
        groups_(known_groups(confusion)),
        level_(level),
        z_(normal_two_sided_quantile(level)),
        monitor_(monitor) {}

  void gaps() {
    both("demographic_parity", Rate::SelectionRate);
    both("equal_opportunity", Rate::TruePositiveRate);
    odds("equalized_odds_difference", Contrast::Difference);
    odds("equalized_odds_ratio", Contrast::Ratio);
    for (const Rate rate : kRates) {
      if (rate == Rate::SelectionRate || rate == Rate::TruePositiveRate) continue;
      both(std::string(name(rate)), rate);
    }
  }

  void signed_metrics(std::string_view reference) {
    const Sides s = sides(confusion_, std::nullopt, reference);
    const std::vector<const GroupCells*> two = {&s.group, &s.reference};
    for (const MetricInfo& info : metric_catalog()) {
      if (info.kind != MetricKind::Signed || !wanted(info.name)) continue;
      Measured row{
          info.name, metric(confusion_, info.name, std::nullopt, reference), {}, {}, {2, 2}, {},
          {}};
      const auto simple = simple_form(info.name);
      if (simple) {
        const auto a = proportion(s.group.masses, simple->rate);
        const auto b = proportion(s.reference.masses, simple->rate);
        row.estimable.estimable = (a ? 1 : 0) + (b ? 1 : 0);
        if (a && b) {
          row.interval = simple->ratio ? koopman(*a, *b, z_) : std::optional(newcombe(*a, *b, z_));
          if (row.interval && simple->turned) row.interval = turned(*row.interval);
          row.tested = test_equality(two, confusion_.weighted, simple->rate, monitor_);
        }
      } else if (info.name == "average_odds_difference") {
        row.interval = mean_of_two(s, Rate::FalsePositiveRate, Rate::TruePositiveRate);
      } else if (info.name == "average_predictive_value_difference") {
        row.interval = mean_of_two(s, Rate::Precision, Rate::FalseOmissionRate);
      }
      if (!row.value) {
        row.interval.reset();
        row.estimable.estimable = std::min<std::int64_t>(row.estimable.estimable, 1);
      }
      const double parity = simple && simple->ratio ? 1 : 0;
      row.note = note_on(row.interval, parity, row.tested.p_value, level_, 2);
      rows_.push_back(std::move(row));
    }
  }

  std::vector<Measured> finish() && {
    for (const std::string& name : only_.value_or(std::vector<std::string>{})) {
      const bool found = std::any_of(rows_.begin(), rows_.end(),
                                     [&](const Measured& row) { return row.metric == name; });
      if (!found) raise_not_measured(name);
    }
    return std::move(rows_);
  }

 private:
  // A signed metric that is a difference or a ratio of one rate; turned: reference minus group.
  struct Simple {
    Rate rate;
    bool ratio;
    bool turned;
  };
  static std::optional<Simple> simple_form(std::string_view metric) noexcept {
    struct Named {
      std::string_view name;
      Simple form;
    };
    static constexpr Named kNamed[] = {
        {"statistical_parity_difference", {Rate::SelectionRate, false, false}},
        {"mean_difference", {Rate::BaseRate, false, false}},
        {"disparate_impact", {Rate::SelectionRate, true, false}},
        {"error_rate_difference", {Rate::Accuracy, false, true}},
        {"dpl", {Rate::BaseRate, false, true}},
        {"dppl", {Rate::SelectionRate, false, true}},
        {"di", {Rate::SelectionRate, true, false}},
        {"rd", {Rate::TruePositiveRate, false, true}},
        {"sd", {Rate::TrueNegativeRate, false, false}},
        {"dar", {Rate::Precision, false, true}},
        {"drr", {Rate::NegativePredictiveValue, false, false}},
        {"ad", {Rate::Accuracy, false, true}},
    };
    for (const Named& named : kNamed) {
      if (named.name == metric) return named.form;
    }
    for (const bool ratio : {false, true}) {
      const std::string_view suffix = ratio ? "_ratio_signed" : "_difference_signed";
      if (metric.size() <= suffix.size() ||
          metric.substr(metric.size() - suffix.size()) != suffix) {
        continue;
      }
      const auto rate = rate_named(metric.substr(0, metric.size() - suffix.size()));
      if (rate) return Simple{*rate, ratio, false};
    }
    return std::nullopt;
  }

  std::optional<Interval> mean_of_two(const Sides& s, Rate first, Rate second) const {
    const auto one = [&](Rate rate) -> std::pair<std::optional<double>, std::optional<Interval>> {
      const auto a = proportion(s.group.masses, rate);
      const auto b = proportion(s.reference.masses, rate);
      if (!a || !b) return {};
      return {a->value - b->value, newcombe(*a, *b, z_)};
    };
    const auto [a, ia] = one(first);
    const auto [b, ib] = one(second);
    return half_sum_interval(a, ia, b, ib);
  }

  bool wanted(std::string_view metric) const {
    return !only_ || std::find(only_->begin(), only_->end(), metric) != only_->end();
  }
  [[noreturn]] static void raise_not_measured(const std::string& name) {
    const auto& catalog = metric_catalog();
    const auto known = std::find_if(catalog.begin(), catalog.end(),
                                    [&](const MetricInfo& info) { return info.name == name; });
    if (known != catalog.end() && known->kind == MetricKind::Signed) {
      throw Error(ErrorKind::InvalidArgument,
                  "metric \"" + name + "\" compares a group with a reference",
                  "Name one with reference => '...'.");
    }
    throw Error(ErrorKind::InvalidArgument, "metrics measures no \"" + name + "\"",
                "select metric from metrics(...) lists what it measures: differences and ratios of "
                "rates. metric(confusion, name) gives the value of any in fairdb.metric_catalog.");
  }

  // Of a rate and its complement once.
  const Tested& test(Rate rate) {
    const Rate form = tested_form(rate);
    const auto found = tests_.find(form);
    if (found != tests_.end()) return found->second;
    return tests_.emplace(form, test_equality(groups_, confusion_.weighted, form, monitor_))
        .first->second;
  }

  void both(const std::string& prefix, Rate rate) {
    if (!wanted(prefix + "_difference") && !wanted(prefix + "_ratio")) return;
    const Families families{family_of(groups_, rate)};
    const Tested tested = test(rate);
    const Estimable estimable = fairdb::estimable(confusion_, rate);
    const auto groups = extremes(confusion_, rate);
    put(prefix + "_difference", aggregate(confusion_, rate, Aggregate::Difference), families,
        Contrast::Difference, tested, estimable, groups);
    put(prefix + "_ratio", aggregate(confusion_, rate, Aggregate::Ratio), families, Contrast::Ratio,
        tested, estimable, groups);
  }

  void odds(const std::string& metric, Contrast contrast) {
    if (!wanted(metric)) return;
    const Families families{family_of(groups_, Rate::TruePositiveRate),
                            family_of(groups_, Rate::FalsePositiveRate)};
    const Estimable tpr = estimable(confusion_, Rate::TruePositiveRate);
    const Estimable fpr = estimable(confusion_, Rate::FalsePositiveRate);
    put(metric,
        gap(confusion_, contrast == Contrast::Difference ? Gap::EqualizedOddsDifference
                                                         : Gap::EqualizedOddsRatio),
        families, contrast, test_odds(test(Rate::TruePositiveRate), test(Rate::FalsePositiveRate)),
        {tpr.groups, std::min(tpr.estimable, fpr.estimable)}, worse_extremes(contrast));
  }

  // Of true and false positive rate, those of the one that is the metric's value.
  std::optional<Extremes> worse_extremes(Contrast contrast) const {
    const auto tpr = extremes(confusion_, Rate::TruePositiveRate);
    const auto fpr = extremes(confusion_, Rate::FalsePositiveRate);
    if (!tpr || !fpr) return std::nullopt;
    const auto apart = [&](const Extremes& e) {
      return contrast == Contrast::Difference ? e.high_rate - e.low_rate
             : e.high_rate > 0                ? -e.low_rate / e.high_rate
                                              : 0;
    };
    return apart(*tpr) >= apart(*fpr) ? tpr : fpr;
  }

  void put(std::string metric,
           std::optional<double> value,
           const Families& families,
           Contrast contrast,
           const Tested& tested,
           const Estimable& estimable,
           const std::optional<Extremes>& groups) {
    if (!wanted(metric)) return;
    Measured row{std::move(metric), value, {}, {}, estimable, {}, {}};
    if (value) {
      row.groups = groups;
      row.interval = gap_interval(families, contrast, level_, monitor_);
      row.tested = tested;
      const double parity = contrast == Contrast::Difference ? 0 : 1;
      row.note = row.interval
                     ? note_on(row.interval, parity, tested.p_value, level_, estimable.estimable)
                     : "no interval: of more than 200 groups it is not computed";
    }
    rows_.push_back(std::move(row));
  }

  const std::optional<std::vector<std::string>>& only_;
  const Confusion& confusion_;
  std::vector<const GroupCells*> groups_;
  double level_;
  double z_;
  Monitor& monitor_;
  std::map<Rate, Tested> tests_;
  std::vector<Measured> rows_;
};

}  // namespace

std::optional<Proportion> proportion(const Masses& masses, Rate which) noexcept {
  const auto value = rate(masses, which);
  if (!value) return std::nullopt;
  if (which == Rate::BalancedAccuracy) {
    const double variance = balanced_variance(*share(masses, Rate::TruePositiveRate),
                                              *share(masses, Rate::TrueNegativeRate));
    const double spread = std::max(*value * (1 - *value), 1e-3);
    return Proportion{*value, spread / variance};
  }
  const Share s = *share(masses, which);
  if (which == Rate::F1) {
    const double j = s.value();
    return Proportion{*value, s.effective_size() * (1 + j) * (1 + j) / 2};
  }
  return Proportion{*value, s.effective_size()};
}

Tested test_equality(const std::vector<const GroupCells*>& groups,
                     bool weighted,
                     Rate which,
                     Monitor& monitor) {
  const Rate rate = tested_form(which);
  if (rate == Rate::BalancedAccuracy) {
    const auto result = wald(family_of(groups, rate));
    return result ? Tested{"wald", result->p_value} : Tested{};
  }
  // Of F1 the share that it is a function of: equal exactly when F1 is.
  std::vector<Proportion> family;
  for (const GroupCells* const group : groups) {
    const Share s = *share(group->masses, rate);
    if (s.exists()) family.push_back({s.value(), s.effective_size()});
  }
  const auto plain = chi_square(family);
  if (!plain) return {};
  const bool trusted = smallest_expected(family) >= kTrustedExpectation;
  if (weighted) {
    return {trusted ? "chi-square of effective sizes" : "chi-square of effective sizes, few rows",
            plain->p_value};
  }
  if (!trusted) {
    if (family.size() > 2) return permutation_of(family, monitor);
    return {"fisher mid-p",
            fisher(rounded(family[0].successes()), rounded(family[0].size),
                   rounded(family[1].successes()), rounded(family[1].size), Fisher::MidP, monitor)};
  }
  return {family.size() == 2 ? "z" : "chi-square", plain->p_value};
}

std::vector<Comparison> compare(const Confusion& confusion,
                                Rate rate,
                                const std::optional<std::string_view>& reference,
                                double level,
                                Monitor& monitor) {
  constexpr std::size_t kMaxComparisons = 10000;
  const double z = normal_two_sided_quantile(level);
  const std::vector<const GroupCells*> groups = known_groups(confusion);
  const std::size_t n = reference ? groups.size() : groups.size() * (groups.size() - 1) / 2;
  if (!groups.empty() && n > kMaxComparisons) {
    throw Error(ErrorKind::TooLarge,
                std::to_string(n) + " pairs of groups exceed the limit of " +
                    std::to_string(kMaxComparisons),
                "Name one group with reference => '...' to compare all others with it.");
  }
  std::vector<Comparison> list;
  const auto add = [&](const GroupCells& group, const GroupCells& other) {
    monitor.poll();
    Comparison c{*group.label, *other.label, {}, {}, {}, {}, {}, {}, {}, {}};
    const auto a = proportion(group.masses, rate);
    const auto b = proportion(other.masses, rate);
    if (a) c.rate = a->value;
    if (b) c.reference_rate = b->value;
    if (a && b) {
      c.difference = a->value - b->value;
      c.difference_interval = newcombe(*a, *b, z);
      c.ratio_interval = koopman(*a, *b, z);
      if (c.ratio_interval) c.ratio = a->value / b->value;
      c.tested = test_equality({&group, &other}, confusion.weighted, rate, monitor);
    }
    list.push_back(c);
  };
  if (reference) {
    const GroupCells& other = named_group(confusion, *reference, "reference");
    for (const GroupCells* const group : groups) {
      if (group != &other) add(*group, other);
    }
  } else {
    for (std::size_t i = 0; i < groups.size(); ++i) {
      for (std::size_t j = i + 1; j < groups.size(); ++j) add(*groups[i], *groups[j]);
    }
  }
  std::vector<double> p_values;
  for (const Comparison& c : list) {
    if (c.tested.p_value) p_values.push_back(*c.tested.p_value);
  }
  const std::vector<double> adjusted = holm(p_values);
  std::size_t next = 0;
  for (Comparison& c : list) {
    if (c.tested.p_value) c.p_adjusted = adjusted[next++];
  }
  return list;
}

std::vector<Measured> measure(const Confusion& confusion,
                              const std::optional<std::string_view>& reference,
                              double level,
                              const std::optional<std::vector<std::string>>& only,
                              Monitor& monitor) {
  Measuring measuring(confusion, level, only, monitor);
  measuring.gaps();
  if (reference) measuring.signed_metrics(*reference);
  return std::move(measuring).finish();
}

}  // namespace fairdb
