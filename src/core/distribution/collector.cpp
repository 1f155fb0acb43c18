#include "core/distribution/collector.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"

namespace fairdb {

std::int32_t Collector::find_or_add(std::string_view label) {
  const auto found = index_.find(label);
  if (found != index_.end()) return found->second;
  if (groups_.size() >= static_cast<std::size_t>(kMaxGroups)) too_many_groups();
  if (label.size() > kMaxLabelBytes) label_too_long();
  const auto number = static_cast<std::int32_t>(groups_.size());
  groups_.emplace_back().label = label;
  index_.emplace(label, number);
  return number;
}

void Collector::add_rows(std::int64_t& count, std::int64_t more) {
  if (more < 0 || more > kMaxGroupRows - count) {
    throw Error(ErrorKind::OutOfRange, "a count of the distribution exceeds 2^45 rows");
  }
  count += more;
}

void Collector::count_unknown(const UnknownRows& rows) {
  add_rows(unknown_.group, rows.group);
  add_rows(unknown_.score, rows.score);
  add_rows(unknown_.weight, rows.weight);
}

void Collector::add(double score, std::int32_t number, double weight) {
  if (!std::isfinite(score)) {
    throw Error(ErrorKind::InvalidData, "a score is not finite",
                "Leave NaN and infinite scores out, for example with FILTER (WHERE ...).");
  }
  if (weight != 1) weight = checked_weight(weight);
  Group& group = groups_[static_cast<std::size_t>(number)];
  add_rows(group.rows, 1);
  if (weight == 0) return;
  if (group.sketch) {
    constexpr std::int64_t kChargePeriod = 4096;  // in rows
    group.sketch->add(score + 0.0, weight);
    if (group.rows % kChargePeriod == 0) charge(group, group.sketch->bytes());
    return;
  }
  if (!group.sample.has_room()) {
    make_room(group);
    sketch_if_large(group);
  }
  if (group.sketch) {
    group.sketch->add(score + 0.0, weight);
  } else {
    group.sample.add(score, weight);
  }
}

// So much memory will be in use by the group.
void Collector::charge(Group& group, std::size_t bytes) {
  if (check_ != nullptr && bytes > group.charged) check_(total_bytes_ - group.charged + bytes);
  total_bytes_ = total_bytes_ - group.charged + bytes;
  group.charged = bytes;
}

void Collector::make_room(Group& group) {
  charge(group, group.sample.bytes_with_room());
  group.sample.make_room();
  charge(group, group.sample.bytes());
}

// A group with more points than an exact one may have now has so for good: the number of groups
// only grows. What waits unsorted is looked at when it is sorted.
void Collector::sketch_if_large(Group& group) {
  if (group.sample.sorted_numbers() > exact_points(groups_.size())) make_sketch(group);
}

void Collector::make_sketch(Group& group) {
  charge(group, group.sample.bytes_when_sorted());
  group.sketch = std::make_shared<Sketch>(Sketch::of(group.sample.points().view()));
  group.sample = Sample();
  charge(group, group.sketch->bytes());
}

// Both sides become sketches before they are merged, and exact ones are merged as a whole, so that
// either may be merged into the other.
void Collector::merge(const ScoreGroup& from) {
  Group& group = groups_[static_cast<std::size_t>(this->group(from.label))];
  add_rows(group.rows, from.rows);
  if (from.sketch || group.sketch) {
    if (!group.sketch) make_sketch(group);
    group.sketch->merge(from.sketch ? *from.sketch : Sketch::of(from.points));
    charge(group, group.sketch->bytes());
    return;
  }
  for (std::size_t i = 0; i < from.points.size(); ++i) {
    const CountedPoint point = from.points[i];
    if (!group.sample.has_room()) make_room(group);
    group.sample.add(point.score, point.weight, point.count);
  }
  sketch_if_large(group);
}

void Collector::add_sketch(std::string_view label, std::int64_t rows, Sketch::State state) {
  ScoreGroup from;
  from.label = label;
  from.rows = rows;
  from.sketch = std::make_shared<const Sketch>(std::move(state), rows);
  merge(from);
}

void Collector::add_list(std::string_view label,
                         const PointsView& list,
                         std::optional<std::int64_t> rows) {
  const auto corrupt = [](const char* what) { throw Error(ErrorKind::CorruptValue, what); };
  const std::size_t size = list.size();
  if ((!list.weight.empty() && list.weight.size() != size) ||
      (!list.count.empty() && list.count.size() != size)) {
    corrupt("a group of the distribution has lists of different lengths");
  }
  std::int64_t counted = 0;
  for (std::size_t i = 0; i < size; ++i) {
    check_point(list[i], kMaxGroupRows - counted);
    counted += list.count_of(i);
  }
  if (rows && (*rows < counted || *rows > kMaxGroupRows)) {
    corrupt("a number of rows of the distribution is out of range");
  }
  Group& group = groups_[static_cast<std::size_t>(this->group(label))];
  FAIRDB_ASSERT(!group.sketch);
  add_rows(group.rows, rows.value_or(counted));
  for (std::size_t i = 0; i < size; ++i) {
    if (!group.sample.has_room()) make_room(group);
    group.sample.add(list.score[i], list.weight_of(i), list.count_of(i));
  }
  sketch_if_large(group);
}

void Collector::merge(const Distribution& other) {
  count_unknown(other.unknown());
  for (std::int32_t g = 0; g < other.groups(); ++g) merge(other.group(g));
}

std::vector<ScoreGroup> Collector::sorted(Monitor& monitor) {
  std::vector<ScoreGroup> result;
  result.reserve(groups_.size());
  for (const auto& [label, number] : index_) {
    monitor.poll();
    Group& group = groups_[static_cast<std::size_t>(number)];
    if (!group.sketch) {
      charge(group, group.sample.bytes_when_sorted());
      group.sample.points();
      charge(group, group.sample.bytes());
      sketch_if_large(group);
    }
    ScoreGroup& view = result.emplace_back();
    view.label = group.label;
    view.rows = group.rows;
    if (group.sketch) {
      view.sketch = group.sketch;
    } else {
      view.points = group.sample.points().view();
    }
  }
  return result;
}

}  // namespace fairdb
