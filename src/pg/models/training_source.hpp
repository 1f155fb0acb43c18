// The source of a training: which of its columns are what, and what a first reading of its rows
// tells.
#pragma once

#include "core/features/keys.hpp"
#include "core/model/fair_model.hpp"

#include "pg/bridge/table_reader.hpp"
#include "pg/models/request.hpp"

namespace fairdb::pg {

// Completes the request with what the source tells: the columns with their kinds, the target's
// kind; and with what the rows that train tell: levels, values to impute, edges of bins. Holds the
// columns to read. Errors: InvalidArgument for a request to count that only the rows can answer.
class TrainingSource {
 public:
  TrainingSource(const Source& source, TrainingRequest& request);

  const Source& source() const noexcept { return source_; }
  const FairModel& model() const noexcept { return model_; }
  // Features, targets, weight, sensitive attributes.
  std::vector<ReadColumn> reads() const;
  Index attributes() const noexcept { return static_cast<Index>(groups_.size()); }
  TargetClasses classes() const { return {model_.options.binary, model_.edges}; }
  std::int32_t bins() const noexcept { return bins_; }
  // Of several tasks a row may be without the target of any.
  bool partial_targets() const noexcept { return partial_targets_; }
  // The types of the targets' columns.
  std::vector<Oid> target_types() const;
  // Which rows train.
  RowRoles roles() const;
  // The features of whole numbers that nobody named, each of which may be a key.
  std::vector<KeyWatch::Column> possible_keys() const;
  // The columns by which the server counts moments, so that no row is fetched; nullopt where the
  // trainer reads the rows.
  const std::optional<std::vector<std::string>>& counted_by() const noexcept { return counted_by_; }
  // The first reading, if there was one.
  const TableReader* surveyed() const noexcept { return surveyed_.get(); }

 private:
  void find_features(const TrainingRequest& request);
  void find_target(TrainingRequest& request);
  void find_targets(const TrainingRequest& request);
  void check_bins() const;
  void choose_counting(const TrainingRequest& request);
  void learn_levels_by_counting(bool asked);
  void survey();

  const Source& source_;
  bool named_ = false;  // whether the features were
  FairModel& model_;
  std::int32_t bins_;
  std::vector<ReadColumn> targets_;
  bool partial_targets_ = false;
  std::optional<ReadColumn> weight_;
  std::vector<ReadColumn> groups_;
  std::optional<std::vector<std::string>> counted_by_;
  std::unique_ptr<TableReader> surveyed_;
};

// Tells the user that a feature is a key. why: "is a feature, and ...".
void note_key(const std::string& name, const std::string& why);

// How the columns of the features are read from a source that has them.
std::vector<ReadColumn> feature_reads(const Source& source,
                                      const std::vector<FeatureColumn>& columns);

// The rows of the reader's block as an encoder takes them.
RawRows raw_rows(const TableReader& reader);

}  // namespace fairdb::pg
