#include "core/representation/judge.hpp"

#include <algorithm>
#include <cmath>

#include "core/distribution/collector.hpp"
#include "core/distribution/distances.hpp"
#include "core/distribution/labelled.hpp"
#include "core/linear/train.hpp"

namespace fairdb {
namespace {

// Representations of the first rows of each group.
class FirstOfGroups {
 public:
  explicit FirstOfGroups(const RepresentationFit& fit) : fit_(fit) {
    for (const auto& names : fit.names) {
      const auto groups = std::max<Index>(1, static_cast<Index>(names.size()));
      left_.emplace_back(names.size(), std::max<Index>(2, kJudgedVectors / groups));
      last_.emplace_back(names.size(), -1);
    }
    h_.resize(fit.names.size());
    code_.resize(fit.names.size());
    weight_.resize(fit.names.size());
  }

  void add(const RowBlock& block, Index row, const MatrixView& h) {
    for (std::size_t a = 0; a < left_.size(); ++a) {
      const std::int32_t code = block.code(row, static_cast<Index>(a));
      if (code < 0) continue;
      // Equal rows of a group follow one another: their weights add.
      std::ptrdiff_t& last = last_[a][static_cast<std::size_t>(code)];
      if (last >= 0 && equals(a, last, h.row(row))) {
        weight_[a][static_cast<std::size_t>(last)] += block.w(row);
        continue;
      }
      if (left_[a][static_cast<std::size_t>(code)] == 0 || block.w(row) == 0) continue;
      --left_[a][static_cast<std::size_t>(code)];
      for (Index j = 0; j < h.cols(); ++j) h_[a].push_back(h(row, j));
      code_[a].push_back(code);
      weight_[a].push_back(block.w(row));
      last = static_cast<std::ptrdiff_t>(code_[a].size()) - 1;
    }
  }

  // The mean over the attributes that tell two groups apart.
  std::optional<double> divergence(const DivergenceTerm& term, Monitor& monitor) const {
    double sum = 0;
    int known = 0;
    for (std::size_t a = 0; a < left_.size(); ++a) {
      const auto n = static_cast<Index>(code_[a].size());
      const RowMatrix h = Eigen::Map<const RowMatrix>(h_[a].data(), n, fit_.map.dimensions);
      const DivergenceValue value = divergence_of_rows(
          h, Eigen::Map<const Vector>(weight_[a].data(), n), code_[a],
          static_cast<std::int32_t>(left_[a].size()), term, false, nullptr, monitor);
      if (!value.known) continue;
      sum += value.value;
      ++known;
    }
    return known == 0 ? std::nullopt : std::optional(std::max(0.0, sum / known));
  }

 private:
  bool equals(std::size_t attribute, std::ptrdiff_t place, const Eigen::RowVectorXd& h) const {
    return std::equal(h.data(), h.data() + h.size(), h_[attribute].begin() + place * h.size());
  }

