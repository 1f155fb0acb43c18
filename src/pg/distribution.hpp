// The distribution value as the doors that fill one or read one share it.
#pragma once

#include "core/distribution/collector.hpp"
#include "pg/bridge/labels.hpp"
#include "pg/bridge/owned.hpp"
#include "pg/bridge/value.hpp"

namespace fairdb::pg {

// Errors: UnknownGroup, naming the group and those that the distribution knows.
[[noreturn]] void unknown_group(const Distribution& distribution, std::string_view label);

// A collector within maintenance_work_mem.
Collector bounded_collector();

// The collected rows as a new value in the current context.
Datum distribution_value(Collector& collector);

// A checked argument, alive as long as the current context.
const Distribution& distribution_argument(FunctionCallInfo fcinfo, int argument);

// Bytes that a computation needs for each point of a distribution: of groups in which every score
// is one row, of groups with counts, and of those with weights and sketches. The scores of the
// first two are read where they stand.
struct WorkingMemory {
  std::size_t plain;
  std::size_t counted;
  std::size_t other;
};
inline constexpr WorkingMemory kLaws{1, 10, 40};
// Errors: TooLarge unless maintenance_work_mem holds them.
void check_working_memory(const Distribution& distribution, WorkingMemory needs);

// For each group whether fairdb.min_group hides it.
std::vector<bool> hidden_groups_of(const Distribution& distribution);

// What a function that is called row after row keeps of the distribution in argument 0.
class DistributionCache {
 public:
  explicit DistributionCache(MemoryContext parent);

  bool holds(Datum datum) const noexcept { return distribution_ && fingerprint_.matches(datum); }
  // Decodes it. What was made of the one before must be gone.
  void load(Datum datum);
  const Distribution& distribution() const noexcept { return *distribution_; }
  // As Distribution::find, faster where there are few groups.
  std::int32_t find(std::string_view label) const noexcept {
    if (few_.empty()) return distribution_->find(label);
    const ShortLabel wanted(label);
    for (std::size_t g = 0; g < few_.size(); ++g) {
      if (few_[g].same(wanted) &&
          (label.size() <= sizeof(wanted.first) ||
           distribution_->group(static_cast<std::int32_t>(g)).label == label)) {
        return static_cast<std::int32_t>(g);
      }
    }
    return -1;
  }

  LabelReader* labels = nullptr;

 private:
  // The length and the first bytes of a label, compared as two numbers.
  struct ShortLabel {
    explicit ShortLabel(std::string_view label) noexcept : size(label.size()) {
      std::memcpy(&first, label.data(), std::min(label.size(), sizeof(first)));
    }
    bool same(const ShortLabel& other) const noexcept {
      return first == other.first && size == other.size;
    }
    std::uint64_t first = 0;
    std::size_t size;
  };
  static constexpr std::int32_t kFewGroups = 16;
  std::vector<ShortLabel> few_;  // empty when there are more
  MemoryContext memory_;         // holds the decoded value
  ValueFingerprint fingerprint_;
  std::optional<Distribution> distribution_;
};

// The cache in fn_extra, made at the first call: a class that begins with a memory context.
template <class Cache>
Cache& cache_of(FunctionCallInfo fcinfo) {
  if (fcinfo->flinfo->fn_extra == nullptr) {
    MemoryContext const memory = fcinfo->flinfo->fn_mcxt;
    fcinfo->flinfo->fn_extra = &keep_in(memory, Cache(memory));
  }
  return *static_cast<Cache*>(fcinfo->flinfo->fn_extra);
}

}  // namespace fairdb::pg
