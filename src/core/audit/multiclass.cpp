#include "core/audit/multiclass.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/audit/gaps.hpp"
#include "core/base/error.hpp"
#include "core/base/suppression.hpp"

namespace fairdb {

std::vector<ClassCount> sorted_counts(std::vector<ClassCount> counts) {
  const auto before = [](const ClassCount& a, const ClassCount& b) {
    for (const auto member : {&ClassCount::group, &ClassCount::y_true, &ClassCount::y_pred}) {
      if (a.*member != b.*member) return UnknownLast{}(a.*member, b.*member);
    }
    return false;
  };
  std::sort(counts.begin(), counts.end(), before);
  std::vector<ClassCount> joined;
  for (const ClassCount& count : counts) {
    if (joined.empty() || before(joined.back(), count)) {
      joined.push_back(count);
    } else {
      joined.back().n += count.n;
    }
  }
  return joined;
}

std::vector<ShownCount> shown_counts(std::span<const ClassCount> counts, std::int64_t k) {
  struct Group {
    std::size_t first;
    std::vector<std::int64_t> cells;
    std::int64_t size = 0;
  };
  std::vector<Group> groups;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (i == 0 || counts[i].group != counts[i - 1].group) groups.push_back({i, {}, 0});
    groups.back().cells.push_back(counts[i].n);
    groups.back().size += counts[i].n;
  }
  std::vector<std::int64_t> sizes;
  sizes.reserve(groups.size());
  for (const Group& group : groups) sizes.push_back(group.size);
  const std::vector<bool> hidden = hidden_groups(sizes, k);
  std::vector<ShownCount> rows;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const Group& group = groups[g];
    if (hidden[g]) {
      rows.push_back({counts[group.first].group, {}, {}, {}, {}, true});
      continue;
    }
    const std::vector<bool> few = hidden_groups(group.cells, k);
    for (std::size_t c = 0; c < group.cells.size(); ++c) {
      const ClassCount& count = counts[group.first + c];
      ShownCount row{count.group, count.y_true, count.y_pred, {}, {}, few[c]};
      if (!few[c]) {
        row.n = count.n;
        row.share = static_cast<double>(count.n) / static_cast<double>(group.size);
      }
      rows.push_back(row);
    }
  }
  return rows;
}

std::vector<std::string_view> classes_of(std::span<const ClassCount> counts) {
  std::set<std::string_view> names;
  for (const ClassCount& count : counts) {
    for (const Label& label : {count.y_true, count.y_pred}) {
      if (label) names.insert(*label);
    }
  }
  if (names.size() > kMaxClasses) {
    throw Error(ErrorKind::TooLarge,
                std::to_string(names.size()) + " classes exceed the limit of " +
                    std::to_string(kMaxClasses),
                "Are y_true and y_pred really classes, and not numbers? See regression_by_group.");
  }
  return {names.begin(), names.end()};
}

ConfusionState one_against_rest(std::span<const ClassCount> counts,
                                std::string_view positive,
                                ConfusionState::Allocate allocate,
                                Monitor& monitor) {
  ConfusionState state = ConfusionState::empty(ConfusionForm::Narrow, allocate);
  const auto truth = [&](const Label& label) {
    if (!label) return Truth::Unknown;
    return *label == positive ? Truth::Positive : Truth::Negative;
  };
  for (const ClassCount& count : counts) {
    monitor.poll();
    Cells cells{};
    cells.at(truth(count.y_true), truth(count.y_pred)) = count.n;
    state.combine(count.group, cells, ConfusionState::Sign::Plus);
  }
  return state;
}

LabelDivergences label_divergences(std::span<const ClassCount> counts,
                                   Label group,
                                   Label reference,
                                   std::int64_t k) {
  std::map<std::string_view, std::size_t> classes;
  std::set<std::string_view> names;
  for (const ClassCount& count : counts) {
    if (count.y_true) classes.emplace(*count.y_true, classes.size());
    if (count.group) names.insert(*count.group);
  }
  Confusion groups;  // without counts, for sides() to check
  for (const std::string_view name : names) groups.groups.push_back(group_of(name, {}));
  (void)sides(groups, group, reference, "\"group\"");
  std::vector<double> of_group(classes.size());
  std::vector<double> of_reference(classes.size());
  LabelDivergences result;
  result.classes = static_cast<std::int64_t>(classes.size());
  for (const ClassCount& count : counts) {
    if (!count.group || !count.y_true) continue;
    const std::size_t at = classes[*count.y_true];
    const bool in_group = group ? count.group == group : count.group != reference;
    const bool in_reference = reference ? count.group == reference : count.group != group;
    if (in_group) {
      of_group[at] += static_cast<double>(count.n);
      result.of_group += count.n;
    }
    if (in_reference) {
      of_reference[at] += static_cast<double>(count.n);
      result.of_reference += count.n;
    }
  }
  // Of few classes the distances tell the counts themselves.
  result.suppressed = std::min(result.of_group, result.of_reference) < k;
  for (const auto* side : {&of_group, &of_reference}) {
    for (const double n : *side) {
      result.suppressed = result.suppressed || too_few(static_cast<std::int64_t>(n), k);
    }
  }
  if (!result.suppressed) result.distances = divergences(of_group, of_reference);
  return result;
}

}  // namespace fairdb
