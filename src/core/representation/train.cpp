#include "core/representation/train.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/archive.hpp"
#include "core/base/error.hpp"
#include "core/features/target.hpp"
#include "core/linear/train.hpp"
#include "core/optimize/adam.hpp"
#include "core/optimize/lbfgs.hpp"
#include "core/representation/divergences.hpp"
#include "core/representation/joint_start.hpp"
#include "core/representation/judge.hpp"
#include "core/representation/row_order.hpp"

namespace fairdb {
namespace {

constexpr Index kDefaultDimensions = 8;

[[noreturn]] void raise_range(const char* what) {
  throw Error(ErrorKind::InvalidArgument, what);
}

// The targets as the heads see them: classes as -1 / +1, numbers counted from their mean in units
// of their deviation.
struct TargetUnit {
  double origin = 0;
  double unit = 1;
};

double weight_of(const RowBlock& block, Index row, Index target) {
  return std::isnan(block.y(row, target)) ? 0 : block.w(row);
}

TargetUnit number_unit(const std::vector<RowBlock>& blocks, Index target, Monitor& monitor) {
  double weight = 0;
  double sum = 0;
  for (const RowBlock& block : blocks) {
    monitor.poll();
    for (Index i = 0; i < block.rows(); ++i) {
      const double w = weight_of(block, i, target);
      if (w == 0) continue;
      weight += w;
      sum += w * block.y(i, target);
    }
  }
  TargetUnit result;
  if (weight == 0) return result;
  result.origin = sum / weight;
  double squares = 0;
  for (const RowBlock& block : blocks) {
    monitor.poll();
    for (Index i = 0; i < block.rows(); ++i) {
      const double w = weight_of(block, i, target);
      if (w > 0)
        squares += w * (block.y(i, target) - result.origin) * (block.y(i, target) - result.origin);
    }
  }
  const double deviation = std::sqrt(squares / weight);
  if (deviation > 1e-14 * std::abs(result.origin)) result.unit = deviation;
  return result;
}

std::vector<TargetUnit> prepare_targets(RepresentationRows& rows, Monitor& monitor) {
  std::vector<TargetUnit> units(rows.targets.size());
  for (std::size_t t = 0; t < units.size(); ++t) {
    const auto target = static_cast<Index>(t);
    if (rows.binary[t]) {
      BinaryTarget classes;
      for (std::vector<RowBlock>* const part : {&rows.training, &rows.held_out}) {
        for (RowBlock& block : *part) classes.convert(block.target(target));
      }
    } else {
      units[t] = number_unit(rows.training, target, monitor);
      for (std::vector<RowBlock>* const part : {&rows.training, &rows.held_out}) {
        for (RowBlock& block : *part) {
          monitor.poll();
          block.target(target).array() =
              (block.target(target).array() - units[t].origin) / units[t].unit;
        }
      }
    }
  }
  return units;
}

void check_targets(const RepresentationRows& rows, Monitor& monitor) {
  for (std::size_t t = 0; t < rows.targets.size(); ++t) {
    bool negative = false;
    bool positive = false;
    for (const RowBlock& block : rows.training) {
      monitor.poll();
      for (Index i = 0; i < block.rows(); ++i) {
        if (weight_of(block, i, static_cast<Index>(t)) == 0) continue;
        (block.y(i, static_cast<Index>(t)) > 0 ? positive : negative) = true;
      }
    }
    if (!negative && !positive) {
      throw Error(ErrorKind::InvalidData,
                  "the target \"" + rows.targets[t] + "\" has no value in any row that trains",
                  "Leave it out of targets, or a smaller held_out may leave it some.");
    }
    if (rows.binary[t] && negative != positive) {
      throw Error(ErrorKind::InvalidData,
                  "the target \"" + rows.targets[t] + "\" is " + (positive ? "true" : "false") +
                      " in every row that trains",
                  "A class needs both; a smaller held_out or another seed may leave it some.");
    }
  }
}

// The mean over the rows that know a feature.
Vector known_means(const std::vector<RowBlock>& blocks, Index features, Monitor& monitor) {
  Vector sum = Vector::Zero(features);
  Vector weight = Vector::Zero(features);
  for (const RowBlock& block : blocks) {
    monitor.poll();
    for (Index i = 0; i < block.rows(); ++i) {
      for (Index j = 0; j < features; ++j) {
        if (std::isnan(block.values(i, j))) continue;
        sum(j) += block.w(i) * block.values(i, j);
        weight(j) += block.w(i);
      }
    }
  }
  return (weight.array() > 0).select(sum.array() / weight.array(), 0);
}

Vector deviations(const std::vector<RowBlock>& blocks, const Vector& mean, Monitor& monitor) {
  Vector squares = Vector::Zero(mean.size());
  double weight = 0;
  for (const RowBlock& block : blocks) {
    monitor.poll();
    for (Index i = 0; i < block.rows(); ++i) {
      squares += block.w(i) * (block.x().row(i).transpose() - mean).cwiseAbs2();
      weight += block.w(i);
    }
  }
  Vector scale = Vector::Ones(mean.size());
  for (Index j = 0; j < mean.size(); ++j) {
    const double deviation = std::sqrt(squares(j) / weight);
    if (deviation > 1e-14 * std::abs(mean(j))) scale(j) = deviation;
  }
  if (!mean.allFinite() || !scale.allFinite()) raise_beyond_double();
  return scale;
}

// The best head of a task for a map, in the units of the objective.
TaskHead fit_head(
    const TaskRows& rows, const FeatureMap& map, Index task, double c, Monitor& monitor) {
  const bool binary = rows.binary[static_cast<std::size_t>(task)];
  FairOptions options{.loss = binary ? AnyLoss(Logistic{}) : AnyLoss(Squared{}),
                      .fairness = Fairness::None,
                      .c = c,
                      .standardize = false,
                      .binary = binary};
  const RowBlocks represented = represented_rows(
      rows.blocks, map, [&](const RowBlock& block, Index i) { return block.y(i, task); }, monitor);
  Summary summary(map.dimensions, 0, {binary, {}});
  represented.each([&](const RowBlock& block) { summary.add(block); });
  const Scaling raw{Vector::Zero(map.dimensions), Vector::Ones(map.dimensions)};
  const LinearFit fit = fit_linear(summary, &represented, raw, {}, options, nullptr, monitor);
  RawCoefficients coefficients = raw_coefficients(fit);
  return {std::move(coefficients.coefficients), coefficients.constant};
}

// A random map and random heads, of the parameters' variance of a map's output.
Vector random_start(const FeatureMap& map, Index tasks, std::int64_t seed) {
  const Index size = map.parameters.size();
  Vector x = Vector::Zero(size + tasks * (map.dimensions + 1));
  x.head(size) = map.parameters;
  Random random(~static_cast<std::uint64_t>(seed));
  const double deviation = 1 / std::sqrt(static_cast<double>(map.dimensions));
  for (Index t = 0; t < tasks; ++t) {
    for (Index k = 0; k < map.dimensions; ++k) {
      x(size + t * (map.dimensions + 1) + k) = deviation * random.normal();
    }
  }
  return x;
}

// The value of the whole objective, batch by batch.
double whole_value(const RepresentationObjective& objective, const Vector& x, Monitor& monitor) {
  Vector gradient(objective.size());
  double sum = 0;
  for (std::int64_t b = 0; b < objective.batches(); ++b) {
    monitor.poll();
    sum += objective.evaluate(b, x, gradient);
  }
  return sum / static_cast<double>(objective.batches());
}

}  // namespace

void validate(const RepresentationOptions& options) {
  if (options.dimensions && (*options.dimensions < 1 || *options.dimensions > kMaxDimensions)) {
    raise_range("dimensions must be 1 to 256");
  }
  if (options.hidden < 0 || options.hidden > kMaxHidden) raise_range("hidden must be 0 to 1024");
  if (!(options.gamma >= 0) || !std::isfinite(options.gamma))
    raise_range("gamma must be 0 or a positive number");
  require_epsilon(options.term.epsilon);
  if (options.epochs && (*options.epochs < 1 || *options.epochs > 100000))
    raise_range("epochs must be 1 to 100000");
  if (options.batch < 10 || options.batch > 10000) raise_range("batch must be 10 to 10000");
  if (!(options.learning_rate > 0 && options.learning_rate <= 1)) {
    raise_range("learning_rate must be above 0 and at most 1");
  }
  if (!(options.c > 0) || !std::isfinite(options.c)) raise_range("c must be a positive number");
}

Index dimensions_of(const RepresentationOptions& options, Index features) {
  const Index most = options.hidden > 0 ? std::min(options.hidden, kMaxDimensions)
                                        : std::min(features, kMaxDimensions);
  if (!options.dimensions) {
    // As many as features would leave nothing out.
    const Index fewer = options.hidden > 0 ? most : std::max<Index>(1, most - 1);
    return std::min(kDefaultDimensions, fewer);
  }
  if (*options.dimensions <= most) return *options.dimensions;
  throw Error(ErrorKind::InvalidArgument,
              "dimensions is " + std::to_string(*options.dimensions) + ", but there are only " +
                  std::to_string(most) + (options.hidden > 0 ? " hidden units" : " features"),
              "A linear map has no more dimensions than features, one with hidden units no more "
              "than those.");
}

std::size_t representation_bytes(Index features,
                                 Index tasks,
                                 const RepresentationOptions& options) {
  const Index dimensions = dimensions_of(options, features);
  const Index parameters =
      FeatureMap::count(features, options.hidden, dimensions) + tasks * (dimensions + 1);
  const Index of_batch =
      options.batch * (features + 3 * options.hidden + 6 * dimensions + tasks) + 3 * kBlockElements;
  const Index of_transport =
      options.term.kind == RepresentationDivergence::Sinkhorn
          ? std::max(options.batch * options.batch, kJudgedVectors * kJudgedVectors)
          : 0;
  const Index of_lbfgs = 24 * parameters;
  // The differences of the groups' means and the coordinates made of them, or an even basis.
  const Index of_basis = 6 * features * features + 2 * kMaxTrainedGroups * features;
  return sizeof(double) * static_cast<std::size_t>(of_batch + of_transport + of_lbfgs + of_basis);
}

RepresentationFit train_representation(RepresentationRows rows,
                                       const RepresentationOptions& options,
                                       bool impute,
                                       Monitor& monitor) {
  validate(options);
  if (rows.training.empty()) raise_no_rows();
  RepresentationFit fit;
  fit.names = sort_groups(rows.names, {&rows.training, &rows.held_out});
  const Index d = rows.training.front().features();
  for (std::vector<RowBlock>* const part : {&rows.training, &rows.held_out}) {
    cut_evenly(*part, std::max(options.hidden, dimensions_of(options, d)), monitor);
    order_by_digest(*part, monitor);
  }
  const std::vector<TargetUnit> units = prepare_targets(rows, monitor);
  check_targets(rows, monitor);

  fit.mean = known_means(rows.training, d, monitor);
  if (impute) {
    fit.impute = fit.mean;
    for (std::vector<RowBlock>* const part : {&rows.training, &rows.held_out}) {
      for (RowBlock& block : *part) fill_unknown(block, fit.impute);
    }
  }
  fit.scale = deviations(rows.training, fit.mean, monitor);
  for (std::vector<RowBlock>* const part : {&rows.training, &rows.held_out}) {
    for (RowBlock& block : *part) standardise(block, {fit.mean, fit.scale});
  }

  TaskRows tasks{std::move(rows.training), rows.binary, {}};
  for (const auto& names : fit.names)
    tasks.groups.push_back(static_cast<std::int32_t>(names.size()));
  const FeatureMap shape = random_map(d, options.hidden, dimensions_of(options, d),
                                      static_cast<std::uint64_t>(options.seed));
  // What needs no batches: a linear map for means, or for nothing but the tasks.
  const bool of_means = options.hidden == 0 && options.term.kind == RepresentationDivergence::Mean;
  const bool even = options.hidden == 0 && options.gamma == 0;
  const Eigen::MatrixXd basis = even ? even_basis(tasks, options.c, monitor) : Eigen::MatrixXd{};
  const RepresentationObjective objective(tasks, shape, options.c, options.gamma, options.term,
                                          options.batch, static_cast<std::uint64_t>(options.seed),
                                          basis, monitor);
  bool compared = false;
  for (Index t = 0; t < tasks.tasks(); ++t) compared = compared || objective.compared(t);
  if (options.gamma > 0 && !compared) {
    throw Error(ErrorKind::InvalidData,
                "no task has rows of two groups: there is nothing to compare",
                "gamma => 0 trains without a divergence.");
  }

  Vector x;
  if (even || of_means) {
    JointStart own = joint_start(tasks, shape.dimensions, options.c, options.gamma, monitor);
    x = std::move(own.x);
    fit.report.outcome = own.residual <= kReached ? Outcome::Converged : Outcome::Stalled;
    fit.report.iterations = own.iterations;
    fit.report.objective = own.objective;
    fit.report.gradient_norm = own.residual;
  } else if (options.gamma == 0) {
    x = random_start(shape, tasks.tasks(), options.seed);
  }
  if (options.gamma == 0) {
    if (even) {
      Eigen::Map<RowMatrix> map(x.data(), shape.dimensions, d);
      map = basis.triangularView<Eigen::Lower>()
                .transpose()
                .solve(map.transpose())
                .transpose()
                .eval();
    }
    fit.report = minimize_lbfgs(objective, x, {.max_iterations = 500, .tolerance = 1e-6}, monitor);
  } else if (!of_means) {
    constexpr std::int64_t kEpochs = 40;
    const auto enough =
        std::max(kEpochs, (kFewestSteps + objective.batches() - 1) / objective.batches());
    x = random_start(shape, tasks.tasks(), options.seed);
    fit.report =
        minimize_adam(objective, x,
                      {.batches = objective.batches(),
                       .epochs = options.epochs.value_or(static_cast<std::int32_t>(enough)),
                       .learning_rate = options.learning_rate},
                      monitor);
  }
  fit.map = objective.map_of(x);
  if (!fit.map.parameters.allFinite()) raise_beyond_double();

  for (Index t = 0; t < tasks.tasks(); ++t) {
    TaskHead head = fit_head(tasks, fit.map, t, options.c, monitor);
    const Index at = shape.parameters.size() + t * (shape.dimensions + 1);
    x.segment(at, shape.dimensions) = head.weights;
    x(at + shape.dimensions) = head.intercept;
    fit.heads.push_back(std::move(head));
  }
  // Of means it is that of the tasks' own models.
  if (!of_means || options.gamma == 0) {
    fit.report.objective = whole_value(objective, x, monitor);
  }
  fit.marginal_error = objective.marginal_error();

  // In the units of the targets.
  for (std::size_t t = 0; t < units.size(); ++t) {
    fit.heads[t].weights *= units[t].unit;
    fit.heads[t].intercept = fit.heads[t].intercept * units[t].unit + units[t].origin;
    const auto target = static_cast<Index>(t);
    for (std::vector<RowBlock>* const part : {&tasks.blocks, &rows.held_out}) {
      if (rows.binary[t]) continue;
      for (RowBlock& block : *part) {
        block.target(target).array() =
            block.target(target).array() * units[t].unit + units[t].origin;
      }
    }
  }
  fit.training = judge_tasks(tasks.blocks, rows.binary, fit, options.term, monitor);
  if (!rows.held_out.empty())
    fit.held_out = judge_tasks(rows.held_out, rows.binary, fit, options.term, monitor);
  fit.probes = probe_groups(tasks.blocks, rows.held_out.empty() ? tasks.blocks : rows.held_out, fit,
                            monitor);
  return fit;
}

}  // namespace fairdb
