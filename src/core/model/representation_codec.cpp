// The bytes of a representation's body.
#include "core/model/fields.hpp"
#include "core/model/representation_model.hpp"

namespace fairdb {
namespace {

constexpr std::uint8_t kRepresentationVersion = 1;

template <class Archive, class Task>
void task_performance_fields(Archive& archive, Task& performance) {
  performance_fields(archive, performance.performance);
  archive.optional_number(performance.ks);
  archive.optional_number(performance.divergence);
}

template <class Archive, class Task>
void task_fields(Archive& archive, Task& task) {
  archive.text(task.target);
  archive.flag(task.binary);
  archive.vector(task.head.weights);
  archive.number(task.head.intercept);
  task_performance_fields(archive, task.training);
  task_performance_fields(archive, task.held_out);
}

template <class Archive, class OptionalProbe>
void probe_fields(Archive& archive, OptionalProbe& probe) {
  bool known = probe.has_value();
  archive.flag(known);
  if (!known) return;
  if constexpr (Archive::kReads) probe.emplace();
  archive.number(probe->accuracy);
  archive.number(probe->majority);
  archive.optional_number(probe->auc);
  archive.count(probe->rows);
}

// Each attribute has its probe.
std::size_t attributes_of(const RepresentationModel& model) {
  return model.grouping == Grouping::Each ? model.sensitive.size() : 1;
}

template <class Archive, class ModelType>
void fields(Archive& archive, ModelType& model) {
  archive.choice(model.term.kind);
  archive.number(model.term.epsilon);
  archive.number(model.gamma);
  archive.number(model.c);
  archive.count(model.batch);
  archive.number(model.learning_rate);
  archive.choice(model.grouping);
  archive.choice(model.on_null);
  archive.choice(model.on_unseen);
  archive.text(model.weight);
  archive.list(model.sensitive, 4, [&](auto& name) { archive.text(name); });
  archive.number(model.held_out_share);
  archive.integer(model.seed);
  column_fields(archive, model.columns);
  archive.vector(model.impute);
  archive.vector(model.mean);
  archive.vector(model.scale);
  archive.count(model.map.features);
  archive.count(model.map.hidden);
  archive.count(model.map.dimensions);
  archive.vector(model.map.parameters);
  constexpr std::size_t kLeastTask = 250;  // its two performances alone
  archive.list(model.tasks, kLeastTask, [&](auto& task) { task_fields(archive, task); });
  if constexpr (Archive::kReads) model.probes.resize(attributes_of(model));
  for (auto& probe : model.probes) probe_fields(archive, probe);
  archive.number(model.marginal_error);
}

void check(const RepresentationModel& model) {
  check_columns(model.columns);
  Index d = 0;
  for (const FeatureColumn& column : model.columns) d += column.width();
  if (d < 1 || d > kMaxFeatures) corrupt("the number of its features is damaged");
  const FeatureMap& map = model.map;
  if (map.features != d || model.mean.size() != d || model.scale.size() != d ||
      (model.impute.size() != 0 && model.impute.size() != d)) {
    corrupt("the features do not fit its map");
  }
  if (map.hidden > kMaxHidden || map.dimensions < 1 || map.dimensions > kMaxDimensions ||
      map.parameters.size() != FeatureMap::count(d, map.hidden, map.dimensions)) {
    corrupt("the map is damaged");
  }
  if ((model.on_null == OnNull::Impute) != (model.impute.size() == d && d > 0)) {
    corrupt("the imputed values are damaged");
  }
  if ((model.scale.array() <= 0).any() || !(model.c > 0) || !(model.gamma >= 0) ||
      !(model.term.epsilon > 0)) {
    corrupt("a number is not positive");
  }
  if (!(model.held_out_share >= 0 && model.held_out_share < 1) || model.batch < 1 ||
      !(model.learning_rate > 0) || !(model.marginal_error >= 0)) {
    corrupt("an option is damaged");
  }
  if (model.tasks.empty() || model.tasks.size() > static_cast<std::size_t>(kMaxTasks)) {
    corrupt("the number of its tasks is damaged");
  }
  for (const RepresentationModel::Task& task : model.tasks) {
    if (task.head.weights.size() != map.dimensions) corrupt("a head does not fit the map");
    check_performance(task.training.performance);
    check_performance(task.held_out.performance);
  }
  if (model.sensitive.empty()) corrupt("it has no sensitive attribute");
  for (const auto& probe : model.probes) {
    if (probe && !(probe->accuracy >= 0 && probe->accuracy <= 1.000001 && probe->majority >= 0 &&
                   probe->majority <= 1.000001 && probe->auc.value_or(0) >= 0 &&
                   probe->auc.value_or(0) <= 1.000001 && probe->rows <= kMaxCount)) {
      corrupt("a probe is damaged");
    }
  }
}

std::unique_ptr<ModelBody> read_representation(ByteReader& bytes, std::uint8_t version) {
  ReadingArchive archive(bytes, version);
  auto model = std::make_unique<RepresentationModel>();
  fields(archive, *model);
  check(*model);
  return model;
}

}  // namespace

const ModelKind RepresentationModel::kKind = {2, "representation", kRepresentationVersion,
                                              read_representation};

void RepresentationModel::write(ByteWriter& bytes) const {
  WritingArchive archive(bytes, kRepresentationVersion);
  fields(archive, *this);
}

}  // namespace fairdb
