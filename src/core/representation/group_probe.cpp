#include "core/representation/group_probe.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/dense_kernels.hpp"
#include "core/distribution/collector.hpp"
#include "core/distribution/labelled.hpp"
#include "core/linear/train.hpp"
#include "core/optimize/adam.hpp"
#include "core/representation/feature_map.hpp"

namespace fairdb {
namespace {

struct GroupModel {
  Vector weights;
  double intercept;
};

// Of a group against the others. nullopt without rows of both.
std::optional<GroupModel> group_model(const ProbeRows& training,
                                      std::int32_t group,
                                      double c,
                                      Monitor& monitor) {
  const FairOptions options{
      .loss = Logistic{}, .fairness = Fairness::None, .c = c, .standardize = true, .binary = true};
  const Index d = training.x.cols();
  RowBlocks rows(d);
  const Index size = rows_of_block(d + 1);
  for (Index begin = 0; begin < training.rows(); begin += size) {
    monitor.poll();
    const Index n = std::min(size, training.rows() - begin);
    RowBlock block;
    block.attributes = 0;
    block.values.resize(n, d + 1);
    block.values.leftCols(d) = training.x.middleRows(begin, n);
    for (Index i = 0; i < n; ++i) {
      block.values(i, d) = training.code[static_cast<std::size_t>(begin + i)] == group ? 1 : -1;
    }
    block.weight = training.weight.segment(begin, n);
    rows.append(std::move(block));
  }
  Summary summary(d, 0, {true, {}});
  rows.each([&](const RowBlock& block) { summary.add(block); });
  if (!(summary.class_weight(0) > 0) || !(summary.class_weight(1) > 0)) return std::nullopt;
  const LinearFit fit =
      fit_linear(summary, &rows, {Vector::Zero(d), Vector::Ones(d)}, {}, options, nullptr, monitor);
  RawCoefficients raw = raw_coefficients(fit);
  return GroupModel{std::move(raw.coefficients), raw.constant};
}

// x_i <- exp(x_i) / sum_j exp(x_j). Returns the logarithm of the sum.
double to_shares(Eigen::Ref<Eigen::RowVectorXd> x) {
  const double largest = x.maxCoeff();
  x.array() -= largest;
  exponentials(x.data(), static_cast<std::size_t>(x.size()));
  const double sum = x.sum();
  x /= sum;
  return largest + std::log(sum);
}

// The mean cross-entropy of a network over batches of rows, and what its parameters are worth on
// rows of their own. Parameters: of the map, then a constant for each group.
class NetworkLoss {
 public:
  NetworkLoss(const ProbeRows& rows,
              std::vector<Index> training,
              std::vector<Index> judging,
              FeatureMap shape,
              Index batch,
              Monitor& monitor)
      : rows_(rows),
        training_(std::move(training)),
        judging_(std::move(judging)),
        shape_(std::move(shape)),
        batch_(batch),
        monitor_(monitor) {}

  Index size() const noexcept { return shape_.parameters.size() + shape_.dimensions; }
  std::int64_t batches() const noexcept {
    return (static_cast<Index>(training_.size()) + batch_ - 1) / batch_;
  }
  double evaluate(std::int64_t batch, const VectorView& x, VectorSpan gradient) const {
    const auto begin = static_cast<std::size_t>(batch * batch_);
    const std::size_t n = std::min(static_cast<std::size_t>(batch_), training_.size() - begin);
    return loss(std::span(training_).subspan(begin, n), x, &gradient);
  }
  double worth(const VectorView& x) const { return loss(judging_, x, nullptr); }

  RowMatrix scores(const MatrixView& z, const VectorView& x) const {
    FeatureMap map = shape_;
    map.parameters = x.head(map.parameters.size());
    RowMatrix result = map(z);
    result.rowwise() += x.tail(map.dimensions).transpose();
    return result;
  }

 private:
  double loss(std::span<const Index> places, const VectorView& x, VectorSpan* gradient) const {
    FeatureMap map = shape_;
    map.parameters = x.head(map.parameters.size());
    const auto n = static_cast<Index>(places.size());
    RowMatrix z(n, rows_.x.cols());
    for (Index i = 0; i < n; ++i) z.row(i) = rows_.x.row(places[static_cast<std::size_t>(i)]);
    const MappedRows mapped(map, z, monitor_);
    RowMatrix slope = mapped.h();
    slope.rowwise() += x.tail(map.dimensions).transpose();
    double sum = 0;
    double weights = 0;
    for (Index i = 0; i < n; ++i) {
      const Index row = places[static_cast<std::size_t>(i)];
      const auto code = static_cast<Index>(rows_.code[static_cast<std::size_t>(row)]);
      const double score = slope(i, code);
      const double weight = rows_.weight(row);
      sum += weight * (to_shares(slope.row(i)) - score);
      slope(i, code) -= 1;
      slope.row(i) *= weight;
      weights += weight;
    }
    if (gradient != nullptr) {
      slope /= weights;
      gradient->setZero();
      mapped.add_gradient(slope, gradient->head(map.parameters.size()));
      gradient->tail(map.dimensions) = slope.colwise().sum().transpose();
    }
    return sum / weights;
  }

