#include "core/representation/objective.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/dense_kernels.hpp"
#include "core/base/error.hpp"
#include "core/base/polled_sort.hpp"
#include "core/representation/kernel_means.hpp"
#include "core/representation/sinkhorn.hpp"

namespace fairdb {
namespace {

// The error of a gradient is about that of the marginals.
constexpr double kBatchTolerance = 1e-5;
constexpr std::int32_t kBatchIterations = 500;

// The places of the rows by group; of a batch only of groups whose rows count as more than one.
std::vector<std::vector<Index>> places_by_group(std::span<const std::int32_t> code,
                                                const Vector& weight,
                                                std::int32_t groups,
                                                bool batch) {
  constexpr double kOneRow = 1 - 1e-6;  // of the sum of the squared shares
  std::vector<std::vector<Index>> places(static_cast<std::size_t>(groups));
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i] >= 0 && weight(static_cast<Index>(i)) > 0) {
      places[static_cast<std::size_t>(code[i])].push_back(static_cast<Index>(i));
    }
  }
  std::erase_if(places, [&](const auto& rows) {
    if (rows.empty()) return true;
    double sum = 0;
    double squares = 0;
    for (const Index i : rows) {
      sum += weight(i);
      squares += weight(i) * weight(i);
    }
    return batch && squares > kOneRow * sum * sum;
  });
  return places;
}

// x with its covariance made the identity, and the way back for gradients.
//   x' = (x - mean) / L',  L L' = C = S + ridge tr(S) / r,  S = sum_i w_i (x_i - mean)(x_i - mean)'
class Whitened {
 public:
  // weight: sums to anything.
  Whitened(RowMatrix x, const Vector& weight, Monitor& monitor)
      : centred_(std::move(x)), weight_(weight / weight.sum()), x_(centred_.rows(), dimensions()) {
    const Index r = dimensions();
    const Eigen::RowVectorXd mean = weight_.transpose() * centred_;
    centred_.rowwise() -= mean;
    Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(r, r);
    panels(monitor, [&](Index first, Index rows) {
      const auto part = centred_.middleRows(first, rows);
      covariance.noalias() += part.transpose() * (weight_.segment(first, rows).asDiagonal() * part);
    });
    const double variance = covariance.trace() / static_cast<double>(r);
    covariance.diagonal().array() += variance > 0 ? kRidge * variance : 1;
    factor_ = covariance.llt().matrixL();
    panels(monitor, [&](Index first, Index rows) {
      x_.middleRows(first, rows) = factor_.triangularView<Eigen::Lower>()
                                       .solve(centred_.middleRows(first, rows).transpose())
                                       .transpose();
    });
  }

  const RowMatrix& x() const noexcept { return x_; }

  // The gradient in x of a function of x' that does not change when all x' move together, from that
  // in x'. Source: of the factor, Murray, "Differentiation of the Cholesky decomposition",
  // arXiv:1602.07527, equation 10.
  RowMatrix gradient(const RowMatrix& slope, Monitor& monitor) const {
    const Index r = dimensions();
    const auto lower = factor_.triangularView<Eigen::Lower>();
    // d x' = -x' (dL)' / L', so that in L it is -(slope / L)' x'.
    RowMatrix result(slope.rows(), r);
    Eigen::MatrixXd of_factor = Eigen::MatrixXd::Zero(r, r);
    panels(monitor, [&](Index first, Index rows) {
      auto direct = result.middleRows(first, rows);
      direct = lower.transpose().solve(slope.middleRows(first, rows).transpose()).transpose();
      of_factor.noalias() -= direct.transpose() * x_.middleRows(first, rows);
    });
    Eigen::MatrixXd inner =
        factor_.transpose() * Eigen::MatrixXd(of_factor.triangularView<Eigen::Lower>());
    inner = Eigen::MatrixXd(inner.triangularView<Eigen::Lower>());
    inner.diagonal() *= 0.5;
    Eigen::MatrixXd of_covariance = lower.transpose().solve(inner);
    of_covariance = lower.transpose().solve(of_covariance.transpose()).transpose().eval();
    of_covariance = (0.5 * (of_covariance + of_covariance.transpose())).eval();
    of_covariance.diagonal().array() += kRidge * of_covariance.trace() / static_cast<double>(r);
    panels(monitor, [&](Index first, Index rows) {
      result.middleRows(first, rows).noalias() +=
          2 * (weight_.segment(first, rows).asDiagonal() * centred_.middleRows(first, rows) *
               of_covariance);
    });
    return result;
  }

