// train_linear and train_kernel: read a source and return a model.
#include <cmath>

#include "core/kernel/train.hpp"
#include "core/linear/hinge.hpp"

#include "pg/bridge/memory.hpp"
#include "pg/models/counted_training.hpp"
#include "pg/models/model_value.hpp"
#include "pg/models/training_rows.hpp"

extern "C" {
#include <utils/timestamp.h>
}

namespace fairdb::pg {
namespace {

// What is known of a model once it is fitted. known: the scores of the training rows, or empty.
Model finished(TrainingRows& rows, TrainingRequest& request, const Vector& known) {
  FairModel& model = request.model;
  note_degenerate(model, rows.summary().joint(), rows.monitor());
  if (model.is_linear() && !model.options.binary && closed_form(model.options)) {
    model.training =
        performance_of_numbers(rows.summary(), rows.names(), model.linear(), model.options.c);
    if (model.sensitive.empty()) model.training.groups.clear();
  } else {
    model.training = performance_on(rows, rows.training(), model, known);
  }
  if (model.held_out_share > 0) {
    model.held_out = performance_on(rows, rows.held_out(), model, Vector());
  }
  About about;
  about.source = request.source;
  about.fingerprint = rows.fingerprint();
  about.skipped = rows.skipped();
  return model_of(std::move(model), std::move(about));
}

// Of a source whose rows are counted where they are.
Model counted_linear_model(const TrainingSource& training, TrainingRequest& request) {
  BackendMonitor monitor;
  MomentsValue moments = counted_moments(training, monitor);
  fit_moments(request.model, moments, monitor);
  About about;
  about.source = request.source;
  about.skipped = moments.skipped();
  return model_of(std::move(request.model), std::move(about));
}

Model train_linear_model(const Source& source, TrainingRequest& request) {
  const TrainingSource training(source, request);
  if (training.counted_by()) return counted_linear_model(training, request);
  FairModel& model = request.model;
  const bool hinge = solver_of(model.options.loss) == LossSolver::Hinge;
  const std::size_t extra = hinge ? hinge_row_bytes(total_width(model.columns)) : 0;
  const auto keep = closed_form(model.options) ? TrainingRows::Keep::Nothing
                    : hinge                    ? TrainingRows::Keep::Always
                                               : TrainingRows::Keep::IfTheyFit;
  TrainingRows rows(training, keep, extra);
  model.fit = fit_linear(rows.summary(), &rows.training(), rows.stored(), rows.names(),
                         model.options, nullptr, rows.monitor());
  return finished(rows, request, Vector());
}

void warn_without_freedom() {
  backend([] {
    ereport(WARNING,
            (errmsg("the constraints leave no direction to the weights: the model predicts the "
                    "same score for every row"),
             errhint("Use more features, fewer groups, or a fairness with fewer conditions.")));
  });
}

Model train_kernel_model(const Source& source, KernelRequest& request) {
  const TrainingSource training(source, request.training);
  FairModel& model = request.training.model;
  KernelOptions& kernel = request.kernel;
  const Index d = total_width(model.columns);
  kernel.kernel.gamma = request.gamma.value_or(default_gamma(d));
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
                        kernel, memory_left(used), rows.monitor());
  model.fit = problem.fit(model.options.c, model.options.epsilon);
  if (model.options.constrained() && problem.one_score()) warn_without_freedom();
  return finished(rows, request.training, problem.training_scores());
}

// Of a solver that has not reached the optimum.
void warn_of_ending(const Report& report, const FairModel& model) {
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

// train(source): the model.
template <class Train>
Datum trained(const std::string& source_text, Train train) {
  MemoryContext const memory = CurrentMemoryContext;
  const TimestampTz started = GetCurrentTimestamp();
  SpiSession session;
  Model model;
  {
    const Source source(source_text);
    model = train(source);
  }
  session.finish();
  model.about.seconds = static_cast<double>(GetCurrentTimestamp() - started) / 1e6;
  const Datum value = model_value(model, memory);
  const auto& body = body_of<FairModel>(model, "training");
  if (body.is_linear() && body.linear().free_dimensions == 0) warn_without_freedom();
  warn_of_ending(model.about.report, body);
  return value;
}

}  // namespace

FAIRDB_FUNCTION(train_linear) {
  TrainingRequest request = linear_request(Arguments(fcinfo));
  return trained(request.source,
                 [&](const Source& source) { return train_linear_model(source, request); });
}

FAIRDB_FUNCTION(train_kernel) {
  KernelRequest request = kernel_request(Arguments(fcinfo));
  return trained(request.training.source,
                 [&](const Source& source) { return train_kernel_model(source, request); });
}

}  // namespace fairdb::pg
