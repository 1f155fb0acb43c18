// cross_validate and tradeoff: a grid of settings, judged on rows that its models have not seen.
#include "core/linear/hinge.hpp"
#include "core/selection/cross_validation.hpp"

#include "pg/bridge/memory.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/models/training_rows.hpp"

namespace fairdb::pg {
namespace {

constexpr std::size_t kMaxSettings = 1000;
constexpr std::int32_t kMaxFolds = 100;

// A request once the number of features is known.
struct Grid {
  Grid(const GridRequest& request, Index features)
      : c(request.c),
        epsilon(request.epsilon.value_or(std::vector<double>{0})),
        kernels(kernels_of(request, features)),
        folds(request.folds) {}

  std::vector<double> c;
  std::vector<double> epsilon;
  std::vector<std::optional<KernelOptions>> kernels;  // nullopt: linear
  std::int32_t folds;

 private:
  static std::vector<std::optional<KernelOptions>> kernels_of(const GridRequest& request,
                                                              Index features) {
    if (!request.kernel) return {std::nullopt};
    std::vector<double> gammas = request.gammas;
    if (gammas.empty()) gammas.push_back(default_gamma(features));
    std::vector<std::optional<KernelOptions>> kernels;
    for (const double gamma : gammas) {
      kernels.emplace_back(request.kernel)->kernel.gamma = gamma;
    }
    return kernels;
  }
};

void check_grid(const Grid& grid, const FairOptions& options) {
  if (grid.folds < 2 || grid.folds > kMaxFolds) {
    throw Error(ErrorKind::InvalidArgument, "folds must be 2 to " + std::to_string(kMaxFolds));
  }
  const std::size_t settings = grid.c.size() * grid.epsilon.size() * grid.kernels.size();
  if (settings > kMaxSettings) {
    throw Error(ErrorKind::TooLarge, "a grid of " + std::to_string(settings) +
                                         " settings is too large, the limit is " +
                                         std::to_string(kMaxSettings));
  }
  FairOptions each = options;
  for (const double c : grid.c) {
    for (const double epsilon : grid.epsilon) {
      each.c = c;
      each.epsilon = epsilon;
      validate(each);
      for (const auto& kernel : grid.kernels) {
        if (kernel) validate(each, *kernel);
      }
    }
  }
}

std::vector<GridSetting> settings_of(const Grid& grid) {
  std::vector<GridSetting> settings;
  for (const auto& kernel : grid.kernels) {
    for (const double epsilon : grid.epsilon) {
      for (const double c : grid.c) settings.push_back({c, epsilon, kernel});
    }
  }
  return settings;
}

std::size_t bytes_per_row(const Grid& grid, const FairModel& model) {
  const Index d = total_width(model.columns);
  const bool hinge = solver_of(model.options.loss) == LossSolver::Hinge;
  std::size_t bytes = hinge ? hinge_row_bytes(d) : 4 * sizeof(double);
  for (const auto& kernel : grid.kernels) {
    if (kernel) {
      bytes = std::max(bytes, kernel_row_bytes(d, *kernel));
    }
  }
  return bytes;
}

// The rows of a request, dealt to folds.
struct Folds {
  Folds(const TrainingSource& source, const Grid& grid, std::int64_t seed)
      : rows(source, TrainingRows::Keep::Raw, bytes_per_row(grid, source.model())),
        classes(source.classes()),
        attributes(source.attributes()),
        learning{source.model().on_null == OnNull::Impute, source.bins()} {
    const std::int64_t n = rows.summary().joint().rows();
    if (n < grid.folds) {
      throw Error(ErrorKind::InvalidData, "there are " + std::to_string(n) + " rows for " +
                                              std::to_string(grid.folds) + " folds");
    }
    std::size_t constraint = 0;
    for (const auto& kernel : grid.kernels) {
      if (!kernel) continue;
      check_rows(*kernel, n);
      constraint =
          std::max(constraint,
                   constraint_row_bytes(rows.summary(), source.model().options.fairness, *kernel));
    }
    const std::size_t copies = learning.impute ? rows.row_bytes() : 0;  // each fold imputes
    const std::size_t used = static_cast<std::size_t>(n) * (rows.row_bytes() + copies + constraint +
                                                            bytes_per_row(grid, source.model()));
    // Of each fold, of those of a training, and of what is being joined.
    const std::size_t summaries = static_cast<std::size_t>(grid.folds + 2) * rows.summary().bytes();
    check_memory(used + summaries,
                 "cross-validation with " + std::to_string(grid.folds) + " folds");
    cache = memory_left(used + summaries);
    folds = deal_folds(rows.training_in_memory(), grid.folds, static_cast<std::uint64_t>(seed),
                       classes.binary);
    // Summaries in the units of the table, rows in standardised ones.
    if (!learning.any()) parts = summaries_of(folds, classes, attributes, rows.monitor());
    for (RowBlocks& fold : folds) {
      for (RowBlock& block : fold.blocks()) standardise(block, rows.stored());
    }
  }

