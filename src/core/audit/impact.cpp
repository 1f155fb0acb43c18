#include "core/audit/impact.hpp"

#include <string>

#include "core/audit/uncertainty.hpp"
#include "core/inference/tables.hpp"
#include "core/inference/tails.hpp"

namespace fairdb {
namespace {

struct Selection {
  Share share;
  std::int64_t n;
  std::int64_t selected;
};

Selection selection_of(const GroupCells& group) noexcept {
  const Counts c = counts(group.counts);
  return {*share(group.masses, Rate::SelectionRate), c.n - c.unknown_prediction, c.n_selected};
}

// Whether a / m is below four fifths of b / n, without rounding: at exactly four fifths it is not.
bool below_four_fifths(std::int64_t a, std::int64_t m, std::int64_t b, std::int64_t n) noexcept {
  using Wide = __int128;
  return Wide{5} * a * n < Wide{4} * b * m;
}

// The same of weighted rates; their last digits are rounding.
bool below_four_fifths(double ratio) noexcept {
  constexpr double kRounding = 1e-12;
  return ratio < 0.8 * (1 - kRounding);
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
    row.below_four_fifths = weighted
                                ? below_four_fifths(*row.impact_ratio)
                                : below_four_fifths(group.selected, group.n, best.selected, best.n);
  }
  row.standard_deviations = two_proportion_z(a, b);
  if (row.standard_deviations) row.p_value = normal_two_sided(*row.standard_deviations);
  const double together =
      (group.share.part + best.share.part) / (group.share.whole + best.share.whole);
  row.shortfall = group.share.whole * together - group.share.part;
  if (!weighted) {
    row.p_fisher = fisher(group.selected, group.n, best.selected, best.n, Fisher::Exact, monitor);
  }
}

// Selected ones of so many.
struct Count {
  std::int64_t selected;
  std::int64_t n;
  double rate() const noexcept { return static_cast<double>(selected) / static_cast<double>(n); }
};

Count most_selected(const Count& a, const Count& b) noexcept {
  using Wide = __int128;
  return Wide{b.selected} * a.n > Wide{a.selected} * b.n ? b : a;
}

// The most selected of all but the best. Errors: what poll() throws.
std::optional<Count> second_best(const std::vector<Selection>& compared,
                                 std::size_t best,
                                 Monitor& monitor) {
  std::optional<Count> second;
  for (std::size_t i = 0; i < compared.size(); ++i) {
    monitor.poll();
    if (i == best) continue;
    const Count count{compared[i].selected, compared[i].n};
    second = second ? most_selected(*second, count) : count;
  }
  return second;
}

// One more of the group and one fewer of the most selected one, which need not stay the most
// selected. second: the most selected of all others.
void select_one_other(const Selection& group,
                      const Selection& best,
                      const Count& second,
                      Impact& row) {
  if (!row.below_four_fifths || best.selected < 1 || group.selected == group.n) return;
  const Count more{group.selected + 1, group.n};
  const Count most = most_selected(most_selected(Count{best.selected - 1, best.n}, second), more);
  row.ratio_one_person = more.rate() / most.rate();
  row.one_person_flips =
      *row.below_four_fifths && !below_four_fifths(more.selected, more.n, most.selected, most.n);
}

}  // namespace

std::vector<Impact> impact_ratios(const Confusion& confusion,
                                  double min_share,
                                  double level,
                                  Monitor& monitor,
                                  const std::vector<bool>& withheld) {
  if (!(min_share >= 0 && min_share < 1)) {
    throw Error(ErrorKind::InvalidArgument,
                "min_share is " + std::to_string(min_share) + ", expected 0 to below 1",
                "0.02 leaves groups of less than 2 % of the rows out of the comparison.");
  }
  check_level(level);
  double all = 0;
  for (const GroupCells& group : confusion.groups) {
    monitor.poll();
    if (group.label) all += selection_of(group).share.whole;
  }
  std::vector<Impact> rows;
  std::vector<std::optional<std::size_t>> place;  // among the compared ones
  std::vector<Selection> compared;
  std::optional<std::size_t> best;  // likewise
  constexpr double kRounding = 1e-12;
  for (const GroupCells& group : confusion.groups) {
    monitor.poll();
    const Selection s = selection_of(group);
    const Counts c = counts(group.counts);
    Impact row{
        group.label, s.n, s.selected, c.unknown_prediction, {}, true, false, {}, {}, {}, {}, {}, {},
        {},          {},  {}};
    if (s.share.exists()) row.selection_rate = s.share.value();
    row.excluded =
        !group.label || !s.share.exists() || s.share.whole < min_share * all * (1 - kRounding);
    rows.push_back(row);
    const bool secret = !withheld.empty() && withheld[rows.size() - 1];
    place.push_back(row.excluded || secret ? std::nullopt : std::optional(compared.size()));
    if (row.excluded || secret) continue;
    compared.push_back(s);
    // Of several that are selected alike the largest tells the most.
    const Selection& now = compared.back();
    const double difference = best ? now.share.value() - compared[*best].share.value() : 1;
    if (difference > 0 || (difference == 0 && now.share.whole > compared[*best].share.whole)) {
      best = compared.size() - 1;
    }
  }
  const double z = normal_two_sided_quantile(level);
  const std::optional<Count> second = best ? second_best(compared, *best, monitor) : std::nullopt;
  for (std::size_t g = 0; g < rows.size(); ++g) {
    monitor.poll();
    if (!place[g]) continue;
    if (*place[g] == *best) {
      rows[g].reference = true;
      if (*rows[g].selection_rate > 0) rows[g].impact_ratio = 1;
      continue;
    }
    const Selection& group = compared[*place[g]];
    compare_with(group, compared[*best], confusion.weighted, z, monitor, rows[g]);
    if (!confusion.weighted) select_one_other(group, compared[*best], *second, rows[g]);
  }
  return rows;
}

}  // namespace fairdb
