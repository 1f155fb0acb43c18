#include "core/audit/strata.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "core/inference/tails.hpp"

namespace fairdb {
namespace {

// Counts of a stratum, or effective ones: the group's and the reference's rows with and without the
// outcome.
struct Table {
  double group_with = 0, group_without = 0, reference_with = 0, reference_without = 0;

  double group() const noexcept { return group_with + group_without; }
  double reference() const noexcept { return reference_with + reference_without; }
  double with() const noexcept { return group_with + reference_with; }
  double without() const noexcept { return group_without + reference_without; }
  double n() const noexcept { return group() + reference(); }
  bool informative() const noexcept {
    return group() > 0 && reference() > 0 && with() > 0 && without() > 0;
  }
  void add(const Table& other) noexcept {
    group_with += other.group_with;
    group_without += other.group_without;
    reference_with += other.reference_with;
    reference_without += other.reference_without;
  }
  std::optional<double> difference() const noexcept {
    if (!(group() > 0) || !(reference() > 0)) return std::nullopt;
    return group_with / group() - reference_with / reference();
  }
  std::optional<double> disparity() const noexcept {
    if (!(with() > 0) || !(without() > 0)) return std::nullopt;
    return group_without / without() - group_with / with();
  }
};

GroupCells part(const Confusion& stratum,
                const std::optional<std::string_view>& wanted,
                const std::optional<std::string_view>& other) {
  GroupCells sum{};
  for (const GroupCells& group : stratum.groups) {
    if (group.label && (wanted ? *group.label == *wanted : *group.label != *other)) {
      add_group(sum, group);
    }
  }
  return sum;
}

// Weighted rows, and their effective numbers: each group by itself, so that a weight that is the
// same for all rows of a group changes no test.
struct Stratum {
  Table rows;
  Table effective;
};
Stratum stratum_of(const Share& g, const Share& r) noexcept {
  const auto factor = [](const Share& s) { return s.exists() ? s.effective_size() / s.whole : 0; };
  return {{g.part, g.whole - g.part, r.part, r.whole - r.part},
          {g.part * factor(g), (g.whole - g.part) * factor(g), r.part * factor(r),
           (r.whole - r.part) * factor(r)}};
}

// The group's count with the outcome that a table with these margins and this odds ratio has.
double fitted(const Table& t, double odds_ratio) noexcept {
  if (std::abs(odds_ratio - 1) < 1e-12) return t.group() * t.with() / t.n();
  const double a = 1 - odds_ratio;
  const double b = t.reference() - t.with() + odds_ratio * (t.group() + t.with());
  const double c = -odds_ratio * t.group() * t.with();
  const double root = std::sqrt(std::max(0.0, b * b - 4 * a * c));
  const double low = std::max(0.0, t.with() - t.reference());
  const double high = std::min(t.group(), t.with());
  const double x = -2 * c / (b + root);
  if (x >= low && x <= high) return x;
  return std::clamp((-b + root) / (2 * a), low, high);
}

std::optional<TestResult> breslow_day(const std::vector<Table>& tables,
                                      double odds_ratio,
                                      Monitor& monitor) {
  if (tables.size() < 2 || !(odds_ratio > 0) || !std::isfinite(odds_ratio)) return std::nullopt;
  double statistic = 0;
  double residuals = 0;
  double variances = 0;
  for (const Table& t : tables) {
    monitor.poll();
    const double a = fitted(t, odds_ratio);
    const double b = t.group() - a;
    const double c = t.with() - a;
    const double d = t.reference() - c;
    if (!(a > 0) || !(b > 0) || !(c > 0) || !(d > 0)) return std::nullopt;
    const double variance = 1 / (1 / a + 1 / b + 1 / c + 1 / d);
    const double residual = t.group_with - a;
    statistic += residual * residual / variance;
    residuals += residual;
    variances += variance;
  }
  statistic = std::max(0.0, statistic - residuals * residuals / variances);
  const auto df = static_cast<std::int64_t>(tables.size()) - 1;
  return TestResult{statistic, df, chi_square_upper(statistic, df)};
}

// Sums over strata of Mantel and Haenszel's estimates and of their variances.
void mantel_haenszel(const std::vector<Table>& tables,
                     double z,
                     Stratified& result,
                     Monitor& monitor) {
  double r_sum = 0, s_sum = 0, pr = 0, ps_qr = 0, qs = 0, observed = 0, variance = 0;
  double differences = 0, weights = 0;
  for (const Table& t : tables) {
    monitor.poll();
    const double n = t.n();
    const double r = t.group_with * t.reference_without / n;
    const double s = t.group_without * t.reference_with / n;
    const double p = (t.group_with + t.reference_without) / n;
    const double q = (t.group_without + t.reference_with) / n;
    r_sum += r;
    s_sum += s;
    pr += p * r;
    ps_qr += p * s + q * r;
    qs += q * s;
    observed += t.group_with - t.group() * t.with() / n;
    if (n > 1) variance += t.group() * t.reference() * t.with() * t.without() / (n * n * (n - 1));
    const double weight = t.group() * t.reference() / n;
    differences += weight * *t.difference();
    weights += weight;
  }
  if (weights > 0) result.conditional_difference = differences / weights;
  if (r_sum > 0 || s_sum > 0) {
    result.mantel_haenszel = s_sum > 0 ? r_sum / s_sum : std::numeric_limits<double>::infinity();
  }
  if (r_sum > 0 && s_sum > 0) {
    const double log_variance =
        pr / (2 * r_sum * r_sum) + ps_qr / (2 * r_sum * s_sum) + qs / (2 * s_sum * s_sum);
    const double spread = z * std::sqrt(log_variance);
    result.mantel_haenszel_interval = {*result.mantel_haenszel * std::exp(-spread),
                                       *result.mantel_haenszel * std::exp(spread)};
    result.homogeneity = breslow_day(tables, *result.mantel_haenszel, monitor);
  }
  if (variance > 0) {
    const auto test = [&](double correction) {
      const double d = std::max(0.0, std::abs(observed) - correction);
      return TestResult{d * d / variance, 1, chi_square_upper(d * d / variance, 1)};
    };
    result.cmh = test(0.5);
    result.cmh_uncorrected = test(0);
  }
}

void check_groups(const std::vector<Confusion>& strata,
                  const std::optional<std::string_view>& group,
                  const std::optional<std::string_view>& reference,
                  Monitor& monitor) {
  Confusion all;
  std::map<std::string_view, std::size_t> seen;
  for (const Confusion& stratum : strata) {
    monitor.poll();
    for (const GroupCells& g : stratum.groups) {
      if (g.label && seen.emplace(*g.label, all.groups.size()).second) all.groups.push_back(g);
    }
  }
  (void)sides(all, group, reference);  // refuses what does not exist
}

}  // namespace

Stratified stratify(const std::vector<Confusion>& strata,
                    Rate outcome,
                    const std::optional<std::string_view>& group,
                    const std::optional<std::string_view>& reference,
                    double level,
                    Monitor& monitor) {
  if (outcome == Rate::BalancedAccuracy || outcome == Rate::F1) {
    throw Error(ErrorKind::InvalidArgument,
                std::string(name(outcome)) + " is not a share of rows and cannot be stratified",
                "Use a rate such as selection_rate, base_rate or true_positive_rate.");
  }
  check_groups(strata, group, reference, monitor);
  Stratified result;
  Table pooled;
  std::vector<Table> tables;
  double disparities = 0;
  double disparity_rows = 0;
  for (const Confusion& confusion : strata) {
    monitor.poll();
    const Stratum s = stratum_of(*share(part(confusion, group, reference).masses, outcome),
                                 *share(part(confusion, reference, group).masses, outcome));
    if (!(s.rows.n() > 0)) continue;
    ++result.strata;
    pooled.add(s.rows);
    if (const auto d = s.rows.disparity()) {
      disparities += s.rows.n() * *d;
      disparity_rows += s.rows.n();
    }
    if (s.rows.informative()) tables.push_back(s.effective);
  }
  result.informative = static_cast<std::int64_t>(tables.size());
  result.difference = pooled.difference();
  result.disparity = pooled.disparity();
  if (disparity_rows > 0) result.conditional_disparity = disparities / disparity_rows;
  result.reversed = result.disparity && result.conditional_disparity &&
                    *result.disparity * *result.conditional_disparity < 0;
  const double cross = pooled.group_without * pooled.reference_with;
  const double straight = pooled.group_with * pooled.reference_without;
  if (cross > 0 || straight > 0) {
    result.odds_ratio = cross > 0 ? straight / cross : std::numeric_limits<double>::infinity();
  }
  mantel_haenszel(tables, normal_two_sided_quantile(level), result, monitor);
  return result;
}

}  // namespace fairdb
