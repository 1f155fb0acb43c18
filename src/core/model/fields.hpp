// The fields that the bodies of several kinds of models have, for an archive
// (core/base/archive.hpp), with the checks of what was read. Errors of the checks: CorruptValue.
#pragma once

#include <algorithm>
#include <functional>

#include "core/base/archive.hpp"
#include "core/base/group_table.hpp"
#include "core/features/encoding.hpp"
#include "core/model/performance.hpp"

namespace fairdb {

template <class Archive, class Group>
void group_fields(Archive& archive, Group& group) {
  archive.count(group.attribute);
  if (group.attribute > 100) corrupt("an attribute is damaged");
  archive.text(group.label);
  archive.count(group.rows);
  archive.number(group.weight);
  archive.number(group.mean_score);
  for (auto& count : group.count) archive.count(count);
  for (auto& mass : group.mass) archive.number(mass);
  for (auto& deviation : group.deviation) archive.number(deviation);
}
inline constexpr std::size_t kGroupBytes = 4 + 3 * 8 + 10 * 8 + 8;

template <class Archive, class PerformanceType>
void performance_fields(Archive& archive, PerformanceType& performance) {
  archive.list(performance.groups, kGroupBytes, [&](auto& group) { group_fields(archive, group); });
  archive.count(performance.rows);
  archive.number(performance.squared_error);
  archive.number(performance.variance);
  archive.unknown_or_number(performance.brier);
  for (auto& count : performance.count) archive.count(count);
  for (auto& mass : performance.mass) archive.number(mass);
}

template <class Archive, class Columns>
void column_fields(Archive& archive, Columns& columns) {
  archive.list(columns, 17, [&](auto& column) {
    archive.text(column.name);
    archive.choice(column.kind);
    archive.list(column.levels, 4, [&](auto& level) { archive.text(level); });
    archive.count(column.elements);
  });
}

inline void check_performance(const Performance& performance) {
  const auto check_counts = [](const std::array<std::int64_t, 4>& counts) {
    for (const std::int64_t count : counts) {
      if (count > kMaxCount) corrupt("a count is damaged");
    }
  };
  check_counts(performance.count);
  for (std::size_t g = 0; g < performance.groups.size(); ++g) {
    const GroupPerformance& group = performance.groups[g];
    check_counts(group.count);
    if (group.weight < 0 || group.rows > kMaxCount) corrupt("a weight is negative");
    if (g > 0 && std::pair(performance.groups[g - 1].attribute, performance.groups[g - 1].label) >=
                     std::pair(group.attribute, group.label)) {
      corrupt("the groups are not sorted");
    }
  }
}

inline void check_columns(const std::vector<FeatureColumn>& columns) {
  for (const FeatureColumn& column : columns) {
    if (column.elements < 1 || column.elements > kMaxFeatures ||
        (column.kind != FeatureKind::Array && column.elements != 1)) {
      corrupt("the width of a column is damaged");
    }
    if (std::adjacent_find(column.levels.begin(), column.levels.end(), std::greater_equal<>()) !=
        column.levels.end()) {
      corrupt("the levels of a column are not sorted");
    }
    if (column.kind != FeatureKind::Category && !column.levels.empty()) {
      corrupt("a numeric column has levels");
    }
  }
}

}  // namespace fairdb
