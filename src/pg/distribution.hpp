// The state of the distribution's aggregates, shared by the doors that fill one.
#pragma once

#include "core/distribution/sample.hpp"
#include "pg/bridge/guard.hpp"

namespace fairdb::pg {

// Errors: UnknownGroup, naming the group and those that the distribution knows.
[[noreturn]] void unknown_group(const Distribution& law, std::string_view label);

// A checked argument in its sorted form; an open one is sorted first. Plain.
Distribution distribution_argument(FunctionCallInfo fcinfo, int argument);

// An open distribution that grows: into new memory in the current context, within
// maintenance_work_mem. An aggregate's first memory is the server's to free, later ones are ours.
class DistributionState {
 public:
  explicit DistributionState(std::byte* value) noexcept : value_(value) {}
  static DistributionState empty(const OpenDistribution::Capacity& capacity);
  // A value that has existed before comes in whatever the budget, so that every dump restores.
  static DistributionState unbounded();

  OpenDistribution open() const noexcept { return OpenDistribution::trusted(value_); }
  Datum datum() const noexcept { return PointerGetDatum(value_); }

  std::int32_t group(std::optional<std::string_view> label);
  // Errors: InvalidData for a score that is not finite.
  void add(double score, std::int32_t group);
  void set_unknown_groups(std::int64_t rows);
  template <class From>
  void merge(const From& from) {
    make_room(open().missing(from));
    open().append(from);
  }
  // The sorted form, a new value in the current context.
  Datum sorted() const;

 private:
  enum class Budget : std::uint8_t { MaintenanceWorkMem, None };
  // Errors: TooLarge.
  void make_room(const OpenDistribution::Capacity& more);
  std::byte* value_;
  bool owned_ = false;
  Budget budget_ = Budget::MaintenanceWorkMem;
};

}  // namespace fairdb::pg
