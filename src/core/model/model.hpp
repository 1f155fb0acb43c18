// A trained model: everything that prediction and a reader of the model need.
//
// A row's score is f = <w, z> + b of a linear model, or sum_j a_j k(v_j, z) + b of a kernel model,
// of its standardised features z = (x - mean) / scale. For the squared loss f estimates the target
// (of two classes: -1 and +1); for the logistic loss f is the log-odds; f >= 0 predicts the
// positive class.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/audit/gaps.hpp"
#include "core/features/encoding.hpp"
#include "core/kernel/train.hpp"
#include "core/linear/train.hpp"

namespace fairdb {

// What to do with a level of a categorical column that training has not seen: an error, the score
// NULL, or a score without the column (all its indicators 0).
enum class OnUnseen : std::uint8_t { Error, Null, Ignore };
OnUnseen on_unseen_named(std::string_view name);
std::string_view name(OnUnseen on_unseen) noexcept;

// Whether several sensitive columns form groups together, or each by itself.
enum class Attributes : std::uint8_t { Intersection, Each };
Attributes attributes_named(std::string_view name);
std::string_view name(Attributes attributes) noexcept;

// A group in a set of rows. Of a binary target also its rows and their weight by label (first
// index, 0 negative) and prediction, and by label the mean of sign(f) - f, where sign(0) = 1.
struct GroupFacts {
  std::string label;
  std::uint32_t attribute = 0;
  std::int64_t rows = 0;
  double weight = 0;
  double mean_score = 0;
  std::array<std::int64_t, 4> count{};  // 2 label + prediction
  std::array<double, 4> mass{};
  std::array<double, 2> deviation{};

  // Whether the rows' decisions are known.
  bool counted() const noexcept { return count[0] + count[1] + count[2] + count[3] == rows; }
};

// What a model makes of a set of rows. All means are weighted.
struct Facts {
  std::vector<GroupFacts> groups;  // by attribute and label
  std::int64_t rows = 0;
  double squared_error = 0;  // mean of (f - y)^2, y in -1 / +1 for a binary target
  double variance = 0;       // of the target
  std::array<std::int64_t, 4> count{};
  std::array<double, 4> mass{};
};

struct Model {
  // as asked
  FairOptions options;
  Attributes attributes = Attributes::Intersection;
  OnNull on_null = OnNull::Error;
  OnUnseen on_unseen = OnUnseen::Error;
  std::string source;
  std::string target;
  std::string positive;  // the value of the target that counts as positive; empty for a number
  std::string weight;    // column; empty without
  std::vector<std::string> sensitive;
  double held_out_share = 0;
  std::int64_t seed = 0;

  // as found
  std::vector<FeatureColumn> columns;
  Vector impute;  // the value of each feature that stands in for NULL; empty unless imputed
  std::vector<double> edges;  // of the target's bins
  std::variant<LinearFit, KernelFit> fit;
  Facts training;
  Facts held_out;                      // without rows unless asked for
  std::vector<std::string> constant;   // features without variation
  std::vector<std::string> collinear;  // features that are combinations of those before them
  std::int64_t skipped = 0;            // rows left out for a NULL
  std::uint64_t fingerprint = 0;       // of the rows read, in whatever order
  double seconds = 0;

  bool is_linear() const noexcept { return std::holds_alternative<LinearFit>(fit); }
  const LinearFit& linear() const { return std::get<LinearFit>(fit); }
  const KernelFit& kernel() const { return std::get<KernelFit>(fit); }
  const Vector& mean() const {
    return std::visit([](const auto& f) -> const Vector& { return f.mean; }, fit);
  }
  const Vector& scale() const {
    return std::visit([](const auto& f) -> const Vector& { return f.scale; }, fit);
  }
  const Report& report() const {
    return std::visit([](const auto& f) -> const Report& { return f.report; }, fit);
  }
  Index features() const { return mean().size(); }
};

// The name of feature j: the column, with the level or the place in the array in brackets.
std::string feature_name(std::span<const FeatureColumn> columns, Index j);

// Of a linear model, in the units of the user's columns: f = constant + sum_j coefficients_j x_j.
// Errors: InvalidArgument for a kernel model.
struct RawCoefficients {
  double constant;
  Vector coefficients;
};
RawCoefficients raw_coefficients(const Model& model);
RawCoefficients raw_coefficients(const LinearFit& fit);

// The score of a row from its features in the units of the table. *scratch: work space.
double score(const Model& model, const VectorView& features);

// Share of the weight with label and prediction equal; nullopt for a number as target.
std::optional<double> accuracy(const Facts& facts, bool binary);
// Share of the weight with f >= 0; nullopt for a number.
std::optional<double> selection_rate(const Facts& facts, bool binary);
// Of the predictions f >= 0: the largest over the attributes; nullopt for a number or where
// undefined.
std::optional<double> facts_gap(const Facts& facts, bool binary, Gap gap);
// The largest difference of the groups' false positive rates, over the attributes.
std::optional<double> false_positive_gap(const Facts& facts);
// The largest difference of the groups' mean scores, over the attributes.
std::optional<double> mean_score_gap(const Facts& facts);

// How much the difference of decision rates may exceed that of mean scores: hat Delta, with
//   |rate_g - rate_h| <= 1/2 |mean score_g - mean score_h| + hat Delta,
// over the classes that the fairness compares. nullopt for a number, DemographicParity or None.
// Source: Donini et al. 2018, section 4, proposition on the linear relaxation.
std::optional<double> relaxation_error(const Facts& facts, Fairness fairness, bool binary);

// Scores of a block whose features stand in the units of `stored`.
Vector block_scores(const std::variant<LinearFit, KernelFit>& fit,
                    const Standard& stored,
                    const RowBlock& block,
                    Monitor& monitor);

// Gathers facts row by row.
class Evaluation {
 public:
  Evaluation(bool binary, Index attributes);
  void add(const RowBlock& block, const VectorView& scores);
  Facts finish(const GroupNames& names) const;

 private:
  bool binary_;
  std::vector<std::vector<GroupFacts>> groups_;  // by attribute and code + 1
  Facts total_;
  double weight_ = 0;
  double squared_errors_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

// The same for a number as target, from what one pass has gathered: the rows by group, their mean
// scores, and the error.
Facts facts_of_numbers(const Summary& summary,
                       const GroupNames& names,
                       const LinearFit& fit,
                       double c);

// The value's bytes: little-endian, versioned, self-contained (core/base/bytes.hpp). decode checks
// everything. Errors: CorruptValue.
std::vector<std::byte> encode(const Model& model);
Model decode_model(std::span<const std::byte> bytes);

}  // namespace fairdb
