// What a model tells of itself: its coefficients, and how it was trained.
#include <cmath>

#include "core/model/model.hpp"
#include "core/selection/cross_validation.hpp"
#include "pg/bridge/json_writer.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/model.hpp"

namespace fairdb::pg {

FAIRDB_FUNCTION(coefficients) {
  const Model model = model_argument(fcinfo, 0);
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

void put_groups(JsonWriter& json, const Model& model, const Facts& facts) {
  json.key("groups").open('[');
  for (const GroupFacts& group : facts.groups) {
    json.open('{').key("group").text(group.label);
    if (model.attributes == Attributes::Each && group.attribute < model.sensitive.size()) {
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

void put_facts(JsonWriter& json, const Model& model, const Facts& facts) {
  const bool binary = model.options.binary;
  json.key("mean_squared_error")
      .number(facts.rows > 0 ? std::optional(facts.squared_error) : std::nullopt);
  if (binary) {
    json.key("accuracy").number(accuracy(facts, binary));
    json.key("demographic_parity_difference")
        .number(facts_gap(facts, binary, Gap::DemographicParityDifference));
    json.key("equal_opportunity_difference")
        .number(facts_gap(facts, binary, Gap::EqualOpportunityDifference));
    json.key("predictive_equality_difference").number(false_positive_gap(facts));
    json.key("equalized_odds_difference")
        .number(facts_gap(facts, binary, Gap::EqualizedOddsDifference));
    json.key("relaxation_error").number(relaxation_error(facts, model.options.fairness, binary));
  } else {
    json.key("r_squared")
        .number(facts.variance > 0 ? std::optional(1 - facts.squared_error / facts.variance)
                                   : std::nullopt);
    json.key("mean_score_difference").number(mean_score_gap(facts));
  }
  put_groups(json, model, facts);
}

void put_training(JsonWriter& json, const Model& model) {
  const Report& report = model.report();
  json.key("training").open('{');
  json.key("rows").integer(model.training.rows);
  json.key("rows_skipped").integer(model.skipped);
  json.key("objective").number(report.objective);
  json.key("outcome").text(name(report.outcome));
  json.key("iterations").integer(report.iterations);
  json.key("evaluations").integer(report.evaluations);
  json.key("gradient_norm").number(report.gradient_norm);
  json.key("constraint_violation").number(report.violation);
  if (model.is_linear()) {
    json.key("free_dimensions").integer(model.linear().free_dimensions);
  } else {
    json.key("support_vectors").integer(model.kernel().support_vectors);
    json.key("stored_vectors").integer(model.kernel().vectors.rows());
    json.key("relative_duality_gap").number(model.kernel().relative_gap);
  }
  json.key("constant_features").texts(model.constant);
  json.key("collinear_features").texts(model.collinear);
  put_facts(json, model, model.training);
  json.key("seconds").number(model.seconds);
  json.key("trace").open('[');
  for (const TracePoint& point : report.trace) {
    json.open('{').key("iteration").integer(point.iteration);
    if (!std::isnan(point.objective)) json.key("objective").number(point.objective);
    json.key("residual").number(point.residual).close('}');
  }
  json.close(']').close('}');
}

void put_options(JsonWriter& json, const Model& model) {
  const FairOptions& options = model.options;
  json.key("kind").text(model.is_linear() ? "linear" : "kernel");
  json.key("loss").text(name(options.loss));
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
  if (!options.class_weight.plain()) {
    json.key("class_weight");
    if (options.class_weight.balanced) {
      json.text("balanced");
    } else {
      json.open('[').number(options.class_weight.negative);
      json.number(options.class_weight.positive).close(']');
    }
  }
  json.key("source").text(model.source);
  json.key("target").text(model.target);
  json.key("target_kind").text(options.binary ? "binary" : "number");
  if (!model.positive.empty()) json.key("positive").text(model.positive);
  if (!model.edges.empty()) {
    json.key("bin_edges").open('[');
    for (const double edge : model.edges) json.number(edge);
    json.close(']');
  }
  if (!model.weight.empty()) json.key("weight").text(model.weight);
  json.key("sensitive").texts(model.sensitive);
  json.key("attributes").text(name(model.attributes));
  json.key("features").open('[');
  for (const FeatureColumn& column : model.columns) json.text(column.name);
  json.close(']');
  json.key("on_null").text(name(model.on_null));
  json.key("on_unseen").text(name(model.on_unseen));
  json.key("seed").integer(model.seed);
  char fingerprint[17];
  backend([&] {
    pg_snprintf(fingerprint, sizeof(fingerprint), "%016llx",
                static_cast<unsigned long long>(model.fingerprint));
  });
  json.key("source_fingerprint").text(fingerprint);
}

}  // namespace

FAIRDB_FUNCTION(describe) {
  const Model model = model_argument(fcinfo, 0);
  JsonWriter json;
  json.open('{');
  put_options(json, model);
  put_training(json, model);
  if (model.held_out_share > 0) {
    json.key("held_out").open('{').key("share").number(model.held_out_share);
    json.key("rows").integer(model.held_out.rows);
    put_facts(json, model, model.held_out);
    json.close('}');
  }
  json.close('}');
  return json.jsonb();
}

}  // namespace fairdb::pg
