// One reading of a training source, row blocks ready to train on.
#pragma once

#include "core/features/target.hpp"

#include "pg/models/training_source.hpp"

namespace fairdb::pg {

// Errors: InvalidData; with the number of NULLs in each column that has some.
using NullCounts = std::vector<std::pair<std::string, std::int64_t>>;
[[noreturn]] void raise_nulls(std::int64_t rows, const NullCounts& nulls, const char* hint);

// Its rows, encoded, in blocks.
class Reading {
 public:
  // digests: whether the rows get theirs. Unknown features are imputed, or left unknown (NaN).
  Reading(const TrainingSource& source, bool digests, bool impute = true)
      : model_(source.model()),
        attributes_(source.attributes()),
        partial_targets_(source.partial_targets()),
        reader_(std::make_unique<TableReader>(source.source(), source.reads())),
        encoder_(model_.columns,
                 impute ? model_.impute : Vector::Constant(model_.impute.size(), kUnknown),
                 attributes_,
                 source.roles(),
                 Encoder::Unseen::Marked,
                 digests || model_.held_out_share > 0) {}

  // watch: of the raw rows; may be nullptr.
  template <class Consume>
  void each_block(Consume consume, KeyWatch* watch = nullptr) {
    BinaryTarget classes;
    while (reader_->next()) {
      if (watch != nullptr) watch->add(reader_->numbers());
      if (model_.on_null == OnNull::Error && forbidden_nulls() > 0) continue;
      for (Index k = 0; k + attributes_ < reader_->label_columns(); ++k) {
        encoder_.learn(k, reader_->labels(k));
      }
      RowBlock block = encoder_.encode(raw_rows(*reader_));
      if (encoder_.marked()) drop_unseen(block);
      if (model_.options.binary) classes.convert(block.target());
      if (block.rows() == 0) continue;
      for (RowBlock& part : split_block(std::move(block))) consume(std::move(part));
    }
    if (model_.on_null == OnNull::Error && forbidden_nulls() > 0) raise_nulls();
  }

  // The training rows and the held-out rows of a block.
  std::pair<RowBlock, RowBlock> split(RowBlock block) const {
    if (model_.held_out_share == 0) return {std::move(block), RowBlock{}};
    std::vector<Index> training;
    std::vector<Index> held_out;
    for (Index i = 0; i < block.rows(); ++i) {
      (held_out_row(block, i) ? held_out : training).push_back(i);
    }
    return {select_rows(block, training), select_rows(block, held_out)};
  }

  TableReader& table() noexcept { return *reader_; }
  std::unique_ptr<TableReader> take_table() noexcept { return std::move(reader_); }
  Index features() const noexcept { return encoder_.width(); }
  std::int64_t skipped() const noexcept { return encoder_.skipped(); }
  // Held-out rows with a level that no training row has: there is no score to judge.
  std::int64_t unseen() const noexcept { return unseen_; }
  const std::string& first_unseen() const noexcept { return first_unseen_; }

  GroupNames names() const {
    GroupNames names;
    for (Index k = reader_->label_columns() - attributes_; k < reader_->label_columns(); ++k) {
      const auto labels = reader_->labels(k);
      names.emplace_back(labels.begin(), labels.end());
    }
    return names;
  }

 private:
  // Of a column of the reader, by its place: whether it is a target that a row may be without.
  bool may_be_null(std::size_t column) const noexcept {
    const std::size_t first = model_.columns.size();
    return partial_targets_ && column >= first &&
           column < first + static_cast<std::size_t>(encoder_.roles().targets());
  }
  std::int64_t forbidden_nulls() const noexcept {
    std::int64_t sum = reader_->total_nulls();
    for (std::size_t c = 0; c < reader_->columns().size(); ++c) {
      if (may_be_null(c)) sum -= reader_->nulls()[c];
    }
    return sum;
  }
  // Errors: InvalidData, with the columns that have NULLs and may not.
  [[noreturn]] void raise_nulls() const;
  bool held_out_row(const RowBlock& block, Index row) const {
    return encoder_.roles().held_out(block.digest[static_cast<std::size_t>(row)]);
  }

  void drop_unseen(RowBlock& block) {
    std::vector<Index> known;
    for (Index i = 0; i < block.rows(); ++i) {
      if (!encoder_.marked(i)) {
        known.push_back(i);
      } else if (block.w(i) == 0) {
        continue;  // no row: it teaches nothing, not even a level
      } else if (model_.held_out_share > 0 && held_out_row(block, i)) {
        if (unseen_++ == 0) first_unseen_ = encoder_.mark(i);
      } else {
        other_rows();  // the survey has met the levels of all rows that train
      }
    }
    block = select_rows(block, known);
  }

  const FairModel& model_;
  Index attributes_;
  bool partial_targets_;
  std::unique_ptr<TableReader> reader_;
  Encoder encoder_;
  std::int64_t unseen_ = 0;
  std::string first_unseen_;
};

// Whether so many rows train and are held out as was asked for: equal rows fall together, so of few
// different ones the parts may be of any size. unseen: held-out rows with a level that no row that
// trains has. Warns, and returns false when there is no row at all. Errors: InvalidData when a part
// is empty.
bool check_held_out(double share,
                    std::int64_t training,
                    std::int64_t held_out,
                    std::int64_t unseen,
                    const std::string& first_unseen);

}  // namespace fairdb::pg