 private:
  Index dimensions() const noexcept { return centred_.cols(); }
  template <class Each>
  void panels(Monitor& monitor, Each each) const {
    constexpr Index kPanel = 1024;
    for (Index first = 0; first < centred_.rows(); first += kPanel) {
      monitor.poll();
      each(first, std::min(kPanel, centred_.rows() - first));
    }
  }

  RowMatrix centred_;
  Vector weight_;
  Eigen::MatrixXd factor_;
  RowMatrix x_;
};

}  // namespace

Index TaskRows::rows() const noexcept {
  Index sum = 0;
  for (const RowBlock& block : blocks) sum += block.rows();
  return sum;
}

DivergenceValue divergence_of_rows(const RowMatrix& h,
                                   const Vector& weight,
                                   std::span<const std::int32_t> code,
                                   std::int32_t groups,
                                   const DivergenceTerm& term,
                                   bool batch,
                                   RowMatrix* gradient,
                                   Monitor& monitor) {
  if (gradient != nullptr) gradient->setZero(h.rows(), h.cols());
  const auto places = places_by_group(code, weight, groups, batch);
  if (places.size() < 2) return {};
  std::vector<Index> begin = {0};
  std::vector<Index> rows;
  for (const auto& group : places) {
    rows.insert(rows.end(), group.begin(), group.end());
    begin.push_back(static_cast<Index>(rows.size()));
  }
  const auto n = static_cast<Index>(rows.size());
  RowMatrix x(n, h.cols());
  Vector w(n);
  for (Index i = 0; i < n; ++i) {
    x.row(i) = h.row(rows[static_cast<std::size_t>(i)]);
    w(i) = weight(rows[static_cast<std::size_t>(i)]);
  }
  const Whitened whitened(std::move(x), w, monitor);
  const PointGroups points(whitened.x(), std::move(begin), std::move(w));
  const Estimate estimate = batch ? Estimate::Unbiased : Estimate::Biased;
  const auto unit = 2 * static_cast<double>(h.cols());  // the mean squared distance
  DivergenceValue result;
  result.known = true;
  RowMatrix slope;
  switch (term.kind) {
    case RepresentationDivergence::Mean:
      result.value = mean_squared_gap(points, estimate, slope) / unit;
      slope /= unit;
      break;
    case RepresentationDivergence::Mmd:
      result.value = mean_divergence(points, gaussian_mixture(unit), estimate, slope, monitor);
      break;
    case RepresentationDivergence::Sinkhorn: {
      const double cost = 0.5 * unit;
      const SinkhornValue value = mean_sinkhorn(
          points, {term.epsilon * cost, kBatchTolerance, kBatchIterations}, slope, monitor);
      result.value = value.value / cost;
      result.marginal_error = value.marginal_error;
      slope /= cost;
      break;
    }
  }
  if (gradient != nullptr) {
    slope = whitened.gradient(slope, monitor);
    for (Index i = 0; i < n; ++i) gradient->row(rows[static_cast<std::size_t>(i)]) = slope.row(i);
  }
  return result;
}

