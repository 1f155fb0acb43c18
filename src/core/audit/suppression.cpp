#include "core/audit/suppression.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "core/audit/rates.hpp"
#include "core/base/views.hpp"

namespace fairdb {
namespace {

constexpr std::size_t kMaxPublishedRows = 1000;

// Rows of one table that a known number sums up.
struct Line {
  std::int64_t people;
  std::vector<std::size_t> rows;
  std::optional<std::size_t> parent;  // nullopt: the total
};

// What anybody knows about the people of a hidden row.
struct Bounds {
  std::int64_t low;
  std::int64_t high;
};

// A publication in the making.
class Publication {
 public:
  Publication(const std::vector<PublishedRow>& rows, std::int32_t parts, std::int64_t k)
      : rows_(rows), parts_(static_cast<std::size_t>(parts)), k_(k), hidden_(rows.size(), false) {
    for (std::size_t r = 0; r < rows.size(); ++r) {
      hidden_[r] = rows[r].people < k;
      tables_[rows[r].table].push_back(r);
    }
    find_lines();
  }

  void protect(Monitor& monitor) {
    while (protect_lines(monitor) || protect_from_bounds(monitor) || protect_span(monitor)) {
    }
  }

  const std::vector<bool>& hidden() const noexcept { return hidden_; }

 private:
  // A table divides a row when its rows that touch it lie inside of it.
  void find_lines() {
    std::vector<std::int32_t> all(parts_);
    for (std::size_t p = 0; p < parts_; ++p) all[p] = static_cast<std::int32_t>(p);
    for (const auto& [number, members] : tables_) {
      std::vector<std::size_t> row_of_part(parts_, rows_.size());
      for (const std::size_t r : members) {
        for (const std::int32_t part : rows_[r].parts) {
          row_of_part[static_cast<std::size_t>(part)] = r;
        }
      }
      add_line(row_of_part, all, std::nullopt);
      for (std::size_t r = 0; r < rows_.size(); ++r) {
        if (rows_[r].table != number) add_line(row_of_part, rows_[r].parts, r);
      }
    }
  }

  void add_line(const std::vector<std::size_t>& row_of_part,
                const std::vector<std::int32_t>& parts,
                std::optional<std::size_t> parent) {
    Line line{0, {}, parent};
    std::size_t covered = 0;
    for (const std::int32_t part : parts) {
      const std::size_t r = row_of_part[static_cast<std::size_t>(part)];
      if (r == rows_.size()) return;
      if (std::find(line.rows.begin(), line.rows.end(), r) != line.rows.end()) continue;
      line.rows.push_back(r);
      line.people += rows_[r].people;
      covered += rows_[r].parts.size();
    }
    if (covered == parts.size()) lines_.push_back(std::move(line));
  }

  bool visible(const Line& line) const noexcept { return !line.parent || !hidden_[*line.parent]; }

  // Hides the smallest visible row of a line; if there is none, the row that it sums up to.
  bool hide_one(const Line& line) {
    const std::size_t none = rows_.size();
    std::size_t smallest = none;
    for (const std::size_t r : line.rows) {
      if (!hidden_[r] && (smallest == none || rows_[r].people < rows_[smallest].people)) {
        smallest = r;
      }
    }
    if (smallest == none && line.parent && !hidden_[*line.parent]) smallest = *line.parent;
    if (smallest == none) return false;
    hidden_[smallest] = true;
    return true;
  }

  bool protect_lines(Monitor& monitor) {
    bool any = false;
    for (bool changed = true; changed;) {
      changed = false;
      monitor.poll();
      for (const Line& line : lines_) {
        if (!visible(line)) continue;
        std::int64_t people = 0;
        std::int64_t count = 0;
        for (const std::size_t r : line.rows) {
          if (!hidden_[r]) continue;
          people += rows_[r].people;
          ++count;
        }
        if (count > 0 && (count < 2 || people < count + k_)) changed = hide_one(line) || changed;
      }
      any = any || changed;
    }
    return any;
  }

  // Narrows what is known of each hidden row, line after line, until nothing changes.
  bool protect_from_bounds(Monitor& monitor) {
    constexpr int kRounds = 100;
    std::int64_t all = 0;
    for (const std::size_t r :
         tables_.empty() ? std::vector<std::size_t>{} : tables_.begin()->second) {
      all += rows_[r].people;
    }
    std::vector<Bounds> bounds(rows_.size());
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      bounds[r] = hidden_[r] ? Bounds{1, all} : Bounds{rows_[r].people, rows_[r].people};
    }
    bool changed = true;
    for (int round = 0; changed && round < kRounds; ++round) {
      changed = false;
      monitor.poll();
      for (const Line& line : lines_) changed = narrow(line, bounds) || changed;
    }
    bool any = false;
    for (const Line& line : lines_) {
      if (!visible(line)) continue;
      const bool pinned = std::any_of(line.rows.begin(), line.rows.end(), [&](std::size_t r) {
        return hidden_[r] && bounds[r].high - bounds[r].low < k_;
      });
      if (pinned && hide_one(line)) any = true;
    }
    return any;
  }

  bool narrow(const Line& line, std::vector<Bounds>& bounds) const {
    const std::int64_t low_sum = line.parent ? bounds[*line.parent].low : line.people;
    const std::int64_t high_sum = line.parent ? bounds[*line.parent].high : line.people;
    std::int64_t low = 0;
    std::int64_t high = 0;
    for (const std::size_t r : line.rows) {
      low += bounds[r].low;
      high += bounds[r].high;
    }
    bool changed = false;
    for (const std::size_t r : line.rows) {
      const Bounds old = bounds[r];
      bounds[r].high = std::min(old.high, high_sum - (low - old.low));
      bounds[r].low = std::max(old.low, low_sum - (high - old.high));
      low += bounds[r].low - old.low;
      high += bounds[r].high - old.high;
      changed = changed || bounds[r].high != old.high || bounds[r].low != old.low;
    }
    if (line.parent) {
      Bounds& parent = bounds[*line.parent];
      const Bounds old = parent;
      parent.low = std::max(parent.low, low);
      parent.high = std::min(parent.high, high);
      changed = changed || parent.high != old.high || parent.low != old.low;
    }
    return changed;
  }

