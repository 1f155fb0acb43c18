// coefficients: what a linear model is made of; explain: what each column adds to the score of a
// row.
#include <cmath>

#include "core/base/error.hpp"
#include "core/model/representation_model.hpp"

#include "pg/bridge/rows.hpp"
#include "pg/models/predictor.hpp"

namespace fairdb::pg {

namespace {

// weights: of standardised features; intercept: that of the score from these, nullopt where there
// is none.
void put_coefficients(FunctionCallInfo fcinfo,
                      const FeatureInput& input,
                      const RawCoefficients& raw,
                      const Vector& weights,
                      double intercept,
                      const Vector& mean,
                      const Vector& scale) {
  RowWriter rows(fcinfo);
  rows.text("(intercept)").text(std::nullopt).number(raw.constant);
  rows.number(intercept).number(std::nullopt).number(std::nullopt).end_row();
  Index j = 0;
  for (const FeatureColumn& column : input.columns) {
    for (Index k = 0; k < column.width(); ++k, ++j) {
      const std::string part = column.part(k);
      const bool has_part =
          column.kind == FeatureKind::Category || column.kind == FeatureKind::Array;
      rows.text(column.name).text(has_part ? std::optional<std::string_view>(part) : std::nullopt);
      rows.number(raw.coefficients(j))
          .number(weights(j))
          .number(mean(j))
          .number(scale(j))
          .end_row();
    }
  }
  rows.finish();
}

// Of the score of a task of a linear representation.
void put_task_coefficients(FunctionCallInfo fcinfo, const RepresentationModel& model, Index task) {
  const RawCoefficients raw = raw_task(model, task);
  const TaskHead& head = model.tasks[static_cast<std::size_t>(task)].head;
  put_coefficients(fcinfo, model, raw, model.map.weights().transpose() * head.weights,
                   head.intercept, model.mean, model.scale);
}

}  // namespace

FAIRDB_FUNCTION(coefficients) {
  const Model whole = model_argument(fcinfo, 0);
  if (const auto* const shared = dynamic_cast<const RepresentationModel*>(whole.body.get())) {
    if (shared->tasks.size() == 1) {
      put_task_coefficients(fcinfo, *shared, 0);
      PG_RETURN_NULL();
    }
    throw Error(ErrorKind::InvalidArgument,
                "a representation has coefficients of each task and of each dimension",
                "coefficients(model, task => '...') are those of a task's score, "
                "coefficients(model, dimension => 1) those of the first dimension.");
  }
  const auto& model = body_of<FairModel>(whole, "coefficients");
  const RawCoefficients raw = raw_coefficients(model);
  put_coefficients(fcinfo, model, raw, model.linear().weights, model.linear().intercept,
                   model.mean(), model.scale());
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(coefficients_of_task) {
  const Model whole = model_argument(fcinfo, 0);
  const auto& model = body_of<RepresentationModel>(whole, "coefficients of a task");
  put_task_coefficients(fcinfo, model, model.task(text_bytes(PG_GETARG_DATUM(1))));
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(coefficients_of_dimension) {
  const Model whole = model_argument(fcinfo, 0);
  const auto& model = body_of<RepresentationModel>(whole, "coefficients of a dimension");
  const Index dimension = static_cast<Index>(PG_GETARG_INT32(1)) - 1;
  const RawCoefficients raw = raw_dimension(model, dimension);
  put_coefficients(fcinfo, model, raw, model.map.weights().row(dimension).transpose(), 0,
                   model.mean, model.scale);
  PG_RETURN_NULL();
}

namespace {

// A column's value in a row, from its features.
std::string value_of(const FeatureColumn& column, const VectorView& features) {
  if (column.kind == FeatureKind::Category) {
    Index level = 0;
    const double share = features.size() == 0 ? 0 : features.maxCoeff(&level);
    return share == 1 ? column.part(level) : share == 0 ? "(unseen)" : "(imputed)";
  }
  std::string value;
  for (Index k = 0; k < features.size(); ++k) {
    const double number = features(k);
    value += (k > 0 ? "," : "");
    value += backend([&] { return float8out_internal(number); });
  }
  return value;
}

}  // namespace

namespace {

// known: whether the row has a prediction; its features are the predictor's. score(features)
template <class Score>
void put_contributions(FunctionCallInfo fcinfo,
                       const Predictor& predictor,
                       bool known,
                       const FeatureInput& input,
                       const Vector& mean,
                       Score score) {
  RowWriter rows(fcinfo);
  if (known) {
    const Vector& features = predictor.features();
    rows.text("(mean row)").text(std::nullopt).number(score(mean)).end_row();
    const std::vector<double> parts = contributions(input.columns, mean, features, score);
    if (!std::all_of(parts.begin(), parts.end(), [](double part) { return std::isfinite(part); })) {
      throw Error(ErrorKind::OutOfRange, "a contribution exceeds the range of double precision");
    }
    Index j = 0;
    for (std::size_t c = 0; c < input.columns.size(); ++c) {
      const FeatureColumn& column = input.columns[c];
      rows.text(column.name).text(value_of(column, features.segment(j, column.width())));
      rows.number(parts[c]).end_row();
      j += column.width();
    }
  }
  rows.finish();
}

}  // namespace

namespace {

// Of the task that the predictor has found.
void put_task_contributions(FunctionCallInfo fcinfo, const Predictor& predictor, bool known) {
  const RepresentationModel& model = predictor.representation("explain with a task");
  put_contributions(fcinfo, predictor, known, model, model.mean,
                    [&](const Vector& row) { return score(model, row, predictor.task()); });
}

}  // namespace

FAIRDB_FUNCTION(explain) {
  Predictor& predictor = Predictor::of(fcinfo);
  predictor.require_task();
  // Plain: before any C++ object lives in this frame.
  const bool known = predictor.encode(PG_GETARG_HEAPTUPLEHEADER(1));
  if (predictor.has_tasks()) {
    put_task_contributions(fcinfo, predictor, known);
    PG_RETURN_NULL();
  }
  const FairModel& model = predictor.fair("explain");
  put_contributions(fcinfo, predictor, known, model, model.mean(),
                    [&](const Vector& row) { return score(model, row); });
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(explain_task) {
  Predictor& predictor = Predictor::of(fcinfo, {.of_task = true});
  (void)predictor.representation("explain with a task");
  const bool known = predictor.encode(PG_GETARG_HEAPTUPLEHEADER(1));
  put_task_contributions(fcinfo, predictor, known);
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