  const RepresentationFit& fit_;
  std::vector<std::vector<Index>> left_;           // by attribute and code
  std::vector<std::vector<std::ptrdiff_t>> last_;  // place of the last one, -1 before the first
  std::vector<std::vector<double>> h_;
  std::vector<std::vector<std::int32_t>> code_;
  std::vector<std::vector<double>> weight_;
};

std::optional<double> largest_ks_of(std::vector<Collector>& scores, Monitor& monitor) {
  std::optional<double> largest;
  for (Collector& collector : scores) {
    std::vector<ScoreLaw> laws;
    for (const ScoreGroup& group : collector.sorted(monitor)) laws.emplace_back(group);
    const std::optional<double> ks = largest_ks(laws, monitor);
    if (ks && (!largest || *ks > *largest)) largest = ks;
  }
  return largest;
}

TaskPerformance judge_task(const std::vector<RowBlock>& blocks,
                           Index task,
                           bool binary,
                           const RepresentationFit& fit,
                           const DivergenceTerm& term,
                           Monitor& monitor) {
  const TaskHead& head = fit.heads[static_cast<std::size_t>(task)];
  const std::size_t attributes = fit.names.size();
  Evaluation evaluation(binary, binary, static_cast<Index>(attributes));
  FirstOfGroups first(fit);
  std::vector<Collector> collectors(attributes);
  for (const RowBlock& block : blocks) {
    monitor.poll();
    const RowMatrix h = fit.map(MatrixView(block.x()));
    std::vector<Index> known;
    for (Index i = 0; i < block.rows(); ++i) {
      if (!std::isnan(block.y(i, task))) known.push_back(i);
    }
    RowBlock part;  // without features
    part.attributes = block.attributes;
    part.values.resize(static_cast<Index>(known.size()), 1);
    part.weight.resize(part.values.rows());
    Vector scores(part.values.rows());
    for (std::size_t k = 0; k < known.size(); ++k) {
      const Index i = known[k];
      const auto row = static_cast<Index>(k);
      part.values(row, 0) = block.y(i, task);
      part.weight(row) = block.w(i);
      scores(row) = h.row(i).dot(head.weights) + head.intercept;
      first.add(block, i, h);
      for (std::size_t a = 0; a < attributes; ++a) {
        const std::int32_t code = block.code(i, static_cast<Index>(a));
        part.group.push_back(code);
        if (code < 0 || block.w(i) == 0) continue;
        const std::int32_t group =
            collectors[a].group(fit.names[a][static_cast<std::size_t>(code)]);
        collectors[a].add(scores(row), group, block.w(i));
      }
    }
    evaluation.add(part, scores);
  }
  return {evaluation.finish(fit.names), largest_ks_of(collectors, monitor),
          first.divergence(term, monitor)};
}

// Scores of a classifier that tells whether a row is of a group.
struct GroupScorer {
  std::int32_t group;
  Vector weights;
  double intercept;
};

std::optional<GroupScorer> group_scorer(const std::vector<RowBlock>& training,
                                        Index attribute,
                                        std::int32_t group,
                                        const RepresentationFit& fit,
                                        Monitor& monitor) {
  const FairOptions options{
      .loss = Logistic{}, .fairness = Fairness::None, .c = 1, .standardize = true, .binary = true};
  const RowBlocks rows = represented_rows(
      training, fit.map,
      [&](const RowBlock& block, Index i) {
        const std::int32_t code = block.code(i, attribute);
        return code < 0 ? kUnknown : code == group ? 1.0 : -1.0;
      },
      monitor);
  Summary summary(fit.map.dimensions, 0, {true, {}});
  rows.each([&](const RowBlock& block) { summary.add(block); });
  if (!(summary.class_weight(0) > 0) || !(summary.class_weight(1) > 0)) return std::nullopt;
  const Index r = fit.map.dimensions;
  const LinearFit scorer =
      fit_linear(summary, &rows, {Vector::Zero(r), Vector::Ones(r)}, {}, options, nullptr, monitor);
  RawCoefficients raw = raw_coefficients(scorer);
  return GroupScorer{group, std::move(raw.coefficients), raw.constant};
}

// The area under the ROC curve of a group against the others.
std::optional<double> area_of(const GroupScorer& scorer,
                              const std::vector<RowBlock>& judged,
                              Index attribute,
                              const FeatureMap& map,
                              Monitor& monitor) {
  Collector scores;
  const std::int32_t others = scores.group("0");
  const std::int32_t own = scores.group("1");
  for (const RowBlock& block : judged) {
    monitor.poll();
    const RowMatrix h = map(MatrixView(block.x()));
    for (Index i = 0; i < block.rows(); ++i) {
      const std::int32_t code = block.code(i, attribute);
      if (code < 0 || block.w(i) == 0) continue;
      scores.add(h.row(i).dot(scorer.weights) + scorer.intercept,
                 code == scorer.group ? own : others, block.w(i));
    }
  }
  const std::vector<ScoreGroup> groups = scores.sorted(monitor);
  LabelledScores labelled;
  labelled.negative = ScoreLaw(groups[0]);
  labelled.positive = ScoreLaw(groups[1]);
  const std::optional<Auc> area = auc(labelled, monitor);
  return area ? std::optional(area->value) : std::nullopt;
}

}  // namespace

std::vector<TaskPerformance> judge_tasks(const std::vector<RowBlock>& blocks,
                                         const std::vector<bool>& binary,
                                         const RepresentationFit& fit,
                                         const DivergenceTerm& term,
                                         Monitor& monitor) {
  std::vector<TaskPerformance> result;
  result.reserve(fit.heads.size());
  for (std::size_t t = 0; t < fit.heads.size(); ++t) {
    result.push_back(judge_task(blocks, static_cast<Index>(t), binary[t], fit, term, monitor));
  }
  return result;
}

// Of two groups one scorer tells; of more the group whose own scorer gives the most.
std::vector<std::optional<Probe>> probe_groups(const std::vector<RowBlock>& training,
                                               const std::vector<RowBlock>& judged,
                                               const RepresentationFit& fit,
                                               Monitor& monitor) {
  std::vector<std::optional<Probe>> result;
  for (std::size_t a = 0; a < fit.names.size(); ++a) {
    const auto attribute = static_cast<Index>(a);
    const auto groups = static_cast<std::int32_t>(fit.names[a].size());
    result.emplace_back();
    if (groups < 2 || fit.names[a].size() > kProbedGroups) continue;
    std::vector<GroupScorer> scorers;
    for (std::int32_t g = groups == 2 ? 1 : 0; g < groups; ++g) {
      auto scorer = group_scorer(training, attribute, g, fit, monitor);
      if (scorer) scorers.push_back(std::move(*scorer));
    }
    if (scorers.empty()) continue;
    std::vector<double> of_group(fit.names[a].size(), 0);
    double right = 0;
    double all = 0;
    Probe probe;
    for (const RowBlock& block : judged) {
      monitor.poll();
      const RowMatrix h = fit.map(MatrixView(block.x()));
      for (Index i = 0; i < block.rows(); ++i) {
        const std::int32_t code = block.code(i, attribute);
        if (code < 0) continue;
        std::int32_t told = 0;
        double best = groups == 2 ? 0 : -std::numeric_limits<double>::infinity();
        for (const GroupScorer& scorer : scorers) {
          const double score = h.row(i).dot(scorer.weights) + scorer.intercept;
          if (score <= best) continue;
          best = score;
          told = scorer.group;
        }
        ++probe.rows;
        all += block.w(i);
        of_group[static_cast<std::size_t>(code)] += block.w(i);
        if (told == code) right += block.w(i);
      }
    }
    if (!(all > 0)) continue;
    probe.accuracy = right / all;
    probe.majority = *std::max_element(of_group.begin(), of_group.end()) / all;
    for (const GroupScorer& scorer : scorers) {
      const std::optional<double> area = area_of(scorer, judged, attribute, fit.map, monitor);
      if (area && (!probe.auc || *area > *probe.auc)) probe.auc = area;
    }
    result.back() = probe;
  }
  return result;
}

}  // namespace fairdb