  const ProbeRows& rows_;
  std::vector<Index> training_;
  std::vector<Index> judging_;
  FeatureMap shape_;
  Index batch_;
  Monitor& monitor_;
};

}  // namespace

std::optional<RowMatrix> logistic_scores(const ProbeRows& training,
                                         const MatrixView& judged,
                                         std::int32_t groups,
                                         double c,
                                         Monitor& monitor) {
  constexpr double kNever = -std::numeric_limits<double>::infinity();
  RowMatrix scores = RowMatrix::Constant(judged.rows(), groups, groups == 2 ? 0 : kNever);
  bool any = false;
  for (std::int32_t g = groups == 2 ? 1 : 0; g < groups; ++g) {
    const auto model = group_model(training, g, c, monitor);
    if (!model) continue;
    any = true;
    scores.col(g) = (judged * model->weights).array() + model->intercept;
  }
  return any ? std::optional(std::move(scores)) : std::nullopt;
}

RowMatrix network_scores(const ProbeRows& training,
                         const MatrixView& judged,
                         std::int32_t groups,
                         const NetworkOptions& options,
                         Monitor& monitor) {
  // In standardised units.
  const Eigen::RowVectorXd mean = training.x.colwise().mean();
  Eigen::RowVectorXd scale =
      ((training.x.rowwise() - mean).colwise().squaredNorm() / static_cast<double>(training.rows()))
          .cwiseSqrt();
  scale = (scale.array() > 0).select(scale, 1);
  const auto standardized = [&](const MatrixView& x) {
    RowMatrix z = x.rowwise() - mean;
    z.array().rowwise() /= scale.array();
    return z;
  };
  ProbeRows rows{standardized(training.x), training.code, training.weight};

  std::vector<Index> order(static_cast<std::size_t>(rows.rows()));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<Index>(i);
  Random random(options.seed);
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::swap(order[i], order[i + random.below(order.size() - i)]);
  }
  const auto judging = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, order.size() / 10));
  const FeatureMap shape = random_map(rows.x.cols(), options.hidden, groups, options.seed);
  const NetworkLoss loss(rows, {order.begin() + judging, order.end()},
                         {order.begin(), order.begin() + judging}, shape, options.batch, monitor);
  Vector x = Vector::Zero(loss.size());
  x.head(shape.parameters.size()) = shape.parameters;
  minimize_adam(
      loss, x,
      {.batches = loss.batches(), .epochs = options.epochs, .learning_rate = options.learning_rate},
      monitor);
  return loss.scores(standardized(judged), x);
}

std::size_t probe_bytes(Index training, Index judged, Index d, std::int32_t groups) noexcept {
  const auto rows = static_cast<std::size_t>(training);
  const auto others = static_cast<std::size_t>(judged);
  const auto numbers = static_cast<std::size_t>(d);
  const auto scores = static_cast<std::size_t>(groups);
  const auto units = static_cast<std::size_t>(NetworkOptions{}.hidden);
  constexpr std::size_t kMatrices = 6;  // of Newton's method
  return sizeof(double) *
         (kMatrices * numbers * numbers + 2 * rows * (numbers + 2) +
          others * (2 * numbers + units + 2 * scores) + 8 * units * (numbers + scores + 1));
}

std::optional<Probe> judge_scores(const RowMatrix& scores,
                                  std::span<const std::int32_t> code,
                                  const Vector& weight,
                                  ProbeArea area,
                                  Monitor& monitor) {
  const Index groups = scores.cols();
  std::vector<double> of_group(static_cast<std::size_t>(groups), 0);
  double right = 0;
  double all = 0;
  Probe probe;
  for (Index i = 0; i < scores.rows(); ++i) {
    const std::int32_t own = code[static_cast<std::size_t>(i)];
    Index told = 0;
    scores.row(i).maxCoeff(&told);
    ++probe.rows;
    all += weight(i);
    of_group[static_cast<std::size_t>(own)] += weight(i);
    if (told == own) right += weight(i);
  }
  if (!(all > 0)) return std::nullopt;
  probe.accuracy = right / all;
  probe.majority = *std::max_element(of_group.begin(), of_group.end()) / all;
  double sum = 0;
  double of_sum = 0;
  for (Index g = groups == 2 ? 1 : 0; g < groups; ++g) {
    if (!scores.col(g).allFinite()) continue;
    Collector law;
    const std::int32_t others = law.group("0");
    const std::int32_t own = law.group("1");
    for (Index i = 0; i < scores.rows(); ++i) {
      if (i % 4096 == 0) monitor.poll();
      if (weight(i) == 0) continue;
      law.add(scores(i, g), code[static_cast<std::size_t>(i)] == g ? own : others, weight(i));
    }
    const std::vector<ScoreGroup> sorted = law.sorted(monitor);
    LabelledScores labelled;
    labelled.negative = ScoreLaw(sorted[0]);
    labelled.positive = ScoreLaw(sorted[1]);
    const std::optional<Auc> one = auc(labelled, monitor);
    if (!one) continue;
    if (area == ProbeArea::Largest) {
      probe.auc = std::max(probe.auc.value_or(0), one->value);
    } else {
      sum += of_group[static_cast<std::size_t>(g)] * one->value;
      of_sum += of_group[static_cast<std::size_t>(g)];
      probe.auc = sum / of_sum;
    }
  }
  return probe;
}

}  // namespace fairdb
