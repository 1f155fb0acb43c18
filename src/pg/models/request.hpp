// What the trainers are asked for, as their arguments state it: a struct for each form of request.
#pragma once

#include "core/model/fair_model.hpp"
#include "core/representation/train.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/source.hpp"

namespace fairdb::pg {

// class_weight as JSON: two weights, each with its key.
struct WeightsByKey {
  std::string text;
  std::vector<std::pair<std::string, double>> list;
};

// What every form asks: the rows, their columns, and what is to be fair.
struct TrainingRequest {
  std::string source;
  FairModel model;  // what was asked; what the source and its rows tell is filled in later
  std::optional<std::vector<std::string>> features;
  std::vector<std::string> exclude;  // of the others, when features is not given
  std::vector<std::string> targets;  // of several tasks, in place of model.target
  std::optional<std::string> positive;
  std::optional<WeightsByKey> class_weight;  // that resolve_class_weight() understands
  std::int32_t bins = 0;                     // of a number as target
  // Of a trainer that can do with moments: the columns by which the server is to count them;
  // nullopt leaves the choice to the source.
  bool may_count = false;
  std::optional<std::vector<std::string>> within;
};

// The weights that were given by keys beside a positive value. Errors: InvalidArgument where it
// stays open whose they are.
void resolve_class_weight(TrainingRequest& request, const SourceColumn& target);

// train_linear: one model.
TrainingRequest linear_request(const Arguments& arguments);

// train_kernel: one model in the feature space of a kernel, whose gamma, unless it is given,
// depends on the number of features.
struct KernelRequest {
  TrainingRequest training;
  KernelOptions kernel;
  std::optional<double> gamma;
};
KernelRequest kernel_request(const Arguments& arguments);

// cross_validate and tradeoff: a grid of settings.
struct GridRequest {
  TrainingRequest training;
  std::vector<double> c;
  std::optional<std::vector<double>> epsilon;  // nullopt: tenths of what no constraint leaves
  std::optional<KernelOptions> kernel;         // nullopt: linear
  std::vector<double> gammas;                  // of the kernel; empty for its default
  std::int32_t folds = 5;
  double share = 1;  // of the best accuracy that a choice may lose nothing below
};
GridRequest cross_validation_request(const Arguments& arguments);
GridRequest tradeoff_request(const Arguments& arguments);

// train_representation: several tasks.
struct RepresentationRequest {
  TrainingRequest training;
  RepresentationOptions options;
};
RepresentationRequest representation_request(const Arguments& arguments);

// tradeoff over gamma: the same for several gammas, judged on held-out rows.
struct RepresentationGridRequest {
  RepresentationRequest representation;
  std::vector<double> gamma;
};
RepresentationGridRequest representation_grid_request(const Arguments& arguments);

// fair_features: preprocessing without a model; the target may be absent.
struct PreprocessingRequest {
  TrainingRequest training;
  std::string id;
  std::optional<std::string> apply_to;
};
PreprocessingRequest preprocessing_request(const Arguments& arguments);

}  // namespace fairdb::pg