  // Brings the visible rows into echelon form, with the combination that each came from, and hides
  // one row of each combination that makes up a hidden one.
  bool protect_span(Monitor& monitor) {
    constexpr double kTolerance = 1e-7;
    std::vector<std::size_t> known;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      if (!hidden_[r]) known.push_back(r);
    }
    if (known.size() == rows_.size()) return false;
    const auto parts = static_cast<Index>(parts_);
    const auto n = static_cast<Index>(known.size()) + 1;  // and the total
    RowMatrix work = RowMatrix::Zero(n, parts + n);
    for (Index i = 0; i + 1 < n; ++i) put(rows_[known[static_cast<std::size_t>(i)]], work, i);
    work.row(n - 1).head(parts).setOnes();
    work.rightCols(n).setIdentity();
    std::vector<Index> pivots;
    Index rank = 0;
    for (Index column = 0; column < parts && rank < n; ++column) {
      monitor.poll();
      Index pivot = 0;
      if (work.col(column).tail(n - rank).cwiseAbs().maxCoeff(&pivot) < kTolerance) continue;
      work.row(rank).swap(work.row(rank + pivot));
      work.row(rank) /= RowMatrix::Scalar(work(rank, column));
      for (Index i = rank + 1; i < n; ++i) {
        const double factor = work(i, column);
        if (factor != 0)
          work.row(i).tail(parts + n - column) -= factor * work.row(rank).tail(parts + n - column);
      }
      pivots.push_back(column);
      ++rank;
    }
    bool any = false;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      if (!hidden_[r]) continue;
      monitor.poll();
      RowMatrix wanted = RowMatrix::Zero(1, parts + n);
      put(rows_[r], wanted, 0);
      for (Index i = 0; i < rank; ++i) {
        const double factor = wanted(0, pivots[static_cast<std::size_t>(i)]);
        if (factor != 0) wanted.row(0) -= factor * work.row(i);
      }
      if (wanted.leftCols(parts).cwiseAbs().maxCoeff() > kTolerance) continue;
      any = break_combination(wanted.rightCols(n), known) || any;
    }
    return any;
  }

  // Hides the smallest row that takes part, unless one is hidden already.
  template <class Weights>
  bool break_combination(const Weights& weights, const std::vector<std::size_t>& known) {
    constexpr double kTolerance = 1e-7;
    const std::size_t none = rows_.size();
    std::size_t smallest = none;
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (std::abs(weights(0, static_cast<Index>(i))) < kTolerance) continue;
      if (hidden_[known[i]]) return false;
      if (smallest == none || rows_[known[i]].people < rows_[smallest].people) smallest = known[i];
    }
    if (smallest == none) return false;
    hidden_[smallest] = true;
    return true;
  }

  static void put(const PublishedRow& row, RowMatrix& into, Index i) {
    for (const std::int32_t part : row.parts) into(i, part) = 1;
  }

  const std::vector<PublishedRow>& rows_;
  std::size_t parts_;
  std::int64_t k_;
  std::vector<bool> hidden_;
  std::map<std::int32_t, std::vector<std::size_t>> tables_;
  std::vector<Line> lines_;
};

}  // namespace

void check_min_group(std::int64_t k) {
  if (k >= 0 && k <= kLargestMinGroup) return;
  throw Error(
      ErrorKind::InvalidArgument,
      "the least size of a group that is shown is " + std::to_string(k) + ", expected 0 to 1000000",
      "Authorities that publish statistics commonly use 5, 10 or 11; 0 shows every group.");
}

std::vector<bool> hidden_groups(const Confusion& confusion, std::int64_t k) {
  std::vector<std::int64_t> people;
  for (const GroupCells& group : confusion.groups) people.push_back(counts(group.counts).n);
  return hidden_groups(people, k);
}

std::vector<bool> hidden_groups(const std::vector<std::int64_t>& people_of, std::int64_t k) {
  std::vector<std::pair<std::int64_t, std::size_t>> groups;
  for (std::size_t g = 0; g < people_of.size(); ++g) groups.emplace_back(people_of[g], g);
  std::sort(groups.begin(), groups.end());
  std::vector<bool> hidden(groups.size(), false);
  std::int64_t people = 0;
  std::int64_t count = 0;
  for (const auto& [n, group] : groups) {
    const bool enough = count == 0 || (count >= 2 && people >= count + k);
    if (n >= k && enough) break;
    hidden[group] = true;
    people += n;
    ++count;
  }
  return hidden;
}

std::vector<bool> hidden_rows(const std::vector<PublishedRow>& rows,
                              std::int32_t parts,
                              std::int64_t k,
                              Monitor& monitor) {
  if (k == 0 || rows.empty()) return std::vector<bool>(rows.size(), false);
  if (rows.size() > kMaxPublishedRows || parts > static_cast<std::int32_t>(kMaxPublishedRows)) {
    throw Error(ErrorKind::TooLarge,
                "small groups can be hidden among " + std::to_string(kMaxPublishedRows) +
                    " rows at most, these are " + std::to_string(rows.size()) + " of " +
                    std::to_string(parts) + " combinations",
                "Use fewer attributes, or coarser groups.");
  }
  Publication publication(rows, parts, k);
  publication.protect(monitor);
  return publication.hidden();
}

}  // namespace fairdb