  std::vector<Judgement> judge(const FairOptions& options,
                               const std::vector<GridSetting>& settings) {
    return cross_validate(folds, parts, rows.stored(), classes, attributes, rows.names(), options,
                          learning, settings, cache, rows.monitor());
  }

  // The largest difference of mean scores without a constraint.
  double spread(const FairOptions& options, const GridSetting& setting) {
    return unconstrained_spread(folds, rows.summary(), rows.stored(), rows.names(), options,
                                learning.impute, setting, cache, rows.monitor());
  }

  TrainingRows rows;
  TargetClasses classes;
  Index attributes;
  FoldLearning learning;
  std::vector<RowBlocks> folds;
  std::vector<Summary> parts;
  std::size_t cache = 0;
};

std::vector<double> tenths(double whole) {
  std::vector<double> list;
  for (int k = 0; k <= 10; ++k) list.push_back(whole * k / 10);
  return list;
}

// The squared error says something of the squared loss only: other scores estimate no target.
void put_judgement(RowWriter& rows, const Judgement& judgement, const AnyLoss& loss) {
  const bool target = score_of(loss) == LossScore::Target && judgement.failed.empty();
  rows.number(judgement.accuracy)
      .number(judgement.gap)
      .number(judgement.selection_rate)
      .number(target ? std::optional(judgement.mean_squared_error) : std::nullopt);
}

// Of a setting that is no choice.
std::optional<std::string_view> note_of(const Judgement& judgement) {
  if (!judgement.failed.empty()) return judgement.failed;
  if (judgement.constant) return "constant: every row of a fold gets the same";
  return std::nullopt;
}

void warn_of_choice(const std::vector<Judgement>& judgements, Index chosen) {
  const auto failed = std::count_if(judgements.begin(), judgements.end(),
                                    [](const Judgement& j) { return !j.failed.empty(); });
  if (failed > 0) {
    backend([&] {
      ereport(WARNING, (errmsg("%d of %d settings could not be trained", static_cast<int>(failed),
                               static_cast<int>(judgements.size())),
                        errhint("The column note says why; a smaller c is easier to train.")));
    });
  }
  if (chosen >= 0 && judgements[static_cast<std::size_t>(chosen)].constant) {
    backend([] {
      ereport(
          WARNING,
          (errmsg("the chosen setting decides the same for everybody"),
           errhint("It has no gap, and no use. A larger share, other values of c and epsilon, or "
                   "class_weight => 'balanced' may find one that decides.")));
    });
  }
}

}  // namespace

FAIRDB_FUNCTION(cross_validate) {
  GridRequest request = cross_validation_request(Arguments(fcinfo));
  const FairModel& model = request.training.model;
  RowWriter rows(fcinfo);
  SpiSession session;
  {
    const Source source(request.training.source);
    const TrainingSource training(source, request.training);
    const Grid grid(request, total_width(model.columns));
    check_grid(grid, model.options);
    Folds folds(training, grid, model.seed);
    const std::vector<GridSetting> settings = settings_of(grid);
    const std::vector<Judgement> judgements = folds.judge(model.options, settings);
    const Index chosen = choose(judgements, request.share);
    for (std::size_t k = 0; k < settings.size(); ++k) {
      const GridSetting& setting = settings[k];
      rows.number(setting.c).number(setting.epsilon);
      rows.number(setting.kernel ? std::optional(setting.kernel->kernel.gamma) : std::nullopt);
      put_judgement(rows, judgements[k], model.options.loss);
      rows.boolean(static_cast<Index>(k) == chosen).text(note_of(judgements[k])).end_row();
    }
    warn_of_choice(judgements, chosen);
  }
  session.finish();
  rows.finish();
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(tradeoff) {
  GridRequest request = tradeoff_request(Arguments(fcinfo));
  const FairModel& model = request.training.model;
  RowWriter rows(fcinfo);
  SpiSession session;
  {
    const Source source(request.training.source);
    const TrainingSource training(source, request.training);
    Grid grid(request, total_width(model.columns));
    check_grid(grid, model.options);
    Folds folds(training, grid, model.seed);
    if (!request.epsilon) {
      grid.epsilon = tenths(folds.spread(model.options, {grid.c[0], 0, grid.kernels[0]}));
    }
    const std::vector<GridSetting> settings = settings_of(grid);
    const std::vector<Judgement> judgements = folds.judge(model.options, settings);
    for (std::size_t k = 0; k < settings.size(); ++k) {
      rows.number(settings[k].epsilon);
      put_judgement(rows, judgements[k], model.options.loss);
      rows.text(note_of(judgements[k])).end_row();
    }
    warn_of_choice(judgements, -1);
  }
  session.finish();
  rows.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
