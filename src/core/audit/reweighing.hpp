// Weights that make the label independent of the group, for training (Kamiran and Calders, "Data
// preprocessing techniques for classification without discrimination", 2012, section 5.3).
#pragma once

#include "core/audit/confusion.hpp"

namespace fairdb {

struct Reweighed {
  std::optional<std::string_view> label;  // of the group
  bool positive;                          // the label of the rows
  std::int64_t rows;
  std::optional<double> weight;  // P(g) P(y) / P(g, y); nullopt where no row has both
};
// Two for each known group, of the rows whose label is known, whatever their prediction; with
// weights, of their sums.
[[nodiscard]] std::vector<Reweighed> reweighing(const Confusion& confusion);

}  // namespace fairdb
