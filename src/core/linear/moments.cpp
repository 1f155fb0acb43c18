#include "core/linear/moments.hpp"

#include "core/base/error.hpp"

namespace fairdb {

void Moments::add(const MatrixView& rows) {
  if (rows.rows() == 0) return;
  const auto m = static_cast<double>(rows.rows());
  const auto n = static_cast<double>(rows_);
  const Vector block_mean = rows.colwise().mean();
  centred_ = rows.rowwise() - block_mean.transpose();
  scatter_.selfadjointView<Eigen::Lower>().rankUpdate(centred_.transpose());
  if (rows_ > 0) {
    const Vector delta = block_mean - mean_;
    scatter_.selfadjointView<Eigen::Lower>().rankUpdate(delta, n * m / (n + m));
    mean_ += delta * (m / (n + m));
  } else {
    mean_ = block_mean;
  }
  rows_ += rows.rows();
}

void GroupSums::add(const RowBlock& block, bool binary) {
  if (block.rows() == 0) return;
  if (origin_.size() == 0) origin_ = block.x().colwise().mean();
  for (Index i = 0; i < block.rows(); ++i) {
    const std::int32_t g = block.group[static_cast<std::size_t>(i)];
    if (g == kUnknownGroup) continue;
    const std::size_t row = 2 * static_cast<std::size_t>(g) + (binary && block.y(i) > 0 ? 1 : 0);
    if (row / 2 * 2 >= counts_.size()) {
      counts_.resize(row / 2 * 2 + 2);
      sums_.resize(counts_.size() * static_cast<std::size_t>(columns_));
    }
    ++counts_[row];
    Eigen::Map<Vector>(sums_.data() + row * static_cast<std::size_t>(columns_), columns_) +=
        block.x().row(i).transpose() - origin_;
  }
}

Vector GroupSums::mean_of(std::int32_t group, int first, int last, std::int64_t* rows) const {
  Vector sum = Vector::Zero(columns_);
  *rows = 0;
  for (int k = first; k <= last; ++k) {
    const auto row = 2 * static_cast<std::size_t>(group) + static_cast<std::size_t>(k);
    *rows += counts_[row];
    sum +=
        Eigen::Map<const Vector>(sums_.data() + row * static_cast<std::size_t>(columns_), columns_);
  }
  return *rows == 0 ? origin_ : Vector(sum / static_cast<double>(*rows) + origin_);
}

RowMatrix GroupSums::all_means(const VectorView& mean, const VectorView& scale) const {
  RowMatrix means(groups(), columns_);
  for (std::int32_t g = 0; g < groups(); ++g) {
    std::int64_t rows = 0;
    means.row(g) = (mean_of(g, 0, 1, &rows) - mean).cwiseQuotient(scale);
  }
  return means;
}

std::vector<RowMatrix> GroupSums::means(Fairness fairness,
                                        const VectorView& mean,
                                        const VectorView& scale,
                                        std::span<const std::string> labels) const {
  // The classes that a condition joins: first and last of negative (0) and positive (1).
  std::vector<std::pair<int, int>> conditions;
  if (fairness == Fairness::DemographicParity) conditions = {{0, 1}};
  if (fairness == Fairness::EqualOpportunity) conditions = {{1, 1}};
  if (fairness == Fairness::EqualizedOdds) conditions = {{0, 0}, {1, 1}};
  // Groups all of whose rows were left out take no part.
  std::vector<std::int32_t> present;
  for (std::int32_t g = 0; g < groups(); ++g) {
    if (count(g, 0) + count(g, 1) > 0) present.push_back(g);
  }
  if (!conditions.empty() && present.size() < 2) {
    throw Error(ErrorKind::InvalidData,
                "the sensitive attribute has fewer than two groups in the rows",
                "Fairness compares groups; use fairness => 'none' for a model without it.");
  }
  std::vector<RowMatrix> result;
  for (const auto& [first, last] : conditions) {
    RowMatrix means(static_cast<Index>(present.size()), columns_);
    for (std::size_t k = 0; k < present.size(); ++k) {
      std::int64_t rows = 0;
      means.row(static_cast<Index>(k)) =
          (mean_of(present[k], first, last, &rows) - mean).cwiseQuotient(scale);
      if (rows > 0) continue;
      throw Error(ErrorKind::InvalidData,
                  "group \"" + labels[static_cast<std::size_t>(present[k])] + "\" has no " +
                      (first == 1 ? "positive" : "negative") + " row, which fairness " +
                      std::string(name(fairness)) + " needs",
                  "Leave the group out of the source, join it with another one, or use fairness => "
                  "'demographic_parity'.");
    }
    result.push_back(std::move(means));
  }
  return result;
}

}  // namespace fairdb