RepresentationObjective::RepresentationObjective(const TaskRows& rows,
                                                 FeatureMap shape,
                                                 double c,
                                                 double gamma,
                                                 DivergenceTerm term,
                                                 Index batch,
                                                 std::uint64_t seed,
                                                 Eigen::MatrixXd basis,
                                                 Monitor& monitor)
    : rows_(rows),
      shape_(std::move(shape)),
      c_(c),
      gamma_(gamma),
      term_(term),
      batch_(batch),
      seed_(seed),
      basis_(std::move(basis)),
      monitor_(monitor),
      map_parameters_(FeatureMap::count(shape_.features, shape_.hidden, shape_.dimensions)),
      task_weight_(Vector::Zero(rows.tasks())) {
  const auto tasks = static_cast<std::size_t>(rows.tasks());
  // By task and attribute, which groups have rows with weight.
  std::vector<std::vector<std::vector<bool>>> seen(tasks);
  for (auto& of_task : seen) {
    for (const std::int32_t groups : rows.groups)
      of_task.emplace_back(static_cast<std::size_t>(groups), false);
  }
  for (const RowBlock& block : rows.blocks) {
    monitor.poll();
    for (Index i = 0; i < block.rows(); ++i) {
      const double w = block.w(i);
      weight_ += w;
      for (std::size_t t = 0; t < tasks; ++t) {
        if (std::isnan(block.y(i, static_cast<Index>(t)))) continue;
        task_weight_(static_cast<Index>(t)) += w;
        for (std::size_t a = 0; a < rows.groups.size(); ++a) {
          const std::int32_t code = block.code(i, static_cast<Index>(a));
          if (code >= 0 && w > 0) seen[t][a][static_cast<std::size_t>(code)] = true;
        }
      }
    }
  }
  for (const auto& of_task : seen) {
    comparisons_.push_back(static_cast<Index>(
        std::count_if(of_task.begin(), of_task.end(), [](const std::vector<bool>& groups) {
          return std::count(groups.begin(), groups.end(), true) >= 2;
        })));
  }
  compared_tasks_ = static_cast<Index>(std::count_if(
      comparisons_.begin(), comparisons_.end(), [](Index attributes) { return attributes > 0; }));
  stratify();
}

// Rows of one stratum, those of the same groups and tasks, stand at equal steps along the whole,
// each stratum from a start of its own; batches are cut from that line. The rows are in an order of
// their own already.
void RepresentationObjective::stratify() {
  struct Placed {
    double at;
    std::size_t stratum;
    Place place;
  };
  std::map<std::pair<std::vector<std::int32_t>, std::vector<bool>>, std::vector<Place>> strata;
  for (std::size_t b = 0; b < rows_.blocks.size(); ++b) {
    monitor_.poll();
    const RowBlock& block = rows_.blocks[b];
    for (Index i = 0; i < block.rows(); ++i) {
      std::pair<std::vector<std::int32_t>, std::vector<bool>> key;
      for (Index a = 0; a < block.attributes; ++a) key.first.push_back(block.code(i, a));
      for (Index t = 0; t < block.targets; ++t) key.second.push_back(std::isnan(block.y(i, t)));
      strata[key].push_back({static_cast<std::uint32_t>(b), static_cast<std::uint32_t>(i)});
    }
  }
  std::vector<Placed> line;
  line.reserve(static_cast<std::size_t>(rows_.rows()));
  Random random(seed_);
  std::size_t number = 0;
  for (auto& [key, places] : strata) {
    // Shuffled, so that another seed makes other batches.
    for (std::size_t i = places.size(); i > 1; --i)
      std::swap(places[i - 1], places[random.below(i)]);
    const double start = random.uniform();
    for (std::size_t i = 0; i < places.size(); ++i) {
      line.push_back({(static_cast<double>(i) + start) / static_cast<double>(places.size()), number,
                      places[i]});
    }
    ++number;
  }
  // No stratum has two rows at one place.
  polled_sort(line, monitor_, [](const Placed& a, const Placed& b) {
    return a.at < b.at || (a.at == b.at && a.stratum < b.stratum);
  });
  const auto n = static_cast<Index>(line.size());
  batches_ = std::max<std::int64_t>(1, (n + batch_ / 2) / batch_);
  members_.resize(static_cast<std::size_t>(batches_));
  marginal_error_.assign(members_.size(), 0);
  for (std::size_t i = 0; i < line.size(); ++i) {
    members_[i * members_.size() / line.size()].push_back(line[i].place);
  }
}

