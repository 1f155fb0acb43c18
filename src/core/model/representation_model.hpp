// The body of a model trained by train_representation: a map from features to a representation, and
// a head for each task.
//
// Of a row's standardised features z = (x - mean) / scale the representation is h(z)
// (core/representation/feature_map.hpp), the score of a task <a, h> + b: the log-odds of a class,
// or an estimate of a number.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/features/encoding.hpp"
#include "core/model/fair_model.hpp"
#include "core/model/model.hpp"
#include "core/representation/train.hpp"

namespace fairdb {

class RepresentationModel final : public ModelBody, public FeatureInput {
 public:
  static const ModelKind kKind;
  const ModelKind& kind() const noexcept override { return kKind; }
  void write(ByteWriter& bytes) const override;
  void describe(JsonWriter& json) const override;
  void describe_training(JsonWriter& json) const override;
  std::vector<std::string_view> texts() const override;

  struct Task {
    std::string target;
    bool binary = true;
    TaskHead head;
    TaskPerformance training;
    TaskPerformance held_out;  // without rows unless asked for
  };
  // The place of a task. Errors: InvalidArgument for one that it does not have; nullopt: of the
  // only one.
  Index task(const std::optional<std::string_view>& target) const;

  // as asked
  DivergenceTerm term{};
  double gamma = 1;
  double c = 1;
  Index batch = 0;
  double learning_rate = 0;
  Grouping grouping = Grouping::Intersection;
  std::string weight;  // column; empty without
  std::vector<std::string> sensitive;
  double held_out_share = 0;
  std::int64_t seed = 0;

  // as found
  Vector mean;
  Vector scale;
  FeatureMap map;
  std::vector<Task> tasks;
  std::vector<std::optional<Probe>> probes;  // by attribute
  double marginal_error = 0;                 // of a Sinkhorn divergence at the end
};

// The representation of a row from its features in the units of the table.
Vector represent(const RepresentationModel& model, const VectorView& features);
// Its score of a task.
double score(const RepresentationModel& model, const VectorView& features, Index task);

// Of a linear map, in the units of the columns: the dimension or the score of a task is constant +
// sum of coefficients x. Errors: InvalidArgument for a map with hidden units, or a dimension that
// there is not.
RawCoefficients raw_dimension(const RepresentationModel& model, Index dimension);
RawCoefficients raw_task(const RepresentationModel& model, Index task);

// The share of a transport's mass that may be off its marginal in a batch before a user is told.
inline constexpr double kUsableMarginals = 1e-3;

}  // namespace fairdb
