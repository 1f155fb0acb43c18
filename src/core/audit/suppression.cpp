#include "core/audit/suppression.hpp"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>

#include "core/audit/rates.hpp"
#include "core/base/views.hpp"

namespace fairdb {
namespace {

constexpr std::size_t kMaxPublishedRows = 2000;

// Hides the smallest visible rows of a list until at least two rows and k people are hidden, if any
// is.
class Table {
 public:
  void add(std::size_t row, std::int64_t people) { rows_.push_back({people, row}); }

  // True when a row more was hidden.
  bool protect(std::int64_t k, std::size_t least, std::vector<bool>& hidden) {
    std::sort(rows_.begin(), rows_.end());
    std::size_t count = 0;
    std::int64_t people = 0;
    for (const auto& [size, row] : rows_) {
      if (!hidden[row]) continue;
      ++count;
      people += size;
    }
    bool changed = false;
    for (const auto& [size, row] : rows_) {
      if (count == 0 || (count >= least && people >= k)) break;
      if (hidden[row]) continue;
      hidden[row] = true;
      changed = true;
      ++count;
      people += size;
    }
    return changed;
  }

 private:
  std::vector<std::pair<std::int64_t, std::size_t>> rows_;
};

// The visible rows as a basis: tells which of them make up a hidden one.
class Span {
 public:
  Span(const std::vector<PublishedRow>& rows, const std::vector<bool>& hidden, std::int32_t parts) {
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (!hidden[r]) visible_.push_back(r);
    }
    // One column a visible row, and one for the total.
    columns_ = Eigen::MatrixXd::Zero(parts, static_cast<Index>(visible_.size()) + 1);
    for (std::size_t c = 0; c < visible_.size(); ++c) {
      for (const std::int32_t part : rows[visible_[c]].parts) {
        columns_(part, static_cast<Index>(c)) = 1;
      }
    }
    columns_.rightCols(1).setOnes();
    solver_.compute(columns_);
  }

  // The visible rows that take part in a combination that equals `row`; nullopt when there is none.
  std::optional<std::vector<std::size_t>> combination(const PublishedRow& row) const {
    constexpr double kTolerance = 1e-7;
    Vector wanted = Vector::Zero(columns_.rows());
    for (const std::int32_t part : row.parts) wanted(part) = 1;
    const Vector weights = solver_.solve(wanted);
    if ((columns_ * weights - wanted).cwiseAbs().maxCoeff() > kTolerance) return std::nullopt;
    std::vector<std::size_t> used;
    for (std::size_t c = 0; c < visible_.size(); ++c) {
      if (std::abs(weights(static_cast<Index>(c))) > kTolerance) used.push_back(visible_[c]);
    }
    return used;
  }

 private:
  std::vector<std::size_t> visible_;
  Eigen::MatrixXd columns_;
  Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd> solver_;
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
  std::vector<bool> hidden(confusion.groups.size(), false);
  Table table;
  for (std::size_t g = 0; g < confusion.groups.size(); ++g) {
    const std::int64_t people = counts(confusion.groups[g].counts).n;
    table.add(g, people);
    hidden[g] = people < k;
  }
  table.protect(k, 2, hidden);
  return hidden;
}

std::vector<bool> hidden_rows(const std::vector<PublishedRow>& rows,
                              std::int32_t parts,
                              std::int64_t k,
                              Monitor& monitor) {
  std::vector<bool> hidden(rows.size(), false);
  if (k == 0) return hidden;
  if (rows.size() > kMaxPublishedRows || parts > static_cast<std::int32_t>(kMaxPublishedRows)) {
    throw Error(ErrorKind::TooLarge,
                "small groups can be hidden among " + std::to_string(kMaxPublishedRows) +
                    " rows at most, these are " + std::to_string(rows.size()),
                "Use fewer attributes, or coarser groups.");
  }
  std::map<std::int32_t, Table> tables;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    tables[rows[r].table].add(r, rows[r].people);
    hidden[r] = rows[r].people < k;
  }
  for (bool changed = true; changed;) {
    monitor.poll();
    changed = false;
    for (auto& [number, table] : tables) changed = table.protect(k, 1, hidden) || changed;
    const Span span(rows, hidden, parts);
    for (std::size_t r = 0; r < rows.size() && !changed; ++r) {
      if (!hidden[r]) continue;
      const auto used = span.combination(rows[r]);
      if (!used || used->empty()) continue;
      const auto smallest = std::min_element(
          used->begin(), used->end(),
          [&](std::size_t a, std::size_t b) { return rows[a].people < rows[b].people; });
      hidden[*smallest] = true;
      changed = true;
    }
  }
  return hidden;
}

}  // namespace fairdb