Index RepresentationObjective::size() const noexcept {
  return map_parameters_ + rows_.tasks() * (shape_.dimensions + 1);
}

double RepresentationObjective::marginal_error() const noexcept {
  return *std::max_element(marginal_error_.begin(), marginal_error_.end());
}

RepresentationObjective::Gathered RepresentationObjective::gather(std::int64_t batch) const {
  const auto& places = members_[static_cast<std::size_t>(batch)];
  const auto m = static_cast<Index>(places.size());
  Gathered rows{RowMatrix(m, shape_.features), RowMatrix(m, rows_.tasks()), Vector(m), {}};
  rows.code.reserve(places.size() * rows_.groups.size());
  for (Index i = 0; i < m; ++i) {
    const Place& place = places[static_cast<std::size_t>(i)];
    const RowBlock& block = rows_.blocks[place.block];
    rows.z.row(i) = block.values.row(place.row).head(shape_.features);
    rows.y.row(i) = block.values.row(place.row).tail(rows_.tasks());
    rows.weight(i) = block.w(place.row);
    for (Index a = 0; a < block.attributes; ++a) rows.code.push_back(block.code(place.row, a));
  }
  return rows;
}

FeatureMap RepresentationObjective::map_of(const VectorView& x) const {
  FeatureMap map = shape_;
  map.parameters = x.head(map_parameters_);
  if (basis_.size() > 0) {
    const RowMatrix y = map.weights();
    Eigen::Map<RowMatrix>(map.parameters.data(), map.dimensions, map.features) = y * basis_;
  }
  return map;
}

void RepresentationObjective::to_parameters(VectorSpan gradient) const {
  if (basis_.size() == 0) return;
  const RowMatrix slope =
      Eigen::Map<const RowMatrix>(gradient.data(), shape_.dimensions, shape_.features);
  Eigen::Map<RowMatrix>(gradient.data(), shape_.dimensions, shape_.features) =
      slope * basis_.transpose();
}

// Each loss times scale / the weight of its task; slope: m x r, receives the derivative in h.
double RepresentationObjective::add_losses(const MatrixView& y,
                                           const Vector& weight,
                                           const RowMatrix& h,
                                           const VectorView& x,
                                           double scale,
                                           RowMatrix& slope,
                                           VectorSpan gradient) const {
  const Index r = shape_.dimensions;
  double value = 0;
  for (Index t = 0; t < rows_.tasks(); ++t) {
    monitor_.poll();
    const auto a = x.segment(head(t), r);
    const double b = x(head(t) + r);
    const double share = scale / (task_weight_(t) * static_cast<double>(rows_.tasks()));
    const bool binary = rows_.binary[static_cast<std::size_t>(t)];
    Vector slopes = h * a;
    for (Index i = 0; i < y.rows(); ++i) {
      if (std::isnan(y(i, t))) {
        slopes(i) = 0;
        continue;
      }
      const double f = slopes(i) + b;
      const LossValue loss = binary ? Logistic{}(f, y(i, t)) : Squared{}(f, y(i, t));
      value += share * weight(i) * loss.value;
      slopes(i) = share * weight(i) * loss.slope;
    }
    slope.noalias() += slopes * a.transpose();
    gradient.segment(head(t), r).noalias() += h.transpose() * slopes;
    gradient(head(t) + r) += slopes.sum();
  }
  return value;
}

