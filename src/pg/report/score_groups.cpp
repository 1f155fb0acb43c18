#include "pg/report/score_groups.hpp"

#include <set>

#include "core/audit/gaps.hpp"
#include "core/base/row_label.hpp"
#include "core/distribution/score_gaps.hpp"

#include "pg/audit/attribute_tables.hpp"

namespace fairdb::pg {
namespace {

// The group of a label such as "(f,t)": all but the last field.
std::string group_of_label(std::string_view label) {
  std::vector<std::string_view> fields = fields_of(label);
  if (fields.size() < 2) return std::string(label);
  fields.pop_back();
  return label_of_fields(fields);
}

bool ends_in_label(std::string_view label) {
  const std::vector<std::string_view> fields = fields_of(label);
  return fields.size() >= 2 && (fields.back() == "t" || fields.back() == "f");
}

// The distribution of some groups, whose names `name` gives; nothing for those that are left out.
template <class Name>
const Distribution& regrouped(const Distribution& distribution, Name name) {
  Collector& collector = keep_in(CurrentMemoryContext, bounded_collector());
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    ScoreGroup group = distribution.group(g);
    const std::optional<std::string> label = name(g, group.label);
    if (!label) continue;
    group.label = *label;
    collector.merge(group);
  }
  return open_distribution(distribution_value(collector));
}

// The label of some attributes, with the true label behind it where there is one.
std::string label_of_some(std::string_view label, const ScoreReading& reading) {
  if (!reading.has_labels) return marginal_label(label, reading.fields);
  const std::vector<std::string_view> all = fields_of(label);
  const std::string some = marginal_label(group_of_label(label), reading.fields);
  std::vector<std::string_view> fields = fields_of(some);
  // Of one attribute the text of its field, as it stands in the row.
  if (reading.fields.size() == 1) fields = {all[static_cast<std::size_t>(reading.fields[0]) - 1]};
  fields.push_back(all.back());
  return label_of_fields(fields);
}

}  // namespace

ScoreGroups score_groups(const Distribution& given,
                         const ScoreReading& reading,
                         const Wording& wording,
                         Monitor& monitor) {
  // The laws by group and by label, and those of the groups.
  constexpr WorkingMemory kNeeds{40, 60, 140};
  check_working_memory(given, kNeeds);
  const Distribution& distribution =
      reading.fields.empty() ? given
                             : regrouped(given, [&](std::int32_t /*g*/, std::string_view label) {
                                 return std::optional(label_of_some(label, reading));
                               });
  ScoreGroups result{&distribution, {}, {}, reading.has_labels, reading.attributes, 0};
  if (reading.has_labels) {
    result.labelled = labelled_scores(distribution);
    const std::vector<bool> hidden = hidden_groups(result.labelled, reading.k);
    std::set<std::string> out;
    for (std::size_t g = 0; g < hidden.size(); ++g) {
      if (hidden[g]) out.insert(result.labelled[g].group);
    }
    result.hidden = static_cast<std::int64_t>(out.size());
    result.distribution =
        &regrouped(distribution,
                   [&](std::int32_t /*g*/, std::string_view label) -> std::optional<std::string> {
                     std::string group = group_of_label(label);
                     return out.count(group) != 0 ? std::nullopt : std::optional(std::move(group));
                   });
  } else {
    const std::vector<bool> hidden = hidden_groups_of(distribution, reading.k);
    result.hidden = std::count(hidden.begin(), hidden.end(), true);
    if (result.hidden > 0) {
      result.distribution = &regrouped(
          distribution, [&](std::int32_t g, std::string_view label) -> std::optional<std::string> {
            return hidden[static_cast<std::size_t>(g)] ? std::nullopt
                                                       : std::optional(std::string(label));
          });
    }
  }
  for (std::int32_t g = 0; g < result.distribution->groups(); ++g) {
    monitor.poll();
    const ScoreGroup& group = result.distribution->group(g);
    result.laws.push_back(
        {wording.name_of(group.label, reading.attributes), ScoreLaw(group), group.rows});
  }
  return result;
}

bool groups_have_labels(const Distribution& distribution, const Confusion& confusion) {
  std::set<std::string_view> known;
  for (const GroupCells& group : confusion.groups) {
    if (group.label) known.insert(*group.label);
  }
  const std::vector<std::string_view> labels = distribution.labels();
  const auto unknown = std::find_if(labels.begin(), labels.end(), [&](std::string_view label) {
    return known.count(label) == 0;
  });
  if (unknown == labels.end()) return false;
  constexpr const char* kHint =
      "Both must be of the same rows and groups: confusion_agg(y_true, y_pred, sex) with "
      "distribution_agg(score, sex), or with distribution_agg(score, row(sex, y_true)).";
  for (std::int32_t g = 0; g < distribution.groups(); ++g) {
    const std::string label(distribution.group(g).label);
    const GroupCells* const group =
        ends_in_label(label) ? find_group(confusion, group_of_label(label)) : nullptr;
    if (group == nullptr) {
      throw Error(
          ErrorKind::InvalidArgument,
          "group \"" + label + "\" of the distribution is not among the groups of the confusion",
          kHint);
    }
    // Else what ends the rows may be another attribute than the label.
    const Counts of = counts(group->counts);
    const bool positive = label_of(label);
    const std::int64_t most = positive ? of.n_positive : of.n - of.n_positive - of.unknown_label;
    if (distribution.group(g).rows > most) {
      throw Error(ErrorKind::InvalidArgument,
                  "group \"" + label + "\" of the distribution has " +
                      std::to_string(distribution.group(g).rows) + " rows, and the confusion has " +
                      std::to_string(most) + " of that group with label " +
                      (positive ? "true" : "false"),
                  kHint);
    }
  }
  return true;
}

}  // namespace fairdb::pg
