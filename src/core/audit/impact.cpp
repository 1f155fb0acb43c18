#include "core/audit/impact.hpp"

#include <cmath>
#include <string>

#include "core/audit/uncertainty.hpp"
#include "core/inference/tables.hpp"
#include "core/inference/tails.hpp"

namespace fairdb {
namespace {

constexpr double kFourFifths = 0.8;

struct Selection {
  Share share;
  std::int64_t n;
  std::int64_t selected;
};

Selection selection_of(const GroupCells& group) noexcept {
  const Counts c = counts(group.counts);
  return {*share(group.masses, Rate::SelectionRate), c.n - c.unknown_prediction, c.n_selected};
}

// Against the most selected group.
void compare_with(const Selection& group,
                  const Selection& best,
                  bool weighted,
                  double z,
                  Monitor& monitor,
                  Impact& row) {
  const Proportion a{group.share.value(), group.share.effective_size()};
  const Proportion b{best.share.value(), best.share.effective_size()};
  if (b.value > 0) {
    row.impact_ratio = a.value / b.value;
    row.interval = koopman(a, b, z);
    row.below_four_fifths = *row.impact_ratio < kFourFifths;
  }
  row.standard_deviations = two_proportion_z(a, b);
  if (row.standard_deviations) row.p_value = normal_two_sided(*row.standard_deviations);
  const double together =
      (group.share.part + best.share.part) / (group.share.whole + best.share.whole);
  row.shortfall = group.share.whole * together - group.share.part;
  if (weighted) return;
  row.p_fisher = fisher(group.selected, group.n, best.selected, best.n, Fisher::Exact, monitor);
  if (best.selected < 2 || group.selected == group.n) return;
  row.ratio_one_person = (static_cast<double>(group.selected + 1) / static_cast<double>(group.n)) /
                         (static_cast<double>(best.selected - 1) / static_cast<double>(best.n));
  row.one_person_flips = *row.below_four_fifths && *row.ratio_one_person >= kFourFifths;
}

}  // namespace

void forget_comparison(Impact& row) noexcept {
  row.impact_ratio.reset();
  row.interval.reset();
  row.below_four_fifths.reset();
  row.standard_deviations.reset();
  row.p_value.reset();
  row.p_fisher.reset();
  row.shortfall.reset();
  row.ratio_one_person.reset();
  row.one_person_flips.reset();
}

std::vector<Impact> impact_ratios(const Confusion& confusion,
                                  double min_share,
                                  double level,
                                  Monitor& monitor) {
  if (!(min_share >= 0 && min_share < 1)) {
    throw Error(ErrorKind::InvalidArgument,
                "min_share is " + std::to_string(min_share) + ", expected 0 to below 1",
                "0.02 leaves groups of less than 2 % of the rows out of the comparison.");
  }
  check_level(level);
  double all = 0;
  for (const GroupCells& group : confusion.groups) {
    if (group.label) all += selection_of(group).share.whole;
  }
  std::vector<Impact> rows;
  std::vector<Selection> selections;
  std::optional<std::size_t> best;
  for (const GroupCells& group : confusion.groups) {
    const Selection s = selection_of(group);
    Impact row{group.label, s.n, s.selected, {}, true, false, {}, {}, {}, {}, {}, {}, {}, {}, {}};
    if (s.share.exists()) row.selection_rate = s.share.value();
    row.excluded = !group.label || !s.share.exists() || s.share.whole < min_share * all;
    if (!row.excluded && (!best || s.share.value() > selections[*best].share.value())) {
      best = rows.size();
    }
    rows.push_back(row);
    selections.push_back(s);
  }
  if (!best) return rows;
  rows[*best].reference = true;
  const double z = normal_two_sided_quantile(level);
  for (std::size_t g = 0; g < rows.size(); ++g) {
    if (g == *best) {
      if (*rows[g].selection_rate > 0) rows[g].impact_ratio = 1;
    } else if (!rows[g].excluded) {
      compare_with(selections[g], selections[*best], confusion.weighted, z, monitor, rows[g]);
    }
  }
  return rows;
}

}  // namespace fairdb
