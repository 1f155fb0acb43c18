#include "core/model/fair_model.hpp"

#include <algorithm>

#include "core/base/error.hpp"

namespace fairdb {

Model model_of(FairModel body, About about) {
  std::visit(
      [&](auto& fit) {
        about.report = std::move(fit.report);
        fit.report = Report{};
      },
      body.fit);
  about.rows = body.training.rows;
  return {std::move(about), std::make_shared<const FairModel>(std::move(body))};
}

RawCoefficients raw_coefficients(const FairModel& model) {
  if (!model.is_linear()) {
    throw Error(ErrorKind::InvalidArgument, "a kernel model has no coefficients",
                "explain(model, row) tells what each column contributes to a row's score.");
  }
  return raw_coefficients(model.linear());
}

double score(const FairModel& model, const VectorView& features) {
  const Vector z = (features - model.mean()).cwiseQuotient(model.scale());
  if (model.is_linear()) return model.linear().weights.dot(z) + model.linear().intercept;
  Monitor quiet;
  return scores(model.kernel(), z.transpose(), quiet)(0);
}

std::vector<double> contributions(const FairModel& model, const Vector& features) {
  return contributions(model.columns, model.mean(), features,
                       [&](const Vector& row) { return score(model, row); });
}

Vector block_scores(const FairFit& fit,
                    const Scaling& stored,
                    const RowBlock& block,
                    Monitor& monitor) {
  if (const auto* linear = std::get_if<LinearFit>(&fit)) {
    const Rescaled standardised(stored, {linear->mean, linear->scale});
    const Vector weights = linear->weights.cwiseProduct(standardised.scale);
    return (block.x() * weights).array() +
           (linear->intercept - linear->weights.dot(standardised.shift));
  }
  const auto& kernel = std::get<KernelFit>(fit);
  const Rescaled standardised(stored, {kernel.mean, kernel.scale});
  return scores(kernel, standardised(block.x()), monitor);
}

void fit_moments(FairModel& model, MomentsValue& moments, Monitor& monitor) {
  const Index d = moments.columns();
  const FairOptions& options = model.options;
  const Summary summary = options.binary ? moments.binary_summary() : moments.summary().of_number();
  const GroupNames names{moments.names()};
  if (options.constrained()) require_weights(summary, names);
  const Scaling raw{Vector::Zero(d), Vector::Ones(d)};
  LinearFit fit = fit_linear(summary, nullptr, raw, names, options, nullptr, monitor);
  model.training = performance_of_numbers(summary, names, fit, options.c);
  if (model.sensitive.empty()) model.training.groups.clear();
  model.fit = std::move(fit);
  note_degenerate(model, summary.joint(), monitor);
}

void note_degenerate(FairModel& model, const Moments& joint, Monitor& monitor) {
  const Degenerate degenerate = degenerate_columns(joint, monitor);
  for (const Index j : degenerate.constant) {
    model.constant.push_back(feature_name(model.columns, j));
  }
  std::vector<Index> last;
  Index end = 0;
  for (const FeatureColumn& column : model.columns) {
    end += column.width();
    if (column.kind == FeatureKind::Category) last.push_back(end - 1);
  }
  for (const Index j : degenerate.collinear) {
    if (std::find(last.begin(), last.end(), j) != last.end()) continue;
    model.collinear.push_back(feature_name(model.columns, j));
  }
}

}  // namespace fairdb
