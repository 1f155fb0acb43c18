// train_representation: read a source and return a model; tradeoff: the price of a fair
// representation, gamma by gamma.
#include "core/model/representation_model.hpp"

#include "pg/bridge/memory.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/models/model_value.hpp"
#include "pg/models/training_reading.hpp"

extern "C" {
#include <utils/timestamp.h>
}

namespace fairdb::pg {
namespace {

// The rows of a source, in memory, with what the model says of how they were read.
struct ReadRows {
  RepresentationRows rows;
  std::int64_t skipped = 0;
  std::uint64_t fingerprint = 0;
};

// copies: of the rows that training makes.
ReadRows read_rows(const Source& source,
                   RepresentationRequest& request,
                   std::size_t copies,
                   Monitor& monitor) {
  TrainingSource training(source, request.training);
  const FairModel& model = training.model();
  const auto tasks = static_cast<Index>(request.training.targets.size());
  ReadRows result;
  Reading reading(training, true, false);
  reading.table().keep_fingerprints();
  const Index d = reading.features();
  const std::size_t fixed = representation_bytes(d, tasks, request.options);
  // With what orders them, and the representations of one task.
  const std::size_t row_bytes =
      copies * (static_cast<std::size_t>(d + tasks + 2) * sizeof(double) +
                static_cast<std::size_t>(training.attributes()) * sizeof(std::int32_t)) +
      (3 * static_cast<std::size_t>(dimensions_of(request.options, d)) + kProbedGroups + 8) *
          sizeof(double);
  std::int64_t trained = 0;
  std::int64_t held_out_rows = 0;
  KeyWatch watch(training.possible_keys());
  const auto consume = [&](RowBlock block) {
    monitor.poll();
    auto [trains, held_out] = reading.split(std::move(block));
    trained += trains.rows();
    held_out_rows += held_out.rows();
    const auto rows = static_cast<std::size_t>(trained + held_out_rows);
    check_memory(fixed + rows * row_bytes,
                 "a representation of " + std::to_string(rows) + " rows or more");
    if (trains.rows() > 0) result.rows.training.push_back(std::move(trains));
    if (held_out.rows() > 0) result.rows.held_out.push_back(std::move(held_out));
  };
  reading.each_block(consume, &watch);
  for (const KeyWatch::Key& key : watch.keys()) {
    note_key(key.name, "has another value in each of " + std::to_string(key.rows) + " rows");
  }
  if (training.surveyed() != nullptr) reading.table().require_same_rows(*training.surveyed());
  if (model.held_out_share > 0) {
    check_held_out(model.held_out_share, trained, held_out_rows, reading.unseen(),
                   reading.first_unseen());
  }
  result.rows.names = reading.names();
  for (const auto& names : result.rows.names) check_trained_groups(names.size());
  result.rows.targets = request.training.targets;
  for (const Oid type : training.target_types()) result.rows.binary.push_back(type == BOOLOID);
  result.skipped = reading.skipped();
  result.fingerprint = reading.table().fingerprint();
  return result;
}

// A number that only has the values of a class is estimated as one all the same: say so.
void note_number_targets(const RepresentationRows& rows) {
  for (std::size_t t = 0; t < rows.targets.size(); ++t) {
    if (rows.binary[t]) continue;
    bool classes = true;
    for (const RowBlock& block : rows.training) {
      for (Index i = 0; classes && i < block.rows(); ++i) {
        const double y = block.y(i, static_cast<Index>(t));
        classes = std::isnan(y) || y == 0 || y == 1 || y == -1;
      }
    }
    if (!classes) continue;
    const char* const name = rows.targets[t].c_str();
    backend([&] {
      ereport(NOTICE, (errmsg("the target \"%s\" is a number, and is estimated as one", name),
                       errhint("As a class it is a boolean: $$SELECT ..., %s = 1 AS %s FROM ...$$.",
                               quote_identifier(name), quote_identifier(name))));
    });
  }
}

RepresentationModel body_of_fit(const RepresentationRequest& request,
                                const std::vector<bool>& binary,
                                RepresentationFit fit) {
  const FairModel& asked = request.training.model;
  RepresentationModel model;
  model.on_null = asked.on_null;
  model.on_unseen = asked.on_unseen;
  model.columns = asked.columns;
  model.impute = std::move(fit.impute);
  model.term = request.options.term;
  model.gamma = request.options.gamma;
  model.c = request.options.c;
  model.batch = request.options.batch;
  model.learning_rate = request.options.learning_rate;
  model.grouping = asked.grouping;
  model.weight = asked.weight;
  model.sensitive = asked.sensitive;
  model.held_out_share = asked.held_out_share;
  model.seed = asked.seed;
  model.mean = std::move(fit.mean);
  model.scale = std::move(fit.scale);
  model.map = std::move(fit.map);
  for (std::size_t t = 0; t < fit.heads.size(); ++t) {
    RepresentationModel::Task task;
    task.target = request.training.targets[t];
    task.binary = binary[t];
    task.head = std::move(fit.heads[t]);
    task.training = std::move(fit.training[t]);
    if (!fit.held_out.empty()) task.held_out = std::move(fit.held_out[t]);
    model.tasks.push_back(std::move(task));
  }
  model.probes = std::move(fit.probes);
  model.marginal_error = fit.marginal_error;
  return model;
}

void note_uncompared(const RepresentationModel& model) {
  std::string names;
  for (const RepresentationModel::Task& task : model.tasks) {
    if (!task.training.divergence) names += (names.empty() ? "\"" : ", \"") + task.target + "\"";
  }
  if (model.gamma == 0 || names.empty()) return;
  backend([&] {
    ereport(NOTICE,
            (errmsg("the rows of the task %s are of one group, and have no part in the divergence",
                    names.c_str())));
  });
}

// A linear head reads from all of the features what it reads from as many dimensions.
void note_full_rank(const RepresentationModel& model) {
  if (!model.map.linear() || model.gamma == 0 || model.map.dimensions < model.map.features ||
      model.term.kind == RepresentationDivergence::Mean) {
    return;
  }
  const auto dimensions = static_cast<int>(model.map.dimensions);
  backend([&] {
    ereport(NOTICE,
            (errmsg("a linear map of %d features to as many dimensions can leave out little "
                    "of what tells the groups apart",
                    dimensions),
             errhint("With fewer dimensions gamma can do more: dimensions => %d.",
                     std::max(1, dimensions / 2))));
  });
}

void warn_of_ending(const Report& report) {
  if (report.outcome != Outcome::Stalled) return;
  backend([&] {
    ereport(WARNING, (errmsg("training ended early, for numbers beyond double precision or without "
                             "further progress: the best map that it met is the result"),
                      errhint("A smaller learning_rate or c is easier to train.")));
  });
}

void warn_of_marginals(const RepresentationModel& model) {
  if (model.marginal_error <= kUsableMarginals) return;
  const double error = model.marginal_error;
  backend([&] {
    ereport(WARNING, (errmsg("the Sinkhorn iterations of a batch have not converged: the marginals "
                             "of its transport are off "
                             "by %.2g, and its gradient is about as wrong",
                             error),
                      errhint("A larger epsilon converges faster.")));
  });
}

}  // namespace

FAIRDB_FUNCTION(train_representation) {
  RepresentationRequest request = representation_request(Arguments(fcinfo));
  MemoryContext const memory = CurrentMemoryContext;
  const TimestampTz started = GetCurrentTimestamp();
  SpiSession session;
  Model model;
  {
    const Source source(request.training.source);
    BackendMonitor monitor;
    ReadRows read = read_rows(source, request, 1, monitor);
    note_number_targets(read.rows);
    const std::vector<bool> binary = read.rows.binary;
    model.about.source = request.training.source;
    model.about.fingerprint = read.fingerprint;
    model.about.skipped = read.skipped;
    for (const RowBlock& block : read.rows.training) model.about.rows += block.rows();
    RepresentationFit fit =
        train_representation(std::move(read.rows), request.options,
                             request.training.model.on_null == OnNull::Impute, monitor);
    model.about.report = std::move(fit.report);
    model.body =
        std::make_shared<const RepresentationModel>(body_of_fit(request, binary, std::move(fit)));
  }
  session.finish();
  model.about.seconds = static_cast<double>(GetCurrentTimestamp() - started) / 1e6;
  const Datum value = model_value(model, memory);
  const auto& body = body_of<RepresentationModel>(model, "training");
  note_uncompared(body);
  note_full_rank(body);
  warn_of_ending(model.about.report);
  warn_of_marginals(body);
  return value;
}

FAIRDB_FUNCTION(representation_tradeoff) {
  RepresentationGridRequest grid = representation_grid_request(Arguments(fcinfo));
  RepresentationRequest& request = grid.representation;
  if (request.training.model.held_out_share == 0) {
    throw Error(ErrorKind::InvalidArgument,
                "held_out must be above 0: the representations are judged on those rows",
                "held_out => 0.2 keeps a fifth of the rows apart.");
  }
  SpiSession session;
  RowWriter out(fcinfo);
  {
    const Source source(request.training.source);
    BackendMonitor monitor;
    const ReadRows read = read_rows(source, request, 2, monitor);
    note_number_targets(read.rows);
    for (const double gamma : grid.gamma) {
      request.options.gamma = gamma;
      const RepresentationFit fit = train_representation(
          read.rows, request.options, request.training.model.on_null == OnNull::Impute, monitor);
      std::optional<Probe> probe;  // of the attribute that is told best
      for (const auto& of_attribute : fit.probes) {
        if (!of_attribute) continue;
        if (!probe || of_attribute->auc.value_or(0) > probe->auc.value_or(0)) probe = of_attribute;
      }
      for (std::size_t t = 0; t < fit.held_out.size(); ++t) {
        const TaskPerformance& judged = fit.held_out[t];
        const bool binary = read.rows.binary[t];
        out.number(gamma).text(read.rows.targets[t]);
        out.number(accuracy(judged.performance, binary));
        out.number(binary ? std::nullopt : std::optional(judged.performance.squared_error));
        out.number(decision_gap(judged.performance, binary, Gap::DemographicParityDifference));
        out.number(judged.ks).number(judged.divergence);
        out.number(probe ? std::optional(probe->accuracy) : std::nullopt);
        out.number(probe ? std::optional(probe->majority) : std::nullopt);
        out.number(probe ? probe->auc : std::nullopt);
        out.boolean(fit.marginal_error <= kUsableMarginals).end_row();
      }
    }
    out.finish();
  }
  session.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
