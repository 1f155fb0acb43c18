// What a publication of counts withholds, so that nobody can compute it from what is shown.
//
// A publication is a set of rows, each of which sums up some of the smallest parts of a table (the
// combinations of attributes), and shows counts of people: all, those selected, those selected
// rightly, and others. With k the least number of people that may be told,
//
// A row of fewer than k people is withheld as a whole, and of other rows each panel of counts (the
// labels, the predictions, the table of both) that has a count of 1 to k - 1.
//
// Whatever is withheld leaves at least k + 1 values open: its largest and its smallest value, over
// all tables of non-negative numbers that agree with everything shown, with the total number of
// people, and with each listed row having somebody in it, differ by k or more. So neither "nobody"
// nor "everybody" of a withheld row can be concluded. Where withholding everything would not do, as
// of a single group, the total is taken for unknown.
//
// The second is made true by asking an adversary: linear programs (core/optimize/polyhedron.hpp)
// find the range of each withheld count, and one of the panels that a range too narrow rests on is
// withheld too, that of the fewest people first, until no range is too narrow. What is protected is
// one publication; who compares several, or sees the values from which they were made, can learn
// more.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/audit/confusion.hpp"
#include "core/audit/rates.hpp"
#include "core/base/monitor.hpp"

namespace fairdb {

// The counts of a part: the cells of its confusion, and the rows of unknown weight.
inline constexpr std::size_t kPublishedCells = kCells + 1;
using PartCounts = std::array<std::int64_t, kPublishedCells>;
PartCounts part_counts(const Cells& cells, std::int64_t unknown_weight) noexcept;

inline constexpr CellSet kUnknownWeight = 1U << kCells;

// Counts that are shown or withheld together: one without the others tells them, or tells nothing.
enum class Panel : std::uint8_t { People, UnknownWeight, Labels, Predictions, Cells };

// A count that a row shows.
struct PublishedCount {
  CellSet cells;
  Panel panel;
};

// Everything that by_group and audit show of a row, or let be computed; the first counts all
// people.
std::span<const PublishedCount> published_by_group() noexcept;
// What a table of selection rates shows; the first counts the people whose prediction is known.
std::span<const PublishedCount> published_selection() noexcept;

// What is withheld of a row.
class Withheld {
 public:
  Withheld() = default;
  Withheld(bool row, CellSet used, std::vector<CellSet> counts)
      : row_(row), used_(used), counts_(std::move(counts)) {}

  // The row as a whole; something of it.
  bool row() const noexcept { return row_; }
  bool any() const noexcept { return row_ || !counts_.empty(); }
  // A count, as the sum of cells; a rate, which tells its part, its whole and their difference.
  bool count(CellSet cells) const noexcept;
  bool rate(Rate which) const noexcept;

 private:
  bool row_ = false;
  CellSet used_ = 0;  // the cells that occur at all
  std::vector<CellSet> counts_;
};

// parts: the counts of each; between panels that cost the same their order decides, so it must not
// be chance. rows: the parts of each row, ascending numbers. shown: what a row shows. bytes: the
// memory for the adversary's tableau. Errors: TooLarge for more than 1000 rows or parts, when the
// memory does not suffice, or after some ten seconds of work.
[[nodiscard]] std::vector<Withheld> withhold(std::span<const PartCounts> parts,
                                             std::span<const std::vector<std::int32_t>> rows,
                                             std::span<const PublishedCount> shown,
                                             std::int64_t k,
                                             std::size_t bytes,
                                             Monitor& monitor);

// The same for the groups of one confusion, each a part of its own. However many groups: only the
// total links them (hidden_groups), so each is looked at by itself.
[[nodiscard]] std::vector<Withheld> withhold(const Confusion& confusion,
                                             std::span<const PublishedCount> shown,
                                             std::int64_t k,
                                             Monitor& monitor);

// Of each group, whether its selections are withheld.
std::vector<bool> without_selections(const std::vector<Withheld>& withheld);

}  // namespace fairdb
