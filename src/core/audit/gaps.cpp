#include "core/audit/gaps.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/base/listed.hpp"

namespace fairdb {
namespace {

struct Spread {
  std::int64_t estimable = 0;
  double smallest = std::numeric_limits<double>::infinity();
  double largest = -std::numeric_limits<double>::infinity();
};

// f(rate) for each known group that has it.
template <class F>
void each_rate(const Confusion& confusion, Rate which, F f) {
  for (const GroupCells& group : confusion.groups) {
    if (!group.label) continue;
    if (const auto value = rate(group.masses, which)) f(*value);
  }
}

Spread spread(const Confusion& confusion, Rate which) noexcept {
  Spread result;
  each_rate(confusion, which, [&](double value) {
    result.smallest = std::min(result.smallest, value);
    result.largest = std::max(result.largest, value);
    ++result.estimable;
  });
  return result;
}

std::optional<double> to_overall(const Confusion& confusion, Rate which, bool ratio) noexcept {
  const auto overall = rate(known_total(confusion).masses, which);
  if (!overall || (ratio && *overall == 0)) return std::nullopt;
  double worst = ratio ? 1 : 0;
  each_rate(confusion, which, [&](double value) {
    if (ratio) {
      worst = std::min({worst, value / *overall, *overall / value});
    } else {
      worst = std::max(worst, std::abs(value - *overall));
    }
  });
  return worst;
}

template <class Pick>
std::optional<double> worse(std::optional<double> a, std::optional<double> b, Pick pick) noexcept {
  if (!a || !b) return std::nullopt;
  return pick(*a, *b);
}

}  // namespace

std::optional<double> aggregate(const Confusion& confusion, Rate rate, Aggregate how) noexcept {
  const Spread s = spread(confusion, rate);
  if (how == Aggregate::GroupMin) return s.estimable > 0 ? std::optional(s.smallest) : std::nullopt;
  if (how == Aggregate::GroupMax) return s.estimable > 0 ? std::optional(s.largest) : std::nullopt;
  if (s.estimable < 2) return std::nullopt;
  switch (how) {
    case Aggregate::Difference:
      return s.largest - s.smallest;
    case Aggregate::Ratio:
      return s.largest > 0 ? std::optional(s.smallest / s.largest) : std::nullopt;
    case Aggregate::DifferenceToOverall:
    case Aggregate::RatioToOverall:
      return to_overall(confusion, rate, how == Aggregate::RatioToOverall);
    case Aggregate::GroupMin:
    case Aggregate::GroupMax:
      break;
  }
  return std::nullopt;
}

std::optional<Extremes> extremes(const Confusion& confusion, Rate which) noexcept {
  std::optional<Extremes> found;
  bool two = false;
  for (const GroupCells& group : confusion.groups) {
    if (!group.label) continue;
    const auto value = rate(group.masses, which);
    if (!value) continue;
    two = found.has_value();
    if (!found) {
      found = Extremes{*group.label, *group.label, *value, *value};
      continue;
    }
    const auto takes = [&](double than, std::string_view label, bool below) {
      return below ? *value < than || (*value == than && *group.label < label)
                   : *value > than || (*value == than && *group.label < label);
    };
    if (takes(found->low_rate, found->low, true)) {
      found->low = *group.label;
      found->low_rate = *value;
    }
    if (takes(found->high_rate, found->high, false)) {
      found->high = *group.label;
      found->high_rate = *value;
    }
  }
  return two ? found : std::nullopt;
}

Estimable estimable(const Confusion& confusion, Rate rate) noexcept {
  Estimable result{0, spread(confusion, rate).estimable};
  for (const GroupCells& group : confusion.groups) result.groups += group.label ? 1 : 0;
  return result;
}

std::optional<double> gap(const Confusion& confusion, Gap which) noexcept {
  const auto of = [&](Rate rate, Aggregate how) { return aggregate(confusion, rate, how); };
  const auto larger = [](double a, double b) { return std::max(a, b); };
  const auto smaller = [](double a, double b) { return std::min(a, b); };
  switch (which) {
    case Gap::DemographicParityDifference:
      return of(Rate::SelectionRate, Aggregate::Difference);
    case Gap::DemographicParityRatio:
      return of(Rate::SelectionRate, Aggregate::Ratio);
    case Gap::EqualOpportunityDifference:
      return of(Rate::TruePositiveRate, Aggregate::Difference);
    case Gap::EqualOpportunityRatio:
      return of(Rate::TruePositiveRate, Aggregate::Ratio);
    case Gap::EqualizedOddsDifference:
      return worse(of(Rate::TruePositiveRate, Aggregate::Difference),
                   of(Rate::FalsePositiveRate, Aggregate::Difference), larger);
    case Gap::EqualizedOddsRatio:
      return worse(of(Rate::TruePositiveRate, Aggregate::Ratio),
                   of(Rate::FalsePositiveRate, Aggregate::Ratio), smaller);
  }
  return std::nullopt;
}

GroupCells known_total(const Confusion& confusion) noexcept {
  GroupCells sum{};
  for (const GroupCells& group : confusion.groups) {
    if (group.label) add_group(sum, group);
  }
  return sum;
}

const GroupCells* find_group(const Confusion& confusion, std::string_view label) noexcept {
  const auto it = std::find_if(confusion.groups.begin(), confusion.groups.end(),
                               [&](const GroupCells& group) { return group.label == label; });
  return it == confusion.groups.end() ? nullptr : &*it;
}

const GroupCells& named_group(const Confusion& confusion,
                              std::string_view label,
                              const char* argument) {
  if (const GroupCells* const group = find_group(confusion, label)) return *group;
  std::vector<std::string_view> known;
  for (const GroupCells& group : confusion.groups) {
    if (group.label) known.push_back(*group.label);
  }
  throw Error(ErrorKind::UnknownGroup,
              "there is no group \"" + std::string(label) + "\", named by " + argument,
              known.empty() ? "There are no groups." : "The groups are " + listed(known) + ".");
}

Sides sides(const Confusion& confusion,
            const std::optional<std::string_view>& group,
            const std::optional<std::string_view>& reference,
            const char* group_argument) {
  if (!group && !reference) {
    throw Error(ErrorKind::InvalidArgument, "a comparison of a group needs to know with whom",
                std::string("Name the group that others are compared with, reference => '...', or "
                            "the group that is compared with all others, ") +
                    group_argument + " => '...', or both.");
  }
  if (group == reference) {
    throw Error(ErrorKind::InvalidArgument,
                "group \"" + std::string(*group) + "\" is compared with itself");
  }
  const auto rest = [&](std::string_view label) {
    GroupCells sum{};
    for (const GroupCells& other : confusion.groups) {
      if (other.label && *other.label != label) add_group(sum, other);
    }
    return sum;
  };
  Sides result{};
  if (group) result.group = named_group(confusion, *group, group_argument);
  if (reference) result.reference = named_group(confusion, *reference, "reference");
  if (!group) result.group = rest(*reference);
  if (!reference) result.reference = rest(*group);
  return result;
}

}  // namespace fairdb
