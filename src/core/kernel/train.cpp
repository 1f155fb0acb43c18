#include "core/kernel/train.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/kernel/smo.hpp"
#include "core/optimize/dense.hpp"

namespace fairdb {
namespace {

// The rows side by side, standardised.
struct TrainingPoints {
  RowMatrix z;
  Vector y;
  Vector weight;
  std::vector<std::int32_t> group;  // rows x attributes
  Index attributes = 1;
};

TrainingPoints gather(const RowStore& rows,
                      Index count,
                      const Scaling& stored,
                      const Scaling& standard,
                      Monitor& monitor) {
  const Index d = rows.columns();
  TrainingPoints points{RowMatrix(count, d), Vector(count), Vector(count), {}, 1};
  const Rescaled standardised(stored, standard);
  Index offset = 0;
  rows.each([&](const RowBlock& block) {
    monitor.poll();
    const Index m = block.rows();
    points.z.middleRows(offset, m) = standardised(block.x());
    points.y.segment(offset, m) = block.target();
    points.weight.segment(offset, m) =
        block.weight.size() == 0 ? Vector(Vector::Ones(m)) : block.weight;
    points.group.insert(points.group.end(), block.group.begin(), block.group.end());
    points.attributes = block.attributes;
    offset += m;
  });
  return points;
}

// A mean that a condition compares, as weights of rows.
struct MeanRows {
  std::vector<Index> rows;
  std::vector<double> weights;
};

// By condition and group.
std::vector<std::vector<MeanRows>> mean_rows(const TrainingPoints& points,
                                             const Summary& summary,
                                             Fairness fairness) {
  std::vector<std::vector<MeanRows>> result;
  for (Index a = 0; a < points.attributes; ++a) {
    for (const int wanted : compared_classes(fairness, summary.classes())) {
      std::vector<MeanRows> means(
          static_cast<std::size_t>(summary.attributes()[static_cast<std::size_t>(a)].groups()));
      for (Index i = 0; i < points.y.size(); ++i) {
        const std::int32_t g = points.group[static_cast<std::size_t>(i * points.attributes + a)];
        if (g == kUnknownGroup || !(points.weight(i) > 0)) continue;
        if (wanted != kAllClasses && summary.classes().of(points.y(i)) != wanted) continue;
        MeanRows& mean = means[static_cast<std::size_t>(g)];
        mean.rows.push_back(i);
        mean.weights.push_back(points.weight(i));
      }
      std::erase_if(means, [](const MeanRows& mean) { return mean.rows.empty(); });
      for (MeanRows& mean : means) {
        double total = 0;
        for (const double w : mean.weights) total += w;
        for (double& w : mean.weights) w /= total;
      }
      result.push_back(std::move(means));
    }
  }
  return result;
}

// The span of the differences of means in the feature space, by an orthonormal basis. Differences
// are the same in the centred kernel.
struct Span {
  RowMatrix products;            // n x means: inner products of rows and means
  RowMatrix p;                   // n x r: coordinates of the rows
  std::vector<RowMatrix> means;  // by condition: coordinates of the means, groups x r
  Eigen::MatrixXd to_basis;      // means x r: the basis as combinations of the means
};

// tau = K C, the means' inner products with all rows, in panels.
RowMatrix mean_products(const TrainingPoints& points,
                        const std::vector<const MeanRows*>& means,
                        const Kernel& kernel,
                        Monitor& monitor) {
  const Index n = points.y.size();
  // The rows that stand in some mean, so that others cost nothing.
  std::vector<Index> place(static_cast<std::size_t>(n), -1);
  std::vector<Index> members;
  for (const MeanRows* mean : means) {
    for (const Index i : mean->rows) {
      if (place[static_cast<std::size_t>(i)] >= 0) continue;
      place[static_cast<std::size_t>(i)] = static_cast<Index>(members.size());
      members.push_back(i);
    }
  }
  constexpr Index kPanel = 512;
  const auto columns = static_cast<Index>(means.size());
  RowMatrix tau = RowMatrix::Zero(n, columns);
  for (Index from = 0; from < static_cast<Index>(members.size()); from += kPanel) {
    const Index width = std::min(kPanel, static_cast<Index>(members.size()) - from);
    RowMatrix z(width, points.z.cols());
    for (Index k = 0; k < width; ++k) {
      z.row(k) = points.z.row(members[static_cast<std::size_t>(from + k)]);
    }
    RowMatrix c = RowMatrix::Zero(width, columns);
    for (Index m = 0; m < columns; ++m) {
      const MeanRows& mean = *means[static_cast<std::size_t>(m)];
      for (std::size_t k = 0; k < mean.rows.size(); ++k) {
        const Index at = place[static_cast<std::size_t>(mean.rows[k])] - from;
        if (at >= 0 && at < width) c(at, m) = mean.weights[k];
      }
    }
    for (Index row = 0; row < n; row += kPanel) {
      monitor.poll();
      const Index height = std::min(kPanel, n - row);
      tau.middleRows(row, height).noalias() +=
          centred_kernel_matrix(kernel, points.z.middleRows(row, height), z) * c;
    }
  }
  return tau;
}

Span span_of(const TrainingPoints& points,
             const std::vector<std::vector<MeanRows>>& conditions,
             const Kernel& kernel,
             const KernelRows& rows,
             Monitor& monitor) {
  std::vector<const MeanRows*> means;
  Index directions = 0;
  for (const auto& condition : conditions) {
    for (const MeanRows& mean : condition) means.push_back(&mean);
    directions += static_cast<Index>(condition.size()) - 1;
  }
  const auto m = static_cast<Index>(means.size());
  const RowMatrix tau = mean_products(points, means, kernel, monitor);
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(m, m);  // <mean_i, mean_j>
  for (Index i = 0; i < m; ++i) {
    const MeanRows& mean = *means[static_cast<std::size_t>(i)];
    for (std::size_t k = 0; k < mean.rows.size(); ++k) {
      gram.row(i) += mean.weights[k] * tau.row(mean.rows[k]);
    }
  }
  // Columns: differences to the first mean of a condition, as combinations of the means.
  Eigen::MatrixXd differences = Eigen::MatrixXd::Zero(m, directions);
  Index column = 0;
  Index first = 0;
  for (const auto& condition : conditions) {
    for (Index g = 1; g < static_cast<Index>(condition.size()); ++g, ++column) {
      differences(first, column) = -1;
      differences(first + g, column) = 1;
    }
    first += static_cast<Index>(condition.size());
  }
  const Eigen::MatrixXd products = differences.transpose() * gram * differences;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen((products + products.transpose()) / 2);
  double unit = 0;
  for (Index i = 0; i < points.y.size(); ++i) unit += rows.diagonal(i);
  unit /= static_cast<double>(points.y.size());
  Index rank = 0;
  for (Index k = 0; k < directions; ++k) rank += eigen.eigenvalues()(k) > 1e-12 * unit ? 1 : 0;
  Span span;
  span.to_basis = differences * eigen.eigenvectors().rightCols(rank) *
                  eigen.eigenvalues().tail(rank).cwiseSqrt().cwiseInverse().asDiagonal();
  span.p = tau * span.to_basis;
  const Eigen::MatrixXd coordinates = gram * span.to_basis;
  first = 0;
  for (const auto& condition : conditions) {
    span.means.emplace_back(coordinates.middleRows(first, static_cast<Index>(condition.size())));
    first += static_cast<Index>(condition.size());
  }
  span.products = tau;
  return span;
}

// Keeps the rows with a coefficient; a linear kernel needs their sum only.
void compress(const RowMatrix& z, const Vector& coefficients, KernelFit& fit) {
  if (fit.kernel.kind == KernelKind::Linear) {
    fit.vectors = (z.transpose() * coefficients).transpose();
    fit.coefficients = Vector::Ones(1);
    return;
  }
  std::vector<Index> kept;
  for (Index i = 0; i < coefficients.size(); ++i) {
    if (coefficients(i) != 0) kept.push_back(i);
  }
  fit.vectors.resize(static_cast<Index>(kept.size()), z.cols());
  fit.coefficients.resize(static_cast<Index>(kept.size()));
  for (std::size_t k = 0; k < kept.size(); ++k) {
    fit.vectors.row(static_cast<Index>(k)) = z.row(kept[k]);
    fit.coefficients(static_cast<Index>(k)) = coefficients(kept[k]);
  }
}

RowMatrix landmarks(const RowStore& rows,
                    const Scaling& stored,
                    const Scaling& standard,
                    const KernelOptions& kernel,
                    Monitor& monitor) {
  struct Candidate {
    std::uint64_t digest;
    Vector z;
  };
  const auto wanted = static_cast<std::size_t>(kernel.components);
  const auto before = [](const Candidate& a, const Candidate& b) { return a.digest < b.digest; };
  const Rescaled standardised(stored, standard);
  std::vector<Candidate> heap;  // the smallest digests, the largest of them first
  rows.each([&](const RowBlock& block) {
    monitor.poll();
    for (Index i = 0; i < block.rows(); ++i) {
      const std::uint64_t digest = row_digest(block, i, kernel.seed);
      if (heap.size() == wanted && digest >= heap.front().digest) continue;
      const bool known = std::any_of(heap.begin(), heap.end(),
                                     [&](const Candidate& c) { return c.digest == digest; });
      if (known) continue;
      if (heap.size() == wanted) {
        std::pop_heap(heap.begin(), heap.end(), before);
        heap.pop_back();
      }
      heap.push_back({digest, standardised(block.x().row(i)).transpose()});
      std::push_heap(heap.begin(), heap.end(), before);
    }
  });
  std::sort(heap.begin(), heap.end(), before);
  RowMatrix result(static_cast<Index>(heap.size()), rows.columns());
  for (std::size_t k = 0; k < heap.size(); ++k) {
    result.row(static_cast<Index>(k)) = heap[k].z.transpose();
  }
  return result;
}

}  // namespace

void validate(const FairOptions& options, const KernelOptions& kernel) {
  validate(options);
  validate(kernel.kernel);
  if (kernel.components < 0 || kernel.components > kMaxComponents) {
    throw Error(ErrorKind::InvalidArgument,
                "components must be between 0 and " + std::to_string(kMaxComponents),
                "0 solves exactly; 500 landmarks serve most data.");
  }
  if (kernel.exact() && solver_of(options.loss) != LossSolver::Hinge) {
    throw Error(
        ErrorKind::InvalidArgument,
        "the exact kernel trainer knows the hinge loss, not " + std::string(name(options.loss)),
        "components => 500 trains with any loss on the features of that many landmarks.");
  }
  if (options.method == Method::Elimination) {
    throw Error(ErrorKind::InvalidArgument, "method elimination is for linear models",
                "A kernel's features have no columns to eliminate; use method => 'projection'.");
  }
}

void check_rows(const KernelOptions& kernel, std::int64_t rows) {
  if (!kernel.exact() || rows <= kMaxKernelRows) return;
  throw Error(ErrorKind::TooLarge,
              "the exact kernel trainer takes " + std::to_string(kMaxKernelRows) +
                  " rows at most, the source has " + std::to_string(rows),
              "components => 500 trains on the features of 500 landmarks instead, on any number of "
              "rows.");
}

Vector scores(const KernelFit& fit, const MatrixView& z, Monitor& monitor) {
  constexpr Index kPanel = 64;
  Vector result(z.rows());
  for (Index row = 0; row < z.rows(); row += kPanel) {
    monitor.poll();
    const Index height = std::min(kPanel, z.rows() - row);
    result.segment(row, height).noalias() =
        kernel_matrix(fit.kernel, z.middleRows(row, height), fit.vectors) * fit.coefficients;
  }
  return result.array() + fit.intercept;
}

std::size_t kernel_row_bytes(Index columns, const KernelOptions& kernel) {
  const bool linear = kernel.kernel.kind == KernelKind::Linear;
  // The solver of the hinge copies what lies near the margin.
  const Index numbers = kernel.components > 0 ? 2 * kernel.components + 30
                        : linear              ? 2 * columns + 30
                                              : columns + 12;
  return sizeof(double) * static_cast<std::size_t>(numbers);
}

std::size_t constraint_row_bytes(const Summary& summary,
                                 Fairness fairness,
                                 const KernelOptions& kernel) {
  if (!kernel.exact()) return 0;
  const auto classes = static_cast<Index>(compared_classes(fairness, summary.classes()).size());
  Index means = 0;
  for (const GroupSums& sums : summary.attributes()) means += classes * sums.groups();
  if (means > kMaxKernelMeans) {
    throw Error(ErrorKind::TooLarge,
                "the constraint compares " + std::to_string(means) +
                    " means of groups, the exact kernel trainer takes " +
                    std::to_string(kMaxKernelMeans) + " at most",
                "Use components => 500, or fewer groups.");
  }
  // Products with the means, coordinates in their span, and the row's place in a mean of each
  // attribute.
  const auto attributes = static_cast<Index>(summary.attributes().size());
  return sizeof(double) * static_cast<std::size_t>(2 * means + 4 * attributes);
}

std::size_t kernel_bytes(const KernelOptions& kernel) {
  const auto m = static_cast<std::size_t>(kernel.components);
  return sizeof(double) * 12 * m * m;
}

// What the dual of every c and epsilon shares.
struct KernelProblem::Exact {
  Exact(TrainingPoints all,
        const Summary& summary,
        Fairness fairness,
        const Kernel& kernel,
        std::size_t cache_bytes,
        Monitor& monitor)
      : points(std::move(all)),
        conditions(mean_rows(points, summary, fairness)),
        kernel_rows(kernel, points.z),
        rows(points.y.size(), cache_bytes, [this, &monitor](Index i, Eigen::VectorXf& row) {
          monitor.poll();
          kernel_rows.row(i, row);
          if (span.p.cols() > 0) row -= (span.p * span.p.row(i).transpose()).cast<float>();
        }) {
    const Index n = points.y.size();
    span.p = RowMatrix(n, 0);
    if (!conditions.empty()) span = span_of(points, conditions, kernel, kernel_rows, monitor);
    diagonal.resize(n);
    for (Index i = 0; i < n; ++i) {
      diagonal(i) = kernel_rows.diagonal(i) - span.p.row(i).squaredNorm();
    }
  }

