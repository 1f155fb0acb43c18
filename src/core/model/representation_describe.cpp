// What a representation tells of itself.
#include "core/model/representation_model.hpp"

namespace fairdb {
namespace {

void put_task(JsonWriter& json,
              const RepresentationModel::Task& task,
              const TaskPerformance& judged) {
  const Performance& performance = judged.performance;
  json.open('{').key("task").text(task.target);
  json.key("rows").integer(performance.rows);
  if (task.binary) {
    json.key("accuracy").number(accuracy(performance, true));
    json.key("demographic_parity_difference")
        .number(decision_gap(performance, true, Gap::DemographicParityDifference));
  } else {
    json.key("mean_squared_error").number(performance.squared_error);
    json.key("r_squared")
        .number(performance.variance > 0
                    ? std::optional(1 - performance.squared_error / performance.variance)
                    : std::nullopt);
  }
  json.key("mean_score_difference").number(mean_score_gap(performance));
  json.key("ks_distance").number(judged.ks);
  json.key("divergence").number(judged.divergence);
  json.key("groups").open('[');
  for (const GroupPerformance& group : performance.groups) {
    json.open('{').key("group").text(group.label).key("rows").integer(group.rows);
    json.key("mean_score")
        .number(group.weight > 0 ? std::optional(group.mean_score) : std::nullopt)
        .close('}');
  }
  json.close(']').close('}');
}

}  // namespace

void RepresentationModel::describe(JsonWriter& json) const {
  json.key("kind").text(kKind.name);
  json.key("divergence").text(name(term.kind));
  if (term.kind == RepresentationDivergence::Sinkhorn) {
    json.key("epsilon").number(term.epsilon);
    json.key("converged").boolean(marginal_error <= kUsableMarginals);
    json.key("marginal_error").number(marginal_error);
  }
  json.key("gamma").number(gamma);
  json.key("dimensions").integer(map.dimensions);
  json.key("hidden").integer(map.hidden);
  json.key("c").number(c);
  json.key("batch").integer(batch);
  json.key("learning_rate").number(learning_rate);
  json.key("targets").open('[');
  for (const Task& task : tasks) {
    json.open('{').key("target").text(task.target);
    json.key("loss").text(task.binary ? "logistic" : "squared").close('}');
  }
  json.close(']');
  if (!weight.empty()) json.key("weight").text(weight);
  json.key("sensitive").texts(sensitive);
  json.key("attributes").text(name(grouping));
  json.key("features").open('[');
  for (const FeatureColumn& column : columns) json.text(column.name);
  json.close(']');
  json.key("on_null").text(name(on_null));
  json.key("on_unseen").text(name(on_unseen));
  json.key("seed").integer(seed);
  json.key("probes").open('[');
  for (std::size_t a = 0; a < probes.size(); ++a) {
    json.open('{').key("attribute");
    if (grouping == Grouping::Each) {
      json.text(sensitive[a]);
    } else {
      json.texts(sensitive);
    }
    const auto& probe = probes[a];
    json.key("accuracy").number(probe ? std::optional(probe->accuracy) : std::nullopt);
    json.key("majority").number(probe ? std::optional(probe->majority) : std::nullopt);
    json.key("auc").number(probe ? probe->auc : std::nullopt);
    if (probe) json.key("rows").integer(probe->rows);
    json.key("of").text(held_out_share > 0 ? "held-out rows" : "training rows").close('}');
  }
  json.close(']');
  if (held_out_share > 0) {
    json.key("held_out").open('{').key("share").number(held_out_share).key("tasks").open('[');
    for (const Task& task : tasks) put_task(json, task, task.held_out);
    json.close(']').close('}');
  }
}

void RepresentationModel::describe_training(JsonWriter& json) const {
  json.key("tasks").open('[');
  for (const Task& task : tasks) put_task(json, task, task.training);
  json.close(']');
}

std::vector<std::string_view> RepresentationModel::texts() const {
  std::vector<std::string_view> list = {weight};
  list.insert(list.end(), sensitive.begin(), sensitive.end());
  for (const Task& task : tasks) {
    list.push_back(task.target);
    for (const TaskPerformance* const judged : {&task.training, &task.held_out}) {
      for (const GroupPerformance& group : judged->performance.groups) list.push_back(group.label);
    }
  }
  for (const FeatureColumn& column : columns) {
    list.push_back(column.name);
    list.insert(list.end(), column.levels.begin(), column.levels.end());
  }
  return list;
}

}  // namespace fairdb
