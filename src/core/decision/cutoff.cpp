#include "core/decision/cutoff.hpp"

#include <cmath>

namespace fairdb {

GroupCells cells_at(const LabelledScores& scores, double threshold) {
  GroupCells cells = group_of(scores.group, Cells{});
  for (const bool label : {false, true}) {
    const ScoreLaw& law = label ? scores.positive : scores.negative;
    const std::int64_t rows = scores.rows_from(label, -kSelectsNobody);
    const std::int64_t selected_rows = scores.rows_from(label, threshold);
    const double selected = law.from(threshold);
    const double square = law.empty() ? 0 : law.total() / law.effective_rows() * law.total();
    const auto put = [&](Truth prediction, std::int64_t count, double weight) {
      const Truth truth = label ? Truth::Positive : Truth::Negative;
      cells.counts.at(truth, prediction) = count;
      const std::size_t at = cell(truth, prediction);
      cells.masses.mass[at] = weight;
      cells.masses.square[at] = law.empty() ? 0 : weight / law.total() * square;
    };
    put(Truth::Positive, selected_rows, selected);
    put(Truth::Negative, rows - selected_rows, law.empty() ? 0 : law.total() - selected);
  }
  return cells;
}

std::vector<RocPoint> thinned(const std::vector<RocPoint>& curve, std::int64_t wanted) {
  if (static_cast<std::int64_t>(curve.size()) <= wanted) return curve;
  std::vector<RocPoint> some;
  some.reserve(static_cast<std::size_t>(wanted));
  const double step = static_cast<double>(curve.size() - 1) / static_cast<double>(wanted - 1);
  for (std::int64_t k = 0; k < wanted; ++k) {
    some.push_back(curve[static_cast<std::size_t>(std::llround(step * static_cast<double>(k)))]);
  }
  return some;
}

}  // namespace fairdb
