#include "core/distribution/sample.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace fairdb {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kOpen = 0;
constexpr std::uint8_t kSorted = 1;

// Counts of rows are bounded so that no sum of them overflows.
constexpr std::int64_t kMaxRows = std::int64_t{1} << 60;

[[noreturn]] void corrupt(const char* what) {
  throw Error(ErrorKind::CorruptValue, what);
}

std::size_t score_bytes(std::int64_t scores, std::uint8_t form) noexcept {
  const auto n = static_cast<std::size_t>(scores);
  return 8 * n + (form == kOpen ? (2 * n + 7) / 8 * 8 : 0);
}

const DistributionHeader& header_of(std::span<const std::byte> value) noexcept {
  return *reinterpret_cast<const DistributionHeader*>(value.data());
}

// Writes a header for a value without scores; the length word is the caller's.
DistributionHeader& write_header(std::byte* value, std::uint8_t form) noexcept {
  std::memset(value + 4, 0, sizeof(DistributionHeader) - 4);
  auto& h = *reinterpret_cast<DistributionHeader*>(value);
  h.version = kVersion;
  h.form = form;
  return h;
}

std::uint64_t content_digest(std::span<const std::byte> value) noexcept {
  return digest(value.subspan(offsetof(DistributionHeader, unknown_scores)));
}

// Checks what both forms have in common and returns the table of groups.
ScoreGroups open_common(std::span<std::byte> value, std::uint8_t form) {
  if (value.size() < sizeof(DistributionHeader)) corrupt("the distribution is cut off");
  const DistributionHeader& h = header_of(value);
  if (h.version != kVersion || h.form != form || h.zero != 0) {
    corrupt("the distribution has an unknown version or form");
  }
  if (h.size < 0 || h.capacity < h.size || h.unknown_scores < 0 || h.unknown_scores > kMaxRows ||
      static_cast<std::uint64_t>(h.capacity) > value.size() / 8) {
    corrupt("the header of the distribution is damaged");
  }
  const ScoreGroups table = ScoreGroups::open(value.subspan(sizeof(DistributionHeader)));
  if (value.size() != sizeof(DistributionHeader) + table.size() + score_bytes(h.capacity, form)) {
    corrupt("the distribution has a wrong length");
  }
  std::int64_t rows = 0;
  for (std::int32_t i = 0; i < table.groups(); ++i) {
    const std::int64_t count = table.payload(i).count;
    if (count < 0 || count > (table.label(i) ? h.size : kMaxRows)) {
      corrupt("a count of the distribution is damaged");
    }
    if (table.label(i)) rows += count;
  }
  if (rows != h.size) corrupt("the counts of the distribution do not add up");
  return table;
}

}  // namespace

Distribution Distribution::open(std::span<std::byte> value) {
  const ScoreGroups table = open_common(value, kSorted);
  const DistributionHeader& h = header_of(value);
  if (!table.sorted() || h.capacity != h.size || h.digest != content_digest(value)) {
    corrupt("the distribution is damaged");
  }
  const auto* scores =
      reinterpret_cast<const double*>(value.data() + sizeof(DistributionHeader) + table.size());
  const Distribution result(table, scores, h);
  std::int64_t begin = 0;
  for (std::int32_t g = 0; g < result.groups(); ++g) {
    if (table.payload(g).begin != begin) corrupt("the groups of the distribution are damaged");
    begin += table.payload(g).count;
    const auto of_group = result.scores(g);
    for (std::size_t i = 0; i < of_group.size(); ++i) {
      if (!std::isfinite(of_group[i])) corrupt("a score of the distribution is not finite");
      if (i > 0 && of_group[i - 1] > of_group[i]) {
        corrupt("the scores of the distribution are not sorted");
      }
    }
  }
  return result;
}

std::int64_t Distribution::unknown_groups() const noexcept {
  const std::int32_t unknown = table_.find(std::nullopt);
  return unknown < 0 ? 0 : table_.payload(unknown).count;
}

OpenDistribution::OpenDistribution(std::byte* value) noexcept
    : header_(reinterpret_cast<DistributionHeader*>(value)),
      table_(value + sizeof(DistributionHeader)),
      scores_(reinterpret_cast<double*>(value + sizeof(DistributionHeader) + table_.size())),
      group_of_(reinterpret_cast<std::uint16_t*>(scores_ + header_->capacity)) {}

std::size_t OpenDistribution::bytes_needed(const Capacity& capacity) noexcept {
  return sizeof(DistributionHeader) +
         ScoreGroups::bytes_needed(capacity.table.groups, capacity.table.labels) +
         score_bytes(capacity.scores, kOpen);
}

OpenDistribution OpenDistribution::create(std::byte* value, const Capacity& capacity) {
  DistributionHeader& h = write_header(value, kOpen);
  h.capacity = capacity.scores;
  const ScoreGroups table = ScoreGroups::create(value + sizeof(DistributionHeader),
                                                capacity.table.groups, capacity.table.labels);
  // The room for scores is zeroed too: a state travels between processes with all its bytes.
  std::memset(value + sizeof(DistributionHeader) + table.size(), 0,
              score_bytes(capacity.scores, kOpen));
  return OpenDistribution(value);
}

bool OpenDistribution::is_open_form(std::span<const std::byte> value) noexcept {
  return value.size() >= sizeof(DistributionHeader) && header_of(value).form == kOpen;
}

