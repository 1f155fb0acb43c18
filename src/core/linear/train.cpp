#include "core/linear/train.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "core/base/archive.hpp"
#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/linear/hinge.hpp"
#include "core/objective/risk.hpp"
#include "core/optimize/newton.hpp"
#include "core/optimize/subspace.hpp"

namespace fairdb {

void check_trained_groups(std::size_t groups) {
  if (groups <= static_cast<std::size_t>(kMaxTrainedGroups)) return;
  throw Error(ErrorKind::TooLarge,
              "more than " + std::to_string(kMaxTrainedGroups) + " groups to train with",
              "Is this column really the sensitive attribute?");
}

namespace {

constexpr const char* kConditioning =
    "A smaller c, or standardize => true, makes the problem better conditioned.";

// Numbers beyond the range of double have no use as a model.
void check_finite(const LinearFit& fit) {
  if (fit.mean.allFinite() && fit.scale.allFinite() && fit.weights.allFinite() &&
      std::isfinite(fit.intercept) && std::isfinite(fit.report.objective) &&
      std::isfinite(fit.report.gradient_norm)) {
    return;
  }
  raise_beyond_double();
}

[[noreturn]] void raise_not_converged(const Report& report) {
  throw Error(ErrorKind::NotConverged,
              "training stopped before the optimum: " + std::string(name(report.outcome)) +
                  " after " + std::to_string(report.iterations) + " iterations",
              kConditioning);
}

// Whether values of this mean and this sum of squares around it vary by more than rounding.
bool varies(double scatter, double mean, double weight) {
  return std::sqrt(std::max(0.0, scatter)) > 1e-14 * std::sqrt(weight) * std::abs(mean);
}

// A part of the problem that all solvers share.
struct FairSet {
  std::vector<RowMatrix> conditions;
  Eigen::MatrixXd basis;  // of the weights; 0 x 0 for all of them
  bool slack = false;     // the conditions are inequalities
};

FairSet fair_set_of(const Summary& summary,
                    const Scaling& standard,
                    const GroupNames& names,
                    const FairOptions& options,
                    Monitor& monitor) {
  FairSet fair_set;
  fair_set.conditions =
      conditions_of(summary, options.fairness, standard.mean, standard.scale, names);
  if (fair_set.conditions.empty()) return fair_set;
  if (options.epsilon > 0) {
    fair_set.slack = std::isfinite(options.epsilon);
    return fair_set;
  }
  const WeightSpace space = weight_space(fair_set.conditions, summary, standard, monitor);
  fair_set.basis = options.method == Method::Projection ? space.orthonormal_basis(monitor)
                                                        : space.elimination_basis();
  return fair_set;
}

// With the intercept at its optimum b = mean(y) (the features are centred), the problem in w = B t
// is quadratic:  (I + c B' S B) t = c B' r.
LinearFit fit_squared(const Summary& summary,
                      const FairSet& fair_set,
                      const Scaling& standard,
                      const FairOptions& options,
                      Monitor& monitor) {
  const Moments& joint = summary.joint();
  const Index d = joint.columns() - 1;
  LinearFit fit;
  fit.mean = standard.mean;
  fit.scale = standard.scale;
  const Eigen::MatrixXd scatter = joint.scatter();
  const Vector inverse_scale = fit.scale.cwiseInverse();
  const Eigen::MatrixXd s =
      inverse_scale.asDiagonal() * scatter.topLeftCorner(d, d) * inverse_scale.asDiagonal();
  const Vector r = inverse_scale.cwiseProduct(scatter.col(d).head(d));
  const Coordinates coordinates{Vector::Ones(d), Vector::Zero(d), fair_set.basis};
  Eigen::MatrixXd normal = fair_set.basis.rows() == 0
                               ? s
                               : panel_product(fair_set.basis.transpose(),
                                               panel_product(s, fair_set.basis, monitor), monitor);
  normal *= options.c;
  normal.diagonal().array() += 1;
  monitor.poll();
  const Vector right = fair_set.basis.rows() == 0 ? Vector(options.c * r)
                                                  : options.c * (fair_set.basis.transpose() * r);
  bool solved = false;
  Vector t = solve_positive(normal, right, &solved);
  if (!solved) {
    throw Error(ErrorKind::NotConverged,
                "the problem is too badly conditioned to be solved in double precision",
                kConditioning);
  }
  fit.report.outcome = Outcome::Converged;
  fit.report.iterations = 1;
  fit.report.evaluations = 1;
  fit.report.gradient_norm = t.size() == 0 ? 0 : (normal * t - right).lpNorm<Eigen::Infinity>();
  if (fair_set.slack && spread_of_scores(fair_set.conditions, t) > options.epsilon) {
    // One quadratic step within the polytope, from 0.
    Inequalities slack = slack_inequalities(fair_set.conditions, options.epsilon);
    Eigen::MatrixXd hessian = Eigen::MatrixXd::Zero(d + 1, d + 1);
    hessian.topLeftCorner(d, d) = normal;
    hessian(d, d) = 1;  // the intercept stays where it is
    Vector gradient = Vector::Zero(d + 1);
    gradient.head(d) = -right;
    const auto outside = [](const Vector&) { return false; };
    const PolytopeStep step(std::move(slack.a), std::move(slack.beta), outside, monitor);
    t = step(hessian, gradient, Vector::Zero(d + 1)).head(d);
  }
  fit.weights = coordinates.weights(t);
  fit.free_dimensions = coordinates.free();
  fit.intercept = joint.mean()(d);
  const double squared_error =
      scatter(d, d) - 2 * fit.weights.dot(r) + fit.weights.dot(s * fit.weights);
  fit.report.objective = 0.5 * t.squaredNorm() + 0.5 * options.c * squared_error;
  fit.report.trace = {{1, fit.report.objective, fit.report.gradient_norm}};
  return fit;
}

// A start from a fit in other coordinates; without one no weights, and of numbers their mean.
Vector start_at(const LinearFit* start,
                const Coordinates& coordinates,
                const FairOptions& options,
                const Moments& joint) {
  Vector v = Vector::Zero(coordinates.free() + 1);
  if (start == nullptr || start->weights.size() != coordinates.columns()) {
    if (!options.binary) v(coordinates.free()) = joint.mean()(coordinates.columns());
    return v;
  }
  v.head(coordinates.free()) = coordinates.basis.rows() == 0
                                   ? start->weights
                                   : Vector(coordinates.basis.transpose() * start->weights);
  v(coordinates.free()) = start->intercept;
  return v;
}

// One report of solvers that ran one after the other.
void append(Report& report, Report next) {
  next.iterations += report.iterations;
  next.evaluations += report.evaluations;
  for (TracePoint& point : next.trace) point.iteration += report.iterations;
  // A solver begins where the one before ended.
  if (!report.trace.empty() && !next.trace.empty()) next.trace.erase(next.trace.begin());
  next.trace.insert(next.trace.begin(), report.trace.begin(), report.trace.end());
  report = std::move(next);
}

// What the target is measured in while a solver works, so that how far it is from the optimum is
// the same whether incomes are in euros or in thousands, and the digits in which scores differ are
// kept.
struct TargetUnit {
  double origin = 0;
  double unit = 1;
  bool varies = true;
};

// Its mean and deviation; of classes they are none.
TargetUnit target_unit(const FairOptions& options, const Moments& joint) {
  if (options.binary) return {};
  const Index d = joint.columns() - 1;
  const double scatter = joint.scatter()(d, d);
  const double deviation = std::sqrt(scatter / joint.weight());
  return {joint.mean()(d), deviation > 0 && std::isfinite(deviation) ? deviation : 1,
          varies(scatter, joint.mean()(d), joint.weight())};
}

// Progress of solvers that run one after the other in units of their own: told in those of the
// user, and never backwards.
class ProgressOfRounds final : public Monitor {
 public:
  ProgressOfRounds(Monitor& monitor, double squared_unit, const Report& so_far)
      : monitor_(monitor), squared_unit_(squared_unit), so_far_(so_far) {}
  void poll() override { monitor_.poll(); }
  void step(const Progress& progress) override {
    Progress told = progress;
    share_ = std::max(share_, progress.share);
    told.iteration += so_far_.iterations;
    told.objective *= squared_unit_;
    told.residual *= squared_unit_;
    told.share = share_;
    monitor_.step(told);
  }

