// The catalogue of metrics: one list of names with their formulas, and their values.
//
// Every rate has eight metrics, named as fairlearn names them: <rate>_difference, _ratio,
// _difference_to_overall, _ratio_to_overall, _group_min, _group_max, and, of a group against a
// reference, _difference_signed and _ratio_signed. Beside them stand the metrics of AIF360 and
// SageMaker Clarify that are something else, each with its own sign.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/audit/gaps.hpp"

namespace fairdb {

// Over the groups of a confusion: one number. Signed: of a group against a reference. Strata: needs
// several confusions (core/audit/strata.hpp).
enum class MetricKind : std::uint8_t { Groups, Signed, Strata };

struct MetricInfo {
  std::string name;
  MetricKind kind;
  std::string formula;  // g a group, r the reference, over groups where it says min or max
  std::string range;
  double parity;            // its value where groups are treated alike
  std::string orientation;  // what a value beyond parity means
  bool needs_label;
  bool needs_prediction;
  std::string fairlearn;  // what the other tools call it; empty when they have no such metric
  std::string aif360;
  std::string clarify;
  std::string note;  // where another tool's code departs from the definition
};
[[nodiscard]] const std::vector<MetricInfo>& metric_catalog();

// The catalogue's name of what another tool calls so, by its columns; the name itself when none
// does. Errors: InvalidArgument for a name of several metrics.
[[nodiscard]] std::string own_metric_name(std::string_view wanted);

// The value of a metric by its name in the catalogue, or by what the catalogue says that another
// tool calls it. group and reference serve the signed ones.
// Errors: InvalidArgument for an unknown name (with those that are similar), a signed metric
// without group and reference, an unsigned one with them, a metric over strata; UnknownGroup.
[[nodiscard]] std::optional<double> metric(const Confusion& confusion,
                                           std::string_view name,
                                           const std::optional<std::string_view>& group,
                                           const std::optional<std::string_view>& reference);

}  // namespace fairdb