  // u of the last fit, fitted to the bounds of another c.
  Vector start(double c) const { return u.size() == 0 ? u : Vector(u * (c / last_c)); }

  TrainingPoints points;
  std::vector<std::vector<MeanRows>> conditions;
  Span span;
  KernelRows kernel_rows;
  RowCache rows;
  Vector diagonal;
  Vector u;
  double last_c = 1;
};

// Features k(x, landmarks) r with r'(landmarks' kernel matrix) r = 1, for a linear model of them.
// With the unit vectors as landmarks those of a linear kernel are the columns themselves.
struct KernelProblem::Mapped {
  Mapped(const Summary& of_rows,
         const RowStore& store,
         const Scaling& stored,
         const Scaling& standard,
         const KernelOptions& kernel,
         Monitor& monitor)
      : vectors(kernel.components > 0 ? landmarks(store, stored, standard, kernel, monitor)
                                      : RowMatrix::Identity(store.columns(), store.columns())),
        rows(0),
        summary(0, 0, of_rows.classes()) {
    root = kernel.components > 0
               ? inverse_factor(kernel_matrix(kernel.kernel, vectors, vectors), monitor)
               : Eigen::MatrixXd::Identity(vectors.rows(), vectors.rows());
    const Index rank = root.cols();
    rows = RowBlocks(rank);
    summary = Summary(rank, static_cast<Index>(of_rows.attributes().size()), of_rows.classes());
    summary.set_part(of_rows.part());
    const Rescaled standardised(stored, standard);
    store.each([&](const RowBlock& block) {
      monitor.poll();
      RowBlock wide;
      wide.group = block.group;
      wide.weight = block.weight;
      wide.attributes = block.attributes;
      wide.values.resize(block.rows(), rank + 1);
      const RowMatrix z = standardised(block.x());
      constexpr Index kPanel = 128;
      for (Index row = 0; row < z.rows(); row += kPanel) {
        monitor.poll();
        const Index height = std::min(kPanel, z.rows() - row);
        wide.values.block(row, 0, height, rank).noalias() =
            kernel_matrix(kernel.kernel, z.middleRows(row, height), vectors) * root;
      }
      wide.values.col(rank) = block.target();
      for (RowBlock& image : split_block(std::move(wide))) {
        monitor.poll();
        summary.add(image);
        rows.append(std::move(image));
      }
    });
  }

