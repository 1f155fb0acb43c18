#include "core/representation/judge.hpp"

#include <algorithm>
#include <cmath>

#include "core/distribution/collector.hpp"
#include "core/distribution/distances.hpp"
#include "core/distribution/labelled.hpp"

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

// The representations of the rows whose group is known.
ProbeRows rows_to_probe(const std::vector<RowBlock>& blocks,
                        Index attribute,
                        const FeatureMap& map,
                        Monitor& monitor) {
  ProbeRows result;
  Index n = 0;
  for (const RowBlock& block : blocks) {
    for (Index i = 0; i < block.rows(); ++i) n += block.code(i, attribute) < 0 ? 0 : 1;
  }
  result.x.resize(n, map.dimensions);
  result.weight.resize(n);
  for (const RowBlock& block : blocks) {
    monitor.poll();
    const RowMatrix h = map(MatrixView(block.x()));
    for (Index i = 0; i < block.rows(); ++i) {
      const std::int32_t code = block.code(i, attribute);
      if (code < 0) continue;
      const auto row = static_cast<Index>(result.code.size());
      result.x.row(row) = h.row(i);
      result.weight(row) = block.w(i);
      result.code.push_back(code);
    }
  }
  return result;
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

// Of more than two groups the area is that of the one whose own scorer gives the most.
std::vector<std::optional<Probe>> probe_groups(const std::vector<RowBlock>& training,
                                               const std::vector<RowBlock>& judged,
                                               const RepresentationFit& fit,
                                               Monitor& monitor) {
  constexpr double kC = 1;
  std::vector<std::optional<Probe>> result;
  for (std::size_t a = 0; a < fit.names.size(); ++a) {
    const auto attribute = static_cast<Index>(a);
    const auto groups = static_cast<std::int32_t>(fit.names[a].size());
    result.emplace_back();
    if (groups < 2 || fit.names[a].size() > kProbedGroups) continue;
    const ProbeRows rows = rows_to_probe(training, attribute, fit.map, monitor);
    const ProbeRows others = rows_to_probe(judged, attribute, fit.map, monitor);
    const auto scores = logistic_scores(rows, others.x, groups, kC, monitor);
    if (!scores) continue;
    result.back() = judge_scores(*scores, others.code, others.weight, ProbeArea::Largest, monitor);
  }
  return result;
}

}  // namespace fairdb
