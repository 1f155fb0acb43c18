// From the columns of a table to the features of a model, for training and for prediction alike.
//
// A column of numbers, booleans, times or intervals is one feature (times in days since 2000-01-01,
// intervals in days); a column of arrays is one for each element; a categorical column is one 0/1
// feature for each of its levels. Levels are known before the first row is encoded, sorted by their
// bytes: those that the rows that train have, and no others.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/names.hpp"
#include "core/base/views.hpp"
#include "core/objective/rows.hpp"

namespace fairdb {

enum class FeatureKind : std::uint8_t { Number, Boolean, Category, Time, Interval, Array };
template <>
struct NameTable<FeatureKind> {
  static constexpr std::string_view kWhat = "kind of feature";
  static constexpr std::pair<FeatureKind, std::string_view> kNames[] = {
      {FeatureKind::Number, "number"},     {FeatureKind::Boolean, "boolean"},
      {FeatureKind::Category, "category"}, {FeatureKind::Time, "time"},
      {FeatureKind::Interval, "interval"}, {FeatureKind::Array, "array"}};
};
// What a column of the kind holds, with its article.
std::string_view description(FeatureKind kind) noexcept;

struct FeatureColumn {
  std::string name;
  FeatureKind kind = FeatureKind::Number;
  std::vector<std::string> levels;  // of a category: sorted, distinct
  Index elements = 1;               // of an array

  Index width() const noexcept {
    return kind == FeatureKind::Category ? static_cast<Index>(levels.size()) : elements;
  }
  // As a reader of the model finds feature k of the column: the level, or the place in the array.
  std::string part(Index k) const;
  // The place of a level, or -1.
  Index find(std::string_view level) const noexcept;
};

// The name of feature j: the column, with the level or the place in the array in brackets.
std::string feature_name(std::span<const FeatureColumn> columns, Index j);

// The largest number of features after encoding: the solvers hold matrices of its square.
inline constexpr Index kMaxFeatures = 1000;

// Features of all columns together. Errors: TooLarge above kMaxFeatures, naming the widest column.
Index total_width(std::span<const FeatureColumn> columns);

// How many columns are categories, and how many numbers the others have.
Index categories_of(std::span<const FeatureColumn> columns) noexcept;
Index numbers_of(std::span<const FeatureColumn> columns) noexcept;

// What to do with a NULL in a column that training needs.
enum class OnNull : std::uint8_t { Error, Skip, Impute };
template <>
struct NameTable<OnNull> {
  static constexpr std::string_view kWhat = "on_null";
  static constexpr std::pair<OnNull, std::string_view> kNames[] = {
      {OnNull::Error, "error"}, {OnNull::Skip, "skip"}, {OnNull::Impute, "impute"}};
};

// What to do with a level of a categorical column that training has not seen: an error, the score
// NULL, or a score without the column (all its indicators 0).
enum class OnUnseen : std::uint8_t { Error, Null, Ignore };
template <>
struct NameTable<OnUnseen> {
  static constexpr std::string_view kWhat = "on_unseen";
  static constexpr std::pair<OnUnseen, std::string_view> kNames[] = {
      {OnUnseen::Error, "error"}, {OnUnseen::Null, "null"}, {OnUnseen::Ignore, "ignore"}};
};

// How a row becomes the features of a model: what a model of any kind knows of its columns.
struct FeatureInput {
  OnNull on_null = OnNull::Error;
  OnUnseen on_unseen = OnUnseen::Error;
  std::vector<FeatureColumn> columns;
  Vector impute;  // the value of each feature that stands in for NULL; empty unless imputed
};

// What each column adds to a score of a row: the score minus that with the column at its mean.
template <class Score>
std::vector<double> contributions(std::span<const FeatureColumn> columns,
                                  const Vector& mean,
                                  const Vector& features,
                                  Score score) {
  const double whole = score(features);
  std::vector<double> result;
  result.reserve(columns.size());
  Index j = 0;
  for (const FeatureColumn& column : columns) {
    const Index width = column.width();
    Vector without = features;
    without.segment(j, width) = mean.segment(j, width);
    result.push_back(whole - score(without));
    j += width;
  }
  return result;
}

// Rows as a table hands them out. numbers: rows x numbers, NaN for NULL; codes: rows x (label
// columns), -1 for NULL, else the number of a label in the order in which labels were first seen.
// `nulls` tells whether there is any NULL in the block.
struct RawRows {
  MatrixView numbers;
  std::span<const std::int32_t> codes;
  Index label_columns;
  bool nulls;
};

// How raw rows are told apart before anything is learnt from them.
//
// A row is left out when its target (of several: every target) or weight is not known, and with
// OnNull::Skip when any feature or group is not. Of the others a share may be held out: which ones
// depends on their features, target and weight and on the seed alone, as they are in the table, so
// that it is known before the first value is imputed and the first level learnt, and equal rows
// fall together.
class RowRoles {
 public:
  enum class Role : std::uint8_t { LeftOut, HeldOut, Trains };

  // binary: a target of two classes, of which any positive number is one.
  RowRoles(std::span<const FeatureColumn> columns,
           OnNull on_null,
           bool weighted,
           bool binary,
           double held_out_share,
           std::uint64_t seed,
           Index targets = 1);

