#include "core/objective/summary.hpp"

#include <algorithm>
#include <sstream>

#include "core/base/dense_kernels.hpp"
#include "core/base/error.hpp"

namespace fairdb {

// Moves the mean to that of both parts and adds what lies between them to the scatter.
void Moments::join(std::int64_t rows, double weight, const Vector& mean) {
  if (weight_ > 0) {
    const Vector delta = mean - mean_;
    const double both = weight_ + weight;
    scatter_.selfadjointView<Eigen::Lower>().rankUpdate(delta, weight_ / both * weight);
    mean_ += delta * (weight / both);
  } else {
    mean_ = mean;
  }
  weight_ += weight;
  rows_ += rows;
}

void Moments::add(const MatrixView& rows, const VectorView& weight) {
  if (rows.rows() == 0) return;
  if (weight.size() == 0) {
    const Vector mean = rows.colwise().mean();
    centred_ = rows.rowwise() - mean.transpose();
    add_gram(centred_, scatter_);
    join(rows.rows(), static_cast<double>(rows.rows()), mean);
    return;
  }
  const double total = weight.sum();
  if (!(total > 0)) {
    rows_ += rows.rows();
    return;
  }
  const Vector mean = rows.transpose() * weight / total;
  centred_ = weight.cwiseSqrt().asDiagonal() * (rows.rowwise() - mean.transpose());
  add_gram(centred_, scatter_);
  join(rows.rows(), total, mean);
}

void Moments::merge(const Moments& other) {
  if (!(other.weight_ > 0)) {
    rows_ += other.rows_;
    return;
  }
  scatter_.triangularView<Eigen::Lower>() += other.scatter_;
  join(other.rows_, other.weight_, other.mean_);
}

int TargetClasses::of(double y) const noexcept {
  if (binary) return y > 0 ? 1 : 0;
  return static_cast<int>(std::lower_bound(edges.begin(), edges.end(), y) - edges.begin());
}

std::string TargetClasses::name(int target_class) const {
  if (binary) return target_class == 1 ? "positive row" : "negative row";
  std::ostringstream text;
  const auto k = static_cast<std::size_t>(target_class);
  text << "row with a target";
  if (k > 0) text << " above " << edges[k - 1];
  if (k < edges.size()) text << (k > 0 ? " and" : "") << " up to " << edges[k];
  return text.str();
}

void GroupSums::reach(std::int32_t group) {
  const auto needed = (static_cast<std::size_t>(group) + 1) * static_cast<std::size_t>(classes_);
  if (needed > cells_.size()) cells_.resize(needed);
}

void GroupSums::join(Cell& into, std::int64_t rows, double weight, const Vector& mean) {
  into.rows += rows;
  if (!(weight > 0)) return;
  if (into.mean.size() == 0) {
    into.mean = mean;
  } else {
    into.mean += (mean - into.mean) * (weight / (into.weight + weight));
  }
  into.weight += weight;
}

void GroupSums::add(const RowBlock& block, Index attribute, const TargetClasses& classes) {
  // Sums within the block, relative to its first row to keep their digits.
  if (block.rows() == 0) return;
  const Vector origin = block.x().row(0);
  std::vector<Cell> sums(cells_.size());
  for (Index i = 0; i < block.rows(); ++i) {
    const std::int32_t g = block.code(i, attribute);
    if (g == kUnknownGroup) continue;
    reach(g);
    sums.resize(cells_.size());
    Cell& sum = sums[place(g, classes.of(block.y(i)))];
    if (sum.mean.size() == 0) sum.mean = Vector::Zero(columns_);
    ++sum.rows;
    sum.weight += block.w(i);
    if (block.weight.size() == 0) {
      sum.mean += block.x().row(i).transpose() - origin;
    } else {
      sum.mean += block.w(i) * (block.x().row(i).transpose() - origin);
    }
  }
  for (std::size_t k = 0; k < sums.size(); ++k) {
    if (sums[k].rows == 0) continue;
    const Vector mean =
        sums[k].weight > 0 ? Vector(sums[k].mean / sums[k].weight + origin) : origin;
    join(cells_[k], sums[k].rows, sums[k].weight, mean);
  }
}

void GroupSums::merge(const GroupSums& other, std::span<const std::int32_t> code_of) {
  for (std::int32_t g = 0; g < other.groups(); ++g) {
    const std::int32_t here = code_of[static_cast<std::size_t>(g)];
    reach(here);
    for (int k = 0; k < classes_; ++k) {
      const Cell& cell = other.cell(g, k);
      join(cells_[place(here, k)], cell.rows, cell.weight, cell.mean);
    }
  }
}

void GroupSums::put(std::int32_t group, int target_class, Cell cell) {
  reach(group);
  cells_[place(group, target_class)] = std::move(cell);
}

GroupSums::Cell GroupSums::total(std::int32_t group) const {
  Cell sum;
  for (int k = 0; k < classes_; ++k) {
    const Cell& part = cell(group, k);
    join(sum, part.rows, part.weight, part.mean);
  }
  return sum;
}

Summary::Summary(Index columns, Index attributes, TargetClasses classes)
    : classes_(std::move(classes)), joint_(columns + 1) {
  for (Index a = 0; a < attributes; ++a) attributes_.emplace_back(columns, classes_.count());
}

void Summary::add(const RowBlock& block) {
  joint_.add(block.values, block.weight);
  for (std::size_t a = 0; a < attributes_.size(); ++a) {
    attributes_[a].add(block, static_cast<Index>(a), classes_);
  }
  if (!classes_.binary) return;
  for (Index i = 0; i < block.rows(); ++i) class_weight_[block.y(i) > 0 ? 1 : 0] += block.w(i);
}

void Summary::merge(const Summary& other) {
  joint_.merge(other.joint_);
  for (std::size_t a = 0; a < attributes_.size(); ++a) {
    std::vector<std::int32_t> same(static_cast<std::size_t>(other.attributes_[a].groups()));
    for (std::size_t g = 0; g < same.size(); ++g) same[g] = static_cast<std::int32_t>(g);
    attributes_[a].merge(other.attributes_[a], same);
  }
  class_weight_[0] += other.class_weight_[0];
  class_weight_[1] += other.class_weight_[1];
}

namespace {

[[noreturn]] void raise_empty(const std::string& group,
                              const std::string& what,
                              Fairness fairness,
                              const RowsPart& part) {
  throw Error(
      ErrorKind::InvalidData,
      "group \"" + group + "\" has no " + what + part.among() + ", which fairness " +
          std::string(name(fairness)) + " needs",
      part.advice.empty()
          ? "Leave the group out of the source, join it with another one, or use fairness => "
            "'demographic_parity'."
          : part.advice + " Or join the group with another one in the source.");
}

}  // namespace

std::vector<int> compared_classes(Fairness fairness, const TargetClasses& classes) {
  switch (fairness) {
    case Fairness::None:
      return {};
    case Fairness::DemographicParity:
      return {kAllClasses};
    case Fairness::EqualOpportunity:
      return {1};
    case Fairness::PredictiveEquality:
      return {0};
    case Fairness::EqualizedOdds:
      break;
  }
  std::vector<int> all;
  all.reserve(static_cast<std::size_t>(classes.count()));
  for (int k = 0; k < classes.count(); ++k) all.push_back(k);
  return all;
}

void require_weights(const Summary& summary, const GroupNames& names) {
  for (std::size_t a = 0; a < summary.attributes().size(); ++a) {
    const GroupSums& sums = summary.attributes()[a];
    for (std::int32_t g = 0; g < sums.groups(); ++g) {
      const GroupSums::Cell total = sums.total(g);
      if (total.rows == 0 || total.weight > 0) continue;
      throw Error(
          ErrorKind::InvalidData,
          "every row of group \"" + names[a][static_cast<std::size_t>(g)] + "\" has the weight 0",
          "Leave the group out of the source, or use fairness => 'none'.");
    }
  }
}

std::vector<RowMatrix> conditions_of(const Summary& summary,
                                     Fairness fairness,
                                     const VectorView& mean,
                                     const VectorView& scale,
                                     const GroupNames& names) {
  std::vector<RowMatrix> result;
  if (fairness == Fairness::None) return result;
  for (std::size_t a = 0; a < summary.attributes().size(); ++a) {
    const GroupSums& sums = summary.attributes()[a];
    // Groups all of whose rows were left out take no part.
    std::vector<std::int32_t> present;
    for (std::int32_t g = 0; g < sums.groups(); ++g) {
      if (sums.total(g).weight > 0) present.push_back(g);
    }
    if (present.size() < 2) {
      throw Error(ErrorKind::InvalidData,
                  "the sensitive attribute has fewer than two groups" +
                      summary.part().among(" in the rows"),
                  (summary.part().advice.empty() ? "" : summary.part().advice + " ") +
                      "Fairness compares groups; use fairness => 'none' for a model without it.");
    }
    for (const int target_class : compared_classes(fairness, summary.classes())) {
      FAIRDB_ASSERT(target_class < summary.classes().count());
      RowMatrix means(static_cast<Index>(present.size()), mean.size());
      for (std::size_t k = 0; k < present.size(); ++k) {
        const GroupSums::Cell cell = target_class == kAllClasses
                                         ? sums.total(present[k])
                                         : sums.cell(present[k], target_class);
        if (!(cell.weight > 0)) {
          raise_empty(names[a][static_cast<std::size_t>(present[k])],
                      summary.classes().name(target_class), fairness, summary.part());
        }
        means.row(static_cast<Index>(k)) = (cell.mean - mean).cwiseQuotient(scale);
      }
      result.push_back(std::move(means));
    }
  }
  return result;
}

}  // namespace fairdb
