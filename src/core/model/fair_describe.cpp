// What a fair model tells of itself.
#include <cmath>

#include "core/model/fair_model.hpp"

namespace fairdb {
namespace {

void put_groups(JsonWriter& json, const FairModel& model, const Performance& performance) {
  json.key("groups").open('[');
  for (const GroupPerformance& group : performance.groups) {
    json.open('{').key("group").text(group.label);
    if (model.grouping == Grouping::Each && group.attribute < model.sensitive.size()) {
      json.key("attribute").text(model.sensitive[group.attribute]);
    }
    json.key("rows").integer(group.rows);
    if (!model.weight.empty()) json.key("weight").number(group.weight);
    json.key("mean_score")
        .number(group.weight > 0 ? std::optional(group.mean_score) : std::nullopt);
    // Moments know no scores of rows.
    if (group.counted()) {
      json.key("true_positives").integer(group.count[3]);
      json.key("false_positives").integer(group.count[1]);
      json.key("false_negatives").integer(group.count[2]);
      json.key("true_negatives").integer(group.count[0]);
    }
    json.close('}');
  }
  json.close(']');
}

void put_performance(JsonWriter& json, const FairModel& model, const Performance& performance) {
  const bool binary = model.options.binary;
  const bool some = performance.rows > 0;
  if (score_of(model.options.loss) == LossScore::LogOdds) {
    json.key("brier").number(some ? std::optional(performance.brier) : std::nullopt);
  } else {
    json.key("mean_squared_error")
        .number(some ? std::optional(performance.squared_error) : std::nullopt);
  }
  if (binary) {
    json.key("accuracy").number(accuracy(performance, binary));
    json.key("demographic_parity_difference")
        .number(decision_gap(performance, binary, Gap::DemographicParityDifference));
    json.key("equal_opportunity_difference")
        .number(decision_gap(performance, binary, Gap::EqualOpportunityDifference));
    json.key("predictive_equality_difference").number(false_positive_gap(performance));
    json.key("equalized_odds_difference")
        .number(decision_gap(performance, binary, Gap::EqualizedOddsDifference));
    json.key("relaxation_error")
        .number(relaxation_error(performance, model.options.fairness, binary));
  } else {
    json.key("r_squared")
        .number(performance.variance > 0
                    ? std::optional(1 - performance.squared_error / performance.variance)
                    : std::nullopt);
    json.key("mean_score_difference").number(mean_score_gap(performance));
  }
  put_groups(json, model, performance);
}

void put_options(JsonWriter& json, const FairModel& model) {
  const FairOptions& options = model.options;
  json.key("kind").text(model.is_linear() ? "linear" : "kernel");
  json.key("loss").text(loss_text(options.loss));
  json.key("fairness").text(name(options.fairness));
  json.key("epsilon");
  if (std::isinf(options.epsilon)) {
    json.text("Infinity");
  } else {
    json.number(options.epsilon);
  }
  json.key("c").number(options.c);
  if (model.is_linear()) {
    json.key("method").text(name(options.method));
  } else {
    const Kernel& kernel = model.kernel().kernel;
    json.key("kernel").text(name(kernel.kind));
    if (kernel.kind != KernelKind::Linear) json.key("gamma").number(kernel.gamma);
    if (kernel.kind == KernelKind::Polynomial) {
      json.key("degree").integer(kernel.degree).key("coef0").number(kernel.coef0);
    }
  }
  json.key("standardize").boolean(options.standardize);
  if (options.class_weight.plain()) return;
  json.key("class_weight");
  if (options.class_weight.balanced) {
    json.text("balanced");
  } else {
    json.open('[').number(options.class_weight.negative);
    json.number(options.class_weight.positive).close(']');
  }
}

void put_columns(JsonWriter& json, const FairModel& model) {
  json.key("target").text(model.target);
  json.key("target_kind").text(model.options.binary ? "binary" : "number");
  if (!model.positive.empty()) json.key("positive").text(model.positive);
  if (!model.edges.empty()) {
    json.key("bin_edges").open('[');
    for (const double edge : model.edges) json.number(edge);
    json.close(']');
  }
  if (!model.weight.empty()) json.key("weight").text(model.weight);
  json.key("sensitive").texts(model.sensitive);
  json.key("attributes").text(name(model.grouping));
  json.key("features").open('[');
  for (const FeatureColumn& column : model.columns) json.text(column.name);
  json.close(']');
  json.key("on_null").text(name(model.on_null));
  json.key("on_unseen").text(name(model.on_unseen));
  json.key("seed").integer(model.seed);
}

}  // namespace

void FairModel::describe(JsonWriter& json) const {
  put_options(json, *this);
  put_columns(json, *this);
  if (held_out_share > 0) {
    json.key("held_out").open('{').key("share").number(held_out_share);
    json.key("rows").integer(held_out.rows);
    put_performance(json, *this, held_out);
    json.close('}');
  }
}

void FairModel::describe_training(JsonWriter& json) const {
  if (is_linear()) {
    json.key("free_dimensions").integer(linear().free_dimensions);
  } else {
    json.key("support_vectors").integer(kernel().support_vectors);
    json.key("stored_vectors").integer(kernel().vectors.rows());
    json.key("relative_duality_gap").number(kernel().relative_gap);
  }
  json.key("constant_features").texts(constant);
  json.key("collinear_features").texts(collinear);
  put_performance(json, *this, training);
}

std::vector<std::string_view> FairModel::texts() const {
  std::vector<std::string_view> list = {target, positive, weight};
  for (const auto* names : {&sensitive, &constant, &collinear}) {
    list.insert(list.end(), names->begin(), names->end());
  }
  for (const Performance* performance : {&training, &held_out}) {
    for (const GroupPerformance& group : performance->groups) list.push_back(group.label);
  }
  for (const FeatureColumn& column : columns) {
    list.push_back(column.name);
    list.insert(list.end(), column.levels.begin(), column.levels.end());
  }
  return list;
}

}  // namespace fairdb