 private:
  Monitor& monitor_;
  double squared_unit_;
  const Report& so_far_;
  double share_ = 0;
};

template <Loss L>
Report fit_smooth(L loss,
                  const RowStore& rows,
                  const FairSet& fair_set,
                  const Coordinates& coordinates,
                  const FairOptions& options,
                  const RowCosts& costs,
                  const TargetUnit& target,
                  Vector& v,
                  Monitor& monitor) {
  double& intercept = v(v.size() - 1);
  Report report;
  const Centred centred(loss, target.origin);
  if (!target.varies) {
    // The mean is every row's target, but for rounding, from which nothing can be learnt.
    v.setZero();
    Vector gradient(rows.columns() + 1);
    Eigen::MatrixXd hessian;
    report.objective = Risk(rows, centred, costs, monitor)
                           .evaluate(Vector::Zero(gradient.size()), gradient, hessian);
    report.gradient_norm = gradient.lpNorm<Eigen::Infinity>();
    report.evaluations = 1;
    report.outcome = Outcome::Converged;
    intercept = target.origin;
    return report;
  }
  const double unit = target.unit;
  intercept -= target.origin;
  v /= unit;
  const double epsilon = options.epsilon / unit;
  std::optional<PolytopeStep> polytope;
  if (fair_set.slack) {
    const Index d = coordinates.columns();
    // A start outside of the polytope shrinks until it is inside.
    const double spread = spread_of_scores(fair_set.conditions, v.head(d));
    if (spread > epsilon) v.head(d) *= epsilon / spread;
    Inequalities slack = slack_inequalities(fair_set.conditions, epsilon);
    const auto inside = [&fair_set, epsilon, d](const Vector& x) {
      return spread_of_scores(fair_set.conditions, x.head(d)) <= epsilon;
    };
    polytope.emplace(std::move(slack.a), std::move(slack.beta), inside, monitor);
  }
  ProgressOfRounds progress(monitor, unit * unit, report);
  const auto minimise = [&](const auto& of, std::int32_t max_iterations) {
    const Risk risk(rows, of, costs, monitor);
    const Regularised regularised(risk, coordinates, monitor);
    const InUnits f(regularised, unit);
    if (!polytope) {
      return minimize_newton(f, v, FreeStep{}, {.max_iterations = max_iterations}, progress);
    }
    return minimize_newton(f, v, *polytope, {.max_iterations = max_iterations, .tolerance = 1e-9},
                           progress);
  };
  if constexpr (requires { loss.bound(0.0, 0.0); }) {
    // The parabolas above come near from anywhere, and slowly; Newton's steps finish quickly where
    // the rows that curve at the optimum curve already.
    constexpr int kRounds = 40;
    for (int round = 0; round < kRounds && report.outcome != Outcome::Converged; ++round) {
      const std::int32_t steps = report.iterations;
      append(report, minimise(Centred(Bounded(loss), target.origin), 20));
      if (report.outcome != Outcome::Converged) append(report, minimise(centred, 10));
      if (report.iterations == steps) break;  // the next round would be this one
    }
  } else {
    report = minimise(centred, NewtonOptions{}.max_iterations);
  }
  v *= unit;
  intercept += target.origin;
  const double squared = unit * unit;
  report.objective *= squared;
  report.gradient_norm *= squared;
  for (TracePoint& point : report.trace) {
    point.objective *= squared;
    point.residual *= squared;
  }
  return report;
}

// By the solver of the loss, in several readings of the rows.
Report fit_rows(const Summary& summary,
                const RowStore& rows,
                const FairSet& fair_set,
                const Coordinates& coordinates,
                const FairOptions& options,
                Vector& v,
                Monitor& monitor) {
  const Moments& joint = summary.joint();
  const RowCosts costs = row_costs(options, summary);
  return std::visit(
      [&](const auto& loss) {
        using L = std::decay_t<decltype(loss)>;
        if constexpr (L::kSolver == LossSolver::Newton || L::kSolver == LossSolver::ClosedForm) {
          return fit_smooth(loss, rows, fair_set, coordinates, options, costs,
                            target_unit(options, joint), v, monitor);
        } else {
          static_assert(L::kSolver == LossSolver::Hinge && std::is_same_v<L, Hinge>,
                        "a loss must name a solver that minimises it");
          Inequalities slack;
          if (fair_set.slack) slack = slack_inequalities(fair_set.conditions, options.epsilon);
          return minimize_hinge(rows, joint.rows(), coordinates, slack, costs, v, monitor);
        }
      },
      options.loss);
}

}  // namespace

void validate(const FairOptions& options) {
  if (!(options.c > 0) || !std::isfinite(options.c)) {
    throw Error(ErrorKind::InvalidArgument, "c must be a positive number",
                "c weighs the loss against the penalty 1/2 |w|^2; 1 is the default.");
  }
  if (!(options.epsilon >= 0)) {
    throw Error(ErrorKind::InvalidArgument, "epsilon must be 0 or a positive number",
                "It is the largest difference of the groups' mean scores that may stay.");
  }
  if (options.method == Method::Elimination && options.epsilon > 0) {
    throw Error(ErrorKind::InvalidArgument,
                "method elimination needs epsilon 0: it removes the whole difference",
                "Use method => 'projection' with epsilon.");
  }
  const ClassWeight& weight = options.class_weight;
  for (const double factor : {weight.negative, weight.positive}) {
    if (factor >= 1e-12 && factor <= 1e12) continue;
    throw Error(ErrorKind::InvalidArgument, "class weights must be numbers from 1e-12 to 1e12");
  }
}

WeightSpace weight_space(const std::vector<RowMatrix>& conditions,
                         const Summary& summary,
                         const Scaling& standard,
                         Monitor& monitor) {
  const Vector deviation = scaling_of(summary, true).scale.cwiseQuotient(standard.scale);
  return {constraint_directions(conditions, deviation.size()), deviation, monitor};
}

// Cholesky's factorisation of the correlations, column by column: what is left of a column's
// variance once the columns before it are known.
Degenerate degenerate_columns(const Moments& joint, Monitor& monitor) {
  constexpr double kTolerance = 1e-10;
  const Index d = joint.columns() - 1;
  Degenerate result;
  Eigen::MatrixXd a = joint.scatter().topLeftCorner(d, d);
  Vector deviation = a.diagonal().cwiseMax(0).cwiseSqrt();
  for (Index j = 0; j < d; ++j) {
    if (!varies(a(j, j), joint.mean()(j), joint.weight())) {
      result.constant.push_back(j);
      deviation(j) = 0;
    }
  }
  Eigen::MatrixXd factor = Eigen::MatrixXd::Zero(d, d);
  for (Index j = 0; j < d; ++j) {
    if (deviation(j) == 0) continue;
    monitor.poll();
    Vector row(j);
    double left = 1;
    for (Index k = 0; k < j; ++k) {
      if (factor(k, k) == 0) {
        row(k) = 0;
        continue;
      }
      const double correlation = a(j, k) / (deviation(j) * deviation(k));
      row(k) = (correlation - row.head(k).dot(factor.row(k).head(k))) / factor(k, k);
      left -= row(k) * row(k);
    }
    if (left <= kTolerance) {
      result.collinear.push_back(j);
      continue;
    }
    factor.row(j).head(j) = row.transpose();
    factor(j, j) = std::sqrt(left);
  }
  return result;
}

double relative_residual(const Report& report, LossSolver solver) {
  if (solver == LossSolver::Hinge) return report.gradient_norm;
  return report.gradient_norm /
         std::max(std::numeric_limits<double>::min(), std::abs(report.objective));
}

RowCosts row_costs(const FairOptions& options, const Summary& summary) {
  RowCosts costs{options.c, options.class_weight.negative, options.class_weight.positive};
  if (options.class_weight.balanced && options.binary) {
    const double total = summary.class_weight(0) + summary.class_weight(1);
    costs.negative = total / (2 * summary.class_weight(0));
    costs.positive = total / (2 * summary.class_weight(1));
  }
  return costs;
}

bool closed_form(const FairOptions& options) {
  return solver_of(options.loss) == LossSolver::ClosedForm &&
         (!options.binary || options.class_weight.plain());
}

namespace {

// Whether any weights of the subspace give rows different scores: not those along which features
// complete each other, as the two indicators of a level that a row has or has not. Asked of two
// weights at random.
bool tells_rows_apart(const Summary& summary,
                      const Scaling& standard,
                      const Eigen::MatrixXd& basis) {
  constexpr double kRounding = 1e-13;
  const Eigen::MatrixXd scatter = summary.joint().scatter();
  const Index d = basis.rows();
  Random random(1);
  for (int probe = 0; probe < 2; ++probe) {
    Vector t(basis.cols());
    for (Index j = 0; j < t.size(); ++j) t(j) = random.normal();
    const Vector weights = (basis * t).cwiseQuotient(standard.scale);
    const Vector part = weights.cwiseAbs2().cwiseProduct(scatter.diagonal().head(d));
    const double spread = weights.dot(scatter.topLeftCorner(d, d) * weights);
    if (spread > kRounding * part.sum()) return true;
  }
  return false;
}

}  // namespace

RawCoefficients raw_coefficients(const LinearFit& fit) {
  RawCoefficients raw;
  raw.coefficients = fit.weights.cwiseQuotient(fit.scale);
  raw.constant = fit.intercept - raw.coefficients.dot(fit.mean);
  return raw;
}

LinearFit fit_linear(const Summary& summary,
                     const RowStore* rows,
                     const Scaling& stored,
                     const GroupNames& names,
                     const FairOptions& options,
                     const LinearFit* start,
                     Monitor& monitor) {
  const Scaling standard = scaling_of(summary, options.standardize);
  const FairSet fair_set = fair_set_of(summary, standard, names, options, monitor);
  LinearFit fit;
  if (closed_form(options)) {
    fit = fit_squared(summary, fair_set, standard, options, monitor);
  } else {
    FAIRDB_ASSERT(rows != nullptr);
    const Rescaled units(stored, standard);
    const Coordinates coordinates{units.scale, units.shift, fair_set.basis};
    Vector v = start_at(start, coordinates, options, summary.joint());
    fit.report = fit_rows(summary, *rows, fair_set, coordinates, options, v, monitor);
    const double residual = relative_residual(fit.report, solver_of(options.loss));
    if (fit.report.outcome != Outcome::Converged && !(residual <= kUsable)) {
      raise_not_converged(fit.report);
    }
    fit.mean = standard.mean;
    fit.scale = standard.scale;
    fit.weights = coordinates.weights(v.head(coordinates.free()));
    fit.intercept = v(coordinates.free());
    fit.free_dimensions = coordinates.free();
  }
  if (fair_set.basis.rows() > 0 && !tells_rows_apart(summary, standard, fair_set.basis)) {
    fit.free_dimensions = 0;
  }
  fit.report.violation = spread_of_scores(fair_set.conditions, fit.weights);
  check_finite(fit);
  return fit;
}

}  // namespace fairdb