OpenDistribution OpenDistribution::open(std::span<std::byte> value) {
  const ScoreGroups table = open_common(value, kOpen);
  if (table.sorted()) corrupt("the state of the distribution is damaged");
  const OpenDistribution result(value.data());
  std::vector<std::int64_t> counts(static_cast<std::size_t>(table.groups()));
  for (std::int64_t i = 0; i < result.header_->size; ++i) {
    if (result.group_of_[i] >= table.groups() || !std::isfinite(result.scores_[i])) {
      corrupt("a score of the state of the distribution is damaged");
    }
    ++counts[result.group_of_[i]];
  }
  for (std::int32_t g = 0; g < table.groups(); ++g) {
    const std::int64_t expected = table.label(g) ? table.payload(g).count : 0;
    if (counts[static_cast<std::size_t>(g)] != expected) {
      corrupt("the counts of the state of the distribution are damaged");
    }
  }
  return result;
}

OpenDistribution::Capacity OpenDistribution::grown_by(const Capacity& more) const {
  Capacity grown{table_.grown_by(more.table), header_->capacity};
  const std::int64_t scores = header_->size + more.scores;
  if (scores > kMaxScores) {
    throw Error(ErrorKind::TooLarge,
                "a distribution holds at most " + std::to_string(kMaxScores) + " scores",
                "Use a sample of the rows.");
  }
  if (scores > grown.scores) {
    grown.scores = std::min(std::max(scores, 2 * grown.scores), kMaxScores);
  }
  return grown;
}

void OpenDistribution::copy_into(OpenDistribution& larger) const {
  table_.copy_into(larger.table_);
  larger.header_->unknown_scores = header_->unknown_scores;
  larger.header_->size = header_->size;
  const auto n = static_cast<std::size_t>(header_->size);
  std::memcpy(larger.scores_, scores_, n * sizeof(*scores_));
  std::memcpy(larger.group_of_, group_of_, n * sizeof(*group_of_));
}

OpenDistribution::Capacity OpenDistribution::missing(const Distribution& from) const noexcept {
  return {table_.missing(from.table_), from.size()};
}

OpenDistribution::Capacity OpenDistribution::missing(const OpenDistribution& from) const noexcept {
  return {table_.missing(from.table_), from.header_->size};
}

// Adds the groups of another table and the counts that are not tied to a score.
void OpenDistribution::append_counts(const ScoreGroups& from, std::int64_t unknown_scores) {
  if (unknown_scores > kMaxRows - header_->unknown_scores) {
    throw Error(ErrorKind::OutOfRange, "the distribution counts more than 2^60 rows");
  }
  header_->unknown_scores += unknown_scores;
  for (std::int32_t g = 0; g < from.groups(); ++g) {
    const auto label = from.label(g);
    const std::int32_t group = find(label) >= 0 ? find(label) : add_group(label);
    if (label) continue;
    std::int64_t& count = table_.payload(group).count;
    if (from.payload(g).count > kMaxRows - count) {
      throw Error(ErrorKind::OutOfRange, "the distribution counts more than 2^60 rows");
    }
    count += from.payload(g).count;
  }
}

void OpenDistribution::append(const Distribution& from) {
  append_counts(from.table_, from.unknown_scores_);
  for (std::int32_t g = 0; g < from.groups(); ++g) {
    const std::int32_t group = find(from.label(g));
    for (const double score : from.scores(g)) add_score(group, score);
  }
}

void OpenDistribution::append(const OpenDistribution& from) {
  append_counts(from.table_, from.header_->unknown_scores);
  std::vector<std::int32_t> group(static_cast<std::size_t>(from.table_.groups()));
  for (std::int32_t g = 0; g < from.table_.groups(); ++g) {
    group[static_cast<std::size_t>(g)] = find(from.table_.label(g));
  }
  for (std::int64_t i = 0; i < from.header_->size; ++i) {
    add_score(group[from.group_of_[i]], from.scores_[i]);
  }
}

std::size_t OpenDistribution::sorted_bytes() const noexcept {
  return sizeof(DistributionHeader) + ScoreGroups::sorted_bytes(table_, table_.sorted_order()) +
         score_bytes(header_->size, kSorted);
}

Distribution OpenDistribution::sort_into(std::byte* place, Monitor& monitor) const {
  // Polled from within the sort, about every 10 ms.
  std::uint32_t comparisons = 0;
  const auto less = [&](double a, double b) {
    if ((++comparisons & 0xFFFFF) == 0) monitor.poll();
    return a < b;
  };
  const std::size_t bytes = sorted_bytes();
  DistributionHeader& h = write_header(place, kSorted);
  h.unknown_scores = header_->unknown_scores;
  h.size = header_->size;
  h.capacity = header_->size;

  const std::vector<std::int32_t> order = table_.sorted_order();
  ScoreGroups table = ScoreGroups::sort_into(place + sizeof(DistributionHeader), table_, order,
                                             [](const GroupScores& group) { return group; });
  std::vector<double*> next(order.size());  // by open group: where its next score goes
  auto* scores = reinterpret_cast<double*>(place + sizeof(DistributionHeader) + table.size());
  std::int64_t begin = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    GroupScores& group = table.payload(static_cast<std::int32_t>(k));
    if (!table.label(static_cast<std::int32_t>(k))) continue;
    group.begin = begin;
    next[static_cast<std::size_t>(order[k])] = scores + begin;
    begin += group.count;
  }
  for (std::int64_t i = 0; i < header_->size; ++i) *next[group_of_[i]]++ = scores_[i];

  const Distribution result(table, scores, h);
  for (std::int32_t g = 0; g < result.groups(); ++g) {
    const GroupScores& group = table.payload(g);
    std::sort(scores + group.begin, scores + group.begin + group.count, less);
  }
  h.digest = content_digest({place, bytes});
  return result;
}

}  // namespace fairdb
