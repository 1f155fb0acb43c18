#include "core/model/performance.hpp"

#include <algorithm>
#include <cmath>

namespace fairdb {

namespace {

// The groups of an attribute as the audit chapter holds them, so that gaps have one definition.
GroupCells cells_of(const std::array<std::int64_t, 4>& count, const std::array<double, 4>& mass) {
  constexpr std::array kPlaces = {
      cell(Truth::Negative, Truth::Negative), cell(Truth::Negative, Truth::Positive),
      cell(Truth::Positive, Truth::Negative), cell(Truth::Positive, Truth::Positive)};
  Cells cells{};
  for (std::size_t k = 0; k < 4; ++k) cells.count[kPlaces[k]] = count[k];
  GroupCells group = group_of(std::nullopt, cells);
  for (std::size_t k = 0; k < 4; ++k) group.masses.mass[kPlaces[k]] = mass[k];
  return group;
}

std::uint32_t attribute_count(const Performance& performance) {
  std::uint32_t count = 0;
  for (const GroupPerformance& group : performance.groups)
    count = std::max(count, group.attribute + 1);
  return count;
}

Confusion confusion_of(const Performance& performance, std::uint32_t attribute) {
  Confusion confusion;
  for (const GroupPerformance& group : performance.groups) {
    if (group.attribute != attribute) continue;
    confusion.groups.push_back(cells_of(group.count, group.mass));
    confusion.groups.back().label = group.label;
  }
  return confusion;
}

}  // namespace

std::optional<double> accuracy(const Performance& performance, bool binary) {
  if (!binary) return std::nullopt;
  return rate(cells_of(performance.count, performance.mass).masses, Rate::Accuracy);
}

std::optional<double> selection_rate(const Performance& performance, bool binary) {
  if (!binary) return std::nullopt;
  return rate(cells_of(performance.count, performance.mass).masses, Rate::SelectionRate);
}

std::optional<double> decision_gap(const Performance& performance, bool binary, Gap which) {
  std::optional<double> worst;
  for (std::uint32_t a = 0; binary && a < attribute_count(performance); ++a) {
    const std::optional<double> value = gap(confusion_of(performance, a), which);
    if (value && (!worst || *value > *worst)) worst = value;
  }
  return worst;
}

std::optional<double> false_positive_gap(const Performance& performance) {
  std::optional<double> worst;
  for (std::uint32_t a = 0; a < attribute_count(performance); ++a) {
    const std::optional<double> value =
        aggregate(confusion_of(performance, a), Rate::FalsePositiveRate, Aggregate::Difference);
    if (value && (!worst || *value > *worst)) worst = value;
  }
  return worst;
}

std::optional<double> mean_score_gap(const Performance& performance) {
  std::optional<double> worst;
  for (std::uint32_t a = 0; a < attribute_count(performance); ++a) {
    std::vector<double> means;
    for (const GroupPerformance& group : performance.groups) {
      if (group.attribute == a && group.weight > 0) means.push_back(group.mean_score);
    }
    if (means.size() < 2) continue;
    const auto [low, high] = std::minmax_element(means.begin(), means.end());
    worst = std::max(worst.value_or(0), *high - *low);
  }
  return worst;
}

std::optional<double> relaxation_error(const Performance& performance,
                                       Fairness fairness,
                                       bool binary) {
  if (!binary || fairness == Fairness::None || fairness == Fairness::DemographicParity) {
    return std::nullopt;
  }
  std::optional<double> worst;
  for (const int k : compared_classes(fairness, TargetClasses{})) {
    for (std::uint32_t a = 0; a < attribute_count(performance); ++a) {
      // The pair that deviates most together.
      std::vector<double> deviations;
      for (const GroupPerformance& group : performance.groups) {
        if (group.attribute != a) continue;
        if (!group.counted()) return std::nullopt;
        deviations.push_back(std::abs(group.deviation[static_cast<std::size_t>(k)]));
      }
      if (deviations.size() < 2) continue;
      std::partial_sort(deviations.begin(), deviations.begin() + 2, deviations.end(),
                        std::greater<>());
      worst = std::max(worst.value_or(0), 0.5 * (deviations[0] + deviations[1]));
    }
  }
  return worst;
}

Evaluation::Evaluation(bool binary, bool log_odds, Index attributes)
    : binary_(binary), log_odds_(log_odds), groups_(static_cast<std::size_t>(attributes)) {}

void Evaluation::add(const RowBlock& block, const VectorView& scores) {
  for (Index i = 0; i < block.rows(); ++i) {
    const double y = block.y(i);
    const double f = scores(i);
    const double w = block.w(i);
    ++total_.rows;
    weight_ += w;
    const double residual = f - y;
    squared_errors_ += w * residual * residual;
    if (log_odds_) {
      const double error = Logistic::probability(f) - (y > 0 ? 1 : 0);
      brier_ += w * error * error;
    }
    if (w > 0) {
      const double delta = y - mean_;
      mean_ += delta * (w / weight_);
      squares_ += w * delta * (y - mean_);
    }
    const std::size_t cell = (y > 0 ? 2 : 0) + (f >= 0 ? 1 : 0);
    const double deviation = (f >= 0 ? 1.0 : -1.0) - f;
    if (binary_) {
      ++total_.count[cell];
      total_.mass[cell] += w;
    }
    for (std::size_t a = 0; a < groups_.size(); ++a) {
      // Rows of unknown group are gathered before the groups and dropped by finish().
      const auto g = static_cast<std::size_t>(block.code(i, static_cast<Index>(a)) - kUnknownGroup);
      if (g >= groups_[a].size()) groups_[a].resize(g + 1);
      GroupPerformance& performance = groups_[a][g];
      ++performance.rows;
      performance.weight += w;
      if (w > 0) performance.mean_score += (f - performance.mean_score) * (w / performance.weight);
      if (!binary_) continue;
      ++performance.count[cell];
      performance.mass[cell] += w;
      performance.deviation[cell / 2] += w * deviation;
    }
  }
}

namespace {

void sort_groups(std::vector<GroupPerformance>& groups) {
  std::sort(groups.begin(), groups.end(), [](const GroupPerformance& a, const GroupPerformance& b) {
    return a.attribute != b.attribute ? a.attribute < b.attribute : a.label < b.label;
  });
}

}  // namespace

Performance Evaluation::finish(const GroupNames& names) const {
  Performance performance = total_;
  for (std::size_t a = 0; a < groups_.size(); ++a) {
    for (std::size_t g = 1; g < groups_[a].size(); ++g) {
      if (groups_[a][g].rows == 0) continue;
      GroupPerformance group = groups_[a][g];
      group.attribute = static_cast<std::uint32_t>(a);
      group.label = names[a][g - 1];
      for (std::size_t k = 0; k < 2; ++k) {
        const double weight = group.mass[2 * k] + group.mass[2 * k + 1];
        group.deviation[k] = weight > 0 ? group.deviation[k] / weight : 0;
      }
      performance.groups.push_back(std::move(group));
    }
  }
  sort_groups(performance.groups);
  if (weight_ > 0) {
    performance.squared_error = squared_errors_ / weight_;
    performance.variance = squares_ / weight_;
    if (log_odds_) performance.brier = brier_ / weight_;
  }
  return performance;
}

Performance performance_of_numbers(const Summary& summary,
                                   const GroupNames& names,
                                   const LinearFit& fit,
                                   double c) {
  const Moments& joint = summary.joint();
  const Index d = fit.weights.size();
  Performance performance;
  performance.rows = joint.rows();
  performance.variance = joint.scatter()(d, d) / joint.weight();
  // objective = 1/2 |w|^2 + c/2 sum weight (f - y)^2; a perfect fit may come out below 0 by
  // rounding.
  const double loss = fit.report.objective - 0.5 * fit.weights.squaredNorm();
  performance.squared_error = std::max(0.0, 2 * loss / (c * joint.weight()));
  for (std::size_t a = 0; a < summary.attributes().size(); ++a) {
    const GroupSums& sums = summary.attributes()[a];
    for (std::int32_t g = 0; g < sums.groups(); ++g) {
      const GroupSums::Cell total = sums.total(g);
      if (total.rows == 0) continue;
      GroupPerformance group;
      group.label = names[a][static_cast<std::size_t>(g)];
      group.attribute = static_cast<std::uint32_t>(a);
      group.rows = total.rows;
      group.weight = total.weight;
      if (total.weight > 0) {
        group.mean_score =
            (total.mean - fit.mean).cwiseQuotient(fit.scale).dot(fit.weights) + fit.intercept;
      }
      performance.groups.push_back(std::move(group));
    }
  }
  sort_groups(performance.groups);
  return performance;
}

}  // namespace fairdb
