#include "core/model/representation_model.hpp"

#include <string>

#include "core/base/error.hpp"
#include "core/base/listed.hpp"

namespace fairdb {

Index RepresentationModel::task(const std::optional<std::string_view>& target) const {
  std::vector<std::string_view> names;
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    if (target && tasks[t].target == *target) return static_cast<Index>(t);
    names.push_back(tasks[t].target);
  }
  if (!target && tasks.size() == 1) return 0;
  throw Error(ErrorKind::InvalidArgument,
              target ? "the model has no task \"" + std::string(*target) + "\""
                     : "the model has several tasks",
              "Its tasks are " + listed(names) + ": predict(model, row, task => '" +
                  std::string(names.front()) + "').");
}

namespace {

Vector standardised(const RepresentationModel& model, const VectorView& features) {
  return (features - model.mean).cwiseQuotient(model.scale);
}

void require_linear(const RepresentationModel& model) {
  if (model.map.linear()) return;
  throw Error(ErrorKind::InvalidArgument, "a map with hidden units has no coefficients",
              "hidden => 0 trains a linear one.");
}

// The weights of standardised features in the units of the columns.
RawCoefficients raw(const RepresentationModel& model, const Vector& weights, double constant) {
  RawCoefficients result{constant, weights.cwiseQuotient(model.scale)};
  result.constant -= result.coefficients.dot(model.mean);
  return result;
}

}  // namespace

Vector represent(const RepresentationModel& model, const VectorView& features) {
  return model.map(standardised(model, features).transpose()).row(0).transpose();
}

double score(const RepresentationModel& model, const VectorView& features, Index task) {
  const TaskHead& head = model.tasks[static_cast<std::size_t>(task)].head;
  return represent(model, features).dot(head.weights) + head.intercept;
}

RawCoefficients raw_dimension(const RepresentationModel& model, Index dimension) {
  require_linear(model);
  if (dimension < 0 || dimension >= model.map.dimensions) {
    throw Error(ErrorKind::InvalidArgument,
                "dimension must be 1 to " + std::to_string(model.map.dimensions));
  }
  return raw(model, model.map.weights().row(dimension).transpose(), 0);
}

RawCoefficients raw_task(const RepresentationModel& model, Index task) {
  require_linear(model);
  const TaskHead& head = model.tasks[static_cast<std::size_t>(task)].head;
  return raw(model, model.map.weights().transpose() * head.weights, head.intercept);
}

}  // namespace fairdb
