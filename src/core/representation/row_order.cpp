#include "core/representation/row_order.hpp"

#include <algorithm>
#include <numeric>

#include "core/base/polled_sort.hpp"

namespace fairdb {
namespace {

struct Place {
  std::uint32_t block;
  std::uint32_t row;
};

// One row, taken out of its block.
struct LooseRow {
  Eigen::RowVectorXd values;
  std::vector<std::int32_t> group;
  double weight = 1;
  std::uint64_t digest = 0;

  void take(const RowBlock& block, Index row) {
    values = block.values.row(row);
    group.resize(static_cast<std::size_t>(block.attributes));
    for (Index a = 0; a < block.attributes; ++a)
      group[static_cast<std::size_t>(a)] = block.code(row, a);
    weight = block.w(row);
    digest = block.digest[static_cast<std::size_t>(row)];
  }
  void put(RowBlock& block, Index row) const {
    block.values.row(row) = values;
    std::copy(group.begin(), group.end(),
              block.group.begin() + static_cast<std::ptrdiff_t>(row * block.attributes));
    if (block.weight.size() > 0) block.weight(row) = weight;
    block.digest[static_cast<std::size_t>(row)] = digest;
  }
};

}  // namespace

GroupNames sort_groups(const GroupNames& names,
                       std::initializer_list<std::vector<RowBlock>*> parts) {
  GroupNames sorted = names;
  std::vector<std::vector<std::int32_t>> code_of(names.size());
  for (std::size_t a = 0; a < names.size(); ++a) {
    std::sort(sorted[a].begin(), sorted[a].end());
    for (const std::string& name : names[a]) {
      const auto at = std::lower_bound(sorted[a].begin(), sorted[a].end(), name);
      code_of[a].push_back(static_cast<std::int32_t>(at - sorted[a].begin()));
    }
  }
  for (std::vector<RowBlock>* const part : parts) {
    for (RowBlock& block : *part) {
      for (std::size_t i = 0; i < block.group.size(); ++i) {
        std::int32_t& code = block.group[i];
        if (code >= 0)
          code = code_of[i % static_cast<std::size_t>(block.attributes)]
                        [static_cast<std::size_t>(code)];
      }
    }
  }
  return sorted;
}

void order_by_digest(std::vector<RowBlock>& blocks, Monitor& monitor) {
  std::vector<Place> places;  // of the rows as they stand
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    for (Index i = 0; i < blocks[b].rows(); ++i) {
      places.push_back({static_cast<std::uint32_t>(b), static_cast<std::uint32_t>(i)});
    }
  }
  // from[k]: the row that belongs at the k-th place.
  std::vector<std::uint32_t> from(places.size());
  std::iota(from.begin(), from.end(), 0U);
  polled_sort(from, monitor, [&](std::uint32_t i, std::uint32_t j) {
    const RowBlock& a = blocks[places[i].block];
    const RowBlock& b = blocks[places[j].block];
    const std::uint64_t of_a = a.digest[places[i].row];
    const std::uint64_t of_b = b.digest[places[j].row];
    if (of_a != of_b) return of_a < of_b;
    for (Index k = 0; k < a.attributes; ++k) {
      const std::int32_t code_a = a.code(places[i].row, k);
      const std::int32_t code_b = b.code(places[j].row, k);
      if (code_a != code_b) return code_a < code_b;
    }
    return false;
  });
  // Along each cycle of the permutation.
  LooseRow first;
  LooseRow moved;
  for (std::uint32_t k = 0; k < from.size(); ++k) {
    if (k % 4096 == 0) monitor.poll();
    if (from[k] == k) continue;
    first.take(blocks[places[k].block], places[k].row);
    std::uint32_t to = k;
    while (from[to] != k) {
      moved.take(blocks[places[from[to]].block], places[from[to]].row);
      moved.put(blocks[places[to].block], places[to].row);
      const std::uint32_t next = from[to];
      from[to] = to;
      to = next;
    }
    first.put(blocks[places[to].block], places[to].row);
    from[to] = to;
  }
}

void cut_evenly(std::vector<RowBlock>& blocks, Index width, Monitor& monitor) {
  if (blocks.empty()) return;
  const Index size = rows_of_block(std::max(width, blocks.front().values.cols()));
  Index left = 0;
  for (const RowBlock& block : blocks) left += block.rows();
  const bool weighted = blocks.front().weight.size() > 0;
  std::vector<RowBlock> even;
  std::size_t from = 0;  // the block that is being emptied
  Index taken = 0;       // rows of it
  while (left > 0) {
    monitor.poll();
    const RowBlock& first = blocks[from];
    RowBlock block;
    block.attributes = first.attributes;
    block.targets = first.targets;
    block.values.resize(std::min(size, left), first.values.cols());
    if (weighted) block.weight.resize(block.rows());
    for (Index i = 0; i < block.rows();) {
      RowBlock& source = blocks[from];
      const Index count = std::min(block.rows() - i, source.rows() - taken);
      block.values.middleRows(i, count) = source.values.middleRows(taken, count);
      if (weighted) block.weight.segment(i, count) = source.weight.segment(taken, count);
      const auto group =
          source.group.begin() + static_cast<std::ptrdiff_t>(taken * source.attributes);
      block.group.insert(block.group.end(), group,
                         group + static_cast<std::ptrdiff_t>(count * source.attributes));
      const auto digest = source.digest.begin() + static_cast<std::ptrdiff_t>(taken);
      block.digest.insert(block.digest.end(), digest, digest + static_cast<std::ptrdiff_t>(count));
      i += count;
      taken += count;
      if (taken < source.rows()) continue;
      source = RowBlock{};
      ++from;
      taken = 0;
    }
    left -= block.rows();
    even.push_back(std::move(block));
  }
  blocks = std::move(even);
}

}  // namespace fairdb
