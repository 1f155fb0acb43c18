// From the columns of a table to the features of a model, for training and for prediction alike.
//
// A column of numbers, booleans, times or intervals is one feature (times in days since 2000-01-01,
// intervals in days); a column of arrays is one for each element; a categorical column is one 0/1
// feature for each of its levels. Levels are known before the first row is encoded, sorted by their
// bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/views.hpp"
#include "core/objective/rows.hpp"

namespace fairdb {

enum class FeatureKind : std::uint8_t { Number, Boolean, Category, Time, Interval, Array };
std::string_view name(FeatureKind kind) noexcept;
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

// The largest number of features after encoding: the solvers hold matrices of its square.
inline constexpr Index kMaxFeatures = 1000;

// Features of all columns together. Errors: TooLarge above kMaxFeatures, naming the widest column.
Index total_width(std::span<const FeatureColumn> columns);

// What to do with a NULL in a column that training needs.
enum class OnNull : std::uint8_t { Error, Skip, Impute };
OnNull on_null_named(std::string_view name);
std::string_view name(OnNull on_null) noexcept;

// Rows as a table hands them out. numbers: rows x numbers, NaN for NULL; codes: rows x (label
// columns), -1 for NULL, else the number of a label in the order in which labels were first seen.
// `nulls` tells whether there is any NULL in the block.
struct RawRows {
  MatrixView numbers;
  std::span<const std::int32_t> codes;
  Index label_columns;
  bool nulls;
};

// Turns raw rows into training rows. The numbers are those of the features that are no categories,
// in their order, then the target, then the weight if there is one; the label columns are the
// categorical features in their order, then the sensitive attributes.
class Encoder {
 public:
  // impute: a value for each feature, used by OnNull::Impute only.
  Encoder(std::span<const FeatureColumn> columns,
          OnNull on_null,
          Vector impute,
          Index attributes,
          bool weighted);

  // Tells the labels of a label column (counted over categories only) seen so far, in the order of
  // their codes. Must precede the rows that use them.
  void learn(Index category, std::span<const std::string_view> labels);

  // Rows with a NULL target or weight are left out unless OnNull::Error; so are, for OnNull::Skip,
  // rows with a NULL anywhere. With OnNull::Error the caller must not pass a NULL. A row of unknown
  // group is kept by OnNull::Impute. Errors: InvalidData for a level that is not among the column's
  // levels, and for a weight that is negative or beyond 1e-16 to 1e12.
  RowBlock encode(const RawRows& rows);

  Index width() const noexcept { return width_; }
  std::int64_t skipped() const noexcept { return skipped_; }

 private:
  bool keep(const RawRows& rows, Index row) const;
  void encode_row(const double* numbers, const std::int32_t* codes, double* values) const;

  std::span<const FeatureColumn> columns_;
  OnNull on_null_;
  Vector impute_;
  Index attributes_;
  bool weighted_;
  Index width_;
  Index numbers_ = 0;                              // of the features
  std::vector<std::vector<Index>> level_of_code_;  // by category
  std::int64_t skipped_ = 0;
};

// What a first reading finds out before rows can be encoded: the levels of the categories and the
// (weighted) mean of every feature over the rows where it is known.
class Survey {
 public:
  Survey(std::span<const FeatureColumn> columns, bool weighted);

  // numbers and label columns as in RawRows, but without the groups, and without target and weight
  // unless weighted. Rows of unknown weight only tell their levels.
  void add(const RawRows& rows);

  // labels: of each category, in the order of their codes. Fills in the columns' levels and returns
  // the means of the features. Errors: TooLarge for too many features.
  Vector finish(std::span<const std::vector<std::string_view>> labels,
                std::vector<FeatureColumn>& columns) const;

 private:
  bool weighted_;
  std::vector<double> sums_;                // by number
  std::vector<double> known_;               // weight by number
  std::vector<std::vector<double>> codes_;  // weight by category and code
};

}  // namespace fairdb
