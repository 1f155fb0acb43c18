// coefficients: what a linear model is made of; explain: what each column adds to the score of a
// row.
#include "core/model/fair_model.hpp"

#include "pg/bridge/rows.hpp"
#include "pg/models/predictor.hpp"

namespace fairdb::pg {

FAIRDB_FUNCTION(coefficients) {
  const Model whole = model_argument(fcinfo, 0);
  const auto& model = body_of<FairModel>(whole, "coefficients");
  const RawCoefficients raw = raw_coefficients(model);
  RowWriter rows(fcinfo);
  rows.text("(intercept)").text(std::nullopt).number(raw.constant);
  rows.number(model.linear().intercept).number(std::nullopt).number(std::nullopt).end_row();
  Index j = 0;
  for (const FeatureColumn& column : model.columns) {
    for (Index k = 0; k < column.width(); ++k, ++j) {
      const std::string part = column.part(k);
      const bool has_part =
          column.kind == FeatureKind::Category || column.kind == FeatureKind::Array;
      rows.text(column.name).text(has_part ? std::optional<std::string_view>(part) : std::nullopt);
      rows.number(raw.coefficients(j)).number(model.linear().weights(j));
      rows.number(model.mean()(j)).number(model.scale()(j)).end_row();
    }
  }
  rows.finish();
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

FAIRDB_FUNCTION(explain) {
  Predictor& predictor = Predictor::of(fcinfo);
  // Plain: before any C++ object lives in this frame.
  const bool known = predictor.encode(PG_GETARG_HEAPTUPLEHEADER(1));
  RowWriter rows(fcinfo);
  const FairModel& model = predictor.model();
  if (known) {
    const Vector features = predictor.features();
    rows.text("(mean row)").text(std::nullopt).number(score(model, model.mean())).end_row();
    const std::vector<double> parts = contributions(model, features);
    Index j = 0;
    for (std::size_t c = 0; c < model.columns.size(); ++c) {
      const FeatureColumn& column = model.columns[c];
      rows.text(column.name).text(value_of(column, features.segment(j, column.width())));
      rows.number(parts[c]).end_row();
      j += column.width();
    }
  }
  rows.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
