// The rows of a training source, in memory or read again as often as the solver asks.
#pragma once

#include <set>

#include "core/model/fair_model.hpp"

#include "pg/bridge/monitor.hpp"
#include "pg/models/training_source.hpp"

namespace fairdb::pg {

// The rows of a training source: their summary, and the rows themselves.
class TrainingRows {
 public:
  // Raw: as Always, but in the units of the table until standardise() is called for each block, and
  // with features that are to be imputed still unknown (NaN); the summary has them imputed.
  enum class Keep : std::uint8_t { Nothing, IfTheyFit, Always, Raw };

  // Reads the source once. bytes_per_row: what the solver needs of each beside the row itself.
  // Keep::Always raises TooLarge when the rows do not fit maintenance_work_mem.
  TrainingRows(const TrainingSource& source, Keep keep, std::size_t bytes_per_row);
  TrainingRows(const TrainingRows&) = delete;
  TrainingRows& operator=(const TrainingRows&) = delete;
  ~TrainingRows();

  const Summary& summary() const noexcept { return *summary_; }
  const GroupNames& names() const noexcept { return names_; }
  // The units of the rows of both stores.
  const Scaling& stored() const noexcept { return stored_; }
  const RowStore& training() const noexcept;
  const RowStore& held_out() const noexcept;
  RowBlocks& training_in_memory() noexcept { return training_; }
  std::int64_t skipped() const noexcept { return skipped_; }
  std::uint64_t fingerprint() const noexcept { return fingerprint_; }
  Monitor& monitor() noexcept { return monitor_; }
  // Bytes of a row in memory.
  std::size_t row_bytes() const noexcept;

 private:
  class Reread;
  void read(Keep keep, std::size_t bytes_per_row);
  void check_means() const;
  void check_parts(std::int64_t held_out, std::int64_t unseen, const std::string& first_unseen);

  const TrainingSource& source_;
  BackendMonitor monitor_;
  std::unique_ptr<Summary> summary_;
  GroupNames names_;
  Scaling stored_;
  RowBlocks training_;
  RowBlocks held_out_;
  bool in_memory_ = false;
  std::unique_ptr<TableReader> first_;
  std::unique_ptr<Reread> reread_training_;
  std::unique_ptr<Reread> reread_held_out_;
  std::vector<std::set<std::int32_t>> held_out_groups_;  // by attribute, codes
  std::int64_t skipped_ = 0;
  std::uint64_t fingerprint_ = 0;
};

// The performance of a fit on a store of these rows. known: the rows' scores in their order, or
// empty to compute them.
Performance performance_on(TrainingRows& rows,
                           const RowStore& store,
                           const FairModel& model,
                           const Vector& known);

}  // namespace fairdb::pg