  // The labels of a category (counted over categories only) seen so far, in the order of their
  // codes. Must precede the rows that use them.
  void learn(Index category, std::span<const std::string_view> labels);

  Role of(const RawRows& rows, Index row) const;
  // Of the digest of a row that is not left out.
  bool held_out(std::uint64_t digest) const noexcept;
  bool left_out(const RawRows& rows, Index row) const;
  std::uint64_t digest(const RawRows& rows, Index row) const;
  bool weighted() const noexcept { return weighted_; }
  Index targets() const noexcept { return targets_; }

 private:
  OnNull on_null_;
  bool weighted_;
  bool binary_;
  double held_out_share_;
  std::uint64_t seed_;
  Index numbers_;  // of the features
  Index targets_;
  std::vector<std::vector<std::uint64_t>> labels_;
};

// Turns raw rows into training rows. The numbers are those of the features that are no categories,
// in their order, then the targets, then the weight if there is one; the label columns are the
// categorical features in their order, then the sensitive attributes.
class Encoder {
 public:
  // A row with a level that the columns do not know: an error, or a mark.
  enum class Unseen : std::uint8_t { Error, Marked };

  // impute: a value for each feature, used by OnNull::Impute only; NaN leaves it unknown. roles: of
  // the same columns. digests: whether blocks get those of their rows.
  Encoder(std::span<const FeatureColumn> columns,
          Vector impute,
          Index attributes,
          RowRoles roles,
          Unseen unseen = Unseen::Error,
          bool digests = false);

  // Tells the labels of a category (counted over categories only) seen so far, in the order of
  // their codes. Must precede the rows that use them.
  void learn(Index category, std::span<const std::string_view> labels);

  // Rows with a NULL target or weight are left out unless OnNull::Error; so are, for OnNull::Skip,
  // rows with a NULL anywhere. With OnNull::Error the caller must not pass a NULL. A row of unknown
  // group is kept by OnNull::Impute. Errors: InvalidData for a level that is not among the column's
  // levels, unless they are marked, and for a weight that is negative or beyond 1e-16 to 1e12.
  RowBlock encode(const RawRows& rows);

  Index width() const noexcept { return width_; }
  std::int64_t skipped() const noexcept { return skipped_; }
  const RowRoles& roles() const noexcept { return roles_; }
  // Whether the last block has marked rows.
  bool marked() const noexcept { return !marks_.empty(); }
  bool marked(Index row) const { return marks_.count(row) > 0; }
  // The level that marked a row of the last block: column "job" has the level "pilot".
  std::string mark(Index row) const;

 private:
  // An unknown level: of which category, and its code.
  struct Mark {
    const FeatureColumn* column = nullptr;
    Index category = 0;
    std::int32_t code = 0;
  };
  std::optional<Mark> encode_row(const double* numbers, const std::int32_t* codes, double* values);
  std::string text_of(const Mark& mark) const;

  std::span<const FeatureColumn> columns_;
  Vector impute_;
  Index attributes_;
  RowRoles roles_;
  Unseen unseen_;
  bool digests_;
  Index width_;
  Index numbers_;                                  // of the features
  std::vector<std::vector<Index>> level_of_code_;  // by category; -1 for a level not known
  std::map<std::pair<Index, std::size_t>, std::string> unseen_levels_;  // by category and code
  std::int64_t skipped_ = 0;
  std::map<Index, Mark> marks_;  // by row of the last block
};

// What a first reading finds out before rows can be encoded, of the rows that train and no others:
// the levels of the categories, the (weighted) mean of every feature over the rows where it is
// known, and the edges of bins of the target.
class Survey {
 public:
  // targets: whether edges will be asked for; takes 16 bytes a row.
  Survey(std::span<const FeatureColumn> columns, RowRoles roles, bool targets);

  // As of an encoder.
  void learn(Index category, std::span<const std::string_view> labels) {
    roles_.learn(category, labels);
  }
  void add(const RawRows& rows);

  // labels: of each category, in the order of their codes. Fills in the columns' levels and returns
  // the means of the features; NaN for one that is not known in any row that trains. Errors:
  // TooLarge for too many features.
  Vector finish(std::span<const std::vector<std::string_view>> labels,
                std::vector<FeatureColumn>& columns) const;
  // Whether no row of those added trains.
  bool empty() const noexcept { return rows_ == 0; }
  std::int64_t targets() const noexcept { return static_cast<std::int64_t>(targets_.size()); }
  std::vector<std::pair<double, double>> take_targets() noexcept { return std::move(targets_); }

 private:
  RowRoles roles_;
  bool keeps_targets_;
  std::int64_t rows_ = 0;
  std::vector<double> sums_;                        // by number
  std::vector<double> known_;                       // weight by number
  std::vector<std::vector<double>> codes_;          // weight by category and code; -1: not seen
  std::vector<std::pair<double, double>> targets_;  // with their weights
};

// The inner edges of bins that hold about as much weight each, of values with their weights: of
// fewer values that differ, as many as there are.
std::vector<double> quantile_edges(std::vector<std::pair<double, double>> values,
                                   std::int32_t bins);

}  // namespace fairdb
