#include "core/report/findings.hpp"

#include <algorithm>
#include <cmath>

#include "core/audit/catalog.hpp"
#include "core/inference/tails.hpp"

namespace fairdb {
namespace {

// How many rows some cells of a group have.
std::int64_t rows_of(const GroupCells& group, CellSet cells) noexcept {
  std::int64_t rows = 0;
  for (std::size_t c = 0; c < kCells; ++c) {
    if ((cells >> c & 1U) != 0) rows += group.counts.count[c];
  }
  return rows;
}

// Of a rate that is no share of some cells, those of known label and prediction.
CellSet whole_of(Rate rate) noexcept {
  const CellSet whole = cells_of(rate).whole;
  return whole != 0 ? whole : static_cast<CellSet>(kKnownLabel & kKnownPrediction);
}

// A gap as measure() calls it.
std::string measured_name(const LimitedGap& gap, std::string_view metric) {
  if (gap.rates.size() > 1) return own_metric_name(metric);
  const char* const kind = gap.contrast == Contrast::Difference ? "_difference" : "_ratio";
  const Rate rate = gap.rates.front();
  return (rate == Rate::SelectionRate      ? "demographic_parity"
          : rate == Rate::TruePositiveRate ? "equal_opportunity"
                                           : std::string(name(rate))) +
         kind;
}

bool shown(const AttributeGroups& groups, std::size_t g, const std::vector<Rate>& rates) {
  if (groups.withheld.empty()) return true;
  const Withheld& withheld = groups.withheld[g];
  return !withheld.row() &&
         std::none_of(rates.begin(), rates.end(), [&](Rate rate) { return withheld.rate(rate); });
}

}  // namespace

ShownRates shown_rates(const AttributeGroups& groups, Rate which, const Wording& wording) {
  const double z = normal_two_sided_quantile(wording.level);
  ShownRates result;
  GroupCells all{};
  for (std::size_t g = 0; g < groups.confusion.groups.size(); ++g) {
    const GroupCells& group = groups.confusion.groups[g];
    if (!group.label) continue;
    if (!shown(groups, g, {which})) {
      ++result.hidden;
      continue;
    }
    const auto p = proportion(group.masses, which);
    if (!p) continue;
    const Interval interval = wilson(*p, z);
    const std::int64_t rows = rows_of(group, whole_of(which));
    result.groups.push_back({std::string(*group.label),
                             groups.name_of(group, wording),
                             p->value,
                             {interval.lower, interval.upper},
                             rows});
    result.rows += rows;
    add_group(all, group);
  }
  result.overall = rate(all.masses, which);
  return result;
}

bool Finding::apart(double level) const noexcept {
  const double parity = contrast == Contrast::Difference ? 0 : 1;
  const bool outside = interval && (interval->from > parity || interval->to < parity);
  if (!p_value) return outside;
  return *p_value < 1 - level && (outside || !interval);
}

Finding::Certainty Finding::certainty(double level) const noexcept {
  if (apart(level) && pair_apart) return Certainty::Apart;
  const bool alike = p_value ? !(*p_value < 1 - level) : !apart(level);
  return alike ? Certainty::Chance : Certainty::NotAllAlike;
}

namespace {

// Of many groups, the pairs that are surely apart: Newcombe's intervals, Bonferroni over all pairs.
void find_sure_pairs(Finding& finding,
                     const AttributeGroups& groups,
                     const Confusion& confusion,
                     Rate rate,
                     const Wording& wording) {
  constexpr std::size_t kMostGroups = 300;
  std::vector<std::pair<const GroupCells*, Proportion>> known;
  for (const GroupCells& group : confusion.groups) {
    if (const auto p = proportion(group.masses, rate)) known.emplace_back(&group, *p);
  }
  if (known.size() < 3) return;
  const double pairs = static_cast<double>(known.size() * (known.size() - 1)) / 2;
  const double z = normal_two_sided_quantile(1 - (1 - wording.level) / pairs);
  const auto by_rate = [](const auto& a, const auto& b) { return a.second.value < b.second.value; };
  const auto lowest = std::min_element(known.begin(), known.end(), by_rate);
  const auto highest = std::max_element(known.begin(), known.end(), by_rate);
  finding.pair_apart = newcombe(highest->second, lowest->second, z).lower > 0;
  if (known.size() > kMostGroups) return;
  double least = 0;
  for (const auto& [high, p] : known) {
    for (const auto& [low, q] : known) {
      const double bound = newcombe(p, q, z).lower;
      if (!(bound > least)) continue;
      least = bound;
      finding.sure = {groups.name_of(*low, wording), groups.name_of(*high, wording), q.value,
                      p.value};
    }
  }
}

}  // namespace

bool has_labels(const Confusion& confusion) noexcept {
  return std::any_of(confusion.groups.begin(), confusion.groups.end(),
                     [](const GroupCells& group) { return rows_of(group, kKnownLabel) > 0; });
}

Finding find_gap(const AttributeGroups& groups,
                 std::string_view metric,
                 const Wording& wording,
                 Monitor& monitor) {
  const LimitedGap limited = limited_gap(metric);
  Finding finding;
  finding.metric = measured_name(limited, metric);
  finding.contrast = limited.contrast;
  Confusion confusion;
  confusion.weighted = groups.confusion.weighted;
  for (std::size_t g = 0; g < groups.confusion.groups.size(); ++g) {
    const GroupCells& group = groups.confusion.groups[g];
    if (!group.label) continue;
    if (shown(groups, g, limited.rates)) {
      confusion.groups.push_back(group);
    } else {
      ++finding.hidden;
    }
  }
  const std::vector<Measured> measured = measure(confusion, std::nullopt, wording.level,
                                                 std::vector<std::string>{finding.metric}, monitor);
  if (measured.empty()) return finding;
  const Measured& gap = measured.front();
  finding.value = gap.value;
  if (gap.interval) finding.interval = Range{gap.interval->lower, gap.interval->upper};
  finding.p_value = gap.tested.p_value;
  finding.groups = gap.estimable.estimable;
  finding.labels = !limited.needs_label || has_labels(confusion);
  if (limited.rates.size() == 1) {
    find_sure_pairs(finding, groups, confusion, limited.rates.front(), wording);
  }
  if (gap.value && gap.groups) {
    finding.low = wording.name_of(gap.groups->low, groups.attributes);
    finding.high = wording.name_of(gap.groups->high, groups.attributes);
    finding.low_label = gap.groups->low;
    finding.high_label = gap.groups->high;
    finding.low_rate = gap.groups->low_rate;
    finding.high_rate = gap.groups->high_rate;
  }
  return finding;
}

}  // namespace fairdb
