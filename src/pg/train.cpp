// train_linear and train_kernel: read a source and return a model.
#include <cmath>

#include "core/kernel/train.hpp"
#include "core/linear/hinge.hpp"
#include "pg/model.hpp"
#include "pg/training.hpp"

extern "C" {
#include <utils/timestamp.h>
}

namespace fairdb::pg {
namespace {

// What training finds beside the fit itself.
void note_rows(TrainingRows& rows, Model& model) {
  model.skipped = rows.skipped();
  model.fingerprint = rows.fingerprint();
  const Degenerate degenerate = degenerate_columns(rows.summary().joint(), rows.monitor());
  for (const Index j : degenerate.constant) {
    model.constant.push_back(feature_name(model.columns, j));
  }
  // The indicators of a category add up to 1: its last one follows from the others.
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

// known: the scores of the training rows, or empty.
void judge(TrainingRows& rows, const TrainingSource& source, const Vector& known, Model& model) {
  const Index attributes = source.attributes();
  Monitor& monitor = rows.monitor();
  if (model.is_linear() && !model.options.binary && closed_form(model.options)) {
    model.training =
        facts_of_numbers(rows.summary(), rows.names(), model.linear(), model.options.c);
    if (model.sensitive.empty()) model.training.groups.clear();
  } else {
    model.training = facts_on(rows, rows.training(), model, attributes, known, monitor);
  }
  if (model.held_out_share > 0) {
    model.held_out = facts_on(rows, rows.held_out(), model, attributes, Vector(), monitor);
  }
}

void train_linear_model(const Source& source, TrainingRequest& request) {
  const TrainingSource training(source, request);
  Model& model = request.model;
  const bool hinge = solver_of(model.options.loss) == LossSolver::Hinge;
  const std::size_t extra = hinge ? hinge_row_bytes(total_width(model.columns)) : 0;
  const auto keep = closed_form(model.options) ? TrainingRows::Keep::Nothing
                    : hinge                    ? TrainingRows::Keep::Always
                                               : TrainingRows::Keep::IfTheyFit;
  TrainingRows rows(training, keep, extra);
  model.fit = fit_linear(rows.summary(), &rows.training(), rows.stored(), rows.names(),
                         model.options, nullptr, rows.monitor());
  note_rows(rows, model);
  judge(rows, training, Vector(), model);
}

void train_kernel_model(const Source& source,
                        TrainingRequest& request,
                        KernelOptions kernel,
                        std::optional<double> gamma) {
  const TrainingSource training(source, request);
  Model& model = request.model;
  const Index d = total_width(model.columns);
  kernel.kernel.gamma = gamma.value_or(1.0 / static_cast<double>(d));
  kernel.seed = static_cast<std::uint64_t>(model.seed);
  validate(model.options, kernel);
  check_memory(kernel_bytes(kernel),
               "a kernel model of " + std::to_string(kernel.components) + " components");
  TrainingRows rows(training, TrainingRows::Keep::Always, kernel_row_bytes(d, kernel));
  const std::int64_t n = rows.summary().joint().rows();
  check_rows(kernel, n);
  const std::size_t used = static_cast<std::size_t>(n) *
                           (kernel_row_bytes(d, kernel) + rows.row_bytes() +
                            constraint_row_bytes(rows.summary(), model.options.fairness, kernel));
  check_memory(used, "the kernel model with its constraint");
  KernelProblem problem(rows.summary(), rows.training(), rows.stored(), rows.names(), model.options,
                        kernel, cache_memory(used), rows.monitor());
  model.fit = problem.fit(model.options.c, model.options.epsilon);
  note_rows(rows, model);
  judge(rows, training, problem.training_scores(), model);
}

void warn_without_freedom() {
  backend([] {
    ereport(WARNING,
            (errmsg("the constraints leave no direction to the weights: the model predicts the "
                    "same score for every row"),
             errhint("Use more features, fewer groups, or a fairness with fewer conditions.")));
  });
}

void warn_of_ending(const Model& model) {
  const Report& report = model.report();
  if (report.outcome == Outcome::Converged) return;
  const bool exact = !model.is_linear() && std::isfinite(model.kernel().relative_gap);
  const double residual = exact ? model.kernel().relative_gap
                                : relative_residual(report, solver_of(model.options.loss));
  if (residual <= kReached) return;
  const int iterations = report.iterations;
  backend([&] {
    ereport(
        WARNING,
        (errmsg(
             "training stopped after %d iterations, before the optimum: a residual of %.1g is left",
             iterations, residual),
         errhint("The model is near to the best one; a smaller c is easier to train.")));
  });
}

template <class Train>
Datum trained(FunctionCallInfo fcinfo, Train train) {
  MemoryContext const memory = CurrentMemoryContext;
  const TimestampTz started = GetCurrentTimestamp();
  const NamedArguments arguments(fcinfo);
  TrainingRequest request = training_request(arguments);
  SpiSession session;
  {
    const Source source(request.model.source);
    train(source, request, arguments);
  }
  session.finish();
  Model& model = request.model;
  model.seconds = static_cast<double>(GetCurrentTimestamp() - started) / 1e6;
  const bool without_freedom = model.is_linear() && model.linear().free_dimensions == 0;
  const Datum value = model_value(model, memory);
  if (without_freedom) warn_without_freedom();
  warn_of_ending(model);
  return value;
}

}  // namespace

FAIRDB_FUNCTION(train_linear) {
  return trained(fcinfo,
                 [](const Source& source, TrainingRequest& request,
                    const NamedArguments& /*arguments*/) { train_linear_model(source, request); });
}

FAIRDB_FUNCTION(train_kernel) {
  return trained(
      fcinfo, [](const Source& source, TrainingRequest& request, const NamedArguments& arguments) {
        KernelOptions kernel;
        kernel.kernel.kind = kernel_named(arguments.text("kernel"));
        kernel.kernel.degree = arguments.small_integer("degree");
        kernel.kernel.coef0 = arguments.number("coef0");
        kernel.components = arguments.small_integer("components");
        train_kernel_model(source, request, kernel, arguments.optional_number("gamma"));
      });
}

}  // namespace fairdb::pg