// map: that x stands for; the derivative in it is added to the front of the gradient.
double RepresentationObjective::add_penalties(const FeatureMap& map,
                                              const VectorView& x,
                                              VectorSpan gradient) const {
  double value = 0;
  const auto add = [&](const VectorView& parameters, Index from, Index count, double factor) {
    value += 0.5 * factor * parameters.segment(from, count).squaredNorm();
    gradient.segment(from, count) += factor * parameters.segment(from, count);
  };
  const double of_map = 1 / (c_ * weight_);
  if (map.linear()) {
    add(map.parameters, 0, map_parameters_, of_map);
  } else {
    const Index units = map.hidden * map.features;
    add(map.parameters, 0, units, of_map);
    add(map.parameters, units + map.hidden, map.dimensions * map.hidden, of_map);
  }
  for (Index t = 0; t < rows_.tasks(); ++t) {
    add(x, head(t), shape_.dimensions,
        1 / (c_ * task_weight_(t) * static_cast<double>(rows_.tasks())));
  }
  return value;
}

double RepresentationObjective::add_divergences(const Gathered& rows,
                                                const RowMatrix& h,
                                                RowMatrix& slope,
                                                double& marginal_error) const {
  const auto attributes = rows_.groups.size();
  const Index m = h.rows();
  // Tasks of the same rows share their divergence.
  std::map<std::vector<Index>, double> share_of_rows;
  for (Index t = 0; t < rows_.tasks(); ++t) {
    if (!compared(t)) continue;
    std::vector<Index> members;
    for (Index i = 0; i < m; ++i) {
      if (!std::isnan(rows.y(i, t))) members.push_back(i);
    }
    share_of_rows[std::move(members)] +=
        gamma_ / static_cast<double>(compared_tasks_ * comparisons_[static_cast<std::size_t>(t)]);
  }
  double value = 0;
  marginal_error = 0;
  for (const auto& [members, share] : share_of_rows) {
    const auto n = static_cast<Index>(members.size());
    RowMatrix some;
    Vector of_some;
    if (n < m) {
      some.resize(n, h.cols());
      of_some.resize(n);
      for (Index i = 0; i < n; ++i) {
        some.row(i) = h.row(members[static_cast<std::size_t>(i)]);
        of_some(i) = rows.weight(members[static_cast<std::size_t>(i)]);
      }
    }
    const RowMatrix& own = n < m ? some : h;
    const Vector& weight = n < m ? of_some : rows.weight;
    for (std::size_t a = 0; a < attributes; ++a) {
      std::vector<std::int32_t> code;
      code.reserve(members.size());
      for (const Index i : members)
        code.push_back(rows.code[static_cast<std::size_t>(i) * attributes + a]);
      RowMatrix gradient;
      const DivergenceValue divergence = divergence_of_rows(
          own, weight, code, rows_.groups[a], term_, batches_ > 1, &gradient, monitor_);
      marginal_error = std::max(marginal_error, divergence.marginal_error);
      value += share * divergence.value;
      for (Index i = 0; i < n; ++i)
        slope.row(members[static_cast<std::size_t>(i)]) += share * gradient.row(i);
    }
  }
  return value;
}

double RepresentationObjective::evaluate(std::int64_t batch,
                                         const VectorView& x,
                                         VectorSpan gradient) const {
  const Gathered rows = gather(batch);
  const FeatureMap map = map_of(x);
  const MappedRows mapped(map, rows.z, monitor_);
  gradient.setZero();
  RowMatrix slope = RowMatrix::Zero(rows.z.rows(), shape_.dimensions);
  double value = add_losses(rows.y, rows.weight, mapped.h(), x, static_cast<double>(batches_),
                            slope, gradient);
  if (gamma_ > 0) {
    value +=
        add_divergences(rows, mapped.h(), slope, marginal_error_[static_cast<std::size_t>(batch)]);
  }
  mapped.add_gradient(slope, gradient.head(map_parameters_));
  value += add_penalties(map, x, gradient);
  to_parameters(gradient.head(map_parameters_));
  return value;
}

