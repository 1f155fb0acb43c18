// The body of a model trained by train_linear, train_kernel or train_moments: everything that
// prediction and a reader of the model need.
//
// A row's score is f = <w, z> + b of a linear model, or sum_j a_j k(v_j, z) + b of a kernel model,
// of its standardised features z = (x - mean) / scale. For the squared loss f estimates the target
// (of two classes: -1 and +1); for the logistic loss f is the log-odds; f >= 0 predicts the
// positive class.
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/features/encoding.hpp"
#include "core/kernel/train.hpp"
#include "core/linear/moments_value.hpp"
#include "core/linear/train.hpp"
#include "core/model/model.hpp"
#include "core/model/performance.hpp"

namespace fairdb {

// Whether several sensitive columns form groups together, or each by itself.
enum class Grouping : std::uint8_t { Intersection, Each };
template <>
struct NameTable<Grouping> {
  static constexpr std::string_view kWhat = "attributes";
  static constexpr std::pair<Grouping, std::string_view> kNames[] = {
      {Grouping::Intersection, "intersection"}, {Grouping::Each, "each"}};
};

using FairFit = std::variant<LinearFit, KernelFit>;

class FairModel final : public ModelBody, public FeatureInput {
 public:
  static const ModelKind kKind;
  const ModelKind& kind() const noexcept override { return kKind; }
  void write(ByteWriter& bytes) const override;
  void describe(JsonWriter& json) const override;
  void describe_training(JsonWriter& json) const override;
  std::vector<std::string_view> texts() const override;

  bool is_linear() const noexcept { return std::holds_alternative<LinearFit>(fit); }
  const LinearFit& linear() const { return std::get<LinearFit>(fit); }
  const KernelFit& kernel() const { return std::get<KernelFit>(fit); }
  const Vector& mean() const {
    return std::visit([](const auto& f) -> const Vector& { return f.mean; }, fit);
  }
  const Vector& scale() const {
    return std::visit([](const auto& f) -> const Vector& { return f.scale; }, fit);
  }
  Index features() const { return mean().size(); }

  // as asked
  FairOptions options;
  Grouping grouping = Grouping::Intersection;
  std::string target;
  std::string positive;  // the value of the target that counts as positive; empty for a number
  std::string weight;    // column; empty without
  std::vector<std::string> sensitive;
  double held_out_share = 0;
  std::int64_t seed = 0;

  // as found
  std::vector<double> edges;  // of the target's bins
  FairFit fit;                // without its report, which is the container's
  Performance training;
  Performance held_out;                // without rows unless asked for
  std::vector<std::string> constant;   // features without variation
  std::vector<std::string> collinear;  // features that are combinations of those before them
};

// The model of a body whose fit has its report still: the report goes to the container, and so does
// the number of rows that the body was judged on.
Model model_of(FairModel body, About about);

// Of a linear model, in the units of the user's columns. Errors: InvalidArgument for a kernel
// model.
RawCoefficients raw_coefficients(const FairModel& model);

// The score of a row from its features in the units of the table.
double score(const FairModel& model, const VectorView& features);

// What each column adds to the score of a row: the score minus the score with the column at its
// training mean. Of a linear model these add up, with the score of the mean row, to the score.
std::vector<double> contributions(const FairModel& model, const Vector& features);

// Scores of a block whose features stand in the units of `stored`.
Vector block_scores(const FairFit& fit,
                    const Scaling& stored,
                    const RowBlock& block,
                    Monitor& monitor);

// Fits a linear model with the squared loss to moments, and tells how it does on their rows, as far
// as moments tell: the fit, the training and the degenerate features of a model whose options and
// columns are given. Errors: of fit_linear; InvalidData for groups without weight, and for a target
// of other than two classes where the options ask for them.
void fit_moments(FairModel& model, MomentsValue& moments, Monitor& monitor);

// Notes the features that tell nothing. The last indicator of a category, which follows from the
// others, is none of them.
void note_degenerate(FairModel& model, const Moments& joint, Monitor& monitor);

}  // namespace fairdb
