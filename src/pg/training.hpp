// What the doors of the trainers share: the request as their arguments state it, and the rows of
// its source, in memory or read again as often as the solver asks.
#pragma once

#include <set>

#include "core/model/model.hpp"
#include "pg/bridge/named_arguments.hpp"
#include "pg/bridge/session.hpp"
#include "pg/bridge/table_reader.hpp"

namespace fairdb::pg {

struct TrainingRequest {
  Model model;  // its first half: what was asked
  std::optional<std::vector<std::string>> features;
  std::optional<std::string> positive;
  std::int32_t bins = 0;  // of a number as target
};

// Reads the arguments that the function has; those it lacks keep their defaults.
TrainingRequest training_request(const NamedArguments& arguments);
// "balanced", or two numbers: of the negative and of the positive class.
ClassWeight class_weight_named(const std::string& text);

// Completes the request with what the source tells: the columns with their kinds, the target's
// kind; and with what the rows that train tell: levels, values to impute, edges of bins. Holds the
// columns to read.
class TrainingSource {
 public:
  TrainingSource(const Source& source, TrainingRequest& request);

  const Source& source() const noexcept { return source_; }
  const Model& model() const noexcept { return model_; }
  // Features, target, weight, sensitive attributes.
  std::vector<ReadColumn> reads() const;
  Index attributes() const noexcept { return static_cast<Index>(groups_.size()); }
  TargetClasses classes() const { return {model_.options.binary, model_.edges}; }
  std::int32_t bins() const noexcept { return bins_; }
  // Which rows train.
  RowRoles roles() const;
  // The first reading, if there was one.
  const TableReader* surveyed() const noexcept { return surveyed_.get(); }

 private:
  void find_features(const TrainingRequest& request);
  void find_target(const TrainingRequest& request);
  void check_bins() const;
  void survey();

  const Source& source_;
  Model& model_;
  std::int32_t bins_;
  ReadColumn target_;
  std::optional<ReadColumn> weight_;
  std::vector<ReadColumn> groups_;
  std::unique_ptr<TableReader> surveyed_;
};

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
  const Standard& stored() const noexcept { return stored_; }
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
  void check_parts(std::int64_t held_out, std::int64_t unseen);

  const TrainingSource& source_;
  BackendMonitor monitor_;
  std::unique_ptr<Summary> summary_;
  GroupNames names_;
  Standard stored_;
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

// How the columns of the features are read from a source that has them.
std::vector<ReadColumn> feature_reads(const Source& source,
                                      const std::vector<FeatureColumn>& columns);

// What maintenance_work_mem leaves for rows of a kernel matrix when so many bytes are in use.
std::size_t cache_memory(std::size_t used);

// Brings the rows of a block from the units of the table to those of `standard`.
void standardise(RowBlock& block, const Standard& standard);

// The facts of a fitted model on a store of these rows. known: the rows' scores in their order, or
// empty to compute them.
Facts facts_on(const TrainingRows& rows,
               const RowStore& store,
               const Model& model,
               Index attributes,
               const Vector& known,
               Monitor& monitor);

}  // namespace fairdb::pg