  RowMatrix vectors;
  Eigen::MatrixXd root;
  RowBlocks rows;
  Summary summary;
  LinearFit last;
};

namespace {

// The units in which the kernel sees the rows. Without standardising a polynomial one must see the
// columns as they are: it tells one origin from another. To the others it is all the same, and
// centred columns have more digits.
Scaling kernel_standard(const Summary& summary, bool standardize, KernelKind kind) {
  Scaling standard = scaling_of(summary, standardize);
  if (!standardize && kind == KernelKind::Polynomial) standard.mean.setZero();
  return standard;
}

}  // namespace

KernelProblem::KernelProblem(const Summary& summary,
                             const RowStore& rows,
                             const Scaling& stored,
                             const GroupNames& names,
                             const FairOptions& options,
                             const KernelOptions& kernel,
                             std::size_t cache_bytes,
                             Monitor& monitor)
    : summary_(summary),
      names_(names),
      options_(options),
      standard_(kernel_standard(summary, options.standardize, kernel.kernel.kind)),
      kernel_(kernel.kernel),
      monitor_(monitor) {
  // Raises what the groups do not allow.
  conditions_of(summary, options.fairness, standard_.mean, standard_.scale, names);
  if (!kernel.exact()) {
    mapped_ = std::make_unique<Mapped>(summary, rows, stored, standard_, kernel, monitor);
  } else {
    exact_ =
        std::make_unique<Exact>(gather(rows, summary.joint().rows(), stored, standard_, monitor),
                                summary, options.fairness, kernel_, cache_bytes, monitor);
  }
}

KernelProblem::~KernelProblem() = default;

KernelFit KernelProblem::fit(double c, double epsilon, double relative_gap) {
  options_.c = c;
  options_.epsilon = epsilon;
  KernelFit fit;
  fit.mean = standard_.mean;
  fit.scale = standard_.scale;
  fit.kernel = kernel_;
  if (exact_ != nullptr && epsilon > 0 && std::isfinite(epsilon)) {
    for (const RowMatrix& means : exact_->span.means) {
      if (means.rows() <= kMaxSlackGroups) continue;
      throw Error(ErrorKind::TooLarge,
                  "epsilon above 0 takes " + std::to_string(kMaxSlackGroups) +
                      " groups at most with an exact kernel, there are " +
                      std::to_string(means.rows()),
                  "Use epsilon => 0, or components => 500.");
    }
  }
  if (mapped_ != nullptr) {
    FairOptions linear = options_;
    linear.standardize = false;
    const Index rank = mapped_->rows.columns();
    const Scaling raw{Vector::Zero(rank), Vector::Ones(rank)};
    const LinearFit fitted =
        fit_linear(mapped_->summary, &mapped_->rows, raw, names_, linear, &mapped_->last, monitor_);
    mapped_->last = fitted;
    fit.report = fitted.report;
    fit.intercept = fitted.intercept - fitted.weights.dot(fitted.mean);
    fit.support_vectors = kernel_.kind == KernelKind::Linear ? 1 : mapped_->vectors.rows();
    compress(mapped_->vectors, mapped_->root * fitted.weights, fit);
  } else {
    fit_exactly(relative_gap, fit);
  }
  if (!fit.coefficients.allFinite() || !std::isfinite(fit.intercept) || !fit.vectors.allFinite()) {
    throw Error(ErrorKind::NotConverged, "training exceeded the range of double precision",
                "A smaller c or gamma, or features of moderate size, avoid it.");
  }
  return fit;
}

namespace {

[[noreturn]] void raise_not_converged(const Report& report) {
  throw Error(ErrorKind::NotConverged,
              "training stopped before the optimum after " + std::to_string(report.iterations) +
                  " iterations",
              "A smaller c, or components => 500, makes the problem easier.");
}

}  // namespace

void KernelProblem::fit_exactly(double relative_gap, KernelFit& fit) {
  Exact& exact = *exact_;
  const TrainingPoints& points = exact.points;
  const Index n = points.y.size();
  const RowCosts costs = row_costs(options_, summary_);
  SmoProblem problem{points.y, Vector(n), exact.diagonal, &exact.span.p};
  for (Index i = 0; i < n; ++i) problem.cost(i) = costs.of(points.y(i), points.weight(i));
  SlackSet slack(exact.span.means, exact.span.p.cols(), options_.epsilon, monitor_);
  SmoSolution solution;
  solution.u = exact.start(options_.c);
  fit.report =
      minimize_smo(problem, exact.rows, slack, {.relative_gap = relative_gap}, solution, monitor_);
  fit.relative_gap = solution.gap / std::max(1.0, solution.primal);
  // A large c may take the last digits forever; the model is good long before.
  if (!(fit.relative_gap <= kUsable)) raise_not_converged(fit.report);
  exact.u = solution.u;
  exact.last_c = options_.c;
  fit.support_vectors = (solution.u.array() != 0).count();
  // f = sum u_j K(x_j, .) - <g - s, basis>: the basis is a combination of means, those of rows.
  Vector of_basis = Vector::Zero(n);
  if (solution.s.size() > 0) {
    const Vector multipliers = exact.span.to_basis * (solution.s - solution.g);
    Index m = 0;
    for (const auto& condition : exact.conditions) {
      for (const MeanRows& mean : condition) {
        const double multiplier = multipliers(m++);
        for (std::size_t k = 0; multiplier != 0 && k < mean.rows.size(); ++k) {
          of_basis(mean.rows[k]) += multiplier * mean.weights[k];
        }
      }
    }
  }
  const Vector coefficients = solution.u + of_basis;
  // What was centred lacks sum_j coefficient_j k(x_j, 0).
  const Vector at_origin = kernel_at_origin(kernel_, points.z);
  fit.intercept =
      solution.intercept - (exact.kernel_rows.centred() ? coefficients : of_basis).dot(at_origin);
  compress(points.z, coefficients, fit);
  fit.report.violation = 0;
  Index m = 0;
  for (const auto& condition : exact.conditions) {
    const auto count = static_cast<Index>(condition.size());
    const Vector at = exact.span.products.middleCols(m, count).transpose() * coefficients;
    fit.report.violation = std::max(fit.report.violation, at.maxCoeff() - at.minCoeff());
    m += count;
  }
  settle_scores(solution, problem.cost, fit);
  if (!(fit.relative_gap <= kUsable)) raise_not_converged(fit.report);
}

// The solver's scores come from rows in single precision. A sample tells how far they are from the
// model's: rows so near to the threshold that it could matter are scored again, or all rows, and
// then the duality gap is that of the scores in double precision.
void KernelProblem::settle_scores(const SmoSolution& solution, const Vector& cost, KernelFit& fit) {
  constexpr Index kSample = 256;
  constexpr double kNegligible = 1e-3;  // of a score, whose unit is the margin
  const TrainingPoints& points = exact_->points;
  const Index n = points.y.size();
  const auto score_again = [&](const std::vector<Index>& chosen) {
    RowMatrix z(static_cast<Index>(chosen.size()), points.z.cols());
    for (std::size_t k = 0; k < chosen.size(); ++k) {
      z.row(static_cast<Index>(k)) = points.z.row(chosen[k]);
    }
    const Vector again = scores(fit, z, monitor_);
    double deviation = 0;
    for (std::size_t k = 0; k < chosen.size(); ++k) {
      double& score = training_scores_(chosen[k]);
      deviation = std::max(deviation, std::abs(score - again(static_cast<Index>(k))));
      score = again(static_cast<Index>(k));
    }
    return deviation;
  };
  training_scores_ = solution.scores;
  std::vector<Index> chosen;
  for (Index i = 0; i < n; i += std::max<Index>(1, n / kSample)) chosen.push_back(i);
  const double deviation = score_again(chosen);
  chosen.clear();
  for (Index i = 0; i < n; ++i) {
    if (!(deviation <= kNegligible) || std::abs(training_scores_(i)) <= 10 * deviation) {
      chosen.push_back(i);
    }
  }
  score_again(chosen);
  if (deviation <= kNegligible) return;
  const auto loss = [&](const Vector& f) {
    return cost.dot((1 - points.y.array() * f.array()).max(0.0).matrix());
  };
  const double primal = solution.primal - loss(solution.scores) + loss(training_scores_);
  fit.report.objective = primal;
  fit.relative_gap = (solution.gap + primal - solution.primal) / std::max(1.0, primal);
}

bool KernelProblem::one_score() const noexcept {
  constexpr double kRounding = 1e-7;  // the rows are in single precision
  if (mapped_) return mapped_->last.free_dimensions == 0;
  if (training_scores_.size() == 0) return false;
  const double telling = exact_->u.cwiseAbs().sum() * exact_->diagonal.maxCoeff();
  return training_scores_.maxCoeff() - training_scores_.minCoeff() <= kRounding * telling;
}

}  // namespace fairdb