double RepresentationObjective::evaluate(const VectorView& x, VectorSpan gradient) const {
  const FeatureMap map = map_of(x);
  gradient.setZero();
  double value = 0;
  for (const RowBlock& block : rows_.blocks) {
    monitor_.poll();
    const MatrixView z = block.x();
    const MatrixView y = block.values.rightCols(block.targets);
    const Vector weight =
        block.weight.size() == 0 ? Vector(Vector::Ones(block.rows())) : block.weight;
    const MappedRows mapped(map, z, monitor_);
    RowMatrix slope = RowMatrix::Zero(block.rows(), shape_.dimensions);
    value += add_losses(y, weight, mapped.h(), x, 1, slope, gradient);
    mapped.add_gradient(slope, gradient.head(map_parameters_));
  }
  value += add_penalties(map, x, gradient);
  to_parameters(gradient.head(map_parameters_));
  return value;
}

// The mean over pairs of k groups of (m_g - m_h)(m_g - m_h)' is 2 / (k - 1) sum_g (m_g - m)(m_g -
// m)', m the mean of the m_g.
Eigen::MatrixXd mean_differences(const TaskRows& rows, Monitor& monitor) {
  const Index d = rows.features();
  Eigen::MatrixXd result = Eigen::MatrixXd::Zero(d, d);
  Index compared = 0;
  for (Index t = 0; t < rows.tasks(); ++t) {
    Eigen::MatrixXd of_task = Eigen::MatrixXd::Zero(d, d);
    Index attributes = 0;
    for (std::size_t a = 0; a < rows.groups.size(); ++a) {
      RowMatrix means = RowMatrix::Zero(rows.groups[a], d);
      Vector weight = Vector::Zero(rows.groups[a]);
      for (const RowBlock& block : rows.blocks) {
        monitor.poll();
        for (Index i = 0; i < block.rows(); ++i) {
          const std::int32_t code = block.code(i, static_cast<Index>(a));
          if (code < 0 || std::isnan(block.y(i, t))) continue;
          means.row(code) += block.w(i) * block.x().row(i);
          weight(code) += block.w(i);
        }
      }
      Index k = 0;
      for (Index g = 0; g < weight.size(); ++g) {
        if (weight(g) > 0) means.row(k++) = means.row(g) / weight(g);
      }
      if (k < 2) continue;
      means.conservativeResize(k, d);
      const Eigen::RowVectorXd centre = means.colwise().mean();
      means.rowwise() -= centre;
      const RowMatrix scaled = 2.0 / static_cast<double>(k - 1) * means;
      // Into the transpose of a symmetric matrix.
      product(strided(scaled).transpose(), strided(means), of_task.data(), d, Into::Add);
      ++attributes;
    }
    if (attributes == 0) continue;
    ++compared;
    result += of_task / static_cast<double>(attributes);
  }
  if (compared > 0) result /= static_cast<double>(compared);
  return 0.5 * (result + result.transpose());
}

// In W the loss curves about as the features do, times a quarter at most for classes and the
// squares of the heads, and the penalty by 1 / (c n). With R R' = S / 4 + 1 / (c n), S the second
// moments of the features, both together curve about as the identity in Y = W R.
Eigen::MatrixXd even_basis(const TaskRows& rows, double c, Monitor& monitor) {
  constexpr double kCurvature = 0.25;
  const Index d = rows.features();
  Eigen::MatrixXd moments = Eigen::MatrixXd::Zero(d, d);
  double weight = 0;
  for (const RowBlock& block : rows.blocks) {
    monitor.poll();
    const RowMatrix weighted = block.weight.size() == 0
                                   ? RowMatrix(block.x())
                                   : RowMatrix(block.weight.asDiagonal() * block.x());
    // Into the transpose of a symmetric matrix.
    product(strided(weighted).transpose(), strided(MatrixView(block.x())), moments.data(), d,
            Into::Add);
    weight += block.weight.size() == 0 ? static_cast<double>(block.rows()) : block.weight.sum();
  }
  Eigen::MatrixXd curvature = kCurvature / weight * moments;
  curvature.diagonal().array() += 1 / (c * weight);
  const Eigen::MatrixXd r = curvature.llt().matrixL();
  return r.triangularView<Eigen::Lower>().solve(Eigen::MatrixXd::Identity(d, d));
}

}  // namespace fairdb
