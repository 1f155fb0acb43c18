// A trained linear model: everything that prediction and a reader of the model need.
//
// A row's score is f = <w, (x - mean) / scale> + b. For the squared loss f estimates the target;
// for the logistic loss f is the log-odds, and f >= 0 predicts the positive class.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/audit/gaps.hpp"
#include "core/linear/encoding.hpp"
#include "core/linear/train.hpp"

namespace fairdb {

// What to do with a level of a categorical column that training has not seen.
enum class OnUnseen : std::uint8_t { Error, Null };
OnUnseen on_unseen_named(std::string_view name);
std::string_view name(OnUnseen on_unseen) noexcept;

// A group in the training rows. cells: labels and predictions (f >= 0), for a binary target.
struct GroupFacts {
  std::string label;
  std::int64_t rows = 0;
  double mean_score = 0;
  Cells cells{};
};

struct LinearModel {
  // as asked
  LinearOptions options;
  OnNull on_null = OnNull::Error;
  OnUnseen on_unseen = OnUnseen::Error;
  std::string source;
  std::string target;
  std::string positive;  // the value of the target that counts as positive; empty for a number
  std::vector<std::string> sensitive;

  // as found
  std::vector<FeatureColumn> columns;
  Vector impute;  // the value of each feature that stands in for NULL; empty unless imputed
  LinearFit fit;
  std::vector<GroupFacts> groups;
  std::int64_t rows = 0;     // rows trained on
  std::int64_t skipped = 0;  // rows left out for a NULL
  double squared_error = 0;  // mean of (f - y)^2 over the rows, y in -1 / +1 for a binary target
  double variance = 0;       // of the target

  Index features() const noexcept { return fit.weights.size(); }
};

// In the units of the user's columns: f = constant + sum_j coefficients_j x_j.
struct RawCoefficients {
  double constant;
  Vector coefficients;
};
RawCoefficients raw_coefficients(const LinearModel& model);

// Share of rows with label and prediction equal; nullopt for a number as target.
std::optional<double> accuracy(const LinearModel& model);
// Of the predictions f >= 0 on the training rows; nullopt for a number or where undefined.
std::optional<double> training_gap(const LinearModel& model, Gap gap);

// Adds the predictions of training rows to the facts about the groups. The features of the blocks
// are in the units of the table, or standardised when `standardised`.
class Evaluation {
 public:
  Evaluation(const LinearFit& fit, bool standardised, bool binary);
  void add(const RowBlock& block);

  // Moves the result into the model. labels: of the groups.
  void finish(std::span<const std::string> labels, LinearModel& model) const;

 private:
  bool binary_;
  Vector coefficients_;
  double constant_;
  Vector scores_;
  std::vector<GroupFacts> groups_;
  std::int64_t rows_ = 0;
  double squared_errors_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

// The same facts for a number as target, from what one pass has gathered: the rows by group, their
// mean scores, and the error. joint, sums, labels: as given to fit_from_moments.
void evaluate_numbers(const Moments& joint,
                      const GroupSums& sums,
                      std::span<const std::string> labels,
                      LinearModel& model);

// The value's bytes: little-endian, versioned, self-contained (core/base/bytes.hpp). decode checks
// everything. Errors: CorruptValue.
std::vector<std::byte> encode(const LinearModel& model);
LinearModel decode_linear_model(std::span<const std::byte> bytes);

}  // namespace fairdb
